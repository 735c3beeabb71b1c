"""More trade of the small world: Italy's reports, its suppliers', and what stands beside them.

Of machines (84) all suppliers are named. Of fuels (27) Russia, the main one, is missing in the last
year: Italy states 100 for the World and names four suppliers of 10 each.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from data.lake import Lake
from data.settings import Settings
from tests.analytics.trade.flows_table import flow, table
from tests.pages import world

LAST = world.last_day().year - 2
FIRST = LAST - 4
PUBLISHED = datetime(LAST + 1, 6, 1, tzinfo=UTC)
MONEY = {
    "DEU": ("Germany", "EUR"),
    "ITA": ("Italy", "EUR"),
    "USA": ("United States", "USD"),
    "FRA": ("France", "EUR"),
    "CHN": ("China", "CNY"),
    "RUS": ("Russia", "RUB"),
    "NOR": ("Norway", "NOK"),
    "KAZ": ("Kazakhstan", "KZT"),
    "GBR": ("United Kingdom", "GBP"),
}
MILLION = 1e6


def add_trade(held: Settings) -> None:
    """Reports of trade of five years, exchange and policy rates, and the price of an oil."""
    lake = Lake(held.lake, workspace=held.workspace)
    long_ago = datetime(FIRST - 1, 1, 1, tzinfo=UTC)
    _put(
        lake,
        "countries",
        [
            {
                "country": code,
                "iso2": code[:2],
                "iso_numeric": number,
                "name": name,
                "currency": money,
                "known_at": world.event_known(1),  # after the world named two of them
                "source": "demo",
            }
            for number, (code, (name, money)) in enumerate(MONEY.items(), 1)
        ],
    )
    lake.upsert("trade", table(*_reports()))
    _rates(lake, long_ago)
    _oil(lake)


def _put(lake: Lake, name: str, given: list[dict[str, Any]]) -> None:
    """As `world.put`, under publications of this module."""
    publication = f"trade-{name}-{given[0]['known_at']}"
    lake.upsert(name, world.rows(name, given), publish_id=publication)


def _row(reporter: str, partner: str, value: float, kind: str, **more: Any) -> dict[str, Any]:
    year = more.get("year", LAST)
    given = {"classification": "HS2022" if year >= LAST - 2 else "HS2017", "source": "demo"} | more
    return flow(reporter, partner, value * MILLION, kind, **{"year": year} | given)


def _reports() -> list[dict[str, Any]]:
    rows = []
    for year in range(FIRST, LAST + 1):
        size = 1.0 + 0.1 * (year - FIRST)
        for partner, sold, bought in (("USA", 50.0, 30.0), ("FRA", 60.0, 80.0)):
            rows.append(_row("ITA", partner, sold * size, "export", year=year))
            rows.append(_row("ITA", partner, bought * size, "import", year=year))
        rows.append(_row("ITA", "WLD", 300.0 * size, "export", year=year))
        rows.append(_row("ITA", "WLD", 400.0 * size, "import", year=year))
        for code, price in (("84", 10.0), ("27", 1.0)):
            for kind in ("export", "import"):
                amount = {"year": year, "product": code, "net_weight_kg": 5.0 * MILLION}
                rows.append(_row("ITA", "FRA", price * 5.0 * size, kind, **amount))
                rows.append(_row("ITA", "WLD", 150.0 * size, kind, year=year, product=code))
        rows.append(_row("USA", "ITA", 29.0 * size, "export", year=year))
    return [row for row in rows if not _is_supply(row)] + _supply()


def _is_supply(row: dict[str, Any]) -> bool:
    """What the last year's purchases state by themselves."""
    return bool(row["flow"] == "import" and row["product"] != "TOTAL" and row["year"] == LAST)


def _supply() -> list[dict[str, Any]]:
    named = {
        "84": {"CHN": 60.0, "FRA": 30.0, "USA": 10.0, "WLD": 100.0},
        "27": {"NOR": 10.0, "USA": 10.0, "KAZ": 10.0, "GBR": 10.0, "WLD": 100.0},
    }
    rows = [
        _row("ITA", code, value, "import", product=product, net_weight_kg=value * MILLION)
        for product, suppliers in named.items()
        for code, value in suppliers.items()
    ]
    for year, amount in ((LAST - 1, 90.0), (LAST, 80.0)):
        fields = {"product": "84", "year": year, "net_weight_kg": amount * MILLION / 2}
        rows.append(_row("CHN", "ITA", amount, "export", **fields))
    for buyer, value in (("DEU", 50.0), ("FRA", 10.0)):  # all from one country
        rows += [_row(buyer, code, value, "import", product="29") for code in ("CHN", "WLD")]
    return [*rows, _row("ITA", "RUS", 60.0, "import", product="27", year=LAST - 1)]


def _rates(lake: Lake, known: datetime) -> None:
    days = [date(year, month, 15) for year in range(FIRST, LAST + 1) for month in (3, 6, 9)]
    bar = {"symbol": "demo:EURUSD", "asset_class": "fx", "currency": "USD", "source": "demo"}
    _put(
        lake,
        "prices",
        [
            bar
            | {
                "date": day,
                **dict.fromkeys(("open", "high", "low", "close"), 1.1 + 0.01 * (day.year - FIRST)),
                "known_at": datetime(day.year, day.month, 16, tzinfo=UTC),
            }
            for day in days
        ],
    )
    names = {code: f"demo:POLICY:{code}" for code in ("ITA", "USA")}
    _put(
        lake,
        "series",
        [
            {
                "series_id": series,
                "indicator": "POLICY",
                "title": f"Policy rate {code}",
                "country": code,
                "frequency": "monthly",
                "unit": "percent",
                "adjustment": "nsa",
                "dimension": "policy",
                "direction": 1,
                "timezone": "UTC",
                "known_at": known,
                "source": "demo",
            }
            for code, series in names.items()
        ],
    )
    _put(
        lake,
        "macro",
        [
            {
                "series_id": series,
                "period": date(year, 12, 1),
                "value": float(year - FIRST) + place,
                "unit": "percent",
                "is_forecast": False,
                "known_at": datetime(year, 12, 20, tzinfo=UTC),
                "source": "demo",
            }
            for place, series in enumerate(names.values())
            for year in range(FIRST, LAST + 1)
        ],
    )


def _oil(lake: Lake) -> None:
    """A quarter dearer than a year and a half ago, up to the last session."""
    oil = {"symbol": "demo:OIL", "asset_class": "commodity", "currency": "USD", "source": "demo"}
    start = datetime(FIRST - 1, 1, 1, tzinfo=UTC)
    about = {"ticker": "OIL", "name": "Oil", "sector": "Energy", "known_at": start}
    _put(lake, "instruments", [oil | about])
    last = world.last_day()
    _put(
        lake,
        "prices",
        [
            oil
            | {
                "date": day,
                **dict.fromkeys(("open", "high", "low", "close"), price),
                "known_at": datetime(day.year, day.month, day.day, 22, tzinfo=UTC),
            }
            for day, price in ((last - timedelta(days=366), 80.0), (last, 100.0))
        ],
    )
