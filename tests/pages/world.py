"""A small invented world for page tests: every dataset that the first pages read, in a second.

Deterministic but for its last day, so that pages at Now have something recent to show.
"""

from __future__ import annotations

import atexit
import math
import random
import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from data.clock import utc_now
from data.datasets import DATASETS
from data.lake import Lake
from data.settings import Settings
from data.state import alerts, imports, ledger, notes, positions, rules, watchlists
from data.state.db import State
from data.state.values import Edit
from tests.pages import company_rows, curve_rows, draft_rows, holding_rows, note_rows, trade_rows

LIST, BOOK, RULE = "Ours", "Book", "Dear <b>coin</b>"
SESSIONS = 420
CLASSES = ("equity", "equity", "equity", "equity", "fx", "fx", "crypto", "commodity", "rate")
CLOSE = time(21, 0, tzinfo=UTC)


def settings(folder: Path, workspace: str = "demo") -> Settings:
    """Settings of a workspace below a test's own folder."""
    return Settings.from_env(workspace, {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512"})


def last_day() -> date:
    """The last full session before the machine's today."""
    day = utc_now().date() - timedelta(days=1)
    return day - timedelta(days=max(0, day.weekday() - 4))


def build(folder: Path, workspace: str = "demo") -> Settings:
    """Fill the workspace; gives its settings. It is made once per process and copied from there."""
    held = settings(folder, workspace)
    shutil.copytree(_made(workspace, last_day()).root, held.root, dirs_exist_ok=True)
    return held


@cache
def _made(workspace: str, last: date) -> Settings:
    """The workspace as it is on a day, made anew on the next one."""
    folder = Path(tempfile.mkdtemp(prefix=f"world-{last}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _fill(settings(folder, workspace))


def _fill(held: Settings) -> Settings:
    workspace = held.workspace
    lake = Lake(held.lake, workspace=workspace)
    source = "demo" if held.is_demo else "test"
    rng = random.Random(7)
    symbols = [f"{source}:{name}{number}" for number, name in enumerate(CLASSES)]
    days = _weekdays(last_day(), SESSIONS)
    start = _at(days[0])
    put(
        lake,
        "instruments",
        [
            *(_instrument(s, k, start, source) for s, k in zip(symbols, CLASSES, strict=True)),
            holding_rows.instrument(start, source),
        ],
    )
    told = {"known_at": start, "source": source}
    named = (("USA", 840, "United States"), ("DEU", 276, "Germany"))
    countries = [{"country": c, "iso2": c[:2], "iso_numeric": i, "name": n} for c, i, n in named]
    put(lake, "countries", [country | told for country in countries])
    put(lake, "prices", _prices(rng, list(zip(symbols, CLASSES, strict=True)), days, source))
    _macro(lake, rng, days, source)
    put(lake, "trade", trade_rows.flows([_at(day) for day in days], source))
    put(lake, "companies", company_rows.companies(start, source))
    put(lake, "fundamentals", company_rows.facts([_at(day) for day in days], source))
    put(lake, "filings", company_rows.filings([_at(day) for day in days], source))
    put(lake, "exposures", company_rows.places([_at(day) for day in days], source))
    put(lake, "fund_holdings", holding_rows.filings([_at(day) for day in days], source))
    put(lake, "series", curve_rows.series(source, start))
    put(lake, "macro", curve_rows.macro(source, days))
    put(
        lake,
        "events",
        [
            {
                "event_id": f"e{n}",
                "event_at": _at(days[n]),
                "precision": "minute",
                "kind": "crash",
                "title": f"=Event <b>{n}</b>",
                "known_at": _at(days[n]) + timedelta(minutes=5),
                "source": source,
            }
            for n in range(20, SESSIONS, 40)
        ],
    )
    keep_list(held, symbols[:3], start)
    draft_rows.keep_draft(held, _at(days[SESSIONS // 2]))
    note_rows.keep_notes(held, _at(days[SESSIONS // 2]))
    return held


def add_delisted(held: Settings) -> tuple[datetime, datetime]:
    """One more instrument, with a holiday of its own and an end: the evenings of both days."""
    lake = Lake(held.lake, workspace=held.workspace)
    days = _weekdays(last_day(), SESSIONS)
    holiday, last = days[320], days[380]
    gone = _instrument("demo:gone", "equity", _at(days[0]), "demo")
    put(
        lake,
        "prices",
        [
            row
            for row in _prices(random.Random(8), [("demo:gone", "equity")], days, "demo")
            if row["date"] <= last and row["date"] != holiday
        ],
    )
    end = gone | {"delisted_on": last, "known_at": _at(last) + timedelta(hours=1)}
    lake.upsert("instruments", rows("instruments", [gone, end]), publish_id="world-delisted")
    return _at(holiday), _at(last) + timedelta(hours=1)


def add_named(held: Settings) -> None:
    """Guyana, of which nothing else is known, and France, whose series are of `add_economy`."""
    start = _at(_weekdays(last_day(), SESSIONS)[0])
    named = [
        {"country": "FRA", "iso2": "FR", "iso_numeric": 250, "name": "France"},
        {"country": "GUY", "iso2": "GY", "iso_numeric": 328, "name": "Guyana"},
    ]
    given = [row | {"known_at": start, "source": "demo"} for row in named]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("countries", rows("countries", given), publish_id="world-named")


def add_economy(held: Settings) -> None:
    """Eleven years of monthly production, prices, jobs and a survey of one more country.

    Production is printed once more a month later; a swing of three years gives it regimes.
    """
    lake, rng = Lake(held.lake, workspace=held.workspace), random.Random(9)
    units = {
        "IP": "index",
        "CPIYOY": "percent, year on year",
        "UNEMP": "percent",
        "PMI": "diffusion index",
    }
    last = last_day().replace(day=1)
    periods = [last]
    while len(periods) < 132:
        before = periods[-1] - timedelta(days=1)
        periods.append(before.replace(day=1))
    periods = periods[:0:-1]  # the month under way is not printed yet
    start = _at(periods[0])
    put(
        lake,
        "series",
        [
            {
                "series_id": f"demo:{name}:FRA",
                "indicator": name,
                "title": f"France: {name}",
                "country": "FRA",
                "frequency": "monthly",
                "unit": unit,
                "adjustment": "sa",
                "dimension": "growth",
                "direction": 1,
                "timezone": "UTC",
                "known_at": start,
                "source": "demo",
            }
            for name, unit in units.items()
        ],
    )
    level, found = 100.0, []
    for number, period in enumerate(periods):
        swing = math.sin(number / 6) + (-2.0 if number % 50 > 40 else 0.0)
        level *= 1 + 0.002 + 0.003 * swing + rng.gauss(0, 0.0005)
        values = {
            "IP": level,
            "CPIYOY": 2 + math.sin(number / 9),
            "UNEMP": 6 - swing / 2,
            "PMI": 50 + 4 * swing + rng.gauss(0, 0.5),
        }
        for lag, (name, value) in enumerate(values.items(), 35):
            base = {
                "series_id": f"demo:{name}:FRA",
                "period": period,
                "unit": units[name],
                "is_forecast": False,
                "source": "demo",
            }
            known = _at(period) + timedelta(days=lag)
            found.append(base | {"value": value, "known_at": known})
            if name == "IP":
                again = {"value": value * 1.001, "known_at": known + timedelta(days=30)}
                found.append(base | again)
    put(lake, "macro", [row for row in found if row["known_at"] <= _at(last_day())])


def add_ticks(held: Settings, until: datetime, *, minutes: int = 12) -> None:
    """Trades of two coins, from some minutes before an instant to two minutes after it."""
    lake, start = Lake(held.lake, workspace=held.workspace), until - timedelta(minutes=minutes)
    rng, given = random.Random(5), []
    source = "demo" if held.is_demo else "test"
    for number in range((minutes + 2) * 120):
        at = start + timedelta(seconds=number / 2)
        for place, symbol in enumerate(("AAAUSD", "BBBUSD")):
            if number % 97 == 5 + place:
                continue  # a number that never comes
            given.append(
                {
                    "venue": "DEMOLIVE",
                    "symbol": f"{source}:{symbol}",
                    "event_at": at,
                    "trade_id": number,
                    "price": 100.0 * (place + 1) + rng.gauss(0, 0.1),
                    "size": 1.0 + number % 3,
                    "side": "buy" if number % 2 else "sell",
                    "known_at": at + timedelta(milliseconds=80),
                    "vintage_grade": "native",
                    "source": source,
                }
            )
    lake.append("ticks", pl.DataFrame(given), publish_id=f"ticks {until}")


def keep_list(held: Settings, symbols: list[str], since: datetime) -> None:
    """The list and the positions that the world has had from its first day on."""
    state = State.open(held.state)
    members = [watchlists.Member(symbols[0], 0.5, 10.0, ("core",), "=SUM(1) <b>bold</b>")]
    members += [watchlists.Member(symbol) for symbol in symbols[1:]]
    edit = Edit("world", since)
    watchlists.create(state, LIST, members, edit=edit)
    for symbol, quantity in zip(symbols, (10.0, -5.0, 2.5), strict=True):
        positions.enter(
            state, positions.Draft(BOOK, symbol, quantity, 99.5, "USD", since), edit=edit
        )
    _import(state, symbols[0], since)
    terms = rules.Terms(RULE, {"metric": "price", "trigger": 1.0, "symbols": symbols[:1]})
    rule = rules.create(state, terms, edit=edit)
    for days in (3, 60, 200):
        at = _at(last_day()) - timedelta(days=days)
        firing = alerts.Firing(
            rule.id,
            rule.version,
            f"world {days}",
            symbols[0],
            "price",
            at,
            1.0,
            101.5,
            context={"rule": RULE},
        )
        alert, _ = alerts.insert(state, firing, now=at)
        over = alerts.AlertChange(alert.id, "over", "normal", at + timedelta(minutes=3))
        alerts.change(state, over, now=over.known_at)
    state.close()


def _import(state: State, symbol: str, at: datetime, name: str = "before.csv") -> None:
    """One file of a purchase and a dividend, entered at an instant."""
    since = _at(last_day()) - timedelta(days=400)
    draft = positions.Draft(BOOK, symbol, 1.0, 98.0, "USD", since, import_key=f"buy {name}")
    paid = ledger.Booking("dividend", since, symbol, 0.5, "USD", key=f"paid {name}")
    content = imports.ImportContent([draft], bookings=[paid])
    imports.enter(state, imports.File(BOOK, name), content, edit=Edit("world", at))


def write_later(held: Settings, at: datetime) -> None:
    """What the team and the machine wrote down after every clock of the tests."""
    state, edit = State.open(held.state), Edit("world", at)
    symbol = f"{'demo' if held.is_demo else 'test'}:equity1"
    (found,) = (item for item in watchlists.listed(state, as_of=at) if item.name == LIST)
    watchlists.save(state, found.id, [watchlists.Member(symbol, 1.0)], edit=edit)
    watchlists.create(state, "Made later", [watchlists.Member(symbol)], edit=edit)
    long_ago = at - timedelta(days=300)
    positions.enter(state, positions.Draft(BOOK, symbol, 7.0, 50.0, "USD", long_ago), edit=edit)
    (known,) = imports.listed(state, BOOK, as_of=at)
    imports.undo(state, known.id, edit=edit)
    _import(state, symbol, at, "later.csv")
    (rule,) = rules.listed(state, as_of=at)
    terms = rules.Terms("Made later", {"metric": "price", "trigger": 2.0})
    rules.create(state, terms, edit=edit)
    for days in (35, 70, 210):
        firing = alerts.Firing(
            rule.id,
            rule.version,
            f"late {days}",
            symbol,
            "price",
            at - timedelta(days=days),
            1.0,
            99.0,
        )
        alerts.insert(state, firing, now=at)
    for known in alerts.known(state, as_of=at, limit=3):
        over = alerts.AlertChange(known.id, "told late", "no_data", known.firing.known_at)
        alerts.change(state, over, now=at)
    notes.write(state, long_ago, "noted later", symbols=(symbol,), edit=edit)
    state.close()
    draft_rows.write_later(held, at)
    note_rows.write_later(held, at)
    weights = "equities = { growth = -1.0, inflation = 1.0, policy = 1.0 }"
    (held.root / "bias.toml").write_text(
        f"[[version]]\nsince = {at.isoformat()}\n[version.assets]\n{weights}\n"
    )


def put(lake: Lake, name: str, given: list[dict[str, Any]]) -> None:
    """Publish rows given as dictionaries."""
    lake.upsert(name, rows(name, given), publish_id=f"world-{name}-{len(given)}")


def rows(name: str, given: list[dict[str, Any]]) -> pa.Table:
    """Rows in the columns of a dataset; what is not given is null."""
    dataset = DATASETS[name]
    left_out = {"ingested_at", "superseded_at", *dataset.derived}
    schema = pa.schema([column for column in dataset.schema if column.name not in left_out])
    return pa.Table.from_pylist([{"vintage_grade": "native"} | row for row in given], schema=schema)


def event_known(number: int) -> datetime:
    """When event `e<number>` became known."""
    return _at(_weekdays(last_day(), SESSIONS)[number]) + timedelta(minutes=5)


def _weekdays(last: date, count: int) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        if last.weekday() < 5:
            days.append(last)
        last -= timedelta(days=1)
    return days[::-1]


def _at(day: date) -> datetime:
    return datetime.combine(day, CLOSE)


def _instrument(symbol: str, kind: str, known: datetime, source: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "ticker": symbol.split(":")[1].upper(),
        "name": f"Invented {kind}",
        "asset_class": kind,
        "country": "USA",
        "currency": "USD",
        "known_at": known,
        "source": source,
    }


def _prices(
    rng: random.Random, listed: list[tuple[str, str]], days: list[date], source: str
) -> list[dict[str, Any]]:
    rows = []
    for symbol, kind in listed:
        close = 4.0 if kind == "rate" else 100.0
        for number, day in enumerate(days):
            close += rng.gauss(0, 0.01) * close
            bar = {
                "symbol": symbol,
                "asset_class": kind,
                "date": day,
                "open": close,
                "high": close,
                "low": close,
                "close": close,
                "volume": 1e6,
                "dividend": 0.0,
                "split_ratio": 1.0,
                "currency": "USD",
                "known_at": _at(day),
                "source": source,
            }
            rows.append(bar)
            if number % 97 == 3:  # a correction two days later
                rows.append(bar | {"close": close * 1.001, "known_at": _at(day) + timedelta(2)})
    return rows


def _macro(lake: Lake, rng: random.Random, days: list[date], source: str) -> None:
    series = [(f"{source}:{c}.CPI", c) for c in ("USA", "DEU")]
    start = _at(days[0])
    put(
        lake,
        "series",
        [
            {
                "series_id": s,
                "indicator": "CPI",
                "title": f"Consumer prices {c}",
                "country": c,
                "frequency": "monthly",
                "unit": "index",
                "adjustment": "sa",
                "dimension": "inflation",
                "direction": 1,
                "timezone": "UTC",
                "known_at": start,
                "source": source,
            }
            for s, c in series
        ],
    )
    firsts = sorted({day.replace(day=1) for day in days})
    values, releases = [], []
    for name, country in series:
        for number, period in enumerate(firsts):
            due = datetime.combine(period + timedelta(days=44), time(13, 30, tzinfo=UTC))
            value = 100 + number * 0.2 + rng.gauss(0, 0.05)
            base = {"series_id": name, "period": period, "unit": "index", "source": source}
            release = base | {
                "country": country,
                "title": f"CPI {country}",
                "scheduled_at": due,
                "precision": "minute",
                "importance": 3,
                "consensus": 100.0,
                "status": "scheduled",
                "known_at": due - timedelta(days=40),
            }
            releases.append(release)
            if due < _at(days[-1]) - timedelta(days=20):
                values.append(base | {"value": value, "is_forecast": False, "known_at": due})
                values.append(
                    base
                    | {
                        "value": value + 0.03,
                        "is_forecast": False,
                        "known_at": due + timedelta(days=30),
                    }
                )
                releases.append(release | {"status": "released", "actual": value, "known_at": due})
    put(lake, "macro", [row for row in values if row["known_at"] <= _at(days[-1])])
    put(lake, "releases", releases)
