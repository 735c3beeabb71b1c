"""What no row may claim, whatever its types: known before its time, unreadable, priced below zero.

Each test is a column, the words for what is wrong with it, and the expression that finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pyarrow as pa

from data.clock import iso
from data.contracts import CENTURY, Dataset, Lead
from data.fields import ABOVE_ZERO, TEAM_SOURCES
from data.settings import is_demo_workspace

Test = tuple[str, str, pl.Expr]

DEMO = "demo"
OF_DEMO = f"^{DEMO}($|-)"  # the sources of the invented world
SET_BY_LAKE = ("ingested_at", "superseded_at")
# Controls, marks of direction, joiners and other signs without a width, breaks of lines.
UNSEEN = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
# Prose has lines, and in some languages joiners and marks of direction.
BINARY = r"[\p{Cc}--[\t\n\r]]"
# Letters and symbols that are drawn as nothing.
BLANK = r"[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffe\uffff]"
EDGES = r"^\s|\s$"
# Letters of other scripts that look like those of `demo`, and signs that look like its colon.
LETTERS = {"d": "\u0501", "e": "\u0435\u04bd", "m": "\u043c", "o": "\u03bf\u043e\u0585\u1d0f"}
COLONS = "\u0589\u02d0\u02f8\u2236\ua789"
ALIKE = {letter: plain for plain, all_of in LETTERS.items() for letter in all_of}
ALIKE |= dict.fromkeys(COLONS, ":")
DAY = timedelta(days=1)
# An assumed lag may date a value some way ahead of the day on which it came.
AHEAD = timedelta(days=366)
# Statistical services measure; under which class a series was loaded says nothing of its sign.
SERVICES = ("bis", "bls", "ecb", "eia", "eurostat", "fred", "imf", "oecd", "worldbank")


def tests_of(dataset: Dataset, now: datetime | None) -> Iterator[Test]:
    """Every test that the rows of a dataset must pass; `now` is the clock of the writer."""
    yield from _texts(dataset)
    yield from _left_out(dataset)
    yield from _dates(dataset)
    yield from _prices(dataset)
    if now is not None:
        late = pl.col("known_at") > pl.lit(now + AHEAD)
        words = f"known more than a year after this machine's clock, {iso(now)}: check known_at"
        yield "known_at", words, late


def _texts(dataset: Dataset) -> Iterator[Test]:
    for column in dataset.schema:
        limits = column.metadata or {}
        if b"longest" not in limits:
            continue
        is_prose = b"prose" in limits
        longest, pattern = int(limits[b"longest"]), BINARY if is_prose else f"{UNSEEN}|{BLANK}"
        value = pl.col(column.name)
        if column.name in (*dataset.key, "source"):
            yield column.name, "with blanks before or after it", value.str.contains(EDGES)
        length, unseen = value.str.len_chars(), value.str.contains(pattern)
        if pa.types.is_list(column.type):
            length = value.list.eval(pl.element().str.len_chars()).list.max()
            unseen = value.list.eval(pl.element().str.contains(pattern)).list.any()
        yield column.name, f"longer than {longest} characters", length > longest
        yield column.name, "with control characters, marks of direction or of no width", unseen


def _left_out(dataset: Dataset) -> Iterator[Test]:
    """A value that only the team may leave out, where it corrects something else."""
    for column in dataset.columns:
        if b"left_out_by" in (column.metadata or {}):
            is_filed = ~pl.col("source").is_in(TEAM_SOURCES)
            yield column.name, "without a value", is_filed & pl.col(column.name).is_null()


def _dates(dataset: Dataset) -> Iterator[Test]:
    """The row's own dates against its `known_at`."""
    for lead in dataset.leads:
        words = f"known {_span(lead.longest)} it: expected a known_at that is later"
        yield lead.of, words, concerned(dataset, lead) & (ahead(dataset, lead.of) > lead.longest)
    for column in dataset.columns:
        is_time = pa.types.is_temporal(column.type) or column.name == "year"
        if is_time and column.name not in dataset.derived:
            words = "more than a century after it was known: check the date"
            yield column.name, words, ahead(dataset, column.name) > CENTURY


def _span(span: timedelta) -> str:
    """`more than 2 days before`, `before`, `less than 1 minute after`."""
    if not span:
        return "before"
    size, word = (
        (timedelta(days=1), "day") if abs(span) >= DAY else (timedelta(minutes=1), "minute")
    )
    count = abs(span) // size
    amount = f"{count} {word}{'' if count == 1 else 's'}"
    return f"more than {amount} before" if span > timedelta() else f"less than {amount} after"


def ahead(dataset: Dataset, name: str) -> pl.Expr:
    """How far after its `known_at` one of a row's own dates lies."""
    value = pl.col(name)
    if pa.types.is_integer(dataset.schema.field(name).type):
        value = pl.date(value, 1, 1)
    return value.cast(pl.Datetime("us", "UTC")) - pl.col("known_at")


def concerned(dataset: Dataset, lead: Lead) -> pl.Expr:
    """Whether a bound is for this row."""
    name = lead.when or lead.unless
    if not name:
        return pl.lit(True)
    is_truth = pa.types.is_boolean(dataset.schema.field(name).type)
    holds = pl.col(name) if is_truth else pl.col(name).is_not_null()
    return ~holds if lead.unless else holds


def _prices(dataset: Dataset) -> Iterator[Test]:
    """A price of zero or less, where the asset class cannot have one."""
    if "asset_class" not in dataset.schema.names:
        return
    owned = pl.col("asset_class").is_in(ABOVE_ZERO) & ~pl.col("source").is_in(SERVICES)
    for column in dataset.columns:
        if b"quote" in (column.metadata or {}):
            words = f"at or below zero: expected more of {', '.join(ABOVE_ZERO)}, or no value"
            yield column.name, words, owned & (pl.col(column.name) <= 0)


def foreign(dataset: Dataset, workspace: str) -> Iterator[Test]:
    """Real rows in a demo workspace; anywhere else what is invented, or looks as if it were."""
    source = pl.col("source")
    if is_demo_workspace(workspace):
        words = f"refused: workspace {workspace!r} takes only rows whose source is demo"
        yield "source", words, ~source.str.contains(OF_DEMO)
        return
    words = f"refused: workspace {workspace!r} takes no demo rows"
    yield "source", words, _plain(source).str.contains(OF_DEMO)
    for column in dataset.columns:
        value = pl.col(column.name)
        if pa.types.is_list(column.type):
            invented = value.list.eval(_is_of_demo(pl.element())).list.any()
        elif pa.types.is_string(column.type) and column.name in (*dataset.key, "company"):
            invented = _is_of_demo(value)
        else:
            continue
        yield column.name, f"{words}, and ids that begin with `{DEMO}:` are of its world", invented


def _plain(text: pl.Expr) -> pl.Expr:
    """As people read it: full width, capitals, accents, letters of another script that look the
    same, and blanks around it make no other word."""
    read = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return read.str.replace_many(ALIKE).str.strip_chars()


def _is_of_demo(text: pl.Expr) -> pl.Expr:
    return _plain(text).str.contains(f"^{DEMO}\\s*:")
