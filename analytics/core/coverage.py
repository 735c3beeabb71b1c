"""Coverage: what the lake holds at a clock and how it arrives; files on disk are not its matter.

A dataset that cannot be opened has no line here; whoever shows these says so beside them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from analytics.core.catalogue import run
from analytics.core.coverage_steps import coverage_by_steps, months_by_steps
from analytics.core.grade_steps import GRADES, grades_by_steps
from data.contracts import Dataset
from data.datasets import DATASETS, dataset_named
from data.errors import ConfigError
from data.query import Answer, At

# In how many days before the clock the newest rows are looked for first.
NEWEST_DAYS = (31, 400)


def lake_coverage(at: At) -> Answer:
    """Rows, range, newest row and usual rhythm of each dataset that has rows."""
    opened = at.opened()
    return coverage_by_steps(opened) or run(opened, "lake_coverage")


def lake_months(at: At, *, months: int = 24) -> Answer:
    """Rows that became known per dataset and month."""
    opened = at.opened()
    return months_by_steps(opened, months) or run(opened, "lake_months", months=months)


def lake_since(at: At, *, moment: datetime) -> Answer:
    """Rows that became known after a moment, by dataset."""
    return run(at.opened(), "lake_since", moment=moment)


def grades(at: At, *, dataset: str) -> Answer:
    """Rows of one dataset by source and by how well their publication time is known."""
    held = dataset_named(dataset)
    return grades_by_steps(at, held) or at.sql(GRADES.format(name=held.name))


def latest_rows(at: At, *, dataset: str, wanted: str = "", top: int = 200) -> Answer:
    """The newest rows of one dataset, of one symbol, series, company or country when asked."""
    held = dataset_named(dataset)
    files = at.manifests[held.name].files
    for days in () if wanted else NEWEST_DAYS:
        since = (at.as_of - timedelta(days=days)).date()
        part = at.within(held.name, since, date.max)
        if len(part.manifests[held.name].files) == len(files):
            break
        answer = _newest(part, held, wanted, top)
        if answer.frame.height == top and _is_since(answer.frame[held.time][-1], since):
            return answer
    return _newest(at, held, wanted, top)


def _is_since(value: object, day: date) -> bool:
    """Whether a time is not before a day, so that files that end before hold nothing newer."""
    if isinstance(value, datetime):
        return value.date() >= day
    if isinstance(value, date):
        return value >= day
    return isinstance(value, int) and value >= day.year


def _newest(at: At, held: Dataset, wanted: str, top: int) -> Answer:
    """A trade that came twice is told apart by when it was known, so that the order is total."""
    chosen = f"WHERE {subject(held)} = $wanted " if wanted else ""
    bound = {"wanted": wanted} if wanted else {}
    return at.sql(
        f"SELECT * FROM {held.name} {chosen}"  # noqa: S608 - names of the registry, values bound
        f"ORDER BY {held.time} DESC, {', '.join(held.key)}, known_at LIMIT $top",
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
