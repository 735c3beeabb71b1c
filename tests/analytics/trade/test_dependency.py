"""Dependence by hand: a supplier that is missing never makes supply look spread."""

from __future__ import annotations

import pytest

from analytics.trade.dependency import bloc_screen, trade_dependency
from analytics.trade.supply import trade_alternatives
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, bought_by_another, flow, table

OIL = {"product": "27"}
LAST = {**OIL, "year": 2021, "classification": "HS2022"}


def row(db: Db, country: str = "DEU", **given: object) -> dict[str, object]:
    frame = trade_dependency(db.at(NOW), country=country, year=2022, **given).frame  # type: ignore[arg-type] # as given
    return frame.row(0, named=True)


def bought(**values: float) -> list[dict[str, object]]:
    return [flow("DEU", code, value, "import", **OIL) for code, value in values.items()]


def test_shares_by_hand(lake: Lake, db: Db) -> None:
    """60, 30 and 10 of 100: HHI 0.36 + 0.09 + 0.01 = 0.46."""
    lake.upsert("trade", table(*bought(RUS=60.0, NOR=30.0, USA=10.0, WLD=100.0)))
    found = row(db)
    assert (found["coverage"], found["top_supplier"], found["top_share"]) == (1.0, "RUS", 0.6)
    assert found["hhi"] == pytest.approx(0.46)
    assert found["verdict"] == "high"
    assert found["basis"] == "own report"


def test_a_supplier_left_out_of_the_report(lake: Lake, db: Db) -> None:
    """The World says 100, the named suppliers come to 40, evenly: never called spread."""
    four = {code: 10.0 for code in ("NOR", "USA", "KAZ", "GBR")}
    lake.upsert("trade", table(*bought(**four, WLD=100.0)))
    found = row(db)
    assert found["coverage"] == pytest.approx(0.4)
    assert found["verdict"] == "insufficient coverage"
    assert [found[name] for name in ("hhi", "top_share", "top_supplier", "partners")] == [None] * 4


def test_a_main_exporter_that_has_not_reported(lake: Lake, db: Db) -> None:
    """Germany has not reported; by its suppliers' reports Russia, 60 of 100 a year before, is
    missing in 2022, and the four others look even."""
    others = ("NOR", "USA", "KAZ", "GBR")
    past = [flow(code, "DEU", 10.0, year=2021, **OIL) for code in others]
    now = [flow(code, "DEU", 10.0, **OIL) for code in others]
    past.append(flow("RUS", "DEU", 60.0, year=2021, **OIL))
    lake.upsert("trade", table(*past, *now, *bought_by_another(*others)))
    found = row(db)
    assert found["basis"] == "mirrors"
    assert found["coverage"] == pytest.approx(40 / 100)
    assert found["silent_suppliers"] == "RUS"
    assert found["verdict"] == "insufficient coverage"
    lake.upsert("trade", table(flow("RUS", "DEU", 60.0, **OIL)))
    assert row(db)["verdict"] == "high"


def test_a_main_supplier_that_both_sides_lost(lake: Lake, db: Db) -> None:
    """The report of 2022 adds up without Russia, which has not reported either."""
    even = {code: 10.0 for code in ("NOR", "USA", "KAZ", "GBR")}
    past = [
        flow("DEU", code, 60.0 if code == "RUS" else 10.0, "import", year=2021, **OIL)
        for code in ("RUS", *even)
    ]
    lake.upsert("trade", table(*past, *bought(**even, WLD=40.0)))
    assert row(db)["verdict"] == "insufficient coverage"
    # Once Russia has reported, and names nothing sold to Germany, it has stopped.
    lake.upsert("trade", table(flow("RUS", "CHN", 5.0, **OIL)))
    assert row(db)["verdict"] == "high"
    assert row(db)["hhi"] == pytest.approx(0.25)


def test_what_suppliers_say_they_sold_counts_as_missing(lake: Lake, db: Db) -> None:
    rows = [*bought(NOR=20.0, USA=20.0, WLD=40.0), flow("RUS", "DEU", 100.0, **OIL)]
    lake.upsert("trade", table(*rows))
    found = row(db)
    assert found["unnamed_usd"] == pytest.approx(106)
    assert found["coverage"] == pytest.approx(40 / 146)
    assert found["verdict"] == "insufficient coverage"


def test_without_a_world_or_a_past_nothing_is_said(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(*bought(NOR=20.0, USA=20.0)))
    assert row(db)["verdict"] == "insufficient coverage"


def members(inside: float, outside: float, sold: float) -> list[dict[str, object]]:
    """Two members buy from each other and outside, and one of them sells."""
    return [
        flow("DEU", "FRA", inside, "import", **OIL),
        flow("DEU", "RUS", outside, "import", **OIL),
        flow("DEU", "WLD", inside + outside, "import", **OIL),
        flow("FRA", "RUS", outside, "import", **OIL),
        flow("FRA", "NOR", outside / 4, "import", **OIL),
        flow("FRA", "WLD", outside * 1.25, "import", **OIL),
        flow("FRA", "USA", sold, **OIL),
    ]


@pytest.mark.parametrize(
    ("inside", "outside", "sold", "expected"),
    [
        (10.0, 40.0, 50.0, "critical"),
        (10.0, 40.0, 100.0, "not critical"),  # the bloc sells more than it buys outside
        (200.0, 40.0, 50.0, "not critical"),  # most of it is bought inside
    ],
)
def test_the_screen_of_a_bloc(
    lake: Lake, db: Db, inside: float, outside: float, sold: float, expected: str
) -> None:
    """Outside 80 from Russia and 10 from Norway: HHI (8/9)^2 + (1/9)^2 = 0.80."""
    lake.upsert("trade", table(*members(inside, outside, sold)))  # type: ignore[arg-type] # mixed values
    found = bloc_screen(db.at(NOW), country="DEU,FRA", year=2022).frame.row(0, named=True)
    assert found["hhi"] == pytest.approx((8 / 9) ** 2 + (1 / 9) ** 2)
    assert found["outside_usd"] == 90
    assert found["screen"] == expected


def test_what_others_could_spare(lake: Lake, db: Db) -> None:
    """Norway sold 50 kg for 100 this year and 80 kg in 2021: 30 kg at 2 dollars are spare."""
    lake.upsert(
        "trade",
        table(
            *bought(NOR=40.0, RUS=60.0, WLD=100.0),
            flow("NOR", "DEU", 40.0, net_weight_kg=20.0, **OIL),
            flow("NOR", "FRA", 60.0, net_weight_kg=30.0, **OIL),
            flow("NOR", "FRA", 120.0, net_weight_kg=80.0, **LAST),
            flow("RUS", "DEU", 60.0, **OIL),
            flow("RUS", "DEU", 90.0, **LAST),
        ),
    )
    frame = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    found = {one["supplier"]: one for one in frame.iter_rows(named=True)}
    assert found["NOR"]["spare_usd"] == 60
    assert found["NOR"]["spare_share"] == 0.6
    assert (found["NOR"]["basis"], found["NOR"]["peak_year"]) == ("weight", 2021)
    assert found["NOR"]["elsewhere_usd"] == 60
    assert found["NOR"]["unit_value_usd_kg"] == 2.0
    assert (found["RUS"]["spare_usd"], found["RUS"]["basis"]) == (30.0, "value")
    assert found["RUS"]["supply_coverage"] == 1.0


def test_alternatives_say_when_exporters_are_missing(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            *bought(NOR=40.0, WLD=40.0),
            flow("NOR", "DEU", 40.0, **OIL),
            flow("NOR", "DEU", 40.0, year=2021, **OIL),
            flow("SAU", "USA", 400.0, year=2021, **OIL),
        ),
    )
    found = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    assert found["verdict"].unique().to_list() == ["insufficient coverage"]
    assert found["supply_coverage"][0] == pytest.approx(40 / 440)


def test_a_best_year_in_another_edition_is_no_record(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            *bought(NOR=40.0, WLD=40.0),
            flow("NOR", "DEU", 40.0, **OIL),
            flow("NOR", "DEU", 90.0, year=2021, **OIL),
        ),
    )
    found = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    assert found.row(0, named=True)["spare_usd"] is None


def test_members_of_a_group_that_nobody_speaks_of_are_missed(lake: Lake, db: Db) -> None:
    """Two of five have reported in full: what the other three buy is not known, so nothing is."""
    rows = []
    for buyer in ("AAA", "BBB"):
        rows += [flow(buyer, "NOR", 10.0, "import", product="27")]
        rows += [flow(buyer, "WLD", 10.0, "import", product="27")]
    lake.upsert("trade", table(*rows))
    group = "AAA,BBB,CCC,DDD,EEE"
    row = trade_dependency(db.at(NOW), country=group, year=2022).frame.row(0, named=True)
    assert (row["coverage"], row["members_seen"]) == (1.0, 0.4)
    assert (row["verdict"], row["top_supplier"]) == ("insufficient coverage", None)
    both = trade_dependency(db.at(NOW), country="AAA,BBB", year=2022).frame.row(0, named=True)
    assert (both["verdict"], both["top_supplier"]) == ("high", "NOR")


def test_a_report_that_names_a_few_and_no_world_is_not_covered(lake: Lake, db: Db) -> None:
    """Two years of the same three partners, as a preview has them, tell nothing of the others."""
    rows = [
        flow("DEU", code, 10.0, "import", product="27", year=year)
        for code in ("NOR", "USA", "RUS")
        for year in (2021, 2022)
    ]
    lake.upsert("trade", table(*rows))
    row = trade_dependency(db.at(NOW), country="DEU", year=2022).frame.row(0, named=True)
    assert (row["coverage"], row["verdict"]) == (0.0, "insufficient coverage")


def test_a_small_supplier_that_falls_silent_is_not_missed(lake: Lake, db: Db) -> None:
    """Of 1,000 in 2021 Russia had 8 % and Brazil 2 %, of which 5 % are asked; neither has reported
    2022."""
    lake.upsert(
        "trade",
        table(
            *(
                flow("DEU", partner, value, "import", year=2021, product="27")
                for partner, value in (("CHN", 900.0), ("RUS", 80.0), ("BRA", 20.0))
            ),
            flow("DEU", "CHN", 900.0, "import", product="27"),
            flow("CHN", "USA", 1.0, product="27"),
        ),
    )
    found = trade_dependency(db.at(NOW), country="DEU", year=2022).frame.row(0, named=True)
    assert (found["silent_suppliers"], found["silent_usd"]) == ("RUS", 80.0)


def test_one_exporter_that_reports_is_not_all_that_a_country_bought(lake: Lake, db: Db) -> None:
    """China alone reports its exports, in both years. Iceland buys one in four from it: three in
    four of what Korea bought, which has not reported, may be of others."""
    rows = [flow("CHN", "KOR", 90.0, year=year, **OIL) for year in (2021, 2022)]
    parts = bought_by_another("CHN", value=1.0), bought_by_another("USA", value=3.0)
    lake.upsert("trade", table(*rows, *parts[0], *parts[1]))
    found = row(db, country="KOR")
    assert (found["coverage"], found["verdict"]) == (0.25, "insufficient coverage")
    lake.upsert("trade", table(flow("USA", "JPN", 1.0)))
    assert row(db, country="KOR")["verdict"] == "high"
