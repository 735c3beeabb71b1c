"""What can be named at a clock: series, instruments, companies with their accounts, and pairs.

Kept for all clocks between two changes of the descriptions that it is made of.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import polars as pl

from analytics.claims.naming.names import NameIndex, NameSense, plain, spelled, table, word_list
from analytics.claims.statement import Subject
from analytics.core.catalogue import run
from analytics.core.ranking import ranking
from data.kept_results import KeptResults
from data.query import At

EURO_AREA = "EMU"
MOST_DIRECTORIES = 8
SHORTEST_TICKER = 3
SHORTEST_FAMILY = 4
PAIR = re.compile(r"([A-Z]{3})[/\-]?([A-Z]{3})(?:=X)?")
EMPTY: Mapping[str, Sequence[Mapping[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A series with what decides between it and others; `rank` is its place in the ranking."""

    subject: Subject
    indicator: str
    country: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class SubjectDirectory:
    """What a text may name at a clock.

    `series` are by indicator, the shown one of each country first; `companies` are the companies of
    instruments by symbol, and of companies by id; `currencies` those of countries.
    """

    series: Mapping[str, tuple[SeriesName, ...]]
    instruments: Mapping[str, Subject]
    pairs: Mapping[tuple[str, str], tuple[str, ...]]
    companies: Mapping[str, str]
    company_subjects: Mapping[str, Subject]
    accounts: Mapping[str, frozenset[str]]
    currencies: Mapping[str, str]
    names: NameIndex = field(repr=False)


DIRECTORIES: KeptResults[SubjectDirectory] = KeptResults(MOST_DIRECTORIES, is_whole=lambda _: True)


def directory_of(at: At) -> SubjectDirectory:
    """What can be named at the clock."""
    parts = ("series", "instruments", "companies", "accounts", "countries")
    answers = [run(at, f"parts/nameable_{part}") for part in parts]
    frames = {part: answer.frame for part, answer in zip(parts, answers, strict=True)}
    if any(answer.damaged for answer in answers):
        return make_directory(frames)
    key = (str(at.db.root), *(_content(frame) for frame in frames.values()))
    return DIRECTORIES.of(key, lambda: make_directory(frames))


def _content(frame: pl.DataFrame) -> bytes:
    return blake2b(frame.hash_rows(seed=1).to_numpy().tobytes(), digest_size=16).digest()


def make_directory(frames: Mapping[str, pl.DataFrame]) -> SubjectDirectory:
    """The directory of described things, as the queries of `directory_of` give them."""
    instruments = frames["instruments"].to_dicts()
    companies = frames["companies"].to_dicts()
    countries = frames["countries"].to_dicts()
    accounts: dict[str, set[str]] = defaultdict(set)
    for company, concept in frames["accounts"].select("company", "concept").iter_rows():
        accounts[company].add(concept)
    owners = {row["symbol"]: row["company"] for row in instruments if row["company"]}
    names = NameIndex()
    _add_instruments(names, instruments)
    _add_families(names, instruments)
    _add_goods(names, instruments, {row["indicator"] for row in frames["series"].to_dicts()})
    _add_companies(names, companies, instruments)
    _add_countries(names, countries)
    return SubjectDirectory(
        _series(frames["series"]),
        {row["symbol"]: _instrument(row) for row in instruments},
        _pairs(instruments),
        {**{row["company"]: row["company"] for row in companies}, **owners},
        {row["company"]: _company(row) for row in companies},
        {company: frozenset(concepts) for company, concepts in accounts.items()},
        {row["country"]: row["currency"] for row in countries if row["currency"]},
        names.sorted(),
    )


def _series(frame: pl.DataFrame) -> Mapping[str, tuple[SeriesName, ...]]:
    found: dict[str, list[SeriesName]] = defaultdict(list)
    seen: set[str] = set()
    for rank, row in enumerate(ranking().ordered(frame).to_dicts()):
        if row["symbol"] in seen:
            continue
        seen.add(row["symbol"])
        subject = Subject(
            "series", row["symbol"], row["source"], row["title"], row["unit"], row["frequency"]
        )
        found[row["indicator"]].append(SeriesName(subject, row["indicator"], _place(row), rank))
    return {word: tuple(series) for word, series in found.items()}


def _place(row: Mapping[str, Any]) -> str | None:
    """Of which country a series is; the euro area is none, so that its series name it in words."""
    if row["country"] is not None:
        return str(row["country"])
    is_euro = "euro area" in row["title"].lower() or row["source"] == "ecb"
    return EURO_AREA if is_euro else None


def _instrument(row: Mapping[str, Any]) -> Subject:
    currency = row["currency"] or ""
    title = row["name"] or row["symbol"]
    return Subject("instrument", row["symbol"], row["source"], title, currency, "daily", currency)


def _company(row: Mapping[str, Any]) -> Subject:
    currency = row["currency"] or ""
    return Subject("account", row["company"], row["source"], row["name"], currency, "", currency)


def _pairs(rows: Iterable[Mapping[str, Any]]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Symbols by base and quote, those of preferred sources alone."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        code = PAIR.fullmatch((row["ticker"] or "").upper())
        if row["asset_class"] == "fx" and code:
            found[code.group(1), code.group(2)].append(row["symbol"])
    return {pair: preferred(symbols) for pair, symbols in found.items()}


def preferred(symbols: Iterable[str]) -> tuple[str, ...]:
    """Without ids for which a preferred one is among them."""
    there = sorted(set(symbols))
    ranks = ranking()
    worse = {one for one, better in zip(ranks.worse, ranks.better, strict=True) if better in there}
    return tuple(symbol for symbol in there if symbol not in worse)


def _add_instruments(names: NameIndex, rows: Sequence[Mapping[str, Any]]) -> None:
    """Names, tickers and codes; several instruments of one name are all meant by it."""
    meant: dict[tuple[str, int | None, bool], list[str]] = defaultdict(list)
    for row in rows:
        for name, capitals, is_loose in _names_of(row):
            meant[name, capitals, is_loose].append(row["symbol"])
    for (name, capitals, is_loose), symbols in meant.items():
        is_family = len(symbols) > 1 and " " not in name
        word = plain(name)
        is_ticker = capitals == 2
        is_short = is_ticker and len(word) < SHORTEST_TICKER
        needs = " " not in name and (word in word_list("around", "words") or is_short)
        meaning = NameSense(
            "instrument", preferred(symbols), needs_market=needs, is_family=is_family
        )
        names.add(name, meaning, capitals=capitals, is_loose=is_loose)


def _names_of(row: Mapping[str, Any]) -> list[tuple[str, int | None, bool]]:
    """Names of an instrument, with the capitals that they need and whether marks may part them."""
    found: list[tuple[str, int | None, bool]] = [(row["symbol"], 0, True)]
    found += [(code, 2, False) for code in (row["isin"], row["ticker"]) if code]
    if row["asset_class"] == "fx":
        return found[:2]
    for name in (row["name"] or "", *(row["aliases"] or "").split("|")):
        short = name.split(" in ")[0] if row["asset_class"] == "crypto" else name
        for one in {short, without_legal(short)} - {""}:
            found.append((one, 0 if " " in one else 1, False))
    return found


def without_legal(name: str) -> str:
    """A company's name without what nobody writes of it."""
    words = name.replace(",", " ").replace(".", " ").split()
    while len(words) > 1 and plain(words[-1]) in word_list("around", "legal"):
        words.pop()
    return " ".join(words)


def _add_families(names: NameIndex, rows: Sequence[Mapping[str, Any]]) -> None:
    """First words that several companies share: the word alone may be each of them."""
    shared: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        first, _, rest = (row["name"] or "").partition(" ")
        if row["asset_class"] == "equity" and rest and len(first) >= SHORTEST_FAMILY:
            shared[first].append(row["symbol"])
    for first, symbols in shared.items():
        if len(symbols) > 1 and plain(first) not in word_list("around", "first"):
            meaning = NameSense("instrument", preferred(symbols), is_family=True)
            names.add(first, meaning, capitals=1)


def _add_goods(names: NameIndex, rows: Sequence[Mapping[str, Any]], indicators: set[str]) -> None:
    """Goods, coins and indexes by the words of the trade, also those that the lake has not."""
    for part in table("market_names")["instrument"].values():
        meant = [row for row in rows if _is_meant(row, part)]
        symbols = preferred(row["symbol"] for row in meant)
        kind = NameSense("instrument", symbols)
        if not symbols and part.get("series") in indicators:
            kind = NameSense("indicator", (part["series"],), part["series"])
        for name, meaning in spelled(part, kind):
            names.add(name, meaning)
            for row in meant if "commodity" in part["classes"] else ():
                _add_branded(names, name, row, part)
    for row in rows:
        sector = row["sector"] or ""
        if row["asset_class"] == "index" and plain(sector) not in word_list("around", "words"):
            names.add(sector, NameSense("instrument", (row["symbol"],), is_weak=True), capitals=1)


def _is_meant(row: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    if row["asset_class"] not in part["classes"]:
        return False
    name = row["name"] or ""
    if row["asset_class"] == "crypto":
        name = name.split("/")[0]  # what is priced, and not what it is priced in
    words = [plain(word) for word in re.findall(r"[^\W_]+", name)]
    if (row["ticker"] or "") in part.get("tickers", ()):
        return True
    if "whole" in part:
        ticker = " ".join(re.findall(r"[^\W_]+", plain(row["ticker"] or "")))
        return " ".join(words) in part["whole"] or ticker in part["whole"]
    return any(token in words for token in part.get("tokens", ()))


def _add_branded(
    names: NameIndex, name: str, row: Mapping[str, Any], part: Mapping[str, Any]
) -> None:
    """`Northmarch Gold` is also Gold (Northmarch), and in other languages too."""
    words = (row["name"] or "").split()
    brand = [word for word in words if plain(word) not in part["tokens"]]
    if brand:
        meaning = NameSense("instrument", (row["symbol"],))
        for order in (f"{name} {' '.join(brand)}", f"{' '.join(brand)} {name}"):
            names.add(order, meaning, is_loose=True)


def _add_companies(
    names: NameIndex, companies: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Companies of which no instrument has the name."""
    quoted = {row["company"] for row in rows}
    count = Counter(row["name"] for row in companies)
    for row in companies:
        if row["company"] not in quoted and count[row["name"]] == 1:
            for name in {row["name"], without_legal(row["name"])}:
                needs = " " not in name and plain(name) in word_list("around", "words")
                meaning = NameSense("company", (row["company"],), needs_market=needs)
                names.add(name, meaning, capitals=0 if " " in name else 1)


def _add_countries(names: NameIndex, rows: Iterable[Mapping[str, Any]]) -> None:
    """English names of all countries; the table has those of the large ones in four languages."""
    there = set(table("place_names"))
    for row in rows:
        if row["country"] not in there and row["name"]:
            names.add(row["name"], NameSense("country", (row["country"],)))
