"""Arguments for every public analytic, drawn from what a lake holds, the same for the same seed.

By the name of a parameter, so that a new analytic with familiar parameters is drawn for without a
further line; a name that is not known here is an error that says where to add it.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from analytics.core.catalogue import Analytic, Parameter
from data.clock import iso
from data.query import At
from tests.analytics.argument_sets import LIVE, TRADE

RULE = {
    "metric": "price",
    "side": "below",
    "trigger": 99.9,
    "rearm": 100.0,
    "hold_s": 0,
    "cooldown_s": 60,
}
TECHNICAL = [
    "sma",
    "ema_50",
    "rsi",
    "macd",
    "bollinger",
    "atr",
    "roc_10",
    "stochastic",
    "ulcer",
    "obv",
    "adx",
    "vwap",
    "beta",
    "distance",
    "crossing_5_20",
    "high_60",
    "low_60",
    "relative_strength",
]
STUDIES = (
    "event:crash",
    "event:rate_decision:USA",
    "surprise:CPI:USA:0.5",
    "drawdown:0.05",
    "fall:2",
    "rise:2",
)


@dataclass(frozen=True)
class Pools:
    """What arguments are drawn from: ids and words that stand in the lake."""

    symbols: list[str]
    live: list[str]
    series: dict[str, str]
    forecast: list[str]
    countries: list[str]
    indicators: list[str]
    currencies: list[str]
    words: list[str]
    datasets: list[str]
    traders: list[str] = field(default_factory=list)
    managers: list[str] = field(default_factory=list)
    goods: list[str] = field(default_factory=list)
    companies: list[str] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)


def pools(at: At) -> Pools:
    """The pools of a lake at a clock, each in an order of its own."""
    from data.datasets import DATASETS

    def column(sql: str) -> list[Any]:
        return at.sql(sql).frame.to_series(0).to_list()

    found = at.sql(
        "SELECT series_id, any_value(frequency ORDER BY source) AS frequency FROM series "
        "GROUP BY ALL ORDER BY 1"
    ).frame
    listed = "SELECT DISTINCT symbol FROM prices WHERE date > DATE '2024-01-01' ORDER BY 1"
    return Pools(
        symbols=column(listed),
        live=column("SELECT DISTINCT symbol FROM ticks ORDER BY 1"),
        series=dict(zip(found["series_id"], found["frequency"], strict=True)),
        forecast=column("SELECT DISTINCT series_id FROM macro WHERE is_forecast ORDER BY 1"),
        countries=column(
            "SELECT DISTINCT country FROM series WHERE country IS NOT NULL ORDER BY 1"
        ),
        indicators=column("SELECT DISTINCT indicator FROM series ORDER BY 1"),
        currencies=column("SELECT DISTINCT currency FROM prices ORDER BY 1"),
        words=column("SELECT DISTINCT ticker FROM instruments WHERE ticker IS NOT NULL ORDER BY 1"),
        datasets=sorted(DATASETS),
        traders=column("SELECT DISTINCT reporter FROM trade ORDER BY 1"),
        companies=column("SELECT DISTINCT company FROM companies ORDER BY 1"),
        managers=column("SELECT DISTINCT manager FROM fund_holdings ORDER BY 1"),
        goods=column("SELECT DISTINCT product FROM trade WHERE product <> 'TOTAL' ORDER BY 1"),
    )


def draw(analytic: Analytic, number: int, clock: datetime, held: Pools) -> dict[str, Any]:
    """The `number`-th arguments of an analytic at a clock; now and then without optional ones."""
    rng = random.Random(zlib.crc32(f"{analytic.name} {number} {iso(clock)}".encode()))
    given: dict[str, Any] = {}
    for parameter in analytic.parameters:
        if parameter.required or (number and rng.random() < 0.6):
            value = _draw(analytic, parameter, rng, clock, held)
            if value is not _LEFT_OUT:
                given[parameter.name] = value
    _match_frequencies(given, held)
    _match_trades(analytic, given, number, clock, held)
    return given


def _match_frequencies(given: dict[str, Any], held: Pools) -> None:
    """Give each series the frequency that it has."""
    if "frequencies" in given:
        given["series"] = given["series"][:4]
        given["frequencies"] = [held.series[name] for name in given["series"]]
    elif "frequency" in given and isinstance(given.get("series"), str):
        given["frequency"] = held.series[given["series"]]


def _match_trades(
    analytic: Analytic, given: dict[str, Any], number: int, clock: datetime, held: Pools
) -> None:
    """Ask for what trades live, over the minutes before the clock."""
    if analytic.name in LIVE and "symbols" in given:
        given["symbols"] = held.live[: 1 + number % 2]
    if given.get("scale") == "trades" or analytic.name in LIVE:
        for name, minutes in (("start", 9), ("end", 0)):
            if name in given:
                given[name] = clock - timedelta(minutes=minutes)


_LEFT_OUT = object()


def _draw(
    analytic: Analytic, parameter: Parameter, rng: random.Random, clock: datetime, held: Pools
) -> Any:
    special = _BY_ANALYTIC.get((analytic.name, parameter.name))
    if special:
        return special(rng, clock, held)
    if parameter.name not in _BY_NAME:
        raise AssertionError(
            f"{analytic.name} takes {parameter.name!r}, for which tests/analytics/arguments.py "
            "draws nothing; add a line to _BY_NAME there"
        )
    return _BY_NAME[parameter.name](rng, clock, held)


def _some(values: list[str], rng: random.Random, most: int = 5) -> list[str]:
    return sorted(rng.sample(values, min(len(values), rng.randint(2, most))))


def _back(rng: random.Random, clock: datetime, days: tuple[int, ...]) -> datetime:
    return clock - timedelta(days=rng.choice(days))


def _book(rng: random.Random, clock: datetime, held: Pools) -> str:
    """Some purchases and a short sale of the years before the clock, one partly sold again."""
    trades = [
        {
            "symbol": symbol,
            "currency": rng.choice(["USD", "EUR"]),
            "quantity": rng.choice([10.0, 25.0, -2.0]),
            "price": rng.choice([50.0, 99.5]),
            "fee": 1.0,
            "day": _back(rng, clock, (20, 90, 400)).date().isoformat(),
            "closings": [[1.0, 98.0, 0.5, _back(rng, clock, (1, 10)).date().isoformat()]],
        }
        for symbol in _some(held.symbols, rng)
    ]
    paid = [["dividend", None, _back(rng, clock, (5,)).date().isoformat(), 3.5, "USD"]]
    return json.dumps({"trades": trades, "income": paid})


def _quarter(clock: datetime, days: int) -> date:
    """The last quarter's end up to some days before a clock."""
    day = (clock - timedelta(days=days)).date()
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


Draw = Callable[[random.Random, datetime, Pools], Any]
_BY_NAME: Mapping[str, Draw] = {
    "symbol": lambda rng, clock, held: rng.choice(held.symbols),
    "other": lambda rng, clock, held: rng.choice(held.symbols),
    "symbols": lambda rng, clock, held: _some(held.symbols, rng),
    "company": lambda rng, clock, held: rng.choice(held.companies),
    "companies": lambda rng, clock, held: rng.choice([None, _some(held.companies, rng)]),
    "period": lambda rng, clock, held: rng.choice(["annual", "quarter", "ttm"]),
    "statement": lambda rng, clock, held: rng.choice(["income", "balance", "cash", None]),
    "others": lambda rng, clock, held: [*_some(held.symbols, rng), f"={_formula(rng, held)}"],
    "items": lambda rng, clock, held: [*_some(held.symbols, rng), *_some(list(held.series), rng)],
    "days": lambda rng, clock, held: rng.choice([7, 30, 400]),
    "indicators": lambda rng, clock, held: _some(TECHNICAL, rng),
    "text": lambda rng, clock, held: _formula(rng, held),
    "texts": lambda rng, clock, held: [_formula(rng, held) for _ in range(3)],
    "benchmark": lambda rng, clock, held: rng.choice(held.symbols),
    "series": lambda rng, clock, held: rng.choice(list(held.series)),
    "country": lambda rng, clock, held: rng.choice(held.countries),
    "countries": lambda rng, clock, held: _some(held.countries, rng),
    "indicator": lambda rng, clock, held: rng.choice(held.indicators),
    "growth": lambda rng, clock, held: ["IP", "GDP", "PMI"],
    "prices": lambda rng, clock, held: ["CPIYOY", "CPI"],
    "dimension": lambda rng, clock, held: rng.choice(["growth", "inflation", "labour", "policy"]),
    "currency": lambda rng, clock, held: rng.choice(held.currencies),
    "currencies": lambda rng, clock, held: ["USD", *_some(held.currencies, rng)],
    "book": _book,
    "base": lambda rng, clock, held: rng.choice(["USD", "EUR"]),
    "since": lambda rng, clock, held: _back(rng, clock, (30, 200, 900)).date(),
    "until": lambda rng, clock, held: _back(rng, clock, (0, 3)).date(),
    "start": lambda rng, clock, held: _back(rng, clock, (9, 40)),
    "end": lambda rng, clock, held: clock,
    "before": lambda rng, clock, held: rng.choice([3, 5]),
    "after": lambda rng, clock, held: rng.choice([5, 10]),
    "moment": lambda rng, clock, held: _back(rng, clock, (1, 7, 31)),
    "moments": lambda rng, clock, held: [_back(rng, clock, (1, 5, 40, 300)) for _ in range(4)],
    "universe": lambda rng, clock, held: rng.choice(
        ["class:equity", "class:fx", "country:USA", ""]
    ),
    "asset_class": lambda rng, clock, held: rng.choice(["equity", "fx", None]),
    "sessions": lambda rng, clock, held: rng.choice([1, 5, 21, 63]),
    "window": lambda rng, clock, held: rng.choice([20, 60]),
    "fresh_days": lambda rng, clock, held: rng.choice([5, 10]),
    "months": lambda rng, clock, held: rng.choice([3, 24]),
    "minutes": lambda rng, clock, held: rng.choice([1, 5]),
    "within_days": lambda rng, clock, held: rng.choice([30, 400]),
    "back": lambda rng, clock, held: rng.choice([2, 30]),
    "ahead": lambda rng, clock, held: rng.choice([2, 30]),
    "importance": lambda rng, clock, held: rng.choice([1, 2, 3]),
    "top": lambda rng, clock, held: rng.choice([5, 50]),
    "each": lambda rng, clock, held: rng.choice([5, 50]),
    "count": lambda rng, clock, held: rng.choice([5, 60]),
    "seed": lambda rng, clock, held: rng.choice([1, 7]),
    "fall": lambda rng, clock, held: 0.01,
    "before_s": lambda rng, clock, held: 120.0,
    "hold_s": lambda rng, clock, held: 1.0,
    "cooldown_s": lambda rng, clock, held: 30.0,
    "rearm": lambda rng, clock, held: None,
    "side": lambda rng, clock, held: "above",
    "metric": lambda rng, clock, held: "price",
    "trigger": lambda rng, clock, held: 99.9,
    "definition": lambda rng, clock, held: json.dumps(RULE),
    "rules": lambda rng, clock, held: json.dumps(
        [{"id": 1, "name": "r", "version": 1, "definition": RULE}]
    ),
    "of": lambda rng, clock, held: rng.choice(STUDIES),
    "by": lambda rng, clock, held: rng.choice(["sigmas", "turnover", "gap"]),
    "measure": lambda rng, clock, held: rng.choice(["level", "growth", "year"]),
    "align": lambda rng, clock, held: rng.choice(["own", "quarterly", "yearly"]),
    "scale": lambda rng, clock, held: "days",
    "curve": lambda rng, clock, held: rng.choice(["us", "us-real", "euro"]),
    "dates": lambda rng, clock, held: [
        _back(rng, clock, (days,)).date().isoformat() for days in (7, 31, 366)
    ],
    "step": lambda rng, clock, held: rng.choice(["week", "month"]),
    "asset": lambda rng, clock, held: rng.choice(["equities", "gold", "own currency"]),
    "frequency": lambda rng, clock, held: "monthly",
    "frequencies": lambda rng, clock, held: ["monthly"],
    "word": lambda rng, clock, held: rng.choice(["con", "a", held.words[0]]),
    "words": lambda rng, clock, held: _some(held.words, rng),
    "dataset": lambda rng, clock, held: rng.choice(held.datasets),
    "wanted": lambda rng, clock, held: _LEFT_OUT,
    "year": lambda rng, clock, held: clock.year - rng.choice([1, 2, 4]),
    "manager": lambda rng, clock, held: rng.choice(held.managers),
    "rival": lambda rng, clock, held: rng.choice(held.managers),
    "quarter": lambda rng, clock, held: rng.choice([None, _quarter(clock, rng.choice([1, 200]))]),
    "month": lambda rng, clock, held: rng.choice([None, f"{_back(rng, clock, (90, 400)):%Y-%m}"]),
    "flow": lambda rng, clock, held: rng.choice(["export", "import"]),
    "product": lambda rng, clock, held: rng.choice(["TOTAL", *held.goods]),
    "products": lambda rng, clock, held: _some(held.goods, rng),
    "partner": lambda rng, clock, held: rng.choice(held.traders),
    "exporters": lambda rng, clock, held: _some(held.traders, rng, 2),
    "other_products": lambda rng, clock, held: _some(held.goods, rng),
    "other_exporters": lambda rng, clock, held: _some(held.traders, rng, 2),
    "other_cut": lambda rng, clock, held: rng.choice([0.5, 1.0]),
    "other_year": lambda rng, clock, held: clock.year - rng.choice([1, 2, 4]),
    "level": lambda rng, clock, held: 2,
    "cut": lambda rng, clock, held: rng.choice([0.5, 1.0]),
    "fixed_effects": lambda rng, clock, held: True,
    "weekly": lambda rng, clock, held: rng.random() < 0.5,
    "demand": lambda rng, clock, held: rng.choice(["USA:-10", "DEU:-5;USA:3"]),
    "elasticity": lambda rng, clock, held: rng.choice([0.5, 1.0]),
    "margin": lambda rng, clock, held: rng.choice([None, 0.3]),
    "edits": lambda rng, clock, held: json.dumps(
        {"revenue_change": rng.choice([-1e6, 1e7]), "new_debt": rng.choice([0.0, 5e7])}
        | {"rate": 0.05, "buyback": rng.choice([0.0, 1e5])}
    ),
    "other_company": lambda rng, clock, held: rng.choice(held.companies),
    "other_edits": lambda rng, clock, held: json.dumps({"dividend": rng.choice([0.0, 1e6])}),
    "rate_step": lambda rng, clock, held: rng.choice([0.005, 0.01]),
    "revenue_step": lambda rng, clock, held: rng.choice([0.05, 0.10]),
    "steps": lambda rng, clock, held: rng.choice([1, 2]),
    "leases": lambda rng, clock, held: rng.random() < 0.5,
    "shrunk": lambda rng, clock, held: rng.random() < 0.5,
    "yearly": lambda rng, clock, held: rng.random() < 0.5,
    "robust": lambda rng, clock, held: rng.random() < 0.5,
    "common": lambda rng, clock, held: rng.random() < 0.5,
    "carried": lambda rng, clock, held: rng.random() < 0.5,
}


def _formula(rng: random.Random, held: Pools) -> str:
    """One of several kinds; what does not go together in the lake is refused in a sentence."""
    one, other = (f'"{name}"' for name in rng.sample(held.symbols, 2))
    series, second = (f'"{name}"' for name in rng.sample(list(held.series), 2))
    return rng.choice(
        [
            f"index({one}) - index({other})",
            f"sma({one}, 20) / lag({one}, 5)",
            f"yoy({series})",
            f"yoy({series}) - yoy({second})",
            f"{one} * yoy({series})",
            f"log({one}) / sma({series}, 3) - {second}",
        ]
    )


def _series(rng: random.Random, clock: datetime, held: Pools) -> list[str]:
    return _some(list(held.series), rng)


def _instant_back(rng: random.Random, clock: datetime, held: Pools) -> datetime:
    return _back(rng, clock, (7, 31, 200))


def _rule_on_closes(rng: random.Random, clock: datetime, held: Pools) -> str:
    """One of what rules watch of closes, with a trigger that is often met, or a formula."""
    metric, side, trigger = rng.choice(
        [
            ("daily_move", "below", -0.005),
            ("heat", "above", 1.0),
            ("from_high", "above", -0.01),
            ("from_low", "below", 0.01),
            ("formula", "above", 0.0),
        ]
    )
    rule = {"metric": metric, "side": side, "trigger": trigger, "cooldown_s": 86_400}
    one, other = (f'"{name}"' for name in rng.sample(held.symbols, 2))
    formula = {"symbols": [f"={one}/{other}"]} if metric == "formula" else {}
    return json.dumps({**rule, **formula})


_BY_ANALYTIC: Mapping[tuple[str, str], Draw] = {
    ("macro_impact", "currencies"): lambda rng, clock, held: rng.choice(["EUR:-8", "USD:5"]),
    ("share_sensitivity", "weeks"): lambda rng, clock, held: rng.choice([104, 156]),
    ("share_sensitivity", "market"): lambda rng, clock, held: rng.choice(["", held.symbols[0]]),
    ("macro_impact_places", "currencies"): lambda rng, clock, held: "EUR:-8",
    ("macro_impact", "universe"): lambda rng, clock, held: rng.choice(["sector:Energy", ""]),
    ("company_screen", "universe"): lambda rng, clock, held: rng.choice(
        ["sector:Energy", "country:USA;currency:USD", "pe:5..60;return_3m:-0.2..", ""]
    ),
    ("company_table", "order"): lambda rng, clock, held: rng.choice(["pe", "return_3m"]),
    ("company_table", "lowest_first"): lambda rng, clock, held: rng.choice([True, False]),
    ("company_table", "universe"): lambda rng, clock, held: rng.choice(
        ["place:USA:0.1..", "volatility:..0.4;revenue_usd:1e8..", ""]
    ),
    ("company_filings", "form"): lambda rng, clock, held: rng.choice(["", "10-K", "8-K"]),
    ("company_filings", "item"): lambda rng, clock, held: rng.choice(["", "2.02"]),
    ("companies_calendar", "companies"): lambda rng, clock, held: _some(held.companies, rng),
    ("close_rule_record", "definition"): _rule_on_closes,
    ("close_rule_record", "symbols"): lambda rng, clock, held: rng.choice(
        [None, _some(held.symbols, rng)]
    ),
    ("recession_months", "country"): lambda rng, clock, held: "USA",
    **{
        (name, "series"): _series
        for name in (
            "countries_compared",
            "side_by_side",
            "latest",
            "prices_with_macro",
            "release_periods",
        )
    },
    **{
        (name, "since"): _instant_back
        for name in (
            "bias_history",
            "knowledge_diff",
            "releases_as_known",
            "scored_releases",
            "surprise_history",
            "surprises",
            "surprises_since",
        )
    },
    ("forecasts", "series"): lambda rng, clock, held: rng.choice(held.forecast),
    ("regime_scores", "country"): lambda rng, clock, held: "USA",
    ("dataset_history", "dataset"): lambda rng, clock, held: "prices",
    ("dataset_history", "wanted"): lambda rng, clock, held: rng.choice(held.symbols),
    ("splits", "symbols"): lambda rng, clock, held: held.symbols,
    ("last_trades", "before"): lambda rng, clock, held: clock,
    ("ohlc", "start"): lambda rng, clock, held: clock - timedelta(minutes=14),
    ("latest_by_country", "indicators"): lambda rng, clock, held: _some(held.indicators, rng),
    **{
        (name, "symbols"): lambda rng, clock, held: [
            *_some(held.symbols, rng),
            *(f"={_formula(rng, held)}" for _ in range(rng.choice([0, 2]))),
        ]
        for name in ("closing_hours", "correlation_map")
    },
    ("correlation", "symbols"): lambda rng, clock, held: [
        *_some(held.symbols, rng),
        *([f'=index("{held.symbols[0]}")'] if rng.random() < 0.5 else []),
    ],
    ("shock_outcome", "after"): lambda rng, clock, held: rng.choice([1, 2]),
    ("mirror_gaps", "by"): lambda rng, clock, held: rng.choice(["amount", "gap"]),
    ("trade_alternatives", "product"): lambda rng, clock, held: rng.choice(held.goods),
    **{
        (name, "country"): lambda rng, clock, held: held.traders[0]
        for name in (
            "export_similarity",
            "gravity_residuals",
            "revealed_advantage",
            "trade_intensity",
        )
    },
    **{
        (name, side): lambda rng, clock, held, at=at: held.traders[at]
        for name in ("trade_pair", "trade_ties")
        for at, side in enumerate(("country", "partner"))
    },
    **{
        (name, "country"): lambda rng, clock, held: rng.choice([*held.traders, "EU"])
        for name in TRADE
    },
    ("movers", "by"): lambda rng, clock, held: rng.choice(["sigmas", "move", "gap", "turnover"]),
}
