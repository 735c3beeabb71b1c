"""What to ask UN Comtrade for: first which data sets are published, then those that are wanted.

A list of publications needs no key. The part of its address behind `#`, which is not sent, keeps
which goods the data sets it leads to are asked for. With a key a data set is one call; without one
it is previews of 500 rows, exports and imports apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ingest.jobs import Call, Edition, Reply, Window
from ingest.lists import listed
from ingest.runs.keys import MissingKeyError
from ingest.sources._comtrade_areas import areas, code_of

HOST = "https://comtradeapi.un.org"
# Without these three a total comes together with its parts.
PINNED = {"motCode": "0", "customsCode": "C00", "partner2Code": "0"}
CAPS = {"preview": 500, "previewTariffline": 500, "get": 100_000, "getTariffline": 100_000}
CHAPTERS = tuple(f"{number:02}" for number in (*range(1, 77), *range(78, 98), 99))
DIVISIONS = tuple(f"{number:02}" for number in range(100))  # of the SITC, with gaps
SPLITTABLE = ("period", "reporterCode", "cmdCode", "flowCode", "partnerCode")
ALL_FLOWS = ("M", "X", "RM", "RX")
SIDES = ("M,RM", "X,RX")
YEARS = (1, 2, 3)  # back from this one: the first is reported by some, the others are corrected
MONTHS = 12
PERIODS, REPORTERS = 12, 40  # in one call: a list of data sets stays below 500 rows
SITC = ("S1", "S2", "S3", "S4")
SITC_YEARS = (1962, 1997)  # later reports are of the Harmonised System
# The data route may already have what the list has not: this long they are taken for the same.
BELIEVED = timedelta(hours=1)
NO_ZONE = timedelta(hours=12)  # how far west of Greenwich a clock without a zone may stand
SHOWN = 12


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a job wants: years or months, the lists of goods, their products, of which periods."""

    frequency: str
    lists: tuple[str, ...]
    products: str
    periods: tuple[str, ...]


def plan(window: Window) -> list[Call]:
    """Lists of what is published for the reporters; what has changed since follows from them."""
    names = window.names or tuple(listed("comtrade", "iso3"))
    if window.job == "trade_bulk":
        return _bulk(window)
    if window.job == "trade_full" and not window.has_key:
        raise MissingKeyError(
            "every chapter with every partner is more than previews can show: put "
            "COMTRADE_API_KEY=... into the environment of the scheduler or into the secrets file"
        )
    wish = _wish(window)
    route = "data/v1/getDa" if window.has_key else "public/v1/getDA"
    return [
        Call(
            f"{HOST}/{route}/C/{wish.frequency}/{goods}#{wish.products}",
            {"reporterCode": ",".join(codes), "period": ",".join(periods)},
        )
        for goods in wish.lists
        for periods in _blocks(wish.periods, PERIODS)
        for codes in _blocks(_codes(names, periods), REPORTERS)
    ]


def _wish(window: Window) -> _Wish:
    if window.job == "trade_months":
        # A year of chapters is millions of rows: with a key, for countries asked for by name.
        products = "TOTAL,AG2" if window.has_key and window.names else "TOTAL"
        return _Wish("M", ("HS",), products, _months(window))
    this = window.now.year
    years = [this - lag for lag in YEARS]
    if window.since:
        years = list(range(window.since.year, (window.until or date(this - 1, 1, 1)).year + 1))
    elif window.job == "trade_sitc":
        # A third of these years a month: they are old, and change little.
        first = SITC_YEARS[0] + (window.now.month - 1) % 3 * PERIODS
        years = list(range(first, min(first + PERIODS, SITC_YEARS[1] + 1)))
    periods = tuple(str(year) for year in years)
    if window.job == "trade_sitc":
        return _Wish("A", SITC, "TOTAL,AG2" if window.has_key else "TOTAL", periods)
    return _Wish("A", ("HS",), "AG2" if window.job == "trade_full" else "TOTAL", periods)


def _months(window: Window) -> tuple[str, ...]:
    """The months before this one, the newest first; or those of the window."""
    last = window.until or window.now.date()
    at = last.year * 12 + last.month - 1
    if window.until is None:
        at -= 1
    first = at - MONTHS + 1
    if window.since:
        first = window.since.year * 12 + window.since.month - 1
    return tuple(f"{number // 12}{number % 12 + 1:02}" for number in range(at, first - 1, -1))


def _codes(names: Iterable[str], periods: Iterable[str]) -> tuple[str, ...]:
    """Codes of the reporters in these periods: some countries had others in the past."""
    years = sorted({int(period[:4]) for period in periods})
    return tuple(dict.fromkeys(code_of(name, year) for name in names for year in years))


def _blocks(words: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for at in range(0, len(words), size):
        yield words[at : at + size]


def _bulk(window: Window) -> list[Call]:
    """Lists of whole files, for reporters that somebody names: they are large, and a premium key
    opens them."""
    if not window.has_key or not window.names:
        return []
    years = _wish(window).periods
    return [
        Call(f"{HOST}/bulk/v1/get/C/A/HS", {"reporterCode": code_of(name, int(y)), "period": y})
        for name in window.names
        for y in years
    ]


def published(reply: Reply, rows: list[dict[str, Any]]) -> tuple[tuple[Call, ...], list[str]]:
    """The calls for the data sets of a list, the newest first, and who is not on it."""
    frequency, goods = reply.path.split("/")[-2:]
    asked = reply.parameters
    products = reply.call.url.partition("#")[2] or "TOTAL"
    is_open = "/public/" in reply.path
    sets: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if _is_wanted(row, frequency, asked.get("reporterCode", "")):
            key = str(row["period"]), str(row["reporterCode"])
            sets.setdefault(key, []).append(row)
    route = f"{HOST}/{'public/v1/preview' if is_open else 'data/v1/get'}/C/{frequency}/{goods}"
    calls = []
    for period, code in sorted(sets, reverse=True):
        name = f"C/{frequency}/{goods} {code} {period} {products} {'preview' if is_open else 'get'}"
        edition = _edition(name, sets[period, code], reply.fetched_at)
        for flows in SIDES if is_open else (",".join(ALL_FLOWS),):
            about = {"reporterCode": code, "period": period, "cmdCode": products, "flowCode": flows}
            calls.append(Call(route, {**about, **PINNED}, edition=edition))
    notes = ["without a key: previews of 500 rows each"] if is_open and calls else []
    return tuple(calls), notes + _missing(asked, sets)


def _is_wanted(row: dict[str, Any], frequency: str, codes: str) -> bool:
    """Whether a data set is of goods, of a reporter asked for, and no conversion of another."""
    return (
        row.get("typeCode", "C") == "C"
        and row.get("freqCode", frequency) == frequency
        and row.get("isOriginalClassification") is not False
        and re.fullmatch(r"\d{4}(\d\d)?", str(row.get("period"))) is not None
        and str(row.get("reporterCode")) in codes.split(",")
        and row.get("totalRecords") != 0
    )


def _edition(name: str, rows: list[dict[str, Any]], now: datetime) -> Edition:
    """Dated by its last release, at the latest hour that a clock without a zone may mean."""
    facts = ("classificationCode", "lastReleased", "datasetChecksum", "totalRecords")
    mark = "; ".join(sorted(" ".join(str(row.get(fact)) for fact in facts) for row in rows))
    released = [moment(row.get("lastReleased")) for row in rows]
    known = [at for at in released if at is not None]
    is_dated = len(known) == len(rows)
    return Edition(name, mark, max(known) if is_dated else None, now + BELIEVED)


def moment(word: object) -> datetime | None:
    """`2025-07-04T23:51:36.4233333`: an instant, with any number of decimals and mostly no zone."""
    found = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", str(word).strip()
    )
    if not found:
        return None
    try:
        stated = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[4] or '+00:00'}")
    except ValueError:
        return None
    return stated if found[4] else stated + NO_ZONE


def _missing(asked: dict[str, str], sets: Iterable[tuple[str, str]]) -> list[str]:
    """Who has published none of a period: that is no trade of zero."""
    there = set(sets)
    codes = [code for code in asked.get("reporterCode", "").split(",") if code]
    periods = [period for period in asked.get("period", "").split(",") if period]
    if len(periods) > len(YEARS):
        silent = [c for c in codes if not any((period, c) in there for period in periods)]
        span = f"{min(periods)} to {max(periods)}"
        return [f"nothing published of {span} by {_named(silent)}"] if silent else []
    notes = []
    for period in periods:
        silent = [code for code in codes if (period, code) not in there]
        if silent:
            notes.append(f"not published of {period}: {_named(silent)}")
    return notes


def _named(codes: list[str]) -> str:
    known = [areas().get(int(code)) if code.isdigit() else None for code in codes]
    words = [name or code for name, code in zip(known, codes, strict=True)]
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def rest(reply: Reply, rows: int) -> tuple[tuple[Call, ...], list[str]]:
    """Two smaller requests for one that was cut, and what to say of it."""
    asked = reply.parameters
    route = next((CAPS[part] for part in reply.path.split("/") if part in CAPS), None)
    cap = int(asked.get("maxRecords") or route or 0)
    is_harmonised = reply.path.rpartition("/")[2] not in SITC
    if route is None or rows < min(cap, route):
        return (), []
    for name in SPLITTABLE:
        parts = _parts(name, asked.get(name, ""), is_harmonised=is_harmonised)
        if len(parts) > 1:
            middle = len(parts) // 2
            halves = [asked | {name: ",".join(half)} for half in (parts[:middle], parts[middle:])]
            url, headers = reply.call.url.split("?")[0], reply.call.headers
            calls = tuple(Call(url, half, headers, edition=reply.call.edition) for half in halves)
            return calls, [f"cut at {rows} rows; asked again in halves by {name}"]
    return (), [f"cut at {rows} rows, and the request cannot be made smaller"]


def _parts(name: str, word: str, *, is_harmonised: bool) -> list[str]:
    """What a parameter stands for, one by one; absent it means everything there is."""
    parts = [part for part in word.split(",") if part]
    if name == "flowCode" and not parts:
        return list(ALL_FLOWS)
    if name == "cmdCode" and parts == ["AG2"]:
        return list(CHAPTERS if is_harmonised else DIVISIONS)
    if name == "partnerCode" and not parts:
        return [str(code) for code, iso3 in areas().items() if iso3]
    return parts
