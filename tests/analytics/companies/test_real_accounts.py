"""Apple, Tesla and Snowflake as the files have them: each line that is shown, ratios by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.companies.ratios import company_ratios
from analytics.companies.statements import company_statements
from data.concepts import concepts
from data.lake import Lake
from data.query import Db
from ingest.sources._sec_places import RevenueFact, RevenueSplit, split_by_place
from tests.analytics.companies.filed_facts import (
    about,
    company_facts_json,
    file_facts,
    instance_csv,
    shared,
)

EXACT = 1e-9
LATE = datetime(2026, 1, 1, tzinfo=UTC)
Stated = set[tuple[str, date, date, float]]
FILES = ("sec_aapl_fy2023_facts.csv", "sec_tsla_2024q2_facts.csv", "sec_snow_companyfacts.json")


def stated(path: Path) -> Iterator[tuple[str, date, date, float]]:
    """Every fact of the file without dimensions: tag, first and last day, value."""
    if path.suffix == ".json":
        for tag, found in json.loads(path.read_bytes())["facts"]["us-gaap"].items():
            for rows in found["units"].values():
                for row in rows:
                    end = date.fromisoformat(row["end"])
                    start = date.fromisoformat(row["start"]) if "start" in row else end
                    yield tag, start, end, float(row["val"])
        return
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["dimensions"]:
                end = date.fromisoformat(row["end"])
                start = date.fromisoformat(row["start"]) if row["start"] else end
                yield row["concept"], start, end, float(row["value"])


def load(lake: Lake, name: str) -> Path:
    path = shared(name)
    lake.upsert("companies", about())
    if path.suffix == ".json":
        file_facts(lake, company_facts_json(path, "x:co"))
    else:
        form = "10-K" if "fy" in name else "10-Q"
        file_facts(lake, instance_csv(path, "x:co", form, datetime(2024, 7, 24, tzinfo=UTC)))
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_line_that_is_not_derived_is_one_of_the_file(name: str, lake: Lake, db: Db) -> None:
    facts: Stated = set(stated(load(lake, name)))
    compared = 0
    for statement in ("income", "balance", "cash", "shares"):
        for period in ("annual", "quarter"):
            answer = company_statements(
                db.at(LATE), company="x:co", statement=statement, period=period, top=99
            )
            shown = answer.frame.filter(~pl.col("flags").str.contains("derived"))
            shown = shown.filter(pl.col("value").is_not_null())
            for row in shown.iter_rows(named=True):
                tags = concepts()[row["concept"]].us_gaap
                days = row["period_start"], row["period_end"]
                fitting = [v for t, a, b, v in facts if t in tags and (a, b) == days]
                assert any(row["value"] == pytest.approx(v, rel=EXACT) for v in fitting), row
                compared += 1
    assert compared > 60


def ratios(db: Db, at: datetime) -> dict[str, float | None]:
    frame = company_ratios(db.at(at), company="x:co", top=1).frame
    return dict(frame.select("ratio", "value").iter_rows())


def test_ratios_of_snowflake_by_hand(lake: Lake, db: Db) -> None:
    """Year to 31 January 2025, in thousands as the 10-K of 21 March 2025 has them."""
    load(lake, "sec_snow_companyfacts.json")
    found = ratios(db, datetime(2025, 3, 25, tzinfo=UTC))
    assert found["gross_margin"] == pytest.approx(2_411_723 / 3_626_396, rel=EXACT)
    assert found["operating_margin"] == pytest.approx(-1_456_010 / 3_626_396, rel=EXACT)
    assert found["net_margin"] == pytest.approx(-1_285_640 / 3_626_396, rel=EXACT)
    mean = (2_999_929 + 5_180_308) / 2
    assert found["roe"] == pytest.approx(-1_285_640 / mean, rel=EXACT)


@pytest.mark.parametrize(
    ("start", "end", "total", "shares"),
    [
        (date(2024, 4, 1), date(2024, 6, 30), 25_500e6, (13_256, 4_636, 7_608)),
        (date(2024, 1, 1), date(2024, 6, 30), 46_801e6, (23_018, 9_228, 14_555)),
        (date(2023, 4, 1), date(2023, 6, 30), 24_927e6, (11_332, 5_731, 7_864)),
    ],
)
def test_tesla_by_place_adds_up(
    start: date, end: date, total: float, shares: tuple[float, ...]
) -> None:
    """Of each span its own places: quarters and half years stand side by side in the file."""
    facts = []
    with shared("sec_tsla_2024q2_facts.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            axis, _, member = row["dimensions"].partition("=")
            is_place = axis == "srt:StatementGeographicalAxis"
            if row["concept"] != "Revenues" or (row["dimensions"] and not is_place):
                continue
            if (row["start"], row["end"]) == (start.isoformat(), end.isoformat()):
                step = 10.0 ** -int(row["decimals"])
                facts.append(RevenueFact(0, end, "USD", member, (), float(row["value"]), step))
    found = split_by_place(facts)
    assert isinstance(found, RevenueSplit)
    assert found.total == total
    assert found.revenue == dict(
        zip(("USA", "CHN", "Other Countries"), (one * 1e6 for one in shares), strict=True)
    )
    assert sum(value / total for value in found.revenue.values()) == pytest.approx(1.0, rel=EXACT)
