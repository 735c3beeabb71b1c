"""A stop of supply, terms of trade and ties by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from analytics.trade.shock import shock_companies, supply_shock
from analytics.trade.ties import commodity_dependence, terms_of_trade, trade_ties
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, table
from tests.demo_fixture import DemoLake

GAS = {"product": "27"}


def imports(buyer: str, **values: float) -> list[dict[str, object]]:
    return [flow(buyer, code, value, "import", **GAS) for code, value in values.items()]


def test_who_loses_by_hand(lake: Lake, db: Db) -> None:
    """Germany buys 60 of 100 from Russia, France 10 of 100; half of that stops."""
    priced = flow("DEU", "NOR", 30.0, "import", net_weight_kg=10.0, **GAS)
    lake.upsert(
        "trade",
        table(
            *imports("DEU", RUS=60.0, USA=10.0, WLD=100.0),
            priced,
            *imports("FRA", RUS=10.0, NOR=90.0, WLD=100.0),
            flow("DEU", "WLD", 1000.0, "import"),
            flow("NOR", "WLD", 200.0, **GAS),
            flow("NOR", "WLD", 250.0, year=2021, classification="HS2022", **GAS),
        ),
    )
    given = {"exporters": ["RUS"], "products": ["27"], "year": 2022}
    found = supply_shock(db.at(NOW), cut=0.5, **given).frame.to_dicts()  # type: ignore[arg-type] # as given
    assert [row["importer"] for row in found] == ["DEU", "FRA"]
    assert (found[0]["lost_usd"], found[0]["lost_share"]) == (30.0, 0.3)
    assert found[0]["of_imports"] == 0.03
    assert found[0]["next_suppliers"] == ["NOR", "USA"]
    assert found[0]["next_unit_values_usd_kg"] == [3.0, None]
    assert found[0]["next_spare_usd"] == [50.0, None]
    assert [row["verdict"] for row in found] == ["known", "known"]
    assert supply_shock(db.at(NOW), **given).frame["lost_share"].to_list() == [0.6, 0.1]  # type: ignore[arg-type] # as given


def test_a_loss_on_thin_coverage_says_so(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(*imports("DEU", RUS=10.0, WLD=100.0)))
    row = supply_shock(db.at(NOW), exporters=["RUS"], products=["27"], year=2022).frame.to_dicts()[
        0
    ]
    assert row["verdict"] == "insufficient coverage"
    assert row["lost_share"] == 0.1


def test_cuts_outside_their_range_are_refused(db: Db, lake: Lake) -> None:
    with pytest.raises(ConfigError, match="cut=0"):
        supply_shock(db.at(NOW), exporters=["RUS"], products=["27"], cut=0.0)
    with pytest.raises(ConfigError, match="at least one"):
        supply_shock(db.at(NOW), exporters=[], products=["27"])


def test_companies_by_their_revenue_in_hurt_countries(lake: Lake, db: Db) -> None:
    """Germany loses 60 %: a company with half of its revenue there has 0.3."""
    lake.upsert("trade", table(*imports("DEU", RUS=60.0, NOR=40.0, WLD=100.0)))
    places = {"DEU": 50.0, "USA": 30.0, "undisclosed": 20.0}
    rows = [
        {
            "company": "x:A",
            "period_end": date(2023, 12, 31),
            "year": 2023,
            "place": place,
            "revenue": value,
            "currency": "EUR",
            "accession": None,
            "source": "edgar",
            "known_at": datetime(2024, 3, 1, tzinfo=UTC),
            "vintage_grade": "native",
        }
        for place, value in places.items()
    ]
    lake.upsert(
        "exposures", pl.DataFrame(rows, schema_overrides={"year": pl.Int32, "accession": pl.String})
    )
    frame = shock_companies(db.at(NOW), exporters=["RUS"], products=["27"], year=2022).frame
    row = frame.row(0, named=True)
    assert (row["hurt_share"], row["undisclosed_share"], row["places"]) == (0.5, 0.2, "DEU")
    assert row["weighted_loss"] == pytest.approx(0.3)


def weighed(
    year: int, kind: str, price: float, kilograms: float, product: str
) -> dict[str, object]:
    value = price * kilograms
    return flow("AUS", "CHN", value, kind, year=year, product=product, net_weight_kg=kilograms)


def test_terms_of_trade_by_hand(lake: Lake, db: Db) -> None:
    """Export prices 1 and 2 become 2 and 2 on 10 and 5, then 8 and 5 kg; import prices stay.

    Laspeyres (20 + 10)/(10 + 10) = 1.5, Paasche (16 + 10)/(8 + 10) = 1.444: Fisher 1.4720.
    """
    before = [weighed(2020, "export", 1.0, 10.0, "26"), weighed(2020, "export", 2.0, 5.0, "10")]
    after = [weighed(2021, "export", 2.0, 8.0, "26"), weighed(2021, "export", 2.0, 5.0, "10")]
    bought = [weighed(year, "import", 4.0, 3.0, "84") for year in (2020, 2021, 2022)]
    later = [weighed(2022, "export", 3.0, 8.0, "26")]
    lake.upsert("trade", table(*before, *after, *bought, *later))  # type: ignore[arg-type] # mixed values
    frame = terms_of_trade(db.at(NOW), country="AUS").frame
    assert frame["year"].to_list() == [2020, 2021, 2022]
    assert frame["terms_of_trade"][1] == pytest.approx(100 * (1.5 * 26 / 18) ** 0.5)
    assert frame["segment"].to_list() == [1, 1, 2]  # HS2017 to HS2022
    assert frame["terms_of_trade"][2] == 100.0
    assert frame["export_covered"][1] == 1.0
    assert frame.select("export_valuation", "import_valuation").row(1) == ("FOB", "CIF")


def test_divisions_of_another_list_are_no_commodities(lake: Lake, db: Db) -> None:
    """27 are fuels in the Harmonised System and crude fertilisers in the SITC."""
    sold = {"TOTAL": 100.0, "27": 70.0}
    for country, edition in (("AUS", "HS2022"), ("CHL", "S4")):
        lake.upsert(
            "trade",
            table(
                *(
                    flow(country, "WLD", value, product=code, classification=edition)
                    for code, value in sold.items()
                )
            ),
        )
    shares = {
        country: commodity_dependence(db.at(NOW), country=country).frame.row(-1, named=True)
        for country in ("AUS", "CHL")
    }
    assert shares["AUS"]["export_share"] == pytest.approx(0.7)
    assert shares["AUS"]["is_dependent"] is True
    assert (shares["AUS"]["edition"], shares["AUS"]["exports_valuation"]) == ("HS2022", "FOB")
    assert shares["CHL"]["export_share"] is None
    assert shares["CHL"]["is_dependent"] is None


@pytest.mark.parametrize(
    ("fuels", "machines", "dependent"),
    [(70.0, 0.0, True), (30.0, 60.0, False), (30.0, 20.0, None)],
)
def test_a_country_is_not_called_independent_on_thin_coverage(
    lake: Lake, db: Db, fuels: float, machines: float, dependent: bool | None
) -> None:
    """Of 100 exported, 50 may be commodities where half of them have no chapter."""
    sold = {"TOTAL": 100.0, "27": fuels, "84": machines}
    lake.upsert(
        "trade", table(*(flow("AUS", "WLD", value, product=code) for code, value in sold.items()))
    )
    whole = commodity_dependence(db.at(NOW), country="AUS").frame.row(-1, named=True)
    assert whole["export_share"] == pytest.approx(fuels / 100)
    assert whole["export_covered"] == pytest.approx((fuels + machines) / 100)
    assert whole["is_dependent"] is dependent


def test_ties_and_commodities_of_the_demo_world(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    ties = trade_ties(at, country="USA", partner="JPN").frame
    assert ties["balance_usd"].to_list() == (ties["exports_usd"] - ties["imports_usd"]).to_list()
    last = ties.filter(pl.col("year") == 2022).row(0, named=True)
    slow = at.sql(
        "SELECT exp(avg(ln(close))) AS mean FROM prices WHERE symbol = 'demo:USDJPY' "
        "AND year(date) = 2022"
    ).frame["mean"][0]
    if last["rate"] is not None and slow is not None:
        assert last["rate"] == pytest.approx(slow)
    kinds = commodity_dependence(at, country="USA").frame
    assert kinds["kind"].to_list()[-1] == "all"
    assert kinds["exports_usd"][-1] == pytest.approx(kinds["exports_usd"][:-1].drop_nulls().sum())


def test_what_suppliers_say_is_no_part_of_what_the_importer_states(lake: Lake, db: Db) -> None:
    """Germany states imports of 10 in all and names no goods; Russia says that it sold 100 of 27.
    A World in two codes is one."""
    rows = [
        flow("RUS", "DEU", 100.0, product="27", year=year, classification="HS2022")
        for year in (2021, 2022)
    ]
    rows += [flow("DEU", code, 10.0, "import") for code in ("WLD", "W00")]
    rows += [flow("FRA", code, 20.0, "import", product="27") for code in ("RUS", "WLD")]
    lake.upsert("trade", table(*rows, flow("FRA", "WLD", 40.0, "import")))
    given = {"exporters": ["RUS"], "products": ["27"], "year": 2022}
    frame = supply_shock(db.at(NOW), **given).frame
    found = dict(frame.select("importer", "of_imports").iter_rows())
    assert frame.height == 2
    assert found == {"DEU": None, "FRA": 0.5}
