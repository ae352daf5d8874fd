"""The application, its groups of commands, and the options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How models perform, what they cost, what breaks: LLM traffic in one lakehouse.",
)
source_app = typer.Typer(no_args_is_help=True, help="Look at configured sources.")
alert_app = typer.Typer(no_args_is_help=True, help="Look at alerts and take them over.")
bench_app = typer.Typer(no_args_is_help=True, help="Measure the pipeline.")
dashboards_app = typer.Typer(no_args_is_help=True, help="Draw dashboard files.")
quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that broke a rule and were held back.")
app.add_typer(source_app, name="source")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(alert_app, name="alert")
app.add_typer(bench_app, name="bench")
app.add_typer(dashboards_app, name="dashboards")

Config = Annotated[Path | None, typer.Option("--config", envvar="OBSERVATORY_CONFIG", help="Settings file (TOML)")]
Home = Annotated[Path | None, typer.Option("--home", help="Folder of the local lakehouse [.observatory]")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Source by name; all by default")]
Output = Annotated[Path | None, typer.Option("--output", help="File to write")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object")]
Remote = Annotated[bool, typer.Option("--remote", help="In the Databricks workspace of the environment, not locally")]
Instant = typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC")
Shape = Literal["table", "json", "csv", "parquet"]
