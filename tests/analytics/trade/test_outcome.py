"""What happened after a shock, two shocks side by side and exposed members, all by hand."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.trade.outcome import shock_outcome
from analytics.trade.shock_comparison import shock_comparison
from analytics.trade.shock_members import shock_members
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import bought_by_another, flow, table
from tests.demo_fixture import DemoLake

GAS = {"product": "27", "classification": "HS2022"}
LATER = datetime(2025, 6, 1, tzinfo=UTC)
SHOCK: dict[str, Any] = {"exporters": ["RUS"], "products": ["27"], "year": 2022}


def bought(buyer: str, year: int, /, **values: Any) -> list[dict[str, Any]]:
    given = {**GAS, **values.pop("more", {}), "year": year}
    return [flow(buyer, code, value, "import", **given) for code, value in values.items()]


def sold(seller: str, buyer: str, value: float, year: int) -> dict[str, Any]:
    return flow(seller, buyer, value, **{**GAS, "year": year})


def outcome(db: Db, clock: datetime = LATER, **given: Any) -> dict[str, dict[str, Any]]:
    found = shock_outcome(db.at(clock), **{**SHOCK, **given}).frame
    return {row["importer"]: row for row in found.to_dicts()}


def test_what_happened_by_hand(lake: Lake, db: Db) -> None:
    """Germany buys 60 of 100 from Russia, then 15 of 80: a cut of 3/4, which alone would have taken
    45 %. It bought 20 % less, so the account is off by 25 points: Norway sold 20 more, America 5.
    """
    rows = [
        *bought("DEU", 2022, RUS=60.0, NOR=30.0, USA=10.0, WLD=100.0),
        *bought("DEU", 2023, RUS=15.0, NOR=50.0, USA=15.0, WLD=80.0),
        *bought("FRA", 2022, RUS=20.0, NOR=80.0, WLD=100.0),
        *bought("FRA", 2023, RUS=25.0, NOR=80.0, WLD=105.0),
        sold("RUS", "WLD", 90.0, 2022),
        sold("RUS", "WLD", 40.0, 2023),
    ]
    lake.upsert("trade", table(*rows))
    found = outcome(db)
    row = found["DEU"]
    assert (row["state"], row["before_usd"], row["after_usd"]) == ("happened", 60.0, 15.0)
    assert row["realised_cut"] == 0.75
    assert row["expected_change"] == pytest.approx(-0.45)
    assert row["bought_change"] == pytest.approx(-0.20)
    assert row["error"] == pytest.approx(0.25)
    assert row["replaced"] == pytest.approx(25 / 45)
    assert (row["filled_by"], row["filled_usd"]) == (["NOR", "USA"], [20.0, 5.0])
    grew = found["FRA"]
    assert (grew["state"], grew["realised_cut"], grew["replaced"]) == (
        "did not happen",
        -0.25,
        None,
    )
    assert (grew["expected_change"], grew["bought_change"]) == pytest.approx((0.05, 0.05))
    assert list(found) == ["DEU", "FRA"]


@pytest.mark.parametrize(("cut", "state"), [(1.0, "did not happen"), (0.5, "happened")])
def test_half_of_the_cut_decides(lake: Lake, db: Db, cut: float, state: str) -> None:
    """Sales fall by 30 %: less than half of all, more than half of one half."""
    rows = [*bought("DEU", 2022, RUS=50.0, NOR=50.0, WLD=100.0)]
    rows += bought("DEU", 2023, RUS=35.0, NOR=50.0, WLD=85.0)
    lake.upsert("trade", table(*rows))
    assert outcome(db, cut=cut)["DEU"]["state"] == state


def test_a_year_that_is_not_reported_says_nothing(lake: Lake, db: Db) -> None:
    """Before June 2024 the year 2023 is not published; Russia's own figures are not the buyer's."""
    rows = [*bought("DEU", 2022, RUS=50.0, NOR=50.0, WLD=100.0), sold("RUS", "DEU", 1.0, 2023)]
    rows += bought("DEU", 2023, RUS=0.0, NOR=50.0, WLD=50.0, more={"known_at": LATER})
    lake.upsert("trade", table(*rows))
    before = outcome(db, LATER - timedelta(seconds=1))["DEU"]
    assert (before["state"], before["coverage_before"]) == ("not yet reported", 1.0)
    said = ("after_usd", "realised_cut", "bought_after_usd", "error", "filled_by")
    assert [before[name] for name in said] == [None] * 5
    assert outcome(db, LATER)["DEU"]["state"] != "not yet reported"


def test_a_seller_that_is_missing_is_no_zero(lake: Lake, db: Db) -> None:
    """Germany does not name Russia in 2023: zero once Russia has reported and names it neither."""
    rows = [*bought("DEU", 2022, RUS=15.0, NOR=85.0, WLD=100.0)]
    rows += bought("DEU", 2023, NOR=90.0, WLD=92.0)
    lake.upsert("trade", table(*rows))
    silent = outcome(db)["DEU"]
    assert silent["coverage_after"] > 0.8
    assert (silent["state"], silent["missing_sellers"]) == ("insufficient coverage", "RUS")
    assert silent["realised_cut"] is None
    lake.upsert("trade", table(sold("RUS", "CHN", 40.0, 2023)))
    stopped = outcome(db)["DEU"]
    assert (stopped["state"], stopped["after_usd"], stopped["realised_cut"]) == ("happened", 0.0, 1)
    lake.upsert("trade", table(sold("RUS", "DEU", 4.0, 2023)))
    assert outcome(db)["DEU"]["state"] == "insufficient coverage"


def test_thin_coverage_stays_insufficient(lake: Lake, db: Db) -> None:
    rows = [*bought("DEU", 2022, RUS=50.0, NOR=50.0, WLD=100.0)]
    rows += bought("DEU", 2023, RUS=5.0, NOR=50.0, WLD=100.0)
    lake.upsert("trade", table(*rows))
    row = outcome(db)["DEU"]
    assert (row["state"], row["coverage_after"]) == ("insufficient coverage", pytest.approx(0.55))
    assert row["bought_change"] is None and row["filled_by"] is None


def test_two_editions_are_not_compared(lake: Lake, db: Db) -> None:
    rows = [*bought("DEU", 2022, RUS=50.0, WLD=50.0, more={"classification": "HS2017"})]
    rows += bought("DEU", 2023, RUS=5.0, WLD=5.0)
    lake.upsert("trade", table(*rows))
    row = outcome(db)["DEU"]
    assert (row["state"], row["break_reason"]) == ("not comparable", "edition")
    assert row["realised_cut"] is None and row["after_usd"] is None


def test_a_buyer_is_seen_from_one_side_in_both_years(lake: Lake, db: Db) -> None:
    """Never by its sellers in one year and by itself in the next; by sellers that have reported
    both. Norway's sales grow from 30 to 50; America has reported the later year alone."""
    first = [sold("RUS", "IRN", 60.0, 2022), sold("NOR", "IRN", 30.0, 2022)]
    first += [sold("RUS", "IRN", 60.0, 2021), sold("NOR", "IRN", 30.0, 2021)]
    later = [sold("NOR", "IRN", 50.0, 2023), sold("USA", "IRN", 9.0, 2023)]
    others = bought_by_another("RUS", "NOR"), bought_by_another("RUS", "NOR", year=2023)
    lake.upsert("trade", table(*first, *later, *others[0], *others[1]))
    assert outcome(db)["IRN"]["state"] == "not yet reported"  # Russia has not
    lake.upsert("trade", table(sold("RUS", "CHN", 1.0, 2023)))
    row = outcome(db)["IRN"]
    assert (row["state"], row["is_own_report"], row["realised_cut"]) == ("happened", False, 1.0)
    assert row["filled_by"] == ["NOR"]
    lake.upsert("trade", table(*bought("IRN", 2023, NOR=60.0, WLD=60.0)))
    mixed = outcome(db)["IRN"]
    assert (mixed["state"], mixed["break_reason"]) == ("not comparable", "other side")


def test_years_outside_their_range_are_refused(lake: Lake, db: Db) -> None:
    with pytest.raises(ConfigError, match="after=0"):
        outcome(db, after=0)
    with pytest.raises(ConfigError, match="cut=2"):
        outcome(db, cut=2.0)


@pytest.mark.parametrize(("cut", "state"), [(0.5, "did not happen"), (0.4, "happened")])
def test_what_the_united_states_bought_less_in_2020(
    lake: Lake, db: Db, shared: Path, cut: float, state: str
) -> None:
    """As published: from France 24.995 % less than in 2019, a hair less than half of one half."""
    file = pl.read_csv(shared / "real" / "comtrade_usa_imports_2018_2022.csv")
    columns = ("partner_iso", "ref_year", "primary_value")
    rows = [flow("USA", p, v, "import", year=y) for p, y, v in file.select(columns).iter_rows()]
    lake.upsert("trade", table(*rows))
    values = {(p, y): v for p, y, v in file.select(columns).iter_rows()}
    given = {"exporters": ["FRA"], "products": ["TOTAL"], "year": 2019, "cut": cut}
    # The file names four partners and no World: nothing tells what else was bought.
    (row,) = shock_outcome(db.at(LATER), **given).frame.to_dicts()
    assert row["state"] == "insufficient coverage"
    sums = file.group_by("ref_year").agg(pl.col("primary_value").sum())
    lake.upsert(
        "trade", table(*(flow("USA", "WLD", v, "import", year=y) for y, v in sums.iter_rows()))
    )
    (row,) = shock_outcome(db.at(LATER), **given).frame.to_dicts()
    before, after = values["FRA", 2019], values["FRA", 2020]
    assert (row["state"], row["realised_cut"]) == (state, pytest.approx(1 - after / before))
    whole = {y: sum(v for (_, year), v in values.items() if year == y) for y in (2019, 2020)}
    assert row["bought_change"] == pytest.approx(whole[2020] / whole[2019] - 1)
    others = whole[2020] - whole[2019] + before - after
    assert row["error"] == pytest.approx(others / whole[2019])


def compared(db: Db, **given: Any) -> dict[tuple[str, str], dict[str, Any]]:
    found = shock_comparison(db.at(LATER), **{**SHOCK, "other_year": 2022, **given}).frame
    return {(row["importer"], row["product"]): row for row in found.to_dicts()}


def test_two_shocks_side_by_side(lake: Lake, db: Db) -> None:
    """Germany loses 60 of 100 if Russia stops, and 35 if Russia and Norway sell half; France buys
    nothing from Russia, and 45 of its 90 would go; ores stop in the other shock alone."""
    rows = [
        *bought("DEU", 2022, RUS=60.0, NOR=10.0, USA=30.0, WLD=100.0),
        *bought("FRA", 2022, NOR=90.0, WLD=90.0),
        *bought("DEU", 2022, RUS=8.0, WLD=8.0, more={"product": "26"}),
    ]
    lake.upsert("trade", table(*rows))
    other = {"other_exporters": ["NOR", "RUS"], "other_products": ["26", "27"], "other_cut": 0.5}
    found = compared(db, **other)
    row = found["DEU", "27"]
    assert (row["lost_usd"], row["other_lost_usd"], row["more_usd"]) == (60.0, 35.0, -25.0)
    assert row["more_share"] == pytest.approx(-0.25)
    france = found["FRA", "27"]
    assert (france["lost_usd"], france["other_lost_usd"], france["more_usd"]) == (0.0, 45.0, 45.0)
    ores = found["DEU", "26"]
    assert (ores["lost_usd"], ores["other_lost_usd"], ores["more_share"]) == (0.0, 4.0, 0.5)


def test_a_loss_that_is_not_known_is_no_zero(lake: Lake, db: Db) -> None:
    """Russia says that it sold 5 to France, which does not name it."""
    rows = [*bought("FRA", 2022, NOR=90.0, WLD=95.0), sold("RUS", "FRA", 5.0, 2022)]
    lake.upsert("trade", table(*rows))
    row = compared(db, other_exporters=["NOR"], other_products=["27"])["FRA", "27"]
    assert row["coverage"] > 0.8
    assert (row["lost_usd"], row["other_lost_usd"], row["more_usd"]) == (None, 90.0, None)


def test_shocks_of_two_editions_are_not_subtracted(lake: Lake, db: Db) -> None:
    rows = [*bought("DEU", 2022, RUS=60.0, WLD=60.0)]
    rows += bought("DEU", 2021, RUS=60.0, WLD=60.0, more={"classification": "HS2017"})
    lake.upsert("trade", table(*rows))
    given = {"other_exporters": ["RUS"], "other_products": ["27"], "other_year": 2021}
    row = compared(db, **given)["DEU", "27"]
    assert (row["break_reason"], row["more_usd"]) == ("edition", None)
    assert (row["lost_usd"], row["other_lost_usd"]) == (60.0, 60.0)


def test_members_by_the_revenue_of_their_companies(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(*bought("DEU", 2022, RUS=60.0, NOR=40.0, WLD=100.0)))
    known = datetime(2024, 3, 1, tzinfo=UTC)
    base = {"known_at": known, "vintage_grade": "native", "source": "edgar"}
    revenue = [("x:A", "DEU", 50.0), ("x:A", "USA", 50.0), ("x:B", "USA", 9.0)]
    exposures = [
        {
            "company": company,
            "period_end": date(2023, 12, 31),
            "year": 2023,
            "place": place,
            "revenue": value,
            "currency": "EUR",
            "accession": None,
            **base,
        }
        for company, place, value in revenue
    ]
    kinds = {"year": pl.Int32, "accession": pl.String}
    lake.upsert("exposures", pl.DataFrame(exposures, schema_overrides=kinds))
    instruments = [
        {
            "symbol": f"t:{name}",
            "ticker": name,
            "name": name,
            "asset_class": "equity",
            "currency": "EUR",
            "company": f"x:{name}" if name != "D" else None,
            **base,
        }
        for name in "ABCD"
    ]
    lake.upsert("instruments", pl.DataFrame(instruments))
    symbols = [f"t:{name}" for name in "DCBAE"]
    found = shock_members(db.at(LATER), symbols=symbols, **SHOCK).frame
    rows = [(row["symbol"], row["state"], row["hurt_share"]) for row in found.to_dicts()]
    assert rows == [
        ("t:A", "exposed", 0.5),
        ("t:B", "not exposed", 0.0),
        ("t:C", "no revenue by country", None),
        ("t:D", "no company", None),
        ("t:E", "no company", None),
    ]
    assert found["weighted_loss"][0] == pytest.approx(0.3)
    early = shock_members(db.at(known - timedelta(seconds=1)), symbols=symbols, **SHOCK).frame
    assert set(early["state"]) == {"no company"}


def test_figures_are_those_of_the_rows_at_many_clocks(demo_lake: DemoLake) -> None:
    """The purchases of an importer that reports both years, read row by row as each clock has
    them; and no state for a year that the clock does not know."""
    said, rng = 0, random.Random(11)
    for _ in range(20):
        clock = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(3_050))
        at, year = demo_lake.at(clock), clock.year - rng.choice([2, 3])
        given = {"exporters": ["CHN"], "products": ["85"], "year": year}
        frame = shock_outcome(at, **given, top=500).frame  # type: ignore[arg-type] # as given
        raw = at.sql(
            "SELECT reporter, year, sum(value_usd) AS value FROM trade WHERE partner = 'CHN' "
            "AND product = '85' AND flow = 'import' GROUP BY ALL ORDER BY ALL"
        ).frame
        values = {(reporter, when): value for reporter, when, value in raw.iter_rows()}
        for row in frame.filter("is_own_report").iter_rows(named=True):
            assert row["before_usd"] == values[row["importer"], year]
            if row["after_usd"] is None:
                assert row["state"] not in ("happened", "did not happen")
                continue
            said += 1
            assert row["after_usd"] == values.get((row["importer"], year + 1), 0.0)
            fell = row["before_usd"] - row["after_usd"] >= row["before_usd"] / 2
            assert row["state"] == ("happened" if fell else "did not happen")
            assert min(row["coverage_before"], row["coverage_after"]) >= 0.8
    assert said > 50
