"""Currencies against each other, and the bias at three memories, by the scores they come from."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from analytics.macro.bias import bias
from analytics.macro.bias_views import HORIZONS, bias_horizons, currency_bias
from analytics.macro.surprises import surprises
from data.lake import Lake
from data.query import At, Db
from tests.analytics.test_surprises import keep, noon, release

STEPS = [1.0, -1.0, 2.0, -1.0, 1.0, 2.0, -3.0, 0.5, 2.0]


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    """Jobs of four countries, two of which share a currency."""
    for place, country in enumerate(("USA", "DEU", "FRA", "JPN")):
        keep(
            lake,
            *(
                release(
                    20 * n + place,
                    100 + (place + 1) * s * (-1) ** place,
                    100.0,
                    f"s:{country}",
                    country=country,
                )
                for n, s in enumerate(STEPS)
            ),
            country=country,
        )
    lake.upsert(
        "countries",
        pl.DataFrame(
            [
                {
                    "country": code,
                    "name": code,
                    "region": "R",
                    "income_group": None,
                    "currency": money,
                    "known_at": noon(-30),
                    "vintage_grade": "native",
                    "source": "office",
                }
                for code, money in (("USA", "USD"), ("DEU", "EUR"), ("FRA", "EUR"), ("JPN", "JPY"))
            ]
        ),
    )
    return db.at(noon(170))


def test_a_pair_is_the_base_less_the_quote(at: At) -> None:
    score = dict(bias(at).frame.filter(asset="currency").select("country", "score").iter_rows())
    found = currency_bias(at, country="DEU").frame
    assert dict(found.select("pair", "score").iter_rows()) == {
        "EUR/USD": pytest.approx(score["DEU"] - score["USA"]),
        "EUR/JPY": pytest.approx(score["DEU"] - score["JPN"]),
    }  # France has the same money
    turned = currency_bias(at, country="USA").frame.filter(country="DEU")
    assert turned["score"].item() == pytest.approx(score["USA"] - score["DEU"])
    assert found["score"].is_sorted(descending=True)
    assert currency_bias(at, country="XXX").frame.is_empty()


def test_a_side_without_enough_leaves_the_pair_without_a_word(at: At, lake: Lake, db: Db) -> None:
    assert "insufficient" not in currency_bias(at, country="DEU").frame["label"].to_list()
    keep(
        lake,
        *(release(150 + n, None, 1.0, "s:JPN", country="JPN") for n in range(12)),
        country="JPN",
    )
    found = dict(
        currency_bias(db.at(noon(170)), country="DEU").frame.select("pair", "label").rows()
    )
    assert found["EUR/JPY"] == "insufficient"
    assert found["EUR/USD"] != "insufficient"


def test_the_month_is_the_bias_and_a_week_forgets_sooner(at: At, db: Db) -> None:
    horizons = bias_horizons(at, country="USA").frame
    scores = bias(at, countries=["USA"]).frame
    both = horizons.join(scores, on="asset")
    assert both["month"].to_list() == pytest.approx(both["score"].to_list())
    held = surprises(at, countries=["USA"]).frame.drop_nulls("z")
    recent = held.filter(pl.col("released_at") > at.as_of - timedelta(days=21))
    assert recent.height == 1  # a week halves itself thrice in 21 days
    z = max(-4.0, min(4.0, recent["z"].item()))
    row = horizons.row(by_predicate=pl.col("asset") == "equities", named=True)
    assert row["week"] == pytest.approx(25 * z / 6)
    assert set(horizons.columns) == {"asset", *HORIZONS}
    late = bias_horizons(db.at(noon(170 + 30)), country="USA").frame
    assert late["week"].null_count() == late.height
    assert late["month"].null_count() == 0
    assert bias_horizons(at, country="XXX").frame.is_empty()
    long_after = bias_horizons(db.at(noon(1_500)), country="USA").frame
    assert long_after.columns == horizons.columns
    assert long_after["asset"].equals(horizons["asset"])
    assert long_after["quarter"].null_count() == long_after.height
