"""Quotas: what each source allows, read from a dated file, its spans by the provider's calendar.

Refuses a figure without its date and its terms.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import ConfigError
from data.settings import REPOSITORY

QUOTAS = REPOSITORY / "ingest" / "quotas.toml"
QuotaUnit = Literal["calls", "credits", "tokens", "commands"]
Span = Literal["second", "minute", "day", "month"]
UNITS: tuple[QuotaUnit, ...] = get_args(QuotaUnit)
SPANS: tuple[Span, ...] = get_args(Span)
LIMIT = re.compile(rf"([\d_]+) ({'|'.join(UNITS)}) per ({'|'.join(SPANS)})")
SECONDS: Mapping[Span, float] = {"second": 1.0, "minute": 60.0}
WINDOWS: Mapping[Span, str] = {"day": "%Y-%m-%d", "month": "%Y-%m"}
# A call that leaves a moment late and one that leaves in time are nearer than they were booked.
MARGIN = 1.05
FIELDS = {
    *("title", "limits", "zone", "at_once", "terms", "as_of", "uses", "note"),
    *("plan", "price_usd"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit in each span of time."""

    amount: int
    unit: QuotaUnit
    per: Span

    @classmethod
    def parse(cls, text: str) -> Limit:
        """From `10_000 calls per month`."""
        found = LIMIT.fullmatch(text)
        if not found:
            raise ConfigError(
                f"{text[:60]!r} is no limit; expected e.g. `10_000 calls per month` (calls, "
                "credits, tokens or commands per second, minute, day or month)"
            )
        unit = next(one for one in UNITS if one == found[2])
        return cls(int(found[1]), unit, next(one for one in SPANS if one == found[3]))

    def __str__(self) -> str:
        return f"{self.amount:,} {self.unit} per {self.per}"

    @property
    def open_to_jobs(self) -> int:
        """What is left after a tenth is put by for people's own requests."""
        return self.amount - self.kept

    @property
    def kept(self) -> int:
        """The tenth, rounded up; nothing of short spans, where people simply queue."""
        return -(-self.amount // 10) if self.per in WINDOWS else 0


@dataclass(frozen=True, slots=True)
class Quota:
    """What one source allows, as of a day, by its terms. `uses` is demand that no job makes.

    `plan` is what the provider calls it, `price_usd` what it costs in a month.
    """

    source: str
    limits: tuple[Limit, ...]
    zone: str
    terms: str
    as_of: date
    at_once: int = 1
    uses: tuple[Limit, ...] = ()
    note: str = ""
    plan: str = ""
    price_usd: float = 0.0

    def window(self, limit: Limit, now: datetime) -> str:
        """The span in which `now` lies, by the provider's own calendar."""
        return now.astimezone(ZoneInfo(self.zone)).strftime(WINDOWS[limit.per])

    def spacing(self, credits: int = 1) -> float:
        """Seconds from one call to the next."""
        gaps = [
            SECONDS[limit.per] / limit.amount * (credits if limit.unit == "credits" else 1)
            for limit in self.limits
            if limit.per in SECONDS and limit.unit in ("calls", "credits")
        ]
        return max(gaps, default=0.0) * MARGIN


def read_quotas(path: Path = QUOTAS) -> dict[str, Quota]:
    """The quotas of the file, by source; a figure without date and terms is refused."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from None
    return {name: quota_of(name, facts) for name, facts in raw.items()}


def quota_of(name: str, facts: Any) -> Quota:
    """One section of the file; one that cannot be right is refused."""
    if not isinstance(facts, dict) or (strange := sorted(facts.keys() - FIELDS)):
        found = f"has unknown fields {', '.join(strange)}" if isinstance(facts, dict) else "is none"
        raise ConfigError(f"quotas: [{name}] {found}; a section holds {', '.join(sorted(FIELDS))}")
    as_of, terms = facts.get("as_of"), facts.get("terms")
    if not isinstance(as_of, date) or not isinstance(terms, str):
        raise ConfigError(f"quotas: [{name}] needs `as_of` (a date) and `terms` (a link)")
    zone = str(facts.get("zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"quotas: [{name}] zone {zone!r} is no time zone, e.g. UTC") from None
    price = facts.get("price_usd", 0)
    if isinstance(price, bool) or not isinstance(price, int | float) or not price >= 0:
        raise ConfigError(f"quotas: [{name}] price_usd {price!r} is no number of dollars a month")
    return Quota(
        source=name,
        limits=tuple(Limit.parse(str(text)) for text in facts.get("limits", ())),
        zone=zone,
        terms=terms,
        as_of=as_of,
        at_once=max(1, int(facts.get("at_once", 1))),
        uses=tuple(Limit.parse(str(text)) for text in facts.get("uses", ())),
        note=str(facts.get("note", "")),
        plan=str(facts.get("plan", "")),
        price_usd=float(price),
    )
