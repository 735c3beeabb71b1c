"""Releases as they stood at a clock, without reading the lake anew at every clock.

Each vintage and each expectation that comes into view begins a state of its release. All states of
some years are asked once per version of the lake; those that stand at a clock are what the query
itself gives there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.known_history import Instants, microseconds
from analytics.core.query_texts import query_text
from data.clock import FIRST, LAST
from data.kept_results import KeptResults
from data.query import Answer, At, QueryRun
from data.query.guard import dataset_of

MOST_MB = 64
YEARS = 3  # a bias and what it is compared with look back less than that
NEVER = np.iinfo(np.int64).max
QUERY, STATES = "parts/releases_of", "parts/release_states"
STATE_COLUMNS = ("stands_from", "stands_until", "is_moved")


@dataclass(frozen=True, slots=True)
class StatesSpan:
    """Which states are asked together: those that stand at a clock from `first` on and before
    `end`, of releases of some countries, scheduled or changed last since then."""

    countries: list[str] | None
    since: datetime
    first: datetime
    end: datetime

    @classmethod
    def of(cls, clock: datetime, since: datetime, countries: list[str] | None) -> StatesSpan | None:
        """A year of clocks for whoever looks back few years; every clock where one country is
        asked for as far back as it goes; else none, for the states would be too many."""
        first = datetime(clock.year, 1, 1, tzinfo=UTC)
        floor = first.replace(year=max(1, clock.year - YEARS))
        if since >= floor:
            return cls(None, floor, first, first.replace(year=clock.year + 1))
        if countries is not None and len(countries) == 1 and clock < LAST:
            return cls(countries, FIRST, FIRST, LAST)
        return None


@dataclass(frozen=True, slots=True)
class ReleaseStates:
    """The states of a span in the order of the query, and their instants in microseconds."""

    answer: Answer
    stands_from: Instants
    stands_until: Instants
    changed: Instants  # the later of the schedule and the last change

    @classmethod
    def of(cls, answer: Answer) -> ReleaseStates:
        """From the answer of the query for states."""
        frame = answer.frame.with_columns(pl.max_horizontal("scheduled_at", "known_at").alias("_"))
        instants = [
            frame[name].to_physical().fill_null(NEVER).to_numpy()
            for name in ("stands_from", "stands_until", "_")
        ]
        return cls(answer, *instants)

    def standing(self, clock: datetime, since: datetime) -> pl.DataFrame:
        """Those that stand at a clock, scheduled or changed last since then."""
        now = microseconds(clock)
        stands: npt.NDArray[np.bool_] = (self.stands_from <= now) & (now < self.stands_until)
        return self.answer.frame.filter(stands & (self.changed >= microseconds(since)))

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        instants = (self.stands_from, self.stands_until, self.changed)
        return int(self.answer.frame.estimated_size()) + sum(part.nbytes for part in instants)


KEPT_STATES: KeptResults[ReleaseStates] = KeptResults(
    MOST_MB << 20,
    is_whole=lambda states: not states.answer.damaged,
    weight=lambda states: states.bytes,
)


def releases_as_known(
    at: At, *, since: datetime = FIRST, countries: list[str] | None = None
) -> Answer:
    """Releases scheduled or changed last since then, as they stood, each with its first print and
    the last consensus known before it."""
    text = query_text(QUERY)
    tables = at.db.checked(text).tables
    datasets = sorted({dataset_of(table) for table in tables})
    # A closed dataset looks like one without rows, and damage is for the query itself to tell.
    is_plain = not (at.all_vintages or at.closed or any(at.damage(name) for name in datasets))
    span = StatesSpan.of(at.as_of, since, countries) if is_plain else None
    found = None if span is None else _standing(at, span, since, countries, datasets)
    if found is None:
        return at.sql(text, countries=countries, since=since)
    return Answer(
        found, (QueryRun(text, {"countries": countries, "since": since}, tables, at, found),)
    )


def _standing(
    at: At, span: StatesSpan, since: datetime, countries: list[str] | None, datasets: list[str]
) -> pl.DataFrame | None:
    """The rows of the query; none where it has to say itself what some countries' releases are,
    since one of them was of another before."""
    late = replace(at, as_of=LAST)
    key = repr(span), late.identity(datasets)
    states = KEPT_STATES.of(
        key, lambda: ReleaseStates.of(late.sql(query_text(STATES), **asdict(span)))
    )
    if states.answer.damaged:
        return None
    found = states.standing(at.as_of, since)
    if countries is not None and span.countries is None:
        found = found.filter(pl.col("country").is_in(countries))
        if found["is_moved"].any():
            return None
    return found.drop(STATE_COLUMNS)
