"""Scores of every gate to MLflow, where the settings name one; failure to log never fails the job."""

from __future__ import annotations

import os
from collections.abc import Mapping

from jobs.context import JobContext

EXPERIMENT = "llm-performance-observatory"
# A server that does not answer must not hold the pipeline up; nothing is told to anybody else.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}


def track(context: JobContext, name: str, metrics: Mapping[str, float], tags: Mapping[str, str]) -> None:
    """Log one run, if `mlflow_tracking_uri` is set.

    Args:
        context: The run.
        name: Of the MLflow run.
        metrics: Numbers by name.
        tags: Texts by name.
    """
    uri = context.settings.mlflow_tracking_uri
    if uri is None:
        return
    try:
        for variable, value in ENVIRONMENT.items():
            os.environ.setdefault(variable, value)
        import mlflow

        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=name, tags=dict(tags)):
            mlflow.log_metrics(dict(metrics))
    except Exception as error:  # noqa: BLE001  whatever it is, the data are judged
        context.tell(f"mlflow: {name} was not logged, {type(error).__name__}: {str(error).splitlines()[0][:200]}")
