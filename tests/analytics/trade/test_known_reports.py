"""Reports that are kept as steps: at any clock they are what the rows of that clock say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.core.catalogue import called, function_named
from analytics.core.query_texts import expanded
from analytics.trade.flows import trade_partners
from analytics.trade.known_reports import known_reports
from analytics.trade.reading import matrix, reports
from data.fields import GRADES
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests import tiers
from tests.analytics.trade.flows_table import flow, table

CLOCKS = tiers.amount("REPORT_CLOCKS", day=40, night=400)
BEGUN = datetime(2021, 3, 1, tzinfo=UTC)
BATCHES = 12
KEY = ("reporter", "partner", "product", "flow", "year", "source")
EDITIONS = ("HS2017", "HS2022", "H5", "S2", None)
SLOW = """
WITH editions AS (
    SELECT reporter, year, source, coalesce(classification, '') AS classification, {gathered},
        count(*) FILTER (superseded_at IS NULL AND product <> 'TOTAL') AS goods,
        count(*) FILTER (superseded_at IS NULL AND product = 'TOTAL') AS totals,
        coalesce(bit_or(
            CASE flow WHEN 'export' THEN 1 WHEN 'import' THEN 16 ELSE 0 END
            * CASE product WHEN 'TOTAL' THEN 1 ELSE 2 END
        ) FILTER (superseded_at IS NULL AND partner <> 'WLD'), 0) AS stated
    FROM trade_known GROUP BY reporter, year, source, coalesce(classification, '')
), sources AS (
    SELECT reporter, year, source
    FROM (
        SELECT reporter, year, source, min(grade) AS grade, min(taken_in) AS taken_in,
            min(known_first) AS known_first
        FROM editions GROUP BY reporter, year, source
    )
    QUALIFY row_number() OVER (PARTITION BY reporter, year ORDER BY {order}) = 1
), published AS (
    SELECT reporter, year, min(known_at) AS published_at,
        arg_min(vintage_grade, (known_at, {grade})) AS vintage_grade
    FROM trade_known GROUP BY reporter, year
)
SELECT reporter, year, published_at, vintage_grade, source,
    first(classification ORDER BY goods = 0, NOT starts_with(classification, 'H'), goods DESC,
        classification DESC) AS taken,
    first(classification ORDER BY totals = 0, NOT starts_with(classification, 'H'), goods DESC,
        classification DESC) AS taken_total,
    count(*) FILTER (goods > 0) AS editions, bit_or(stated) AS stated
FROM editions JOIN sources USING (reporter, year, source) JOIN published USING (reporter, year)
GROUP BY ALL ORDER BY reporter, year
"""


@pytest.fixture
def corrected(lake: Lake, db: Db) -> Db:
    """Two sources, editions that change, corrections, rows that come late or without a date."""
    rng = random.Random(tiers.commit())
    for batch in range(BATCHES):
        now = BEGUN + timedelta(days=40 * batch)
        rows = {
            tuple(row[name] for name in KEY): row for row in (_drawn(rng, now) for _ in range(150))
        }
        lake.upsert("trade", table(*rows.values()), ingested_at=now)
    return db


def _drawn(rng: random.Random, now: datetime) -> dict[str, Any]:
    year = rng.choice((2018, 2019, 2020))
    return flow(
        rng.choice(("DEU", "FRA", "USA", "EUR")),
        rng.choice(("WLD", "CHN", "FRA", "_X", "A59")),
        float(rng.randrange(1, 1_000)),
        rng.choice(("export", "export", "import", "re-export")),
        product=rng.choice(("TOTAL", "84", "85", "99")),
        year=year,
        classification=rng.choice(EDITIONS),
        source=rng.choice(("comtrade", "baci")),
        vintage_grade=rng.choice(GRADES),
        known_at=now - timedelta(days=rng.choice((0, 1, 5, 60, 200)), hours=rng.randrange(24)),
    )


def _clocks(mode: str) -> Iterator[datetime]:
    rng = random.Random(f"{mode} {tiers.commit()}")
    minutes = (BATCHES * 40 + 300) * 24 * 60
    for _ in range(CLOCKS):
        yield BEGUN - timedelta(days=250) + timedelta(minutes=rng.randrange(minutes))
    for batch in range(BATCHES):
        yield BEGUN + timedelta(days=40 * batch, microseconds=rng.choice((-1, 0, 1)))


def slow(at: At) -> pl.DataFrame:
    """From all rows of the clock."""
    return at.sql(expanded(SLOW)).frame


@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_its_rows_say(corrected: Db, mode: Mode) -> None:
    seen = set()
    for clock in _clocks(mode):
        at = corrected.at(clock, mode)
        expected = slow(at)
        found = known_reports(at).frame
        assert_frame_equal(found, expected, check_dtypes=False)
        seen.add(tuple(expected["taken"].to_list()))
    assert len(seen) > BATCHES // 2, "what is taken has to change from clock to clock"


def test_all_vintages_as_their_rows_say(corrected: Db) -> None:
    at = corrected.at(BEGUN + timedelta(days=200), all_vintages=True)
    assert_frame_equal(known_reports(at).frame, slow(at), check_dtypes=False)


def test_nothing_known_later_changes_a_clock(lake: Lake, db: Db, corrected: Db) -> None:
    clock = BEGUN + timedelta(days=200)
    before = known_reports(db.at(clock)).frame
    later = flow("DEU", "CHN", 5.0, year=2019, known_at=clock + timedelta(days=900))
    lake.upsert("trade", table(later))
    assert known_reports(db.at(clock)).frame.equals(before)
    after = known_reports(db.at(clock + timedelta(days=900))).frame
    assert not after.equals(before)


def test_a_report_that_is_not_known_has_no_rows(corrected: Db) -> None:
    at = corrected.at(BEGUN - timedelta(days=900))
    assert known_reports(at).frame.is_empty()
    assert reports(at, 2010, 2020).frame.is_empty()
    assert matrix(at, 2019, "export", 2).frame.is_empty()


def test_receipts_hold(corrected: Db) -> None:
    """Each query of an answer can be run again, and the steps are among them once."""
    at = corrected.at(BEGUN + timedelta(days=250, hours=7))
    answer = trade_partners(at, country="DEU")
    steps = [run for run in answer.asked if "begins_at" in run.sql]
    assert len(steps) == 1
    assert at.sql(steps[0].sql, **steps[0].params).frame.equals(steps[0].frame)
    receipt = make_receipt(called(trade_partners, at, country="DEU"))
    assert all(verdict.same for verdict in verify(receipt, corrected.root, function_named))
