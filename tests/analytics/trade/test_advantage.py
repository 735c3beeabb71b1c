"""Baskets of exports by hand and on the world of 1998 to 2000, against values from elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.trade.advantage import (
    economic_complexity,
    export_similarity,
    intra_industry,
    revealed_advantage,
    trade_intensity,
)
from analytics.trade.baskets import Baskets, advantage, complexity, is_small, similarity, symmetric
from analytics.trade.concentration import hhi, spread, word
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, table


@pytest.fixture(scope="module")
def world(shared: Path) -> pl.DataFrame:
    file = pl.read_csv(
        shared / "real" / "trade_sitc2_1998_2000.csv", schema_overrides={"product": pl.String}
    )
    return file.select(pl.col("country").str.to_uppercase().alias("reporter"), "product", "value")


def test_advantage_in_the_world_of_the_nineties(world: pl.DataFrame) -> None:
    baskets = Baskets.of(world)
    rca = advantage(baskets.values)

    def of(country: str, product: str) -> float:
        row, column = baskets.countries.index(country), baskets.products.index(product)
        return float(rca[row, column])

    assert of("DEU", "78") == pytest.approx(3.142361, abs=5e-7)
    assert of("SAU", "33") == pytest.approx(4.072806, abs=5e-7)
    found = world.group_by("reporter").agg(hhi("value").alias("hhi"))
    spreads = dict(found.iter_rows())
    assert spreads["DEU"] == pytest.approx(0.0474454, abs=5e-8)
    assert spreads["SAU"] == pytest.approx(0.5328240, abs=5e-8)


def test_the_same_world_through_the_lake(lake: Lake, db: Db, world: pl.DataFrame) -> None:
    rows = [
        flow(code, "WLD", value, product=product, year=2000, classification="S2")
        for code, product, value in world.iter_rows()
    ]
    lake.upsert("trade", table(*rows))
    frame = revealed_advantage(db.at(NOW), country="DEU", year=2000).frame
    found = {row["product"]: row for row in frame.iter_rows(named=True)}
    assert found["78"]["rca"] == pytest.approx(3.142361, abs=5e-7)
    assert found["78"]["rsca"] == pytest.approx(2.142361 / 4.142361, abs=5e-7)
    assert found["78"]["has_advantage"]
    hard = economic_complexity(db.at(NOW), year=2000).frame
    rank = hard["country"].to_list()
    assert {"JPN", "DEU", "CHE", "SWE"} <= set(rank[:25])
    assert not {"JPN", "DEU", "CHE", "SWE"} & set(rank[-100:])


def test_complexity_is_the_second_eigenvector(world: pl.DataFrame) -> None:
    """Against the matrix of Hausmann et al. (2014) written out and a general solver."""
    values = Baskets.of(world).values
    found = complexity(values)
    has = (np.nan_to_num(advantage(values)) >= 1).astype(float)
    has = has[has.sum(axis=1) > 0]
    shared = (has / has.sum(axis=1, keepdims=True)) @ (has / has.sum(axis=0)).T
    roots, vectors = np.linalg.eig(shared)
    second = np.real(vectors[:, np.argsort(-np.real(roots))[1]])
    second *= np.sign(np.corrcoef(second, has.sum(axis=1))[0, 1])
    slow = (second - second.mean()) / second.std(ddof=1)
    known = found.countries[np.isfinite(found.countries)]
    assert np.abs(known - slow).max() < 1e-8
    assert np.corrcoef(known, has.sum(axis=1))[0, 1] > 0


def test_small_matrices_by_hand() -> None:
    """Of 100 the first sells 30 and 10, the second 20 and 40: (30/40) / (50/100) = 1.5."""
    values = np.array([[30.0, 10.0, 0.0], [20.0, 40.0, 0.0]])
    rca = advantage(values)
    assert rca[0, 0] == pytest.approx(1.5)
    assert rca[1, 1] == pytest.approx((40 / 60) / 0.5)
    assert np.isnan(rca[:, 2]).all()
    assert symmetric(rca)[0, 0] == pytest.approx(0.2)
    assert symmetric(advantage(np.array([[1.0, 0.0], [1.0, 1.0]])))[0, 1] == -1.0
    # Finger and Kreinin: min(0.75, 1/3) + min(0.25, 2/3).
    assert similarity(values, 0)[1] == pytest.approx(1 / 3 + 0.25)
    assert similarity(values, 0)[0] == pytest.approx(1.0)
    assert np.isnan(complexity(values).countries).all()
    assert is_small(np.array([[1e6, 1.0], [1e6, 1.0]])).tolist() == [[False, True]] * 2


def test_concentration_words_and_a_single_partner() -> None:
    frame = pl.DataFrame({"of": ["a", "a", "b"], "value_usd": [1.0, 1.0, 4.0]})
    found = frame.group_by("of").agg(hhi().alias("hhi"), pl.len().cast(pl.Int64).alias("partners"))
    rows = found.with_columns(*spread(), word().alias("word")).sort("of").to_dicts()
    assert (rows[0]["hhi"], rows[0]["hhi_normalised"], rows[0]["effective_partners"]) == (0.5, 0, 2)
    assert (rows[1]["hhi"], rows[1]["hhi_normalised"]) == (1.0, None)


def test_trade_both_ways_by_hand(lake: Lake, db: Db) -> None:
    """84: 1 - 40/160 = 0.75; 27: imports alone; all: 1 - (40 + 20)/180."""
    rows = [
        flow("DEU", "FRA", 100.0, product="84"),
        flow("DEU", "FRA", 60.0, "import", product="84"),
        flow("DEU", "FRA", 20.0, "import", product="27"),
    ]
    lake.upsert("trade", table(*rows))
    frame = intra_industry(db.at(NOW), country="DEU", partner="FRA", year=2022).frame
    found = {row["product"]: row for row in frame.iter_rows(named=True)}
    assert found["84"]["grubel_lloyd"] == 0.75
    assert found["84"]["cover_ratio"] == pytest.approx(100 / 60)
    assert found["27"]["grubel_lloyd"] == 0.0
    assert found["all"]["grubel_lloyd"] == pytest.approx(1 - 60 / 180)


def test_intensity_by_hand(lake: Lake, db: Db) -> None:
    """Half of exports go to France, which buys 30 of the 100 that others import: 0.5 / 0.3."""
    lake.upsert(
        "trade",
        table(
            flow("DEU", "FRA", 10.0),
            flow("DEU", "USA", 8.0),
            flow("DEU", "TCD", 2.0),
            flow("DEU", "WLD", 20.0),
            flow("DEU", "WLD", 50.0, "import"),
            flow("FRA", "WLD", 30.0, "import"),
            flow("USA", "WLD", 70.0, "import"),
        ),
    )
    frame = trade_intensity(db.at(NOW), country="DEU", year=2022).frame
    found = dict(frame.select("partner", "intensity").iter_rows())
    assert found["FRA"] == pytest.approx(0.5 / 0.3)
    assert found["USA"] == pytest.approx(0.4 / 0.7)
    assert found["TCD"] is None


def test_who_has_not_reported_is_in_no_matrix(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(flow("DEU", "WLD", 1.0, product="84")))
    assert export_similarity(db.at(NOW), country="FRA", year=2022).frame.is_empty()
    assert revealed_advantage(db.at(NOW), country="FRA", year=2022).frame.is_empty()


def test_baskets_of_two_editions_are_not_compared(lake: Lake, db: Db) -> None:
    rows = [flow(code, "WLD", 1.0, product="84") for code in ("DEU", "FRA", "ITA")]
    old = flow("TCD", "WLD", 9.0, product="84", classification="H5")
    lake.upsert("trade", table(*rows, old))
    mine = revealed_advantage(db.at(NOW), country="DEU", year=2022).frame.row(0, named=True)
    assert (mine["world_usd"], mine["reporters"], mine["other_editions"]) == (3.0, 3, 1)
    theirs = revealed_advantage(db.at(NOW), country="TCD", year=2022).frame.row(0, named=True)
    assert (theirs["world_usd"], theirs["edition"]) == (9.0, "HS2017")


def test_a_direction_that_is_not_reported_is_no_zero(lake: Lake, db: Db) -> None:
    """Exports alone: there is no balance, ratio or index. A product not listed is not traded."""
    lake.upsert("trade", table(flow("DEU", "WLD", 5.0, product="27")))
    frame = intra_industry(db.at(NOW), country="DEU", year=2022).frame
    assert frame["exports_usd"].to_list() == [5.0, 5.0]
    for name in ("imports_usd", "balance_usd", "cover_ratio", "grubel_lloyd"):
        assert frame[name].to_list() == [None, None]
    more = [flow("DEU", "WLD", 3.0, "import", product="84")]
    lake.upsert("trade", table(*more))
    both = intra_industry(db.at(NOW), country="DEU", year=2022).frame
    assert both.filter(product="27")["imports_usd"].to_list() == [0.0]
    assert both.filter(product="all")["grubel_lloyd"].to_list() == [0.0]
