"""Re-exports and re-imports are part of what is exported and imported: no analytic adds them up."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.core.catalogue import function_named, public
from data.lake import Lake
from data.query import Answer, At, Db
from tests.analytics.trade.flows_table import NOW, flow, month_flow, table

COUNTRIES = ("DEU", "FRA", "NLD", "USA", "CHN", "JPN", "ITA", "ESP")
GOODS = ("TOTAL", "01", "27", "72", "84", "87")
YEARS = (2020, 2021, 2022)
OTHERS = ("WLD", "XNS")
GIVEN: dict[str, Any] = {
    "country": "NLD",
    "partner": "DEU",
    "product": "84",
    "products": ["84", "27"],
    "exporters": ["CHN"],
    "other_exporters": ["USA"],
    "other_products": ["72"],
    "symbols": ["yahoo:IBM"],
    "year": 2022,
}


def world(chance: Random, *kinds: str) -> pl.DataFrame:
    """Every flow of the kinds between the countries, of random values."""
    return table(
        *(
            flow(
                reporter,
                partner,
                chance.uniform(1.0, 1000.0) * (8 if partner == "WLD" else 1),
                kind,
                product=goods,
                year=year,
                net_weight_kg=chance.uniform(1.0, 50.0),
            )
            for reporter in COUNTRIES
            for partner in (*COUNTRIES, *OTHERS)
            for goods in GOODS
            for year in YEARS
            for kind in kinds
        )
    )


def months(chance: Random, *kinds: str) -> pl.DataFrame:
    """The same of two months, a year apart."""
    return table(
        *(
            month_flow(reporter, partner, chance.uniform(1.0, 90.0), month, kind, product=goods)
            for reporter in COUNTRIES
            for partner in (*COUNTRIES, *OTHERS)
            for goods in GOODS[:4]
            for month in ("2021-05", "2022-05")
            for kind in kinds
        )
    )


def answers(at: At) -> dict[str, pl.DataFrame]:
    """Every analytic of trade, for one country in both directions where it has one; the
    gravity model, which reads the flows that `mirror_gaps` ranks, also wants distances."""
    found = {}
    for name, entry in public()["trade"].items():
        if name.startswith("gravity"):
            continue
        wanted = {parameter.name for parameter in entry.parameters}
        given = {key: value for key, value in GIVEN.items() if key in wanted}
        ask: Callable[..., Answer] = function_named(f"analytics.{name}")
        for direction in ("export", "import") if "flow" in wanted else ("",):
            more = {"flow": direction} if direction else {}
            found[f"{name} {direction}".strip()] = ask(at, **given, **more).frame
            if "month" in wanted:
                of_may = ask(at, **given | {"year": None, "month": "2022-05"}, **more).frame
                found[f"{name} {direction}".strip() + " in May"] = of_may
    return found


def without(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The lines that are not of re-exports themselves."""
    if name.startswith("trade_partners"):
        return frame.filter(pl.col("kind") != "re-export")
    if name.startswith("trade_totals"):
        return frame.filter(~pl.col("flow").str.starts_with("re-"))
    return frame


@pytest.mark.parametrize("seed", range(2))
def test_no_analytic_adds_re_exports_to_what_they_are_part_of(
    lake: Lake, db: Db, seed: int
) -> None:
    chance = Random(seed)
    lake.upsert("trade", world(chance, "export", "import"))
    lake.upsert("trade_months", months(chance, "export", "import"))
    before = answers(db.at(NOW))
    lake.upsert("trade", world(chance, "re-export", "re-import"))
    lake.upsert("trade_months", months(chance, "re-export", "re-import"))
    after = answers(db.at(NOW))
    assert before.keys() == after.keys()
    assert sum(frame.height > 0 for frame in before.values()) > 30
    for name, frame in before.items():
        assert_frame_equal(without(name, after[name]), frame, check_exact=False, rel_tol=1e-12)


def test_re_exports_stand_as_a_line_of_their_own(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            flow("NLD", "DEU", 100.0),
            flow("NLD", "WLD", 100.0),
            flow("NLD", "DEU", 40.0, "re-export"),
            flow("NLD", "WLD", 40.0, "re-export"),
            flow("NLD", "DEU", 9.0, "re-import"),
        ),
    )
    frame = answers(db.at(NOW))["trade_partners export"]
    assert frame.height == 0  # of product 84 nothing is known
    ask = function_named("analytics.trade_partners")
    found = {
        row["code"]: row["value_usd"] for row in ask(db.at(NOW), country="NLD").frame.to_dicts()
    }
    assert (found["DEU"], found["sum"], found["world"], found["difference"]) == (100, 100, 100, 0)
    assert found["again"] == 40
