"""Coverage: what the lake holds at a clock and how it arrives; files on disk are not its matter.

A dataset that cannot be opened has no line here; whoever shows these says so beside them.
"""

from __future__ import annotations

from datetime import datetime

from analytics.core.catalogue import run
from analytics.core.coverage_steps import coverage_by_steps
from data.contracts import Dataset
from data.datasets import DATASETS, dataset_named
from data.errors import ConfigError
from data.query import Answer, At


def lake_coverage(at: At) -> Answer:
    """Rows, range, newest row and usual rhythm of each dataset that has rows."""
    opened = at.opened()
    return coverage_by_steps(opened) or run(opened, "lake_coverage")


def lake_months(at: At, *, months: int = 24) -> Answer:
    """Rows that became known per dataset and month."""
    return run(at.opened(), "lake_months", months=months)


def lake_since(at: At, *, moment: datetime) -> Answer:
    """Rows that became known after a moment, by dataset."""
    return run(at.opened(), "lake_since", moment=moment)


def grades(at: At, *, dataset: str) -> Answer:
    """Rows of one dataset by source and by how well their publication time is known."""
    held = dataset_named(dataset)
    return at.sql(
        "SELECT source, vintage_grade, count(*) AS rows, min(known_at) AS first_known, "  # noqa: S608 - a name of the registry
        f"max(known_at) AS last_known FROM {held.name} GROUP BY ALL ORDER BY ALL"
    )


def latest_rows(at: At, *, dataset: str, wanted: str = "", top: int = 200) -> Answer:
    """The newest rows of one dataset, of one symbol, series, company or country when asked."""
    held = dataset_named(dataset)
    chosen = f"WHERE {subject(held)} = $wanted " if wanted else ""
    bound = {"wanted": wanted} if wanted else {}
    return at.sql(
        f"SELECT * FROM {held.name} {chosen}"  # noqa: S608 - names of the registry, values bound
        f"ORDER BY {held.time} DESC, {', '.join(held.key)} LIMIT $top",
        top=top,
        **bound,
    )


def dataset_history(at: At, *, dataset: str, wanted: str) -> Answer:
    """The one number that a chart of prices or of macro shows, in order of time."""
    columns = {"prices": ("date", "close", "currency"), "macro": ("period", "value", "unit")}
    if dataset not in columns:
        raise ConfigError(f"{dataset} has no history to draw; prices and macro have")
    when, value, unit = columns[dataset]
    held = dataset_named(dataset)
    return at.sql(
        f"SELECT {when} AS date, {value} AS value, {unit} AS unit, source, known_at "  # noqa: S608 - names of the registry, values bound
        f"FROM {held.name} WHERE {subject(held)} = $wanted ORDER BY {when}, source",
        wanted=wanted,
    )


def subject(dataset: Dataset) -> str:
    """The column that says what a row is about: the first of the key that is a name."""
    names = ("symbol", "series_id", "company", "country", "entity", "reporter", "event_id")
    found = (name for name in names if name in dataset.schema.names)
    return next(found, dataset.key[0])


def about(dataset: str) -> str:
    """One line on a dataset, from its contract."""
    return DATASETS[dataset].about
