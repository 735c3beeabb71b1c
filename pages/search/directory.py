"""The directory at the clock: search by name, ticker or id, best match first, and labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from analytics.companies import screen
from analytics.companies.directory import company_directory
from analytics.companies.funds import fund_directory
from analytics.core.resolve import resolve
from analytics.home import overview
from pages.frame.cached import ask, cached
from pages.frame.errors import explain
from pages.frame.run import PageRun, current

Row = dict[str, Any]
NAMES = ("country names",)  # kept with the directory they are from
NO_LETTERS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # marks of direction that come with pasting


def directory(run: PageRun, kind: str | None = None) -> pl.DataFrame:
    """Everything that can be looked up by name at the clock, or what is of one kind; companies and
    managers are directories of their own."""
    if kind == "company":
        return cached(company_directory, run.at).frame
    if kind == "manager":
        return cached(fund_directory, run.at).frame
    frame = cached(overview.directory, run.at).frame
    return frame if kind is None else frame.filter(pl.col("kind") == kind)


def country_names() -> Mapping[str, str]:
    """Country codes with their names at the clock; empty where the lake cannot be read."""
    try:
        kept_answer = ask(overview.directory, current().at)
    except Exception as error:  # noqa: BLE001 - codes stand in for names; explain() logs it
        explain(error, "country names")
        return {}
    if NAMES not in kept_answer.drawings:
        listed = kept_answer.answer.frame.filter(kind="country").select("id", "label")
        kept_answer.drawings[NAMES] = dict(listed.iter_rows())
    names: Mapping[str, str] = kept_answer.drawings[NAMES]
    return names


def company_names() -> Mapping[str, str]:
    """Ids of companies with their names at the clock; empty where the lake cannot be read."""
    try:
        listed = directory(current(), "company").select("id", "label")
    except Exception as error:  # noqa: BLE001 - ids stand in for names; explain() logs it
        explain(error, "company names")
        return {}
    return dict(listed.iter_rows())


def companies_of(symbols: Collection[str]) -> list[str]:
    """The companies that these instruments are shares of, at the clock."""
    return screen.companies_of(current().at, symbols)


def instrument_name(symbol: str) -> str:
    """The ticker of an instrument at the clock; its id where it has none or nothing is known."""
    row = known_instruments([symbol]).get(symbol)
    return str(row["code"] or row["label"]) if row else symbol


def letters(text: str) -> str:
    """What was typed, as it is compared: lower case, single blanks, no invisible marks."""
    return " ".join(re.sub(NO_LETTERS, "", text).lower().split())


def matches(frame: pl.DataFrame, wanted: str, top: int) -> pl.DataFrame:
    """Rows that hold every word of `wanted`, with the `rank` of each; the surest first.

    0 the code or id itself, 1 the whole name, 2 a code that begins so, 3 a name that begins so,
    4 whole words of it (an ISIN, an alias), 5 anything else. Of equals, a country without data
    comes last and the shortest code first.
    """
    words = wanted.split()
    code = pl.coalesce(pl.col("code"), pl.col("id")).str.to_lowercase()
    name = pl.col("label").str.to_lowercase()
    whole = pl.concat_str(
        [pl.col("id"), pl.col("code"), pl.col("label"), pl.col("more")],
        separator=" ",
        ignore_nulls=True,
    ).str.to_lowercase()
    rank = (
        pl.when((code == wanted) | (pl.col("id").str.to_lowercase() == wanted))
        .then(0)
        .when(name == wanted)
        .then(1)
        .when(code.str.starts_with(wanted))
        .then(2)
        .when(name.str.starts_with(wanted))
        .then(3)
        .when(pl.format(" {} ", "whole").str.contains(f" {wanted} ", literal=True))
        .then(4)
        .otherwise(5)
    )
    return (
        frame.with_columns(whole.alias("whole"))
        .filter(pl.all_horizontal(pl.col("whole").str.contains(w, literal=True) for w in words))
        .with_columns(rank.alias("rank"), code.str.len_chars().alias("long"))
        .sort("rank", "bare", "long", "kind", "id")
        .head(top)
        .drop("whole", "long")
    )


def found(
    run: PageRun, kind: str, text: str, top: int, among: Collection[str] | None = None
) -> pl.DataFrame:
    """Matches of one kind, or among these ids; of an instrument also `LSE:VOD` and FIGIs."""
    frame, wanted = directory(run, kind), letters(text)
    if among is not None:
        frame = _only(frame, kind, among)
    if not wanted:
        return frame.head(0).with_columns(pl.lit(0).alias("rank"))
    hits = matches(frame, wanted, top)
    if hits.height or kind != "instrument":
        return hits
    ids = cached(resolve, run.at, words=[text.strip()]).frame["symbol"].to_list()
    return frame.filter(pl.col("id").is_in(ids)).head(top).with_columns(pl.lit(0).alias("rank"))


def _only(frame: pl.DataFrame, kind: str, among: Collection[str]) -> pl.DataFrame:
    """The rows of these ids; one that is not in the directory is called by its id."""
    known = frame.filter(pl.col("id").is_in(list(among)))
    there = set(known["id"])
    bare = [
        {"kind": kind, "id": name, "label": name, "bare": False}
        for name in among
        if name not in there
    ]
    return pl.concat([known, pl.DataFrame(bare, schema=frame.schema)])


def surest(hits: pl.DataFrame) -> list[str]:
    """The ids that a text may mean: those that are called just so, else all that were found."""
    exact = hits.filter(pl.col("rank") <= 1)
    best = exact.filter(pl.col("rank") == pl.col("rank").min()) if exact.height else hits
    return list(dict.fromkeys(best["id"].to_list()))


def rows_of(run: PageRun, kind: str, ids: Collection[str]) -> dict[str, Row]:
    """The rows of these ids as far as they are known, in the order that was given."""
    if not ids:
        return {}
    frame = directory(run, kind).filter(pl.col("id").is_in(list(ids)))
    known = {str(row["id"]): row for row in frame.iter_rows(named=True)}
    return {name: known[name] for name in ids if name in known}


def title(row: Row) -> str:
    """`AAPL · Apple Inc.`, `USA · United States`; a series is called by its title alone."""
    code = {"instrument": row["code"], "country": row["id"]}.get(row["kind"])
    name = str(row["label"])
    return name if not code or code == name else f"{code} · {name}"


def known_instruments(symbols: Collection[str]) -> dict[str, Row]:
    """What the directory says of these instruments; nothing where it cannot be read."""
    try:
        return rows_of(current(), "instrument", symbols)
    except Exception as error:  # noqa: BLE001 - ids stand in for names; explain() logs it
        explain(error, "instrument names")
        return {}


def instrument_titles(symbols: Collection[str]) -> list[str]:
    """Ticker and name of each, as the search shows them; the id where nothing is known."""
    rows = known_instruments(symbols)
    return [title(rows[symbol]) if symbol in rows else symbol for symbol in symbols]
