"""Settings of cost reports: in which zone a day begins, and what a month may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone of the IANA database, such as Europe/Rome")
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]


class BudgetSettings(BaseModel):
    """What one month may cost, of everything or of what has the given values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="Name of the budget")
    monthly_usd: Decimal = Field(gt=0, description="USD that a calendar month may cost")
    source_name: str | None = Field(None, description="Only requests of this source")
    provider_name: str | None = Field(None, description="Only requests to this provider, as the price book names it")
    model_key: str | None = Field(None, description="Only requests to this model, as the price book names it")
    team_id: str | None = Field(None, description="Only requests of this team")
    app_name: str | None = Field(None, description="Only requests of this application")
    environment: str | None = Field(None, description="Only requests of this environment")

    @property
    def only(self) -> dict[str, str]:
        """The conditions: column → value."""
        return {name: str(value) for name, value in self.model_dump(exclude={"name", "monthly_usd"}).items() if value}
