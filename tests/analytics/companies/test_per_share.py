"""Figures per share around splits: by hand, and as Apple filed them before and after 2020."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.companies.ratios import company_ratios
from analytics.companies.screen import company_screen
from analytics.companies.statements import company_statements
from data.lake import Lake
from data.query import Db
from tests import machine
from tests.analytics.companies.filed_facts import (
    Row,
    about,
    company_facts_json,
    fact,
    file_facts,
)
from tests.analytics.quotes import FIRST, quotes, table
from tests.analytics.test_market import instruments, listed

EXACT = 1e-9
EPS, INCOME = "EarningsPerShareDiluted", "NetIncomeLoss"
AVERAGE = "WeightedAverageNumberOfDilutedSharesOutstanding"
QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


def earned(year: int, quarters: int, shares: float, filed: date, income: float = 1e6) -> list[Row]:
    """Net income, `income` a quarter, and earnings per share of a year to date."""
    start, end = date(year, 1, 1), date(year, *QUARTER_ENDS[quarters - 1])
    known = datetime(filed.year, filed.month, filed.day, 20, tzinfo=UTC)
    form = "10-K" if quarters == 4 else "10-Q"
    total = income * quarters
    per_share = fact(EPS, start, end, total / shares, unit="USD per share", filed=known, form=form)
    return [per_share, fact(INCOME, start, end, total, filed=known, form=form)]


def priced(lake: Lake, splits: dict[date, float], price: float) -> None:
    """A share that costs so much in August 2023."""
    lake.upsert("companies", about())
    known = datetime(2020, 1, 1, tzinfo=UTC)
    lake.upsert("instruments", instruments(listed("x:A", company="x:co", known_at=known)))
    days = {(day - FIRST).days: ratio for day, ratio in splits.items()}
    closes: dict[int, float | None] = {
        (day - FIRST).days: price for day in (date(2023, 6, 1), date(2023, 8, 2))
    }
    lake.upsert("prices", table(quotes(closes, "x:A", splits=days)))


def ratio(db: Db, at: datetime, name: str) -> tuple[float | None, str | None]:
    """A ratio of the last period with its reason, which the screen gives too."""
    frame = company_ratios(db.at(at), company="x:co", top=1).frame
    row = frame.row(by_predicate=pl.col("ratio") == name, named=True)
    screened = company_screen(db.at(at)).frame.row(0, named=True)
    reasons = dict(word.split(":") for word in (screened["reasons"] or "").split(",") if word)
    assert (screened[name], reasons.get(name)) == (row["value"], row["reason"])
    return row["value"], row["reason"]


def cells(db: Db, at: datetime, period: str, concept: str = EPS) -> dict[date, dict[str, Any]]:
    """A line of the statements by the end of its period."""
    frame = company_statements(db.at(at), company="x:co", period=period, top=99).frame
    return {row["period_end"]: row for row in frame.filter(concept=concept).to_dicts()}


@pytest.mark.parametrize(("split", "value"), [(4.0, None), (0.1, None), (1.0, 4.0)])
def test_a_split_within_twelve_months(
    lake: Lake, db: Db, split: float, value: float | None
) -> None:
    """Four a share and year; the year was filed before the split, both halves were after it."""
    priced(lake, {date(2023, 6, 1): split}, 80.0 / split)
    old, new = 1e6, 1e6 * split
    rows = [
        *earned(2022, 1, old, date(2022, 5, 1)),
        *earned(2022, 2, old, date(2022, 8, 1)),
        *earned(2022, 4, old, date(2023, 2, 10)),
        *earned(2023, 1, old, date(2023, 5, 1)),
        *earned(2023, 2, new, date(2023, 8, 1)),
        *earned(2022, 2, new, date(2023, 8, 1)),
    ]
    file_facts(lake, rows)
    clock, end = datetime(2023, 8, 3, tzinfo=UTC), date(2023, 6, 30)
    expected = (None, "split") if value is None else (pytest.approx(20.0, rel=EXACT), None)
    assert ratio(db, clock, "pe") == expected
    cell = cells(db, clock, "ttm")[end]
    assert cell["value"] == (value if value is None else pytest.approx(value, rel=EXACT))
    assert cell["flags"] == ("derived,split" if value is None else "derived")
    assert cells(db, clock, "ttm", INCOME)[end]["value"] == 4e6
    # Before the filing that follows the split, all twelve months are of one footing.
    before = cells(db, clock - timedelta(days=3), "ttm")
    assert before[date(2023, 3, 31)]["value"] == pytest.approx(4.0, rel=EXACT)


def test_a_fourth_quarter_over_a_split_is_known_once_nine_months_are_filed_anew(
    lake: Lake, db: Db
) -> None:
    lake.upsert("companies", about())
    rows = [
        *earned(2023, 3, 1e6, date(2023, 11, 1)),
        *earned(2023, 4, 4e6, date(2024, 2, 10)),
        *earned(2023, 3, 4e6, date(2024, 11, 1)),
    ]
    file_facts(lake, rows)
    end = date(2023, 12, 31)
    cell = cells(db, datetime(2024, 3, 1, tzinfo=UTC), "quarter")[end]
    assert (cell["value"], cell["flags"]) == (None, "derived,split")
    later = cells(db, datetime(2024, 12, 1, tzinfo=UTC), "quarter")[end]
    assert later["value"] == pytest.approx(0.25, rel=EXACT)
    assert later["first_value"] is None  # of the figures that were filed first there is none


@pytest.mark.parametrize(("new", "value"), [(4e6, None), (1e6, 4.0), (1.2e6, 3 + 1 / 1.2)])
def test_a_sum_of_four_quarters(lake: Lake, db: Db, new: float, value: float | None) -> None:
    lake.upsert("companies", about())
    rows: list[Row] = []
    start = date(2023, 1, 1)
    for number, (month, day) in enumerate(QUARTER_ENDS):
        end, shares = date(2023, month, day), new if number == 3 else 1e6
        rows.append(fact(EPS, start, end, 1e6 / shares, unit="USD per share"))
        rows.append(fact(INCOME, start, end, 1e6))
        start = end + timedelta(days=1)
    file_facts(lake, rows)
    cell = cells(db, datetime(2024, 3, 1, tzinfo=UTC), "ttm")[date(2023, 12, 31)]
    assert cell["value"] == (value if value is None else pytest.approx(value, rel=EXACT))


@pytest.mark.parametrize("split", [4.0, 0.1])
def test_growth_over_a_split_between_two_years(lake: Lake, db: Db, split: float) -> None:
    """A tenth more was earned; it shows once the year before is filed on the same footing."""
    lake.upsert("companies", about())
    rows = [
        *earned(2022, 4, 1e6, date(2023, 2, 10)),
        *earned(2023, 4, 1e6 * split, date(2024, 2, 10), 1.1e6),
        *earned(2022, 4, 1e6 * split, date(2024, 2, 20)),
    ]
    file_facts(lake, rows)
    end = date(2023, 12, 31)
    before, after = (datetime(2024, 2, day, tzinfo=UTC) for day in (15, 25))
    assert ratio(db, before, "eps_growth") == (None, "split")
    assert cells(db, before, "annual")[end]["growth"] is None
    assert cells(db, before, "annual")[end]["value"] == pytest.approx(4.4 / split, rel=EXACT)
    assert ratio(db, after, "eps_growth") == (pytest.approx(0.1, rel=EXACT), None)
    assert cells(db, after, "annual")[end]["growth"] == pytest.approx(0.1, rel=EXACT)


def test_stated_averages_decide_where_a_cent_is_too_coarse(lake: Lake, db: Db) -> None:
    """Two cents a share imply no number of shares; the filing states it."""
    lake.upsert("companies", about())
    rows = []
    for year, shares, per_share in ((2022, 1e6, 0.16), (2023, 4e6, 0.04)):
        days = date(year, 1, 1), date(year, 12, 31)
        rows += [
            fact(EPS, *days, per_share, unit="USD per share", form="10-K"),
            fact(INCOME, *days, 160e3, form="10-K"),
            fact(AVERAGE, *days, shares, unit="shares", form="10-K"),
        ]
    file_facts(lake, rows)
    assert ratio(db, datetime(2024, 3, 1, tzinfo=UTC), "eps_growth") == (None, "split")


def test_apple_around_its_split(lake: Lake, db: Db) -> None:
    """Four for one in August 2020: every figure that is shown is on one footing."""
    path = machine.require("shared") / "recorded" / "sec_edgar" / "companyfacts_CIK0000320193.json"
    rows = company_facts_json(path, "x:co")
    lake.upsert("companies", about())
    file_facts(lake, rows)
    filed = sorted({row["known_at"] for row in rows if row["known_at"].year in range(2019, 2023)})
    shown = 0
    for clock in filed[::2]:
        income = cells(db, clock, "ttm", INCOME)
        for end, cell in cells(db, clock, "ttm").items():
            if cell["value"] is not None:
                shares = income[end]["value"] / cell["value"]
                assert any(0.9 < shares / 1e9 / n < 1.1 for n in SHARES_OF[end.year]), (clock, end)
                shown += 1
            if cell["growth"] is not None:
                same = (1 + cell["growth"]) / (1 + income[end]["growth"])
                assert 0.9 < same < 1.1, (clock, end)
    assert shown > 200
    frame = company_ratios(db.at(datetime(2022, 6, 1, tzinfo=UTC)), company="x:co", top=40).frame
    growth = frame.filter(ratio="eps_growth", period_end=date(2020, 3, 28)).row(0, named=True)
    assert (growth["value"], growth["reason"]) == (None, "split")
    whole = frame.filter(ratio="eps_growth", period_end=date(2021, 9, 25)).row(0, named=True)
    assert whole["value"] == pytest.approx(5.61 / 3.28 - 1, rel=EXACT)


# Billions of diluted shares, before and after the splits of 2014 and of 2020.
SHARES_OF = {year: (0.91, 6.4) for year in range(2008, 2014)} | dict(
    zip(
        range(2014, 2023),
        ((0.9, 6.1), (5.8, 23.2), (5.5, 22.0), (5.25, 21.0), (5.0, 20.0))
        + ((4.65, 18.6), (4.4, 17.5), (16.9,), (16.4,)),
        strict=True,
    )
)
