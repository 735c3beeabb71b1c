"""How much the house and each reader may ask of a model, held by the ledger before a call is made.

Refuses, by BudgetError, a call that could exceed a limit at its most; what it did not need is
given back afterwards, and what it took beyond is booked all the same, since it is spent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from data.errors import BudgetError, ConfigError
from data.model_prices import CostEstimate
from data.state import budgets
from data.state.budgets import Ask
from data.state.db import State
from data.state.values import NAME_LENGTH
from ingest.runs.budget import CallBudget

DEFAULT = (
    "150 calls per day, 3_000 calls per month, 600_000 tokens per day, 12_000_000 tokens per month,"
    " 2 dollars per day, 20 dollars per month, 30 calls per reader per day"
)
LIMIT = re.compile(
    r"(?P<amount>[\d_]+(?:\.\d{1,6})?) (?P<unit>calls|tokens|dollars)"
    r" per (?P<reader>reader per )?(?P<span>day|month)"
)
WINDOWS = {"day": "%Y-%m-%d", "month": "%Y-%m"}
AGAIN = {"day": "tomorrow (UTC)", "month": "next month (UTC)"}
HOUSE = "models"
MICRO = 1_000_000  # dollars are booked in millionths, so that sums are exact
Unit = Literal["calls", "tokens", "dollars"]
LEDGER_UNITS: dict[Unit, str] = {
    "calls": "calls",
    "tokens": "tokens",
    "dollars": "microdollars",
}


@dataclass(frozen=True, slots=True)
class ModelLimit:
    """So many calls, tokens or dollars of a day or a month, of all or of each reader."""

    amount: float
    unit: Unit
    span: Literal["day", "month"]
    is_per_reader: bool = False

    def __str__(self) -> str:
        who = "reader per " if self.is_per_reader else ""
        return f"{self.amount:,.10g} {self.unit} per {who}{self.span}"

    @property
    def quota(self) -> int:
        """In the unit of the ledger."""
        return round(self.amount * (MICRO if self.unit == "dollars" else 1))


def read_limits(text: str | None) -> tuple[ModelLimit, ...]:
    """From `150 calls per day, 2 dollars per month, 30 calls per reader per day`."""
    found = []
    for part in (text or DEFAULT).split(","):
        match = LIMIT.fullmatch(part.strip())
        if match is None:
            raise ConfigError(
                f"MODEL_LIMITS: {part.strip()[:60]!r} is no limit; expected e.g. `150 calls per "
                "day` or `30 calls per reader per day` (calls, tokens or dollars, day or month)"
            )
        unit = next(unit for unit in LEDGER_UNITS if unit == match["unit"])
        span: Literal["day", "month"] = "day" if match["span"] == "day" else "month"
        amount = float(match["amount"].replace("_", ""))
        found.append(ModelLimit(amount, unit, span, bool(match["reader"])))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was taken of each limit for a call that is about to be made."""

    estimate: CostEstimate
    provider: tuple[Ask, ...]
    house: tuple[tuple[Ask, Unit], ...]


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """The limits of the house beside the quotas of the provider, in one ledger."""

    state: State
    limits: Sequence[ModelLimit]
    quotas: CallBudget

    def reserve(
        self, provider: str, estimate: CostEstimate, *, reader: str, now: datetime
    ) -> Reservation:
        """Everything that the call may take at most, or BudgetError and nothing."""
        cost = {"calls": 1, "tokens": estimate.tokens}
        with self.state.transaction():
            house = tuple(self._reserve(estimate, reader, now))
            given = self.quotas.reserve(provider, cost, now=now, is_user=True)
        return Reservation(estimate, given, house)

    def settle(
        self,
        taken: Reservation,
        *,
        calls: int,
        tokens: int | None,
        dollars: float | None,
    ) -> None:
        """Put what was reserved right; what is not known stays booked at its most."""
        spent = {
            "calls": calls,
            "tokens": tokens,
            "dollars": None if dollars is None else round(dollars * MICRO),
        }
        with self.state.transaction():
            for ask in taken.provider:
                self._correct(ask, spent.get(ask.unit))
            for ask, unit in taken.house:
                self._correct(ask, spent[unit])

    def _reserve(
        self, estimate: CostEstimate, reader: str, now: datetime
    ) -> Iterable[tuple[Ask, Unit]]:
        dollars = None if estimate.dollars is None else -(-estimate.dollars * MICRO // 1)
        costs: dict[Unit, float | None] = {
            "calls": 1,
            "tokens": estimate.tokens,
            "dollars": dollars,
        }
        for limit in self.limits:
            cost = costs[limit.unit]
            if not cost:
                continue  # nothing to count, or a model whose price is not known
            source = _source(reader) if limit.is_per_reader else HOUSE
            window = now.astimezone(UTC).strftime(WINDOWS[limit.span])
            ask = Ask(source, window, limit.quota, int(cost), LEDGER_UNITS[limit.unit])
            try:
                budgets.reserve(self.state, [ask])
            except BudgetError:
                whose = "Your" if limit.is_per_reader else "The house's"
                raise BudgetError(
                    f"{whose} limit of {limit} leaves no room for this question; nothing was "
                    f"sent, it begins anew {AGAIN[limit.span]}."
                ) from None
            yield ask, limit.unit

    def _correct(self, ask: Ask, spent: int | None) -> None:
        if spent is None or spent == ask.cost:
            return
        change = Ask(ask.source, ask.window, ask.quota, abs(ask.cost - spent), ask.unit)
        if spent < ask.cost:
            budgets.refund(self.state, [change])
        else:
            budgets.book(self.state, [change])


def _source(reader: str) -> str:
    """The name of a reader's own limits; a long name by its digest."""
    name = f"{HOUSE}: {reader}"
    if len(name) <= NAME_LENGTH:
        return name
    return f"{HOUSE}: {hashlib.sha256(reader.encode()).hexdigest()[:32]}"
