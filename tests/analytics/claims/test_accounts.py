"""Lines of accounts: by the symbol of a share, quarters and years, restatements, currencies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.claims.statement import Span, Subject
from analytics.core.catalogue import function_named
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.claims.small_lakes import found, says, year
from tests.analytics.test_market import instruments, listed

ENDS = [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]
FILED = timedelta(days=40)


def line(end: date, value: float, concept: str = "Revenues", **more: Any) -> dict[str, Any]:
    """A line of a quarter's accounts."""
    return {
        "company": "x:co",
        "concept": concept,
        "period_start": date(end.year, end.month - 2, 1),
        "period_end": end,
        "value": value,
        "unit": "USD",
        "fiscal_period": f"Q{end.month // 3}",
        "form": "10-Q",
        "accession": f"{end}",
        "known_at": datetime(end.year, end.month, end.day, tzinfo=UTC) + FILED,
        "vintage_grade": "native",
        "source": "office",
    } | more


@pytest.fixture
def filed(lake: Lake, db: Db) -> Db:
    lake.upsert("instruments", instruments(listed("x:CO", company="x:co")))
    whole = {"period_start": date(2023, 1, 1), "fiscal_period": "FY"}
    rows = [line(end, 1e9 * n) for n, end in enumerate(ENDS, 1)]
    rows += [line(end, 4e8 * n, "GrossProfit") for n, end in enumerate(ENDS, 1)]
    rows += [line(ENDS[3], 4.2e9, "GrossProfit", **whole)]
    rows += [line(end, 7e9, "Assets", period_start=end) for end in ENDS]
    late = datetime(2024, 6, 1, tzinfo=UTC)
    rows += [line(ENDS[1], 2.1e9, known_at=late)]
    lake.upsert("fundamentals", pl.DataFrame(rows))
    return db


def account(concept: str = "Revenues") -> Subject:
    return Subject("account", "x:CO", concept=concept)


def quarter(number: int) -> Span:
    end = ENDS[number - 1]
    return Span(date(end.year, end.month - 2, 1), end, "quarter")


def usd(text: str) -> Any:
    return says(text, "USD", scale=1e9)


BEFORE = datetime(2024, 5, 1, tzinfo=UTC)
LATE = datetime(2024, 7, 1, tzinfo=UTC)


def test_quarters_and_years(filed: Db) -> None:
    asked = {"subject": account(), "at": BEFORE}
    assert found(filed, "level", usd("2.00"), period=quarter(2), **asked).verdict == "supported"
    near = found(filed, "level", usd("1.00"), period=quarter(2), **asked)
    assert near.verdict == "wrong period"
    assert found(filed, "level", usd("10.0"), period=year(2023), **asked).holds
    assert found(filed, "sum", usd("10.0"), period=year(2023), **asked).holds
    grown = found(filed, "percent change", says("100"), period=quarter(2), **asked)
    assert grown.verdict == "supported"
    euro = found(filed, "level", says("2.00", "EUR", scale=1e9), period=quarter(2), **asked)
    assert euro.verdict == "unit error"


def test_a_year_that_was_filed_is_no_sum_of_quarters(filed: Db) -> None:
    asked = {"subject": account("GrossProfit"), "at": BEFORE}
    assert found(filed, "level", usd("4.2"), period=year(2023), **asked).verdict == "supported"
    assert found(filed, "sum", usd("4.2"), period=year(2023), **asked).verdict == "supported"
    assert found(filed, "level", usd("4.0"), period=year(2023), **asked).verdict == "wrong value"
    assert found(filed, "level", usd("1.6"), period=quarter(4), **asked).verdict == "supported"


def test_a_stock_is_no_sum(filed: Db) -> None:
    asked = {"subject": account("Assets"), "at": BEFORE}
    assert found(filed, "level", usd("7.0"), period=quarter(4), **asked).holds
    whole = found(filed, "level", usd("28.0"), period=year(2023), **asked)
    assert whole.verdict == "not in the lake"


def test_a_margin_is_one_line_by_another(filed: Db) -> None:
    asked = {"subject": account("GrossProfit"), "others": ((account(),),), "at": BEFORE}
    assert found(filed, "ratio", says("40.0"), period=quarter(3), **asked).verdict == "supported"
    assert found(filed, "ratio", says("41.0"), period=quarter(3), **asked).verdict == "wrong value"


def test_a_restatement_supersedes(filed: Db) -> None:
    asked = {"subject": account(), "at": BEFORE, "later": LATE}
    finding = found(filed, "level", usd("2.00"), period=quarter(2), **asked)
    assert (finding.verdict, finding.later) == ("superseded", 2.1e9)
    assert finding.answer is not None
    parts = verify(make_receipt(finding.answer), filed.root, function_named)
    assert all(part.same for part in parts), parts
