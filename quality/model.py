"""What a rule and a suite are, as they are written in YAML; `quality/schema.json` is made from these classes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Dimension = Literal["completeness", "validity", "uniqueness", "timeliness", "consistency", "accuracy"]
DIMENSIONS: tuple[Dimension, ...] = (
    "completeness", "validity", "uniqueness", "timeliness", "consistency", "accuracy",
)  # fmt: skip
Severity = Literal["critical", "warning"]
Kind = Literal["columns", "not_null", "enum", "range", "key"]
Text = Annotated[str, Field(min_length=10)]

# Types judged row by row; a rule of one of these can hold a row back or flag it.
ROW_TYPES = (
    "expect_row_to_satisfy", "expect_column_values_to_not_be_null", "expect_column_values_to_be_in_set",
    "expect_column_values_to_match_regex", "expect_column_values_to_be_between",
)  # fmt: skip
# Types judged on one aggregate of the table.
AGGREGATE_TYPES = ("expect_aggregate_to_be_between", "expect_column_psi_to_be_less_than")
# Types judged on what is known without reading a row.
TABLE_TYPES = ("expect_table_row_count_to_be_between", "expect_table_columns_to_match_set")


class Learned(BaseModel):
    """Bounds from the rule's own results: median ± `mads` scaled MADs, or at most `times` the median."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(28, ge=1, description="How far back results count")
    mads: float | None = Field(None, gt=0, description="Half width of the band in scaled MADs around the median")
    times: float | None = Field(None, gt=1, description="Upper bound as a multiple of the median")
    floor: float = Field(0.0, ge=0, description="Least median for `times`, least half width for `mads`")
    seasonal: bool = Field(False, description="Take the same hour of the week where it has enough results")
    at_least: int = Field(8, ge=3, description="Results needed; with fewer the rule is not judged")


class RuleSpec(BaseModel):
    """One rule as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the rule; never used for another one")
    type: str = Field(description="Type of a Great Expectations expectation")
    kwargs: dict[str, Any] = Field(description="Its arguments; {$PARAMETER: name} takes a parameter of the suite")
    severity: Severity = Field(description="critical stops the pipeline (on_fail gate), warning is recorded")
    dimension: Dimension = Field(description="What of quality it is about")
    on_fail: Literal["quarantine", "flag", "gate"] = Field(
        description="quarantine holds the row back; flag names the rule in the row's quality_flags; gate judges the run"
    )
    why: Text = Field(description="Why it matters, for whoever finds it broken")
    fix: Text = Field(description="What to do when it is broken")
    stage: Literal["staged", "priced"] = Field("staged", description="priced: needs columns that pricing fills")
    learned: Learned | None = Field(None, description="Bounds from earlier results instead of kwargs")

    @property
    def over_table(self) -> bool:
        """Whether it is about whole rows or aggregates, so that Great Expectations needs any column to count by."""
        return self.type in ("expect_row_to_satisfy", "expect_aggregate_to_be_between")


class Suite(BaseModel):
    """The rules of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(description="Table that the rules are about, layer.name")
    judged: str | None = Field(None, description="Table whose rows are judged instead, before they are published")
    computed: tuple[str, ...] = Field((), description="Columns that the gate adds to them")
    every_row: str = Field(description="A column that is never null; rules over whole rows count by it")
    mostly: float = Field(1.0, gt=0, le=1, description="Share of rows that must meet a rule over rows")
    derive: tuple[Kind, ...] = Field((), description="Rules taken from the table's definition")
    parameters: dict[str, float] = Field(default_factory=dict, description="Defaults; settings can change them")
    against: str | None = Field(None, description="Table that the facts are about, same windows")
    facts: dict[str, str] = Field(default_factory=dict, description="Parameter = SQL aggregate over that table")
    expectations: tuple[RuleSpec, ...] = Field(min_length=1, description="The rules")

    @property
    def layer(self) -> str:
        """Layer of the table."""
        return self.table.split(".", 1)[0]
