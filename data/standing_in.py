"""Which answers rest on rows of grade `current`, whose source gives no history of them.

Descriptions of that grade (names, sectors) stand at past clocks as they are today; figures do so
under the clock `restated` alone. Whoever shows them says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.datasets import dataset_named
from data.guard import dataset_of
from data.parquet import holds_current
from data.query import Answer, Asked, At


def restated(answer: Answer) -> list[str]:
    """Datasets of an answer whose figures may be in view before this lake had them."""
    asked = [one for one in answer.asked if one.at.mode == "restated"]
    return _resting(asked, is_description=False)


def described_today(answer: Answer) -> list[str]:
    """Datasets of an answer whose names and sectors may be those of today."""
    return _resting(answer.asked, is_description=True)


def _resting(asked: Iterable[Asked], *, is_description: bool) -> list[str]:
    read = {dataset_of(table): one.at for one in asked for table in one.tables}
    return sorted(
        name
        for name, at in read.items()
        if dataset_named(name).descriptive is is_description and _holds(at, name)
    )


def _holds(at: At, name: str) -> bool:
    folder = at.db.root / name
    return any(holds_current(folder / entry.file) for entry in at.manifests[name].files)
