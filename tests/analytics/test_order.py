"""Every analytic has a total order: it answers alike however its rows lie and threads run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.core.catalogue import Analytic, catalogue
from analytics.core.query_texts import query_text
from data.query import Db
from tests import tiers
from tests.demo_fixture import DemoLake
from tests.reorder import rewrite

DAYS, COINS = ["demo:EURUSD", "demo:GOLD-N"], ["demo:BITFUSD", "demo:ETHEUSD"]
SHARES = ["demo:IMRR", "demo:FIRF"]  # of which managers file what they hold
OF_SHARES = {"fund_holders", "holder_history", "holding_crowding", "portfolio_overlap"}
# What is asked of trades; the demo world has those of coins alone.
OF_TRADES = {
    "last_trades",
    "live_metrics",
    "rule_record",
    "rule_rehearsal",
    "rule_replay",
    "window_points",
}
OF_CLOSES = {"metric": "daily_move", "side": "above", "trigger": 0.001}
RULE = {"metric": "price", "symbols": COINS, "trigger": 0.0, "side": "above", "rearm": -1.0}


@pytest.fixture(scope="module")
def readers(
    demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Db]]:
    """The same facts as they were written and in another order, by one thread and by four."""
    folder = tmp_path_factory.mktemp("order")
    lake = demo_lake.settings.lake
    lakes = {
        "written": rewrite(lake, folder / "written", seed=None),
        "mixed": rewrite(lake, folder / "mixed", seed=5),
    }
    found = {
        f"{name}, {threads} threads": Db(root, memory_limit_mb=700, threads=threads)
        for name, root in lakes.items()
        for threads in (1, 4)
    }
    yield found
    for db in found.values():
        db.close()


def bought(symbol: str, end: datetime) -> dict[str, Any]:
    """A lot of a portfolio, bought two years before the end."""
    day = (end - timedelta(days=700)).date().isoformat()
    return {"symbol": symbol, "currency": "USD", "quantity": 10.0, "price": 1.5, "day": day}


def asked(one: Analytic, end: datetime) -> dict[str, Any]:
    """Parameters for which there is something to answer; the optional ones stay as they are."""
    minutes = end - timedelta(minutes=15)
    given: dict[str, Any] = {
        "symbols": SHARES if one.name in OF_SHARES else COINS if one.name in OF_TRADES else DAYS,
        "symbol": SHARES[0] if one.name in OF_SHARES else DAYS[0],
        "other": DAYS[1],
        "others": [DAYS[1], f"={DAYS[0]}/2", "=yoy(USA CPI)", "=nobody"],
        "text": f"sma({DAYS[0]}, 20) * yoy(USA CPI)",
        "texts": [f"sma({DAYS[0]}, 20) * yoy(USA CPI)", f"{DAYS[0]}/2", "nobody"],
        "indicators": ["sma", "rsi", "macd", "adx", "vwap"],
        "series": ["demo:CPI:USA", "demo:IP:USA"],
        "frequencies": ["monthly", "monthly"],
        "country": "USA",
        "indicator": "CPI",
        "partner": "JPN",
        "product": "85",
        "products": ["27", "85"],
        "exporters": ["CHN", "DEU"],
        "other_exporters": ["DEU"],
        "other_products": ["27"],
        "company": "demo:co-0007",
        "demand": "DEU:-10;USA:5",
        "curve": "us",
        "dataset": "macro",
        "of": "event:rate_decision:USA",
        "word": "a",
        "words": ["gold", DAYS[0]],
        "currencies": ["USD", "USD"],
        "growth": ["IP"],
        "prices": ["CPI"],
        "metric": "price",
        "trigger": 0.0,
        "definition": json.dumps(RULE),
        "rules": "[]",
        "book": json.dumps({"trades": [bought(symbol, end) for symbol in DAYS]}),
        "manager": "demo:mgr-003",
        "rival": "demo:mgr-001",
        "moment": end - timedelta(days=30),
        "moments": [end - timedelta(days=n) for n in (10, 40, 400)],
        "before": end,
        "end": end,
        "since": end - timedelta(days=700),
        "start": end - timedelta(days=60) if one.name.startswith("replay") else minutes,
    }
    if one.name == "dataset_history":
        return {"dataset": "prices", "wanted": DAYS[0]}
    if one.name == "prices_with_macro":
        return {"series": given["series"], "since": given["since"].date()}
    if one.name == "close_rule_record":
        return {"definition": json.dumps(OF_CLOSES), "since": given["since"].date()}
    found = {p.name: given[p.name] for p in one.parameters if p.required}
    if one.name in ("correlation", "correlation_map"):
        found["symbols"] = [*DAYS, f"=index({DAYS[0]}) - index({DAYS[1]})"]
    for parameter in one.parameters:
        if parameter.name == "series" and parameter.kind == "str" and parameter.required:
            found["series"] = "demo:CPI:USA"
        if parameter.name == "since" and parameter.kind == "date" and parameter.required:
            found["since"] = given["since"].date()
    return found


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether all is alike, in this order. Engines add doubles in the order in which threads bring
    them, which moves the last bits: the twelfth digit is where a number counts as another."""
    try:
        assert_frame_equal(one, other, check_exact=False, rel_tol=1e-12, abs_tol=1e-12)
    except AssertionError:
        return False
    return True


def test_every_analytic_answers_alike_in_any_order(
    readers: dict[str, Db], demo_lake: DemoLake
) -> None:
    end, differing, empty = demo_lake.spec.end, [], []
    names = tiers.daily(list(catalogue()), 10, "tests/analytics/test_order.py, analytics")
    for name in names:
        one = catalogue()[name]
        frames = {
            words: one.call(db.at(end), **asked(one, end)).frame for words, db in readers.items()
        }
        first, *others = frames.items()
        differing += [f"{name}: {words}" for words, frame in others if not same(frame, first[1])]
        if first[1].is_empty():
            empty.append(name)
    assert differing == []
    # Nothing has been compared where nothing came back.
    assert len(empty) <= min(10, len(names) / 2), empty


def test_a_query_without_its_order_is_found(readers: dict[str, Db], demo_lake: DemoLake) -> None:
    text = query_text("latest")
    assert "ORDER BY" in text
    loose = text[: text.index("ORDER BY")]
    first, *others = (
        db.at(demo_lake.spec.end).sql(loose, series=None, since=date(1700, 1, 1)).frame
        for db in readers.values()
    )
    assert not all(same(frame, first) for frame in others)
