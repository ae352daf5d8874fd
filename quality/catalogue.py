"""The page of all rules, `docs/DATA_QUALITY.md`, from the suites."""

from __future__ import annotations

from collections.abc import Sequence

from quality.model import RuleSpec, Suite

HEAD = """\
# Data quality

<!-- Generated from quality/ by `python -m jobs.reference`; edit quality/suites and quality/catalogue.py. -->

A rule is written once, in `quality/suites/<layer>_<table>.yml`. The next run applies it: it becomes a Spark column, is
counted in one pass with all others, and Great Expectations judges the counts.

## Gates

`ingest → gate → refine → gate → aggregate → gate → publish`: each gate is a task of the job and
`observatory validate --layer bronze|silver|gold`.

- **bronze** judges the batches that silver has not taken yet: complete, whole, not repeated. When a critical rule
  fails: exit code 4, and nothing is refined.
- **silver** judges the rows that `refine` staged, on the counts of that one write, and publishes them. When a critical
  rule fails: exit code 4, and silver and quarantine stay as they were.
- **gold** judges the windows that `aggregate` rebuilt against silver in the same windows, and prices. When a critical
  rule fails: exit code 4, and gold goes back to its version before.

The message names rule, table, count and share. A warning is recorded and told. A rule that raises an exception blocks,
whatever its severity; so does an empty batch, by the rule that counts rows. A batch that was stopped is judged again by
the next run, with the rules as they are then.

What a row's rule does (`on_fail`): `quarantine` holds the row back in `silver.quarantine` under the rule's id, `flag`
keeps it and names the rule in `quality_flags`, `gate` judges the run. Rows held back do not stop a run; their share
does (`quarantine_share`, `quarantine_share_jump`).

## Rows held back

`observatory quarantine list` sums them by source and rule, `show` gives the rows that wait for a decision. After the
cause is mended (the mapping, the rule or the source's settings):

- `observatory quarantine release --rule ID --why TEXT` sends them through refine again, by mapping and rules as they
  are now. What passes is published under the batch that once read it, so that a newer version of the same key still
  wins, and its hours in gold are rebuilt; what still breaks a rule stays.
- `observatory quarantine discard --rule ID --why TEXT` decides that they never enter silver. They stay counted.

`--source` and `--batch` narrow both. Each decision, who took it and what came of each row stand in
`ops.quarantine_decision`. A release that was killed is finished by the next run. At any time
`bronze = silver + quarantine + superseded` (`analytics.row_conservation`).

## Results and scores

`analytics.quality_scorecard` has the newest scores, `quality_trend` their way, `quality_worst_rules` what failed, and
`quality_gate_state` for each view the newest verdict of every gate between its sources and it, by the lineage that
`publish` writes to `ops.view_lineage`: a view under a gate that blocked shows its last good state. The report has all
four. With `mlflow_tracking_uri` set each gate also logs scores and counts to MLflow; failing to do so fails nothing.

`ops.quality_result` has one row per rule and run. `ops.quality_score` has the scores:

- of a dimension: 100 · Σ weights of the rules met / Σ weights of the rules judged; critical weighs 3, warning 2
- of a table: the mean over its dimensions, at most 49 when a critical rule failed or a rule raised; null when no rule
  was judged, never 100
- `pass_ratio`: rows that met their rules / rows in scope, summed over the rules; it moves slowly where scores jump
- `clean_row_ratio`: rows that broke no rule / rows; `rule_coverage_ratio`: columns that a rule names / columns, so that
  deleting rules does not raise the picture unseen

## Thresholds

`parameters` of a suite are defaults; `quality_parameters` of the settings change them, such as
`quality_parameters = {quarantine_share_max = 0.05}`. Rules with `learned` take their bounds from their own earlier
results in `ops.quality_result`: median ± k · 1.4826 · MAD (at least a quarter of the median wide), of the same hour of
the week where they are seasonal and it has enough results; or a multiple of the median. Runs that a gate blocked teach
nothing, or a bad batch that is judged hour after hour would become the usual. With fewer results than they
need they are recorded as not judged, with their value, so that later runs can learn from it.

## Add a rule

1. Add it to the suite of its table: an id of its own, a type below, `why` and `fix`.
2. `observatory validate --lint` tells unknown types, arguments, columns, parameters and SQL that does not parse.
3. Add rows that break it, and rows that just do not, to `tests/support/rules`. A rule without them fails the tests, and
   so does one of which a part could be dropped without any of its rows noticing.

`observatory profile TABLE` proposes a suite from what a table holds, as YAML to review: nulls, values of columns that
repeat few, ranges. Every `why` and `fix` of it wants a person's words.

Types over rows: `expect_row_to_satisfy` (a SQL predicate; one that cannot be decided is not met),
`expect_column_values_to_not_be_null`, `…_to_be_in_set`, `…_to_match_regex`, `…_to_be_between`. Types over a table:
`expect_table_row_count_to_be_between`, `expect_table_columns_to_match_set`, `expect_aggregate_to_be_between` (any SQL
aggregate), `expect_column_psi_to_be_less_than` (drift of a distribution). Others would need a pass of their own and do
not lint. Rules about columns, required values, enums, ranges and keys follow from `lakehouse/tables` where the suite
says `derive`.

## Standard tools

`observatory validate --layer LAYER --engine gx` lets stock Great Expectations judge the same rules on all rows of the
layer, rule by rule and with as many scans as it likes, and changes nothing. `observatory validate --export-gx DIR`
writes the suites as JSON that any Great Expectations loads without code of ours; rules whose bounds are learned or are
facts of a run are left out and named.

## What the gates cost

Each gate reads the rows that it judges at most twice, mostly once.
`observatory bench gates` runs the same rows with and without gates and exits 8 when they add more than 25 % CPU.

## Rules
"""


def catalogue(suites: Sequence[Suite]) -> str:
    """Write the page as Markdown: how gates work, then the rules of every suite."""
    return HEAD + "".join(_section(suite) for suite in suites)


def _section(suite: Suite) -> str:
    written = [rule for rule in suite.expectations if not rule.fix.startswith("Correct what writes")]
    derived = [rule.id for rule in suite.expectations if rule not in written]
    rows = "".join(_row(rule) for rule in written)
    told = f"\nFrom the table's definition: {', '.join(f'`{name}`' for name in derived)}.\n" if derived else ""
    head = "| rule | dimension | severity | on failure | why | what to do |\n| --- | --- | --- | --- | --- | --- |\n"
    return f"\n### `{suite.table}`\n\n{head}{rows}{told}"


def _row(rule: RuleSpec) -> str:
    cells = (f"`{rule.id}`", rule.dimension, rule.severity, rule.on_fail, rule.why, rule.fix)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
