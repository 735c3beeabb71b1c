"""A workspace at a clock: the one object that notebooks and scripts read through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import polars as pl

from analytics.core.catalogue import called, find
from data.chart_theme import Kind
from data.clock import iso, parse_instant
from data.contracts import Dataset
from data.datasets import DATASETS, dataset_named
from data.errors import ConfigError, WorkstationError
from data.lake.views import Mode
from data.query import At, Db
from data.settings import Settings

from .charts import altair_theme, plotly_theme
from .named_analytics import NamedAnalytics
from .results import DEMO_WORDS, Result

Clock = str | date | datetime
BarographError = WorkstationError  # the root of all refusals, by the name that a script uses


def open_handle(workspace: str | None = None, *, as_of: Clock, mode: Mode = "public") -> Handle:
    """Open a workspace at a clock; without a name it is that of WORKSPACE, else demo.

    `as_of` is "now", a date, or an instant; a date alone means its first instant in UTC. `mode` is
    "public" (what could be known at the clock) or "house" (what this workspace had at the clock).
    """
    settings = Settings.from_env(workspace)
    moment = instant(as_of)
    if not settings.lake.is_dir():
        names = sorted(path.parent.name for path in settings.data_dir.glob("*/lake"))
        raise ConfigError(
            f"workspace {settings.workspace!r} has no data in {settings.data_dir}; "
            f"there are {', '.join(names) or 'no workspaces yet'}; "
            "`python -m scripts.seed_demo` fills demo"
        )
    return Handle(settings, _engine(settings).at(moment, mode))


@cache
def _engine(settings: Settings) -> Db:
    """One engine for all handles of a workspace, since analytics keep answers made with it."""
    return Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=settings.threads)


def instant(clock: Clock) -> datetime:
    """A clock as the house reads one: a time without a zone is UTC."""
    if not isinstance(clock, str | date):
        raise ConfigError(f"not an instant: {clock!r:.60}; expected text, a date or a datetime")
    return parse_instant(clock if isinstance(clock, str) else clock.isoformat())


class Handle:
    """One workspace at one clock and one version of every dataset."""

    def __init__(self, settings: Settings, at: At) -> None:
        self.settings = settings
        self.reader = at

    @property
    def workspace(self) -> str:
        """The name of the workspace."""
        return self.settings.workspace

    @property
    def demo(self) -> bool:
        """Whether every number is invented."""
        return self.settings.is_demo

    @property
    def as_of(self) -> datetime:
        """The clock."""
        return self.reader.as_of

    @property
    def mode(self) -> Mode:
        """Which clock it is: of the public or of the house."""
        return self.reader.mode

    @property
    def analytics(self) -> NamedAnalytics:
        """Every analytic by name."""
        return NamedAnalytics(self.run)

    def at(self, as_of: Clock) -> Handle:
        """The same workspace in the same version at another clock."""
        return Handle(self.settings, replace(self.reader, as_of=instant(as_of)))

    def sql(self, query: str, /, **params: Any) -> Result:
        """Run one SELECT under the clock; `$name` in it is bound to the parameter of that name."""
        values = {name: plain(value) for name, value in params.items()}
        return Result(self.reader.sql(query, **values), self.demo)

    def run(self, name: str, /, **params: Any) -> Result:
        """Run an analytic by its name; values may be given as text."""
        analytic = find(name)
        values = analytic.read({key: plain(value) for key, value in params.items()})
        return Result(called(analytic.call, self.reader, **values), self.demo)

    def datasets(self) -> pl.DataFrame:
        """The datasets that a query can name, and the version of each that is read."""
        rows = [(name, item.about, ", ".join(item.key)) for name, item in DATASETS.items()]
        frame = pl.DataFrame(rows, schema=["dataset", "one row is", "key"], orient="row")
        return frame.with_columns(version=pl.Series([self.reader.versions[n] for n, *_ in rows]))

    def columns(self, dataset: str) -> pl.DataFrame:
        """The columns of a dataset with their units and meaning."""
        rows = list(_columns(dataset_named(dataset)))
        names = ["column", "type", "unit", "may be null", "meaning"]
        return pl.DataFrame(rows, schema=names, orient="row")

    def plotly_theme(self, kind: Kind = "dark") -> dict[str, Any]:
        """Draw every new Plotly figure as the pages do, with the DEMO mark in a demo workspace."""
        return plotly_theme(kind, demo=self.demo)

    def altair_theme(self, kind: Kind = "dark") -> dict[str, Any]:
        """Draw every Altair chart as the pages do, with the DEMO mark in a demo workspace."""
        return altair_theme(kind, demo=self.demo)

    def __repr__(self) -> str:
        demo = f" · {DEMO_WORDS}" if self.demo else ""
        return f"<Barograph: {self.workspace}{demo} · as of {iso(self.as_of)} · {self.mode}>"


def plain(value: Any) -> Any:
    """A column as a list and a NumPy number as Python's own."""
    if hasattr(value, "to_list"):
        return value.to_list()
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _columns(dataset: Dataset) -> list[tuple[str, str, str | None, bool, str]]:
    found = []
    for field in dataset.schema:
        notes = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
        row = (field.name, str(field.type), notes.get("unit"), field.nullable, notes["about"])
        found.append(row)
    return found
