"""Edited accounts always balance or are refused with the line that is out."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.companies.edited_accounts import Edits, Lines, edited
from analytics.companies.filing_comparison import filing_comparison
from analytics.companies.filing_sensitivity import filing_sensitivity
from analytics.companies.simulation import filing_simulation
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import about, file_facts, instance_csv, shared
from tests.analytics.companies.test_ratios import accounts
from tests.demo_fixture import DemoLake

LATE = datetime(2024, 4, 1, tzinfo=UTC)
BASE: Lines = {
    "revenue": 1000.0,
    "gross_profit": 400.0,
    "ebit": 200.0,
    "interest": 40.0,
    "pretax": 160.0,
    "tax": 40.0,
    "net_income": 120.0,
    "assets": 2000.0,
    "cash": 100.0,
    "debt": 600.0,
    "liabilities": 1200.0,
    "equity": 800.0,
    "shares": 100.0,
    "eps": 1.2,
}


def simulated(db: Db, at: datetime = LATE, **edits: Any) -> dict[str, dict[str, Any]]:
    """Rows of the simulation by name."""
    frame = filing_simulation(db.at(at), company="x:co", edits=json.dumps(edits)).frame
    return {row["name"]: row for row in frame.to_dicts()}


@pytest.fixture
def filed(lake: Lake, db: Db) -> Db:
    lake.upsert("companies", about())
    file_facts(lake, accounts())
    return db


def test_by_hand(filed: Db) -> None:
    """100 less revenue at 40 %, 500 of new debt at 8 % for half a year, 30 paid out."""
    asked = {"revenue_change": -100.0, "new_debt": 500.0, "rate": 0.08, "year_fraction": 0.5}
    found = simulated(filed, **asked, dividend=30.0)
    earned = -40.0 - 20.0
    kept = earned * (1 - 0.25)
    after = {name: row["after"] for name, row in found.items()}
    assert after["ebit"] == pytest.approx(160.0)
    assert after["interest"] == pytest.approx(60.0)
    assert after["net_income"] == pytest.approx(120.0 + kept)
    assert after["equity"] == pytest.approx(800.0 + kept - 30.0)
    assert after["cash"] == pytest.approx(100.0 + 500.0 + kept - 30.0)
    assert after["liabilities"] == pytest.approx(1700.0)
    assert after["assets"] == pytest.approx(after["liabilities"] + after["equity"])
    assert after["icr"] == pytest.approx(160 / 60)
    assert after["debt_to_equity"] == pytest.approx(1100 / (800 + kept - 30))
    assert after["roe"] == pytest.approx((120 + kept) / ((600 + 800 + kept - 30) / 2))
    assert after["gross_margin"] == pytest.approx((400 - 40) / 900)
    assert found["icr"]["before"] == 5.0


def test_nothing_edited_changes_nothing(filed: Db) -> None:
    for name, row in simulated(filed).items():
        before, after = row["before"], row["after"]
        assert after == (before if before is None else pytest.approx(before, rel=1e-12)), name
        assert row["crossed"] is None


def test_thresholds_and_warnings(filed: Db) -> None:
    heavy = simulated(filed, new_debt=1500.0, rate=0.10)  # 200 / 190
    assert heavy["icr"]["crossed"] == "distress zone: EBIT below 1.5 times interest"
    worse = simulated(filed, new_debt=2000.0, rate=0.10)  # 200 / 240
    assert "does not cover" in worse["icr"]["crossed"]
    paid = simulated(filed, dividend=500.0)
    assert paid["cash"]["crossed"] == "negative cash"
    burnt = simulated(filed, impairment=1500.0)
    assert burnt["equity"]["crossed"] == "negative equity"
    assert burnt["debt_to_equity"]["reason_after"] == "negative_equity"
    assert burnt["cash"]["after"] == pytest.approx(100.0 + 1500.0 * 0.25)  # less tax to pay


def test_an_unbalanced_statement_is_refused_with_the_line_that_is_out(filed: Db) -> None:
    with pytest.raises(ConfigError, match=r"assets after the edits are 2,500\.00.*out by 500\.00"):
        simulated(filed, lines={"assets": 2500.0})
    sound = simulated(filed, lines={"assets": 2500.0, "liabilities": 1700.0})
    assert sound["liabilities"]["after"] == 1700.0
    alone = simulated(filed, lines={"equity": 900.0})
    assert (alone["cash"]["after"], alone["assets"]["after"]) == (200.0, 2100.0)


def test_accounts_that_were_filed_out_of_balance_are_refused(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    file_facts(lake, accounts(Liabilities=1150.0))
    with pytest.raises(ConfigError, match=r"assets as filed are 2,000\.00.*out by 50\.00"):
        simulated(db)


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ("{", "no JSON"),
        ('{"profit": 1}', "'profit' is none of"),
        ('{"rate": 8}', "expected a part of one"),
        ('{"dividend": -5}', "expected 0 or more"),
        ('{"new_debt": "much"}', "expected a number"),
        ('{"new_debt": true}', "expected a number"),
        ('{"lines": {"goodwill": 1}}', "lines take assets"),
        ("[1]", "is none of"),
    ],
)
def test_edits_that_cannot_be_right_are_refused(filed: Db, edits: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        filing_simulation(filed.at(LATE), company="x:co", edits=edits)


def test_random_edits_balance_or_are_refused(rng: random.Random) -> None:
    """A thousand random companies under random edits, in sizes from cents to trillions."""
    refused = 0
    for _ in range(1000):
        base, edits = _random_base(rng), _random_edits(rng)
        by_hand = set(edits.lines)
        try:
            after = edited(base, edits, rng.choice([None, rng.uniform(0.1, 900.0)]))
        except ConfigError as error:
            refused += 1
            assert "out by" in str(error) or "more than all shares" in str(error)
            assert by_hand & {"assets", "cash"} or "more than all shares" in str(error)
            continue
        assets, other = after["assets"], base["other_equity"]
        liabilities, equity = after["liabilities"], after["equity"]
        assert None not in (assets, liabilities, equity, other)
        size = max(abs(after[name] or 0.0) for name in ("assets", "liabilities", "equity"))
        out = assets - liabilities - equity - other  # type: ignore[operator] - none is None
        assert abs(out) <= 1e-8 * max(size, abs(base["assets"] or 0.0), 1.0)
        moved = (assets or 0.0) - (base["assets"] or 0.0)
        cash = (after["cash"] or 0.0) - (base["cash"] or 0.0)
        if not by_hand:  # all that moves assets is cash, and what was written off
            assert moved == pytest.approx(cash - edits.impairment, rel=1e-6, abs=1e-6 * size + 1e-6)
    assert 0 < refused < 700


def _random_base(rng: random.Random) -> Lines:
    scale = 10.0 ** rng.uniform(-1, 12)
    base = {name: rng.uniform(-1, 3) * scale for name in BASE}
    other = rng.choice([0.0, rng.uniform(0, 1) * scale])
    base["assets"] = base["liabilities"] + base["equity"] + other
    return {**base, "shares": abs(base["shares"]) + 1.0, "other_equity": other}


def _random_edits(rng: random.Random) -> Edits:
    scale = 10.0 ** rng.uniform(-1, 11)
    sums: dict[str, Any] = {
        name: rng.uniform(0, 1) * scale
        for name in ("impairment", "dividend", "buyback", "share_issue")
        if rng.random() < 0.5
    }
    for name in ("revenue_change", "one_offs", "new_debt"):
        sums[name] = rng.uniform(-1, 1) * scale
    lines = {
        name: rng.uniform(0, 2) * scale
        for name in ("assets", "cash", "liabilities", "equity")
        if rng.random() < 0.1
    }
    parts = {name: rng.random() for name in ("rate", "year_fraction")}
    parts["margin_change"] = rng.choice([0.0, rng.uniform(-1, 1)])
    return Edits(**sums, **parts, lines=lines)


def test_sensitivity_has_the_edits_in_its_middle(filed: Db) -> None:
    text = json.dumps({"new_debt": 500.0, "rate": 0.005})
    rows = filing_sensitivity(filed.at(LATE), company="x:co", edits=text).frame
    assert rows.height == 9
    middle = rows.filter(rate_change=0.0, revenue_change=0.0).row(0, named=True)
    own = simulated(filed, new_debt=500.0, rate=0.005)
    assert middle["icr"] == pytest.approx(own["icr"]["after"], rel=1e-12)
    assert rows.filter(rate_change=-0.01)["refused"].str.contains("rate").all()


def test_the_operating_margin_moves_by_points_of_all_revenue(filed: Db) -> None:
    """Two points less on 900 of revenue, beside 40 % of the 100 that are lost."""
    found = simulated(filed, revenue_change=-100.0, margin_change=-0.02)
    assert found["ebit"]["after"] == pytest.approx(200 - 40 - 18)
    assert found["net_income"]["after"] == pytest.approx(120 - 58 * 0.75)
    assert found["operating_margin"]["after"] == pytest.approx(142 / 900)
    assert found["gross_margin"]["after"] == pytest.approx(360 / 900)
    with pytest.raises(ConfigError, match="margin_change is 2"):
        simulated(filed, margin_change=2)


def test_the_grid_has_its_steps_and_names_what_is_crossed(filed: Db) -> None:
    """1,000 at 10 %: 200 / 140, then at 12 % 200 / 160; revenue of 40 % less crosses both."""
    text = json.dumps({"new_debt": 1000.0, "rate": 0.10})
    given = {"rate_step": 0.02, "revenue_step": 0.2, "steps": 2}
    rows = filing_sensitivity(filed.at(LATE), company="x:co", edits=text, **given).frame
    assert rows.height == 25
    assert sorted(set(rows["rate_change"])) == [-0.04, -0.02, 0.0, 0.02, 0.04]

    def point(rate: float, revenue: float) -> dict[str, Any]:
        return rows.filter(rate_change=rate, revenue_change=revenue).row(0, named=True)

    assert point(0.0, 0.0)["icr"] == pytest.approx(200 / 140)
    assert point(0.0, 0.0)["crossed"] == "distress zone: EBIT below 1.5 times interest"
    assert point(0.02, -0.4)["icr"] == pytest.approx((200 - 160) / 160)
    assert "does not cover" in point(0.02, -0.4)["crossed"]
    assert point(-0.04, 0.4)["crossed"] is None
    for wrong in ({"steps": 0}, {"steps": 9}, {"rate_step": 0.0}, {"revenue_step": 2.0}):
        with pytest.raises(ConfigError, match="expected"):
            filing_sensitivity(filed.at(LATE), company="x:co", **wrong)


def test_revenue_that_is_not_stated_has_no_steps(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    file_facts(lake, accounts(Revenues=None))
    rows = filing_sensitivity(db.at(LATE), company="x:co", rate_step=0.01).frame
    moved = rows.filter(pl.col("revenue_change") != 0.0)
    assert moved.height == 6
    assert moved["refused"].str.contains("not stated").all()
    assert moved["icr"].null_count() == 6
    own = rows.filter(revenue_change=0.0, rate_change=0.0).row(0, named=True)
    assert own["refused"] is None and own["icr"] is not None


def test_two_simulations_differ_by_what_was_edited(filed: Db) -> None:
    """A dividend of 30 beside a debt of 500 at 8 %: by hand."""
    edits = [json.dumps(one) for one in ({"dividend": 30.0}, {"new_debt": 500.0, "rate": 0.08})]
    frame = filing_comparison(
        filed.at(LATE), company="x:co", edits=edits[0], other_edits=edits[1]
    ).frame
    row = {one["name"]: one for one in frame.iter_rows(named=True)}
    assert row["equity"]["difference"] == pytest.approx(-40 * 0.75 + 30)
    assert row["icr"]["after"] == 5.0
    assert row["icr"]["difference"] == pytest.approx(200 / 80 - 5.0)
    assert row["revenue"]["difference"] == 0.0
    assert (row["pe"]["difference"], row["pe"]["reason"]) == (None, "not_known")
    alone = simulated(filed, new_debt=500.0, rate=0.08)
    assert {name: one["other_after"] for name, one in row.items()} == {
        name: one["after"] for name, one in alone.items()
    }


def test_money_of_two_currencies_has_no_difference(lake: Lake, db: Db) -> None:
    own = accounts()
    far = [row | {"company": "x:far", "unit": row["unit"].replace("USD", "EUR")} for row in own]
    lake.upsert("companies", pl.concat([about(), about("x:far", currency="EUR")]))
    file_facts(lake, [*own, *far])
    frame = filing_comparison(db.at(LATE), company="x:co", other_company="x:far").frame
    row = {one["name"]: one for one in frame.iter_rows(named=True)}
    assert (row["revenue"]["difference"], row["revenue"]["reason"]) == (None, "currency")
    assert row["icr"]["difference"] == row["shares"]["difference"] == 0.0
    with pytest.raises(ConfigError, match=r"^x:nobody: "):
        filing_comparison(db.at(LATE), company="x:co", other_company="x:nobody")


def test_apple_borrows_twenty_billion(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    path = shared("sec_aapl_fy2023_facts.csv")
    file_facts(lake, instance_csv(path, "x:co", "10-K", datetime(2023, 11, 2, 22, tzinfo=UTC)))
    found = simulated(db, new_debt=20e9, rate=0.05)
    tax = 16_741 / 113_736
    assert found["icr"]["after"] == pytest.approx(114_301 / 4_933, rel=1e-9)
    equity = 62_146 - 1_000 * (1 - tax)
    assert found["debt_to_equity"]["after"] == pytest.approx(131_088 / equity, rel=1e-9)


def test_the_simulation_reads_what_was_known(demo_lake: DemoLake) -> None:
    """Around a restatement the base is the old statement, then the new one."""
    sql = (
        "SELECT company, period_end, max(known_at) AS again FROM fundamentals_vintages "
        "WHERE form LIKE '%/A' GROUP BY company, period_end ORDER BY company"
    )
    row = demo_lake.at().sql(sql).frame.row(0, named=True)
    moment = row["again"]
    before, after = (
        filing_simulation(demo_lake.at(at), company=row["company"]).frame
        for at in (moment - timedelta(seconds=1), moment)
    )
    old, new = (one.filter(name="revenue").row(0, named=True) for one in (before, after))
    assert old["period_end"] == new["period_end"] == row["period_end"]
    assert old["before"] > new["before"]
    assert isinstance(new["period_end"], date)
    assert before.schema == after.schema
    assert not before.select(pl.col("before")).equals(after.select(pl.col("before")))
