"""Quotas: calls, credits and tokens reserved before anything is sent, durably and never oversold.

Refuses, by BudgetError, whatever would exceed one of the quotas it touches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from data.errors import BudgetError, ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import name, whole


@dataclass(frozen=True, slots=True)
class Ask:
    """So much of one quota. `window` names the span by the provider's own reset, e.g. 2026-11-21.

    `keep` is what must be left over, so that scheduled work leaves room for people's requests.
    """

    source: str
    window: str
    quota: int
    cost: int = 1
    unit: str = "calls"
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """One quota in one window."""

    source: str
    unit: str
    window: str
    quota: int
    used: int

    @property
    def left(self) -> int:
        """Never below zero, also after a quota was lowered."""
        return max(0, self.quota - self.used)


def reserve(state: State, asks: Sequence[Ask]) -> None:
    """All of them or, with BudgetError, none: a call may count per minute, day and credit."""
    for ask in asks:
        _check(ask)
    with state.transaction() as connection:
        for ask in asks:
            _reserve(connection, ask)


def refund(state: State, asks: Sequence[Ask]) -> None:
    """Give back what was reserved and not sent (no connection was made); not for failed calls."""
    with state.transaction() as connection:
        for ask in asks:
            changed = connection.execute(
                "UPDATE budget SET used = used - ? WHERE source = ? AND unit = ?"
                " AND window_text = ? AND used >= ?",
                (whole(ask.cost, "the refund", least=1), ask.source, ask.unit, ask.window)
                + (ask.cost,),
            ).rowcount
            if not changed:
                raise ConfigError(
                    f"{ask.source} {ask.unit} {ask.window}: {ask.cost} were not reserved, so they "
                    "cannot be given back"
                )


def book(state: State, asks: Sequence[Ask]) -> None:
    """Add what a call took beyond what was reserved for it; never refused, since it is spent."""
    with state.transaction() as connection:
        for ask in asks:
            connection.execute(
                "UPDATE budget SET used = used + ? WHERE source = ? AND unit = ?"
                " AND window_text = ?",
                (whole(ask.cost, "the cost", least=1), ask.source, ask.unit, ask.window),
            )


def usage(state: State, source: str | None = None) -> tuple[Budget, ...]:
    """Every quota touched so far, by source, unit and window."""
    rows = state.rows(
        "SELECT * FROM budget WHERE ? IS NULL OR source = ? ORDER BY source, unit, window_text",
        (source, source),
    )
    return tuple(_budget(row) for row in rows)


def _check(ask: Ask) -> None:
    whole(ask.cost, "the cost", least=1)
    whole(ask.quota, "the quota")
    whole(ask.keep, "what is kept back")
    for text, what in ((ask.source, "source"), (ask.unit, "unit"), (ask.window, "window")):
        if name(text, f"the {what} of a budget") != text:
            raise ConfigError(f"the {what} of a budget is {text!r}; write it without stray blanks")


def _reserve(connection: sqlite3.Connection, ask: Ask) -> None:
    key = (ask.source, ask.unit, ask.window)
    connection.execute(
        "INSERT INTO budget (source, unit, window_text, quota) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, unit, window_text) DO UPDATE SET quota = excluded.quota",
        (*key, ask.quota),
    )
    granted = connection.execute(
        "UPDATE budget SET used = used + ? WHERE source = ? AND unit = ? AND window_text = ?"
        " AND used + ? + ? <= quota",
        (ask.cost, *key, ask.cost, ask.keep),
    ).rowcount
    if not granted:
        row = connection.execute(
            "SELECT * FROM budget WHERE source = ? AND unit = ? AND window_text = ?", key
        ).fetchone()
        kept = f", {ask.keep} kept for requests" if ask.keep else ""
        raise BudgetError(
            f"{ask.source}: {row['used']} of {row['quota']} {ask.unit} used in {ask.window}{kept}, "
            f"{ask.cost} more would exceed the quota; nothing was sent, wait for the next window"
        )


def _budget(row: Row) -> Budget:
    return Budget(row["source"], row["unit"], row["window_text"], row["quota"], row["used"])
