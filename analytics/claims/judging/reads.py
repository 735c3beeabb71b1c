"""Reads what statements speak of, each series, instrument and account once at a clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from analytics.claims.judging.observations import Observations, period_end, rhythm
from analytics.claims.judging.units import NATIONAL, ClaimUnit, unit_of
from analytics.claims.statement import Span, Statement, Subject
from analytics.core.catalogue import run
from analytics.core.closes import later_splits
from analytics.core.query_texts import query_text
from data.query import Answer, At, QueryRun, Value

Kind = Literal["series", "instrument", "account"]
QUERIES: dict[Kind, str] = {
    "series": "parts/claim_series",
    "instrument": "parts/claim_closes",
    "account": "parts/claim_accounts",
}


class ClaimReads:
    """What is known at one clock of the subjects of some statements.

    All of a kind are read by one query; each statement's receipt has the query of its own subjects,
    whose rows are those of the one query that are theirs.
    """

    def __init__(self, at: At, statements: Iterable[Statement]) -> None:
        self.at = at
        subjects = {subject for one in statements for subject in named_subjects(one)}
        self._frames = {kind: self._read(kind, subjects) for kind in QUERIES}
        self._rows = {kind: _by_id(answer) for kind, answer in self._frames.items()}
        self._kept: dict[tuple[Subject, bool], Observations | None] = {}
        self._currencies: dict[str, str] | None = None
        self._prints: dict[str, Answer] = {}

    def _read(self, kind: Kind, subjects: set[Subject]) -> Answer | None:
        chosen = sorted(
            (subject for subject in subjects if subject.kind == kind), key=lambda one: one.id
        )
        return run(self.at, QUERIES[kind], **_params(kind, chosen)) if chosen else None

    def prints(self, series: str) -> Answer:
        """Every print of a series, asked for once."""
        if series not in self._prints:
            self._prints[series] = run(self.at, "parts/prints", series=series)
        return self._prints[series]

    def of(self, subject: Subject, period: Span | None = None) -> Observations | None:
        """What is known of a subject; none where the lake has no value of it.

        Of accounts the lines of whole years where the period is one that has such a line, and else
        those of quarters."""
        if subject.kind == "account" and period is not None and period.grain == "year":
            yearly = self._of(subject, True)
            if yearly is not None and yearly.place(period) is not None:
                return yearly
        return self._of(subject, False)

    def _of(self, subject: Subject, is_yearly: bool) -> Observations | None:
        if (subject, is_yearly) not in self._kept:
            self._kept[subject, is_yearly] = self._observations(subject, is_yearly)
        return self._kept[subject, is_yearly]

    def damaged(self) -> tuple[str, ...]:
        """Files that had to be left out."""
        found = [answer.damaged for answer in self._frames.values() if answer is not None]
        return tuple(dict.fromkeys(name for names in found for name in names))

    def _observations(self, subject: Subject, is_yearly: bool) -> Observations | None:
        if subject.kind == "none" or (rows := self._rows[subject.kind].get(subject.id)) is None:
            return None
        if subject.kind == "account":
            rows = rows.filter(pl.col("concept") == (subject.concept or ""))
            if rows.is_empty():
                return None
        text, params = query_text(QUERIES[subject.kind]), _params(subject.kind, [subject])
        read = QueryRun(text, params, self.at.db.checked(text).tables, self.at, rows)
        if subject.kind == "account":
            return self._accounts(subject, rows, read, is_yearly)
        make = {"series": self._series, "instrument": self._closes}
        return make[subject.kind](subject, rows, read)

    def _series(self, subject: Subject, rows: pl.DataFrame, read: QueryRun) -> Observations | None:
        solid = rows.drop_nulls("value")
        if solid.is_empty():
            return None
        starts = solid["period"].to_list()
        said = rows["frequency"][-1] or subject.frequency
        frequency = said or rhythm(starts)
        unit = unit_of(solid["unit"][-1], subject.currency or None)
        if unit.measure == NATIONAL and (currency := self._currency(rows["country"][-1])):
            unit = ClaimUnit(currency, unit.factor, unit.text)
        return _made(
            subject,
            (starts, [period_end(day, frequency) for day in starts]),
            solid,
            read,
            unit=unit,
            frequency=frequency,
            title=rows["title"][-1] or subject.title,
            withdrawn=frozenset(rows.filter(pl.col("value").is_null())["period"]),
            is_by_rhythm=not said,
        )

    def _currency(self, country: str | None) -> str | None:
        if self._currencies is None:
            rows = run(self.at, "parts/currencies").frame
            self._currencies = dict(rows.select("country", "currency").iter_rows())
        return self._currencies.get(country or "")

    def _closes(self, subject: Subject, rows: pl.DataFrame, read: QueryRun) -> Observations | None:
        solid = _with_splits(rows).drop_nulls("value")
        if solid.is_empty():
            return None
        kind = solid["asset_class"][-1]
        name = {"index": "points", "rate": "percent"}.get(kind, solid["unit"][-1] or "")
        if subject.inverse:
            solid = solid.filter(pl.col("value") != 0).with_columns(value=1 / pl.col("value"))
            name = subject.currency or subject.unit or ""
        days = solid["date"].to_list()
        became = later_splits(solid["split_ratio"].to_numpy()).tolist()
        return _made(
            subject,
            (days, days),
            solid.with_columns(unit=pl.lit(name)),
            read,
            unit=unit_of(name),
            frequency="daily",
            title=subject.title,
            withdrawn=frozenset(),
            became=became,
            is_price=kind != "rate",
        )

    def _accounts(
        self, subject: Subject, rows: pl.DataFrame, read: QueryRun, is_yearly: bool
    ) -> Observations | None:
        solid, frequency = _one_length(rows.drop_nulls("value"), is_yearly)
        if solid.is_empty():
            return None
        ends = solid["period_end"].to_list()
        starts = solid["period_start"].to_list()
        return _made(
            subject,
            (starts, ends),
            solid,
            read,
            unit=unit_of(solid["unit"][-1]),
            frequency=frequency or rhythm(ends),
            title=subject.title or subject.concept or "",
            withdrawn=frozenset(),
            is_by_rhythm=not frequency,
        )


def named_subjects(statement: Statement) -> list[Subject]:
    """What a statement speaks of, where each of its parts has one candidate or can be told."""
    return [*statement.candidates, *(one for others in statement.others for one in others)]


def read_answer(
    parts: Iterable[Observations], damaged: tuple[str, ...], more: Iterable[QueryRun] = ()
) -> Answer | None:
    """The rows behind a finding, those of its own subject last, as its receipt has them."""
    reads = [part.read for part in parts]
    if not reads:
        return None
    asked = tuple({id(one): one for one in (*more, *reversed(reads))}.values())
    return Answer(asked[-1].frame, asked, damaged)


def _params(kind: Kind, subjects: list[Subject]) -> dict[str, Value]:
    ids = sorted({subject.id for subject in subjects})
    if kind == "account":
        return {"ids": ids, "concepts": sorted({subject.concept or "" for subject in subjects})}
    return {"series": ids} if kind == "series" else {"symbols": ids}


def _by_id(answer: Answer | None) -> dict[str, pl.DataFrame]:
    """Rows by their first column, which is the subject's id."""
    if answer is None:
        return {}
    parts = answer.frame.partition_by(answer.frame.columns[0], as_dict=True)
    return {str(key): rows for (key,), rows in parts.items()}


def _with_splits(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with every split at a session that has a close: one of a session without counts at the
    next."""
    ratios, closes = rows["split_ratio"].fill_null(1.0).to_list(), rows["close"].to_list()
    for place, close in enumerate(closes):
        if close is None and place + 1 < len(closes):
            ratios[place + 1] *= ratios[place]
    return rows.with_columns(
        pl.Series("split_ratio", [ratio if ratio > 0 else 1.0 for ratio in ratios]),
        value=pl.col("close"),
        unit=pl.col("currency"),
    )


def _one_length(rows: pl.DataFrame, is_yearly: bool) -> tuple[pl.DataFrame, str | None]:
    """Lines of one length and their rhythm: a year is never beside its own quarters. None is told
    of stocks, which have no length."""
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    years, quarters = rows.filter(days.is_between(350, 380)), rows.filter(days.is_between(80, 100))
    if is_yearly:
        return _newest(years), "annual"
    if quarters.height:
        return _newest(quarters), "quarterly"
    return (_newest(years), "annual") if years.height else (_newest(rows), None)


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("period_end").unique("period_end", keep="last", maintain_order=True)


def _made(
    subject: Subject,
    spans: tuple[list[date], list[date]],
    rows: pl.DataFrame,
    read: QueryRun,
    **more: Any,
) -> Observations:
    known: list[datetime] = rows["known_at"].to_list()
    became = more.pop("became", None) or [1.0] * rows.height
    return Observations(
        subject=subject,
        starts=tuple(spans[0]),
        ends=tuple(spans[1]),
        values=tuple(rows["value"].to_list()),
        units=tuple(rows["unit"].to_list()),
        known=tuple(known),
        became=tuple(became),
        source=rows["source"][-1],
        read=read,
        **{"is_price": False} | more,
    )
