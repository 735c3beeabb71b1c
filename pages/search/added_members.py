"""Members beside those of a preset or universe: instruments and formulas typed, kept in the
address, and the formulas of the watchlist that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.core.universe import labelled
from analytics.formulas.values import MARK, MOST_FORMULAS, formula_of, formulas_in
from analytics.markets import market
from pages.frame.cached import cached
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.run import current
from pages.search.pickers import pick_instruments

MEMBER = ("symbol", "ticker", "name")


@dataclass(frozen=True, slots=True)
class AddedMembers:
    """Ids of instruments, and the texts of formulas."""

    symbols: list[str]
    formulas: list[str]

    @classmethod
    def of(cls, typed: Sequence[str], listed: Sequence[str]) -> AddedMembers:
        """What was typed, and the formulas of a list."""
        return cls(
            [name for name in typed if formula_of(name) is None], formulas_in([*listed, *typed])
        )

    def after(self, members: pl.DataFrame) -> pl.DataFrame:
        """These after the members, called so that no two are alike; says what is left out."""
        rest = [name for name in self.symbols if name not in set(members["symbol"])]
        if rest:
            found = cached(market.market, current().at, symbols=rest).frame
            self._say_missing([name for name in rest if name not in set(found["symbol"])])
            members = pl.concat([members.select(MEMBER), found.select(MEMBER)])
        self._say_too_many()
        texts = self.formulas[:MOST_FORMULAS]
        rows = [(f"{MARK}{text}", text, None) for text in texts]
        formulas = pl.DataFrame(rows, schema=dict.fromkeys(MEMBER, pl.String), orient="row")
        return labelled(pl.concat([members.select(MEMBER), formulas]))

    def _say_missing(self, names: list[str]) -> None:
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            missing = f"{', '.join(names[:3])}{more}"
            what = f"Not traded within ten days of this clock, or delisted: {missing}."
            say(Trouble(what, "Choose other instruments, or move the clock."), "partial")

    def _say_too_many(self) -> None:
        count = len(self.formulas)
        if count > MOST_FORMULAS:
            what = f"{count:,} formulas were chosen; the first {MOST_FORMULAS} are members."
            say(Trouble(what, "Choose a shorter list."), "partial")


def choose_added(page: str) -> list[str]:
    """The box for instruments and formulas, and what the address has of them."""
    return pick_instruments(page, "also", "Also", width=420)
