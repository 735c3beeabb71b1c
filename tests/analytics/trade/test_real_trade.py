"""Reported trade as it was published: Comtrade's China and United States, and old mirrors."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics.trade.flows import trade_partners
from analytics.trade.history import trade_history
from analytics.trade.mirror import trade_pair
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, table

FLOWS = {"X": "export", "M": "import"}


def comtrade(file: Path) -> pl.DataFrame:
    rows = [
        flow(
            row["reporter_iso"],
            row["partner_iso"],
            row["primary_value"],
            FLOWS[row["flow_code"]],
            year=row["ref_year"],
            valuation="FOB" if row["flow_code"] == "X" else "CIF",
        )
        for row in pl.read_csv(file).iter_rows(named=True)
    ]
    return table(*rows)


def test_what_china_sold(lake: Lake, db: Db, shared: Path) -> None:
    rows = comtrade(shared / "real" / "comtrade_chn_exports_2012_2022.csv")
    lake.upsert("trade", rows)
    frame = trade_history(db.at(NOW), country="CHN", partner="USA").frame
    told = rows.filter(pl.col("partner") == "USA").sort("year")
    assert frame["value_usd"].to_list() == told["value_usd"].to_list()
    steps = (told["value_usd"] / told["value_usd"].shift(1) - 1).to_list()
    assert frame["growth"].to_list()[1:] == pytest.approx(steps[1:])
    last = trade_partners(db.at(NOW), country="CHN", year=2022).frame
    assert last["code"].to_list() == ["USA", "KOR", "MEX", "sum"]
    assert last["share"][0] == pytest.approx(582756110047 / 822912482134)


def test_what_the_united_states_bought(lake: Lake, db: Db, shared: Path) -> None:
    lake.upsert("trade", comtrade(shared / "real" / "comtrade_usa_imports_2018_2022.csv"))
    frame = trade_partners(db.at(NOW), country="USA", year=2022, flow="import").frame
    assert frame["code"].to_list() == ["MEX", "JPN", "DEU", "FRA", "sum"]
    assert frame["value_usd"][0] == 459177656357.0
    assert frame["growth"][0] == pytest.approx(459177656357 / 388357522055 - 1)


def test_old_mirrors(lake: Lake, db: Db, shared: Path) -> None:
    """Each pair and year of the file by the formula, and through the lake."""
    file = pl.read_csv(shared / "real" / "bilateral_tradhist.csv").with_columns(
        pl.col("imports", "exports").cast(pl.Float64, strict=False)
    )
    year = 1965
    some = file.filter(
        pl.col("year") == year, pl.col("imports") > 0, pl.col("exports") > 0
    ).with_columns(
        pl.col("origin_country_code").alias("o"), pl.col("destination_country_code").alias("d")
    )
    rows = [flow(o, d, x, year=year) for o, d, x in some.select("o", "d", "exports").iter_rows()]
    rows += [
        flow(d, o, m, "import", year=year)
        for o, d, m in some.select("o", "d", "imports").iter_rows()
    ]
    lake.upsert("trade", table(*rows))
    assert some.height > 5
    for o, d, x, m in some.select("o", "d", "exports", "imports").head(8).iter_rows():
        frame = trade_pair(db.at(NOW), country=o, partner=d, year=year).frame
        found = frame.filter(pl.col("seller") == o).row(0, named=True)
        fob = m / 1.06
        assert found["gap"] == pytest.approx((fob - x) / ((fob + x) / 2))
        assert (found["flag"] == "gap") == (abs(found["gap"]) > 0.2)
