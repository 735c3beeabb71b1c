"""Which answers rest on rows of grade `current`, whose source gives no history of them.

Descriptions of that grade (names, sectors) stand at past clocks as they are today; figures do so
under the clock `restated` alone. Whoever shows them says so. From the instant at which a row was
taken in there is nothing to say any more: this lake had it then.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.datasets import dataset_named
from data.lake.parquet import last_current
from data.query import Answer, At, QueryRun
from data.query.guard import dataset_of


def restated(answer: Answer) -> list[str]:
    """Datasets of an answer whose figures may be in view before this lake had them."""
    query_runs = [item for item in answer.asked if item.at.mode == "restated"]
    return _resting(query_runs, is_description=False)


def described_today(answer: Answer) -> list[str]:
    """Datasets of an answer whose names and sectors may be those of today."""
    return _resting(answer.asked, is_description=True)


def _resting(query_runs: Iterable[QueryRun], *, is_description: bool) -> list[str]:
    """A dataset may be read several times, each time in another part or at another clock."""
    return sorted(
        {
            name
            for item in query_runs
            for name in {dataset_of(table) for table in item.tables}
            if dataset_named(name).descriptive is is_description and _runs_ahead(item.at, name)
        }
    )


def _runs_ahead(at: At, name: str) -> bool:
    """Whether a file of a dataset holds such rows that were taken in after the clock."""
    files = (f"{name}/{entry.file}" for entry in at.manifests[name].files)
    last = (last_current(at.db.store.location(file)) for file in files)
    return any(moment is not None and moment > at.as_of for moment in last)
