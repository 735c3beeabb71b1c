"""Quotas held at run time by a ledger: a call is paid for before it is sent.

Refuses, by BudgetError, a call that would exceed a quota of a day or a month; the shorter limits
become a distance between calls, which is kept by waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from data.quotas import WINDOWS, Quota
from data.state import budgets
from data.state.budgets import Ask
from data.state.db import State

POLITE_SPACING_S = 1.0


@dataclass(frozen=True, slots=True)
class CallBudget:
    """The quotas and the ledger of what was used of them."""

    state: State
    quotas: Mapping[str, Quota]

    def spacing(self, source: str, credits: int = 1) -> float:
        """Seconds between calls; a source without figures is asked politely."""
        quota = self.quotas.get(source)
        return POLITE_SPACING_S if quota is None else quota.spacing(credits)

    def at_once(self, source: str) -> int:
        """How many calls may be under way."""
        quota = self.quotas.get(source)
        return 1 if quota is None else quota.at_once

    def reserve(
        self, source: str, cost: Mapping[str, int], *, now: datetime, is_user: bool = False
    ) -> tuple[Ask, ...]:
        """Take the cost (by unit) from every quota it counts against, or raise BudgetError."""
        asks = self._asks(source, cost, now, is_user)
        if asks:
            budgets.reserve(self.state, asks)
        return asks

    def refund(self, asks: Iterable[Ask]) -> None:
        """Give back what was reserved for a call that never left."""
        given = tuple(asks)
        if given:
            budgets.refund(self.state, given)

    def _asks(
        self, source: str, cost: Mapping[str, int], now: datetime, is_user: bool
    ) -> tuple[Ask, ...]:
        quota = self.quotas.get(source)
        if quota is None:
            return ()
        return tuple(
            Ask(
                source,
                quota.window(limit, now),
                limit.amount,
                cost[limit.unit],
                limit.unit,
                0 if is_user else limit.kept,
            )
            for limit in quota.limits
            if limit.per in WINDOWS and cost.get(limit.unit, 0) > 0
        )
