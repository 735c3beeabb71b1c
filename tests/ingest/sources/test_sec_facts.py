"""Accounts of EDGAR: each as its filing stated it, held against a slow reading of the files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from data.concepts import concepts_by_tag
from ingest.sources import sec_edgar
from ingest.sources._sec_addresses import facts_url, noted, packed_times
from tests.ingest.market import Facts, recorded, reply, rows

SOURCE = sec_edgar.SOURCE
TAXONOMIES = ("us-gaap", "ifrs-full", "dei")
FILES = (
    "recorded/sec_edgar/companyfacts_CIK0000320193.json",
    "recorded/sec_edgar/companyfacts_ifrs_20F_CIK0001997711.json",
    "real/sec_snow_companyfacts.json",
)


def document(**tags: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A small companyfacts document of us-gaap tags, by unit."""
    return {"cik": 1, "facts": {"us-gaap": {tag: {"units": units} for tag, units in tags.items()}}}


def fact(val: Any, accn: str = "0000000001-24-000001", **more: Any) -> dict[str, Any]:
    year = {"start": "2023-01-01", "end": "2023-12-31", "form": "10-K", "filed": "2024-02-01"}
    return year | {"val": val, "accn": accn} | more


def lines(document: dict[str, Any], url: str = "") -> list[dict[str, Any]]:
    return rows(SOURCE, reply(document, url))["fundamentals"]


def slowly(document: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], float]]:
    """Each line of each filing, read fact by fact: of the preferred tag, the last that is told."""
    for taxonomy in TAXONOMIES:
        found: dict[tuple[Any, ...], tuple[int, float]] = {}
        for tag, stated in document["facts"].get(taxonomy, {}).items():
            for concept, place in concepts_by_tag(taxonomy).get(tag, ()):
                for unit, facts in stated["units"].items():
                    for row in facts:
                        start = row.get("start", row["end"])
                        key = (concept, start, row["end"], row["accn"], unit)
                        if key not in found or place < found[key][0]:
                            found[key] = (place, float(row["val"]))
        yield from ((key, value) for key, (_, value) in found.items())


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", FILES)
def test_every_fact_of_every_filing_is_as_in_the_file(name: str, shared: Path) -> None:
    body = (shared / name).read_bytes()
    found = rows(SOURCE, reply(body, facts_url(1)))["fundamentals"]
    units = {"USD": "USD", "USD/shares": "USD per share", "shares": "shares"}
    wanted = {(*key[:4], units[key[4]]): value for key, value in slowly(json.loads(body))}
    got = {
        (
            row["concept"],
            row["period_start"].isoformat(),
            row["period_end"].isoformat(),
            row["accession"],
            row["unit"],
        ): row["value"]
        for row in found
    }
    assert set(got) <= set(wanted)
    assert all(abs(value - wanted[key]) <= 1e-9 * abs(value) for key, value in got.items())
    # Of filings of one day with uncertain hours the last alone can be told.
    assert len(got) >= 0.98 * len(wanted)
    assert {row["vintage_grade"] for row in found} == {"lagged"}


@pytest.mark.needs("shared")
def test_the_annual_report_of_2023_is_as_in_its_instance(shared: Path) -> None:
    """The same facts by another way: the instance, read apart from companyfacts."""
    answer = recorded(shared, "sec_edgar/companyfacts_CIK0000320193.json")
    found = rows(SOURCE, answer)["fundamentals"]
    report = {
        (row["concept"], row["period_start"], row["period_end"]): row["value"]
        for row in found
        if row["accession"] == "0000320193-23-000106"
    }
    with (shared / "real/sec_aapl_fy2023_facts.csv").open() as file:
        stated = [row for row in csv.DictReader(file) if not row["dimensions"]]
    compared = 0
    for row in stated:
        for concept, _ in concepts_by_tag("us-gaap").get(row["concept"], ()):
            end = date.fromisoformat(row["end"])
            start = date.fromisoformat(row["start"]) if row["start"] else end
            if (concept, start, end) in report:
                value = report[concept, start, end]
                assert value == pytest.approx(float(row["value"]), rel=1e-9)
                compared += 1
    assert compared >= 15


@pytest.mark.needs("shared")
def test_of_several_precisions_the_finest_counts(shared: Path) -> None:
    with (shared / "real/sec_tsla_2024q2_facts.csv").open() as file:
        stated = [row for row in csv.DictReader(file) if not row["dimensions"]]
    tags: dict[str, dict[str, list[dict[str, Any]]]] = {}
    finest: dict[tuple[str, str, str], tuple[int, float]] = {}
    for row in stated:
        if row["prefix"] != "us-gaap" or not row["value"] or row["unit"] != "USD":
            continue
        told = {"val": float(row["value"]), "form": "10-Q", "filed": "2024-07-24"}
        told |= {"end": row["end"], "accn": "0001628280-24-032662"}
        told |= {"start": row["start"]} if row["start"] else {}
        units = tags.setdefault(row["concept"], {}).setdefault("USD", [])
        units.append(told)
        key = (row["concept"], row["start"] or row["end"], row["end"])
        decimals = int(row["decimals"]) if row["decimals"] not in ("", "INF") else 99
        finest[key] = max(finest.get(key, (-99, 0.0)), (decimals, float(row["value"])))
    found = lines(document(**tags))
    assert len(found) > 40
    by_concept = {"Assets": "Assets", "NetIncomeLoss": "NetIncomeLoss", "Revenues": "Revenues"}
    compared = [
        (row["value"], finest[by_concept[row["concept"]], *_dates(row)][1])
        for row in found
        if row["concept"] in by_concept
    ]
    assert len(compared) >= 8
    assert all(value == pytest.approx(wanted, rel=1e-9) for value, wanted in compared)
    # A quarter and the year to date end on the same day, and stay two facts.
    starts = {row["period_start"] for row in found if row["concept"] == "NetIncomeLoss"}
    assert {date(2024, 1, 1), date(2024, 4, 1)} <= starts


def _dates(row: dict[str, Any]) -> tuple[str, str]:
    return row["period_start"].isoformat(), row["period_end"].isoformat()


def test_a_coarse_and_a_fine_value_of_one_fact() -> None:
    (row,) = lines(document(Assets={"USD": [fact(v, start=None) for v in (12e6, 12_345_678)]}))
    assert row["value"] == 12_345_678
    parsed = SOURCE.parse(reply(document(NetIncomeLoss={"USD": [fact(7e6), fact(9_000_001)]})))
    assert parsed.tables["fundamentals"]["value"].to_pylist() == [9_000_001]
    assert parsed.note == "1 row stated twice in one filing, with different values"


def test_a_restatement_is_a_vintage_and_repeats_are_kept_by_filing() -> None:
    told = [
        fact(100),
        fact(100, "0000000001-25-000001", filed="2025-02-03"),
        fact(90, "0000000001-25-000002", filed="2025-05-05", form="10-K/A"),
    ]
    at = datetime(2024, 2, 1, 12, 0, 5, tzinfo=UTC)
    url = noted(facts_url(1), public=packed_times({"0000000001-24-000001": at}))
    found = lines(document(NetIncomeLoss={"USD": told}), url)
    assert [(row["value"], row["form"]) for row in found] == [
        (100, "10-K"),
        (100, "10-K"),
        (90, "10-K/A"),
    ]
    assert [row["known_at"] for row in found] == [
        at,
        datetime(2025, 2, 4, 3, 0, tzinfo=UTC),
        datetime(2025, 5, 6, 2, 0, tzinfo=UTC),
    ]
    assert [row["vintage_grade"] for row in found] == ["native", "lagged", "lagged"]


def test_of_two_filings_of_one_uncertain_day_the_amendment_counts() -> None:
    told = [fact(90, "0000000001-24-000001", form="10-K/A"), fact(100, "0000000001-24-000002")]
    (row,) = lines(document(NetIncomeLoss={"USD": told}))
    assert (row["value"], row["form"]) == (90, "10-K/A")


@pytest.mark.parametrize("first", ["USD", "CNY"])
def test_money_is_in_the_currency_of_the_statements(first: str) -> None:
    """The year's translation into dollars, however it is ordered, is left out and counted."""
    second = {"USD": "CNY", "CNY": "USD"}[first]

    def both(own: float) -> dict[str, list[dict[str, Any]]]:
        amounts = {
            "CNY": [fact(own), fact(own / 2, start="2022-01-01", end="2022-12-31")],
            "USD": [fact(own / 7)],
        }
        return {first: amounts[first], second: amounts[second]}

    stated = document(
        Revenues=both(700.0),
        NetIncomeLoss=both(70.0),
        EarningsPerShareBasic={"USD/shares": [fact(0.1)], "CNY/shares": [fact(0.7)]},
    )
    parsed = SOURCE.parse(reply(stated))
    found = parsed.tables["fundamentals"]
    assert set(found["unit"].to_pylist()) == {"CNY", "CNY per share"}
    assert sorted(found["value"].to_pylist()) == [0.7, 35.0, 70.0, 350.0, 700.0]
    assert "3 rows in another currency than the statements" in parsed.note


def test_the_preferred_tag_of_one_filing_counts() -> None:
    stated = document(
        SalesRevenueNet={"USD": [fact(5.0), fact(4.0, start="2022-01-01", end="2022-12-31")]},
        Revenues={"USD": [fact(6.0)]},
    )
    assert [row["value"] for row in lines(stated)] == [4.0, 6.0]


def test_fiscal_periods_follow_from_dates_alone() -> None:
    """A year of 52 or 53 weeks that ends in September; fy and fp are of the filing."""
    spans = [
        ("2022-09-25", "2023-09-30", "FY"),
        ("2022-09-25", "2022-12-31", "Q1"),
        ("2023-01-01", "2023-04-01", "Q2"),
        ("2022-09-25", "2023-04-01", None),
        ("2023-04-02", "2023-07-01", "Q3"),
        ("2023-07-02", "2023-09-30", "Q4"),
        ("2023-10-01", "2023-12-30", "Q1"),
    ]
    told = [
        fact(1.0, start=start, end=end, fy=2025, fp="Q3", form="10-K") for start, end, _ in spans
    ]
    found = {
        _dates(row): row["fiscal_period"] for row in lines(document(NetIncomeLoss={"USD": told}))
    }
    assert found == {(start, end): name for start, end, name in spans}
    ends = [{"USD": [fact(1.0, start=None, end=e) for e in ("2023-09-30", "2023-07-01")]}]
    balance = document(NetIncomeLoss={"USD": told}, Assets=ends[0])
    quarters = [row["fiscal_period"] for row in lines(balance) if row["concept"] == "Assets"]
    assert quarters == ["Q3", "Q4"]


@pytest.mark.parametrize(
    "bad",
    [
        {"val": None},
        {"val": "12"},
        {"val": True},
        {"end": "2023-13-01"},
        {"end": "2024-12-31"},  # after its filing
        {"start": "2024-01-01"},  # after its end
        {"start": None},  # an amount of no span
        {"accn": None},
        {"filed": None},
    ],
)
def test_a_fact_that_cannot_be_dated_is_left_out_and_counted(bad: dict[str, Any]) -> None:
    stated = document(NetIncomeLoss={"USD": [fact(1.0), fact(2.0, "other") | bad]})
    parsed = SOURCE.parse(reply(stated))
    assert parsed.tables["fundamentals"].num_rows == 1
    assert parsed.note == "1 row without a number or with impossible dates"


@pytest.mark.needs("shared")
def test_a_large_filer_is_read_fast(shared: Path) -> None:
    """4 MB as of a company that states every line of ours since 2009."""
    answer = recorded(shared, "sec_edgar/companyfacts_CIK0000320193.json")
    stated = json.loads(answer.body)
    tags = stated["facts"]["us-gaap"]
    flow = tags["NetIncomeLoss"]["units"]["USD"]
    for tag in concepts_by_tag("us-gaap"):
        tags.setdefault(tag, {"label": tag, "description": "", "units": {"USD": flow[:200]}})
    number = 0
    while len(body := json.dumps(stated, separators=(",", ":"))) < 4_000_000:
        for _ in range(5):
            tags[f"Other{number}"] = {"label": "", "units": {"USD": flow}}
            number += 1
    big = reply(body, facts_url(320193))
    SOURCE.parse(big)
    started = process_time()
    SOURCE.parse(big)
    assert process_time() - started < 0.15  # 0.08 s where nothing else runs


def test_a_filer_without_lines_of_ours() -> None:
    found: Facts = {}
    with pytest.raises(Exception, match="no fact of a line"):
        found = rows(SOURCE, reply(document(Something={"USD": [fact(1.0)]})))
    assert not found
