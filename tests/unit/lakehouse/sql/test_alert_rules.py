"""Rules of alerts on hand-worked tables, asked in another engine: sqlglot translates them, DuckDB answers."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from lakehouse.sql.loader import load_alerts

TABLES = """
CREATE SCHEMA gold; CREATE SCHEMA ops; CREATE SCHEMA analytics;
CREATE TABLE gold.usage_hourly (
  event_date DATE, hour_at TIMESTAMP, provider_name VARCHAR, model_key VARCHAR, request_count BIGINT,
  error_count BIGINT, cost_usd DECIMAL(38, 12)
);
INSERT INTO gold.usage_hourly VALUES
  ('2026-11-10', '2026-11-10 21:00', 'openai', 'failing', 98, 2, 1),
  ('2026-11-10', '2026-11-10 23:00', 'openai', 'failing', 100, 20, 1),
  ('2026-11-10', '2026-11-10 23:00', 'openai', 'dear', 10, 0, 40);
INSERT INTO gold.usage_hourly
SELECT DATE '2026-11-10' - n::INT, TIMESTAMP '2026-11-10 23:00' - n * INTERVAL 1 DAY, 'openai', 'dear', 10, 0, 10
FROM range(1, 9) AS days (n);
CREATE TABLE ops.batch AS SELECT now()::TIMESTAMP - INTERVAL 4 HOUR AS recorded_at;
CREATE TABLE analytics.source_freshness AS
SELECT 'litellm' AS source_name, now()::TIMESTAMP - INTERVAL 30 HOUR AS newest_event_at;
CREATE TABLE ops.quality_result (
  table_name VARCHAR, judged_at TIMESTAMP, rule_id VARCHAR, decision VARCHAR, gate_decision VARCHAR
);
INSERT INTO ops.quality_result VALUES
  ('silver.x', '2026-01-01', 'old_trouble', 'BLOCK', 'BLOCK'), ('silver.x', '2026-01-02', 'key', 'BLOCK', 'BLOCK'),
  ('silver.x', '2026-01-02', 'fine', 'PASS', 'BLOCK');
"""


def test_rules_find_what_was_worked_out_by_hand() -> None:
    """With p = 3/100: (20 − 3)/√(100·0.03·0.97); (40 − 10)/(1.4826·0.5); hours since; the newest judgement alone."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(TABLES)
    found = {}
    for rule, statement in load_alerts().items():
        rows = connection.execute(sqlglot.transpile(statement, read="databricks", write="duckdb")[0])
        names = [column[0] for column in rows.description or ()]
        found |= {(rule, row["subject"]): row for row in (dict(zip(names, r, strict=True)) for r in rows.fetchall())}
    observed = {key: row["observed"] for key, row in found.items()}
    assert observed["error_spike", "openai/failing"] == pytest.approx(17 / (100 * 0.03 * 0.97) ** 0.5)
    assert observed["cost_spike", "openai/dear"] == pytest.approx(30 / (1.4826 * 0.5))
    assert observed["stale_data", "litellm"] == pytest.approx(30, abs=0.1)
    assert observed["dead_man", "pipeline"] == pytest.approx(4, abs=0.1)
    assert observed["failed_gate", "silver.x"] == 1
    assert observed["error_spike", "openai/dear"] is None, "too few failures to judge"
    assert ("cost_spike", "openai/failing") not in observed, "no day to compare with"
    firing = {key for key, row in found.items() if row["observed"] is not None and row["observed"] > row["threshold"]}
    assert {rule for rule, _ in firing} == set(load_alerts())
