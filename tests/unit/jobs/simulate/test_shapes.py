"""The bundled summary is what its header says, recomputed from the ServeGen files by DuckDB."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

SERVEGEN = Path(__file__).parents[5] / "shared" / "data" / "servegen"
SHAPES = json.loads(files("jobs.simulate").joinpath("shapes.json").read_text())


@pytest.fixture(scope="module")
def windows() -> duckdb.DuckDBPyConnection:
    """ServeGen's two files as tables w and q."""
    if not SERVEGEN.exists():
        pytest.skip("the ServeGen files lie outside the repository and are not here")
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE w AS FROM read_csv('{SERVEGEN}/client_request_windows.csv.gz')")
    connection.execute(f"CREATE TABLE q AS FROM read_csv('{SERVEGEN}/client_token_quantiles.csv.gz')")
    return connection


def test_attribution_and_licence_are_named() -> None:
    """As Apache-2.0 asks."""
    assert "ServeGen" in SHAPES["source"]
    assert "Apache-2.0" in SHAPES["licence"]
    assert "2505.09999" in SHAPES["licence"]


@pytest.mark.parametrize("shape", SHAPES["shapes"])
def test_totals(windows: duckdb.DuckDBPyConnection, shape: str) -> None:
    """Requests and clients per model."""
    known = SHAPES["shapes"][shape]
    found = windows.execute(
        "SELECT sum(requests), count(DISTINCT client) FROM w WHERE model = ?", [known["servegen_model"]]
    ).fetchone()
    assert found == (known["requests"], known["clients"])


def test_burstiness(windows: duckdb.DuckDBPyConnection) -> None:
    """Quantiles of iat_cv over all windows."""
    found = windows.execute("SELECT quantile_cont(iat_cv, ?) FROM w", [SHAPES["gap_probabilities"]]).fetchone()
    assert found is not None
    assert found[0] == pytest.approx(SHAPES["gap_cv"], abs=0.001)


@pytest.mark.parametrize("shape", SHAPES["shapes"])
def test_hour_profile(windows: duckdb.DuckDBPyConnection, shape: str) -> None:
    """Mean of complete hours, by hour of the week or day."""
    known = SHAPES["shapes"][shape]
    hours = len(known["hour_profile"])
    found = windows.execute(
        """WITH slot AS (SELECT window_start_s AS s, sum(requests) AS n FROM w WHERE model = ? GROUP BY 1),
             hour AS (SELECT s // 3600 AS h, avg(n) AS n FROM slot GROUP BY 1 HAVING count(*) = 6),
             profile AS (SELECT h % ? AS h, avg(n) AS n FROM hour GROUP BY 1)
           SELECT n / (SELECT avg(n) FROM profile) FROM profile ORDER BY h""",
        [known["servegen_model"], hours],
    ).fetchall()
    assert [value for (value,) in found] == pytest.approx(known["hour_profile"], abs=0.001)


@pytest.mark.parametrize("field", ["input_tokens", "output_tokens"])
@pytest.mark.parametrize("shape", SHAPES["shapes"])
def test_token_quantiles_bracket_the_windows_they_mix(
    windows: duckdb.DuckDBPyConnection, shape: str, field: str
) -> None:
    """The mixture's value at p lies where the mean over windows of P(tokens ≤ value), known at 4 points, allows."""
    known = SHAPES["shapes"][shape]
    source = "text_tokens" if (shape, field) == ("multimodal", "input_tokens") else field
    at = dict(zip(SHAPES["token_probabilities"], known[field], strict=True))
    for probability in (0.5, 0.9, 0.99):
        found = windows.execute(
            """SELECT avg(CASE WHEN ?1 >= max THEN 1 WHEN ?1 >= p99 THEN .99 WHEN ?1 >= p90 THEN .9
                            WHEN ?1 >= p50 THEN .5 ELSE 0 END),
                      avg(CASE WHEN ?1 <= p50 THEN .5 WHEN ?1 <= p90 THEN .9 WHEN ?1 <= p99 THEN .99 ELSE 1 END)
               FROM q WHERE model = ?2 AND field = ?3 AND EXISTS (FROM w WHERE w.model = q.model
                 AND w.client = q.client AND w.window_start_s - q.window_start_s BETWEEN 0 AND 21599)""",
            [at[probability], known["servegen_model"], source],
        ).fetchone()
        assert found is not None
        assert found[0] - 0.002 <= probability <= found[1] + 0.002
