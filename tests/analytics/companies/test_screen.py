"""The screen of all companies is what each company's own ratios say, at every clock."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.companies.measures import USED
from analytics.companies.ratios import company_ratios
from analytics.companies.screen import companies_of, company_peers, company_screen
from analytics.companies.standing_facts import BACK_YEARS, STANDING, standing_facts
from analytics.core.query_texts import query_text
from data.errors import ConfigError, LakeError
from data.lake import Lake
from data.lake.views import Mode
from data.query import At, Db
from tests.analytics.companies.filed_facts import about, balance, fact, file_facts
from tests.analytics.quotes import quotes, table
from tests.analytics.test_market import instruments, listed
from tests.demo_fixture import DemoLake
from tests.spoil import spoil

MODES: tuple[Mode, ...] = ("public", "house")
LINE = ["company", "concept", "period_start", "period_end", "value", "unit", "known_at"]


def clocks(db: Db, count: int, rng: random.Random) -> list[datetime]:
    """Instants around filings, and some between them."""
    late = datetime(2030, 1, 1, tzinfo=UTC)
    sql = "SELECT DISTINCT known_at FROM fundamentals_vintages ORDER BY known_at"
    filed = db.at(late, all_vintages=True).sql(sql).frame["known_at"].to_list()
    picked = rng.sample(filed, min(count, len(filed)))
    shifts = [timedelta(seconds=n) for n in (-1, 0, 1)] + [timedelta(days=11)]
    return [moment + rng.choice(shifts) for moment in picked]


def asked(at: At) -> pl.DataFrame:
    """The same lines, by the query itself."""
    since = date(at.as_of.year - BACK_YEARS, 1, 1)
    return at.sql(query_text(STANDING), concepts=list(USED), since=since).frame


@pytest.mark.parametrize("mode", MODES)
def test_lines_in_memory_are_what_the_lake_gives(
    revised: Db, rng: random.Random, mode: Mode
) -> None:
    for clock in [*clocks(revised, 12, rng), datetime(2030, 1, 1, tzinfo=UTC)]:
        at = revised.at(clock, mode)
        kept = standing_facts(at)[0].with_columns(pl.col("company", "concept").cast(pl.String))
        assert kept.select(LINE).sort(LINE).equals(asked(at).select(LINE).sort(LINE)), clock


def test_a_period_that_ends_at_new_year_is_there_once_it_is_filed(lake: Lake, db: Db) -> None:
    """Filed on the day before its last one: the year to come has a line already."""
    filed = datetime(2023, 12, 31, 20, tzinfo=UTC)
    lake.upsert("companies", about())
    file_facts(
        lake, [fact("Revenues", date(2023, 1, 2), date(2024, 1, 1), 5.0, form="10-K", filed=filed)]
    )
    for clock, count in ((filed - timedelta(seconds=1), 0), (filed, 1)):
        at = db.at(clock)
        assert standing_facts(at)[0].height == asked(at).height == count


def test_the_screen_says_what_each_company_says(revised: Db, rng: random.Random) -> None:
    for clock in clocks(revised, 4, rng):
        at = revised.at(clock)
        rows = company_screen(at).frame
        for row in rng.sample(rows.to_dicts(), min(5, rows.height)):
            agrees(at, row)


def agrees(at: At, row: dict[str, Any]) -> None:
    """A row of the screen against the company's own page."""
    try:
        frame = company_ratios(at, company=row["company"], top=1).frame
    except ConfigError:
        frame = pl.DataFrame(schema={"ratio": pl.String})
    if frame.is_empty():
        assert row["period_end"] is None
        return
    reasons = dict(word.split(":") for word in (row["reasons"] or "").split(",") if word)
    for name, value, reason in frame.select("ratio", "value", "reason").iter_rows():
        assert row[name] == (value if value is None else pytest.approx(value, rel=1e-9)), name
        assert reasons.get(name) == reason, (row["company"], name)


def small_world(lake: Lake) -> datetime:
    """Three machine makers and a mine, each with a year of accounts and a price."""
    sizes = {"x:a": 10.0, "x:b": 12.0, "x:c": 100.0, "x:d": 11.0}
    day = (date(2024, 3, 28) - date(2020, 1, 1)).days
    for company, size in sizes.items():
        sector = "Materials" if company == "x:d" else "Industrials"
        lake.upsert("companies", about(company, name=company, sector=sector))
        year = date(2023, 1, 1), date(2023, 12, 31)
        rows = [
            fact("Revenues", *year, 1e6 * size, form="10-K"),
            fact("NetIncomeLoss", *year, 1e5 * size * (1 + size / 100), form="10-K"),
            *balance(year[1], Assets=2e6 * size, StockholdersEquity=1e6 * size),
        ]
        file_facts(lake, [row | {"company": company} for row in rows])
        known = datetime(2023, 1, 1, tzinfo=UTC)
        share = listed(f"{company}s", company=company, shares_outstanding=1e6, known_at=known)
        lake.upsert("instruments", instruments(share))
        lake.upsert("prices", table(quotes({day: size}, f"{company}s")))
    return datetime(2024, 4, 1, tzinfo=UTC)


def test_a_screen_is_narrowed_by_words_and_by_a_list(lake: Lake, db: Db) -> None:
    at = db.at(small_world(lake))
    assert company_screen(at).frame["company"].to_list() == ["x:a", "x:b", "x:c", "x:d"]
    assert company_screen(at, universe="sector:Materials").frame["company"].to_list() == ["x:d"]
    both = company_screen(at, universe="currency:USD", companies=["x:b", "x:none"])
    assert both.frame["company"].to_list() == ["x:b"]
    row = both.frame.row(0, named=True)
    assert row["ps"] == pytest.approx(12.0 * 1e6 / 12e6, rel=1e-9)
    assert "icr:no_debt" in row["reasons"]
    with pytest.raises(ConfigError, match="universe 'kind:x': expected one of sector:"):
        company_screen(at, universe="kind:x")


def test_peers_are_the_nearest_of_the_sector(lake: Lake, db: Db) -> None:
    at = db.at(small_world(lake))
    found = company_peers(at, company="x:a").frame
    assert found.select("peer_rank", "company").rows() == [(0, "x:a"), (1, "x:b"), (2, "x:c")]
    margin = found.row(0, named=True)
    assert margin["net_margin_percentile"] == 0.0  # the smallest earns least of its revenue
    assert found.row(1, named=True)["net_margin_percentile"] is None
    assert company_peers(at, company="x:a", top=1).frame.height == 2
    with pytest.raises(ConfigError, match="no company"):
        company_peers(at, company="x:none")


def test_a_company_from_two_sources_is_read_from_one(lake: Lake, db: Db) -> None:
    at_ = small_world(lake)
    year = date(2023, 1, 1), date(2023, 12, 31)
    other = fact("Revenues", *year, 77.0, form="10-K", source="other") | {"company": "x:a"}
    file_facts(lake, [other])
    row = company_screen(db.at(at_), companies=["x:a"]).frame.row(0, named=True)
    assert row["revenue"] == 10e6


def test_a_kept_screen_does_not_hide_what_is_damaged(lake: Lake, db: Db) -> None:
    clock = small_world(lake)
    assert company_screen(db.at(clock)).frame["price"].is_not_null().all()
    (entry,) = db.at(clock).manifests["prices"].files
    (lake.root / "prices" / entry.file).write_bytes(b"nothing")
    answer = company_screen(db.at(clock))
    assert answer.damaged == (f"prices/{entry.file}",)
    assert answer.frame["price"].is_null().all()


def test_a_closed_dataset_is_refused_though_the_screen_was_kept(lake: Lake, db: Db) -> None:
    clock = small_world(lake)
    spoil(lake.root, "prices")
    at = db.at(clock)
    assert company_screen(at.opened()).frame["price"].is_null().all()
    with pytest.raises(LakeError, match="damaged"):
        company_screen(at)


def test_the_demo_world_has_a_row_for_every_company(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    frame = company_screen(at).frame
    names = at.sql("SELECT count(DISTINCT company) AS n FROM companies").frame.item()
    assert frame.height == names > 5
    assert frame["roe"].is_not_null().any()


def test_a_back_filled_row_shows_at_the_clock_that_was_asked_before(lake: Lake, db: Db) -> None:
    """What comes late but was known earlier is there at once, at the very same clock."""
    clock = small_world(lake)
    assert company_screen(db.at(clock), companies=["x:a"]).frame["revenue"].to_list() == [10e6]
    again = fact("Revenues", date(2023, 1, 1), date(2023, 12, 31), 12e6, form="10-K/A")
    filed = datetime(2024, 3, 20, tzinfo=UTC)
    file_facts(lake, [again | {"company": "x:a", "known_at": filed}])
    assert company_screen(db.at(clock), companies=["x:a"]).frame["revenue"].to_list() == [12e6]
    early = db.at(filed - timedelta(seconds=1))
    assert company_screen(early, companies=["x:a"]).frame["revenue"].to_list() == [10e6]
    assert company_screen(db.at(filed), companies=["x:a"]).frame["revenue"].to_list() == [12e6]
    lake.upsert("prices", table(quotes({(clock.date() - date(2020, 1, 1)).days - 3: 20.0}, "x:as")))
    assert company_screen(db.at(clock), companies=["x:a"]).frame["price"].to_list() == [20.0]


def test_each_mode_has_its_own_rows_at_one_clock(revised: Db, rng: random.Random) -> None:
    """Whatever was asked before, in whichever mode: each time as the query itself gives it."""
    differ = 0
    for clock in clocks(revised, 10, rng):
        lines = []
        for mode in (*MODES, *reversed(MODES)):
            at = revised.at(clock, mode)
            kept = standing_facts(at)[0].with_columns(pl.col("company", "concept").cast(pl.String))
            assert kept.select(LINE).sort(LINE).equals(asked(at).select(LINE).sort(LINE)), clock
            lines.append(kept.select(LINE).sort(LINE))
        differ += not lines[0].equals(lines[1])
    assert differ, "no clock at which the modes differ was drawn"


def test_a_screen_once_made_in_one_mode_is_not_shown_in_another(lake: Lake, db: Db) -> None:
    clock = small_world(lake)
    public = company_screen(db.at(clock)).frame
    house = company_screen(db.at(clock, "house")).frame
    assert public["revenue"].count() == 4
    # The rows came into the lake today, long after the clock: the house knew none of them.
    assert house["company"].to_list() == []
    assert company_screen(db.at(clock)).frame.equals(public)


def test_accounts_that_are_damaged_or_closed_are_not_shown_from_memory(lake: Lake, db: Db) -> None:
    clock = small_world(lake)
    assert company_screen(db.at(clock)).frame["revenue"].count() == 4
    (entry,) = db.at(clock).manifests["fundamentals"].files
    (lake.root / "fundamentals" / entry.file).write_bytes(b"nothing")
    answer = company_screen(db.at(clock))
    assert answer.damaged == (f"fundamentals/{entry.file}",)
    assert answer.frame["revenue"].count() == 0
    spoil(lake.root, "fundamentals")
    other = Db(lake.root, threads=1)  # `db` has read the manifest, and keeps to what it read
    with pytest.raises(LakeError, match="damaged"):
        company_screen(other.at(clock))
    other.close()


def test_any_share_class_leads_to_its_company(lake: Lake, db: Db) -> None:
    """The screen shows one class of each company, and a list may hold the other."""
    now = small_world(lake)
    (first, *_) = company_screen(db.at(now)).frame.drop_nulls("symbol").iter_rows(named=True)
    other = listed("x:other class", company=first["company"])
    lake.upsert("instruments", instruments(other))
    later = max(now, other["known_at"])
    assert companies_of(db.at(later), ["x:other class"]) == [first["company"]]
    assert companies_of(db.at(later), [first["symbol"], "x:nobody"]) == [first["company"]]
    assert companies_of(db.at(later), []) == []
