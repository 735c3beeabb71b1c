"""Queries whose answer at a clock is the beginning of their answer at any later one: each is asked
once per version of the lake, so that a clock not seen before costs a look-up.

Such a query gives rows in the order of `begins_at`, the first instant at which a row may stand, and
says in `settled_at` since when it stands as it does. At a clock between the two it may have stood
otherwise: then, where the lens shows more than the clock knows, and where a dataset is closed or a
file of it damaged since, the lake is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.query_texts import query_text
from data.clock import LAST
from data.kept_results import KeptResults
from data.query import Answer, At, QueryRun, Value
from data.query.guard import dataset_of

MOST_MB = 160
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Added = Callable[[pl.DataFrame], pl.DataFrame]
Instants = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """The answer at the newest clock, what is computed from it row by row, and of each beginning
    when it begins and when the last of its rows settled. `readings` are kept as long as it is."""

    answer: Answer
    added: pl.DataFrame
    begins: Instants
    settled: Instants
    readings: dict[tuple[object, ...], pl.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer, add: Added) -> KnownHistory:
        """From the answer, in the order of its rows."""
        begins, settled = (
            answer.frame[name].to_physical().to_numpy() for name in ("begins_at", "settled_at")
        )
        return cls(answer, add(answer.frame), begins, np.maximum.accumulate(settled))

    def beginning(self, moment: int) -> int | None:
        """How many rows stand at an instant, in microseconds; none where one has not settled."""
        count = int(np.searchsorted(self.begins, moment, side="right"))
        return count if not count or self.settled[count - 1] <= moment else None

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        frames = int(self.answer.frame.estimated_size()) + int(self.added.estimated_size())
        return frames + self.begins.nbytes + self.settled.nbytes


HISTORIES: KeptResults[KnownHistory] = KeptResults(
    MOST_MB << 20,
    is_whole=lambda history: not history.answer.damaged,
    weight=lambda history: history.bytes,
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known at a clock, what is computed from it, and the history that it begins; none
    where the lake was asked."""

    answer: Answer
    added: pl.DataFrame
    whole: KnownHistory | None


def known_history(
    at: At, name: str, *, add: Added = pl.DataFrame.clear, **params: Value
) -> Beginning:
    """The rows of a query at the clock, and what `add` computes of them: a frame of as many rows,
    of which none may rest on a later one, or an empty one."""
    text = query_text(name)
    tables = at.db.checked(text).tables
    # A closed dataset looks like one without rows; what a damaged file held no receipt gives again.
    is_asked = at.all_vintages or at.closed or any(at.damage(dataset_of(one)) for one in tables)
    history = None if is_asked else _whole(at, name, add, params)
    count = None if history is None else history.beginning(microseconds(at.as_of))
    if history is None or count is None:
        answer = at.sql(text, **params)
        return Beginning(answer, add(answer.frame), None)
    frame = history.answer.frame.head(count)
    query_run = QueryRun(text, params, tables, at, frame)
    answer = Answer(frame, (query_run,), history.answer.damaged)
    return Beginning(answer, history.added.head(count), history)


def has_settled(at: At, name: str, **params: Value) -> bool:
    """Whether each row that the query has at the clock stands for good."""
    history = _whole(at, name, pl.DataFrame.clear, params)
    return history.beginning(microseconds(at.as_of)) is not None


def _whole(at: At, name: str, add: Added, params: Mapping[str, Value]) -> KnownHistory:
    """The same at the newest clock."""
    text, late = query_text(name), replace(at, as_of=LAST)
    tables = at.db.checked(text).tables
    asked = tuple(sorted((key, repr(value)) for key, value in params.items()))
    datasets = sorted({dataset_of(table) for table in tables})
    key = name, add.__module__, add.__qualname__, asked, late.identity(datasets)
    return HISTORIES.of(key, lambda: KnownHistory.of(late.sql(text, **params), add))


def microseconds(moment: datetime) -> int:
    """An instant as frames have it."""
    return (moment - EPOCH) // timedelta(microseconds=1)
