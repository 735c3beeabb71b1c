"""What each dataset holds at the clock, and whether its next rows are late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.core import coverage
from pages.frame.cached import cached
from pages.frame.run import PageRun


def dataset_word(name: str) -> str:
    """A dataset as it is read: `fund holdings` for `fund_holdings`."""
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Datasets that have rows at the clock: a line of the coverage each, by name."""

    lines: Mapping[str, Mapping[str, Any]]

    def rows(self, name: str | None = None) -> int:
        """Rows of one dataset, or of all."""
        if name is not None:
            return int(self.lines[name]["rows"]) if name in self.lines else 0
        return sum(line["rows"] for line in self.lines.values())

    def newest(self, names: Iterable[str] | None = None) -> datetime | None:
        """The newest publication in these datasets, or in all."""
        asked = self.lines if names is None else [name for name in names if name in self.lines]
        return max((self.lines[name]["newest"] for name in asked), default=None)

    def late(self, at: datetime) -> list[str]:
        """Datasets whose next rows should have come by this instant."""
        due = ((name, line["expected_by"]) for name, line in self.lines.items())
        return [name for name, expected in due if expected is not None and expected < at]

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of these have no row."""
        return [name for name in names if name not in self.lines]


def known(run: PageRun) -> Coverage:
    """What the lake holds at the run's clock; one question however often it is asked."""
    frame = cached(coverage.lake_coverage, run.at).frame
    return Coverage({line["dataset"]: line for line in frame.iter_rows(named=True)})
