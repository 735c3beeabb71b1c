"""Revenue by place out of instances of annual reports: parts of the total, never more than it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.jobs import ReplyError
from ingest.sources import sec_edgar
from ingest.sources._sec_addresses import archive_url, noted, packed_times
from ingest.sources._sec_places import RevenueFact, RevenueSplit, place_name, split_by_place
from tests.ingest.market import mangled, problem, recorded, reply, rows, survives

SOURCE = sec_edgar.SOURCE
END = date(2023, 12, 31)
APPLE = "xbrl_instance_aapl-20230930_htm.xml"
HEAD = (
    '<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:g="http://fasb.org/us-gaap/2023" '
    'xmlns:ifrs="https://xbrl.ifrs.org/taxonomy/2023-03-23/ifrs-full" '
    'xmlns:d="http://xbrl.org/2006/xbrldi">'
    '<unit id="usd"><measure>iso4217:USD</measure></unit>'
    '<unit id="eur"><measure>iso4217:EUR</measure></unit>'
    '<unit id="pure"><measure>pure</measure></unit>'
)
GEOGRAPHY, PRODUCT = "srt:StatementGeographicalAxis", "srt:ProductOrServiceAxis"
Told = tuple[dict[str, str], float]


def instance(
    told: Sequence[Told],
    tag: str = "g:Revenues",
    unit: str = "usd",
    span: tuple[str, str] = ("2023-01-01", "2023-12-31"),
) -> bytes:
    """An instance of one fact per context."""
    parts = [HEAD]
    for at, (members, value) in enumerate(told):
        segment = "".join(
            f'<d:explicitMember dimension="{axis}">{member}</d:explicitMember>'
            for axis, member in members.items()
        )
        parts.append(
            f'<context id="c{at}"><entity><identifier scheme="x">0000000001</identifier>'
            f"<segment>{segment}</segment></entity><period><startDate>{span[0]}</startDate>"
            f"<endDate>{span[1]}</endDate></period></context>"
            f'<{tag} contextRef="c{at}" unitRef="{unit}" decimals="0">{value}</{tag}>'
        )
    return "".join([*parts, "</xbrl>"]).encode()


def places(told: Sequence[Told], **more: Any) -> dict[str, float]:
    found = rows(SOURCE, reply(instance(told, **more)))["exposures"]
    return {row["place"]: row["revenue"] for row in found}


def at(member: str, **others: str) -> dict[str, str]:
    return {GEOGRAPHY: member} | {f"srt:{name}": other for name, other in others.items()}


@pytest.mark.needs("shared")
def test_apple_by_country_as_in_its_facts(shared: Path) -> None:
    """Countries on the axis of geography; regions on that of segments are another split."""
    accession, known = "0000320193-23-000106", datetime(2023, 11, 2, 22, 8, 27, tzinfo=UTC)
    url = noted(
        archive_url(320193, accession, "aapl-20230930_htm.xml"),
        accession=accession,
        filed="2023-11-03",
        public=packed_times({accession: known}),
    )
    found = rows(SOURCE, recorded(shared, f"sec_edgar/{APPLE}", url))["exposures"]
    wanted: dict[tuple[str, str], float] = {}
    total: dict[str, float] = {}
    with (shared / "real/sec_aapl_fy2023_facts.csv").open() as file:
        for row in csv.DictReader(file):
            if row["concept"] != "RevenueFromContractWithCustomerExcludingAssessedTax":
                continue
            axis, _, member = row["dimensions"].partition("=")
            if axis == GEOGRAPHY:
                wanted[row["end"], place_name(member)] = float(row["value"])
            elif not axis:
                total[row["end"]] = float(row["value"])
    got = {(row["period_end"].isoformat(), row["place"]): row["revenue"] for row in found}
    assert set(got) == set(wanted)
    assert all(got[key] == pytest.approx(value, rel=1e-9) for key, value in wanted.items())
    assert {place for _, place in got} == {"USA", "CHN", "Other Countries"}
    for end in {key[0] for key in got}:
        shares = sum(value for key, value in got.items() if key[0] == end) / total[end]
        assert shares == pytest.approx(1.0, rel=1e-9)
    assert {(row["known_at"], row["vintage_grade"]) for row in found} == {(known, "native")}
    assert {(row["accession"], row["currency"]) for row in found} == {(accession, "USD")}


@pytest.mark.needs("shared")
def test_a_report_without_places_says_so(shared: Path) -> None:
    answer = recorded(shared, "sec_edgar/xbrl_instance_nflx-20100930.xml")
    assert problem(SOURCE, answer) == "empty"


def test_what_no_place_has_is_undisclosed() -> None:
    told = [({}, 100.0), (at("country:US"), 60.0), (at("x:OtherCountriesMember"), 30.0)]
    assert places(told) == {"USA": 60.0, "Other Countries": 30.0, "undisclosed": 10.0}
    unallocated = [({}, 100.0), (at("country:US"), 60.0), (at("x:UnallocatedAmountMember"), 30.0)]
    assert places(unallocated) == {"USA": 60.0, "undisclosed": 40.0}


def test_one_further_axis_held_at_one_member_counts() -> None:
    """Streaming by region; the revenue of discs is in no place, two axes at once are no place."""
    streaming = {"ProductOrServiceAxis": "x:StreamingMember"}
    told: list[Told] = [
        ({}, 110.0),
        ({PRODUCT: "x:StreamingMember"}, 100.0),
        ({PRODUCT: "x:DvdMember"}, 10.0),
        (at("x:UnitedStatesAndCanadaMember", **streaming), 60.0),
        (at("us-gaap:EMEAMember", **streaming), 40.0),
        (at("country:US", ProductOrServiceAxis="x:DvdMember"), 7.0),
        (at("country:US", ProductOrServiceAxis="x:A", ConsolidationItemsAxis="x:B"), 90.0),
    ]
    assert places(told) == {"United States And Canada": 60.0, "EMEA": 40.0, "undisclosed": 10.0}


def test_segments_alone_are_no_places() -> None:
    told: list[Told] = [({}, 100.0), ({"us-gaap:StatementBusinessSegmentsAxis": "x:Asia"}, 100.0)]
    assert problem(SOURCE, reply(instance(told))) == "empty"


def test_a_country_inside_a_region_counts_once() -> None:
    told: list[Told] = [
        ({}, 150.0),
        (at("srt:AmericasMember"), 100.0),
        (at("country:US"), 80.0),
        (at("srt:EuropeMember"), 50.0),
    ]
    assert places(told) == {"Americas (other)": 20.0, "USA": 80.0, "Europe": 50.0}


def test_a_country_inside_a_region_counts_once_where_much_is_undisclosed() -> None:
    told: list[Told] = [({}, 300.0), (at("srt:AmericasMember"), 100.0), (at("country:US"), 80.0)]
    assert places(told) == {"Americas (other)": 20.0, "USA": 80.0, "undisclosed": 200.0}


def test_a_region_and_a_country_that_make_the_total_lie_apart() -> None:
    told: list[Told] = [({}, 90.0), (at("srt:EuropeMember"), 60.0), (at("country:GB"), 30.0)]
    assert places(told) == {"Europe": 60.0, "GBR": 30.0}


def test_the_rest_of_the_world_is_no_country() -> None:
    told: list[Told] = [
        ({}, 100.0),
        (at("country:US"), 55.0),
        (at("us-gaap:NonUsMember"), 45.0),
        (at("country:CN"), 20.0),
    ]
    assert places(told) == {"USA": 55.0, "Outside USA (other)": 25.0, "CHN": 20.0}


def test_a_filers_own_member_inside_another_is_left_out_by_name() -> None:
    """Only the sum shows that one lies inside: which of two regions of its own holds it is open."""
    told: list[Told] = [
        ({}, 100.0),
        (at("x:NorthMember"), 70.0),
        (at("x:SouthMember"), 30.0),
        (at("x:CoastMember"), 25.0),
    ]
    parsed = SOURCE.parse(reply(instance(told)))
    assert parsed.tables["exposures"]["place"].to_pylist() == ["North", "South"]
    assert "Coast lies inside another place: left out" in parsed.note


def test_places_beyond_the_total_are_refused_with_both_sums() -> None:
    told: list[Told] = [({}, 100.0), (at("x:AMember"), 90.0), (at("x:BMember"), 30.0)]
    with pytest.raises(ReplyError, match=r"add up to 120 of 100"):
        SOURCE.parse(reply(instance(told)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"unit": "pure"}, "no revenue of a fiscal year"),
        ({"span": ("2023-10-01", "2023-12-31")}, "no revenue of a fiscal year"),
        ({"tag": "g:NoncurrentAssets"}, "no revenue of a fiscal year"),
    ],
)
def test_percentages_quarters_and_assets_are_no_revenue(more: dict[str, Any], words: str) -> None:
    told = [({}, 100.0), (at("country:US"), 60.0)]
    with pytest.raises(ReplyError, match=words):
        SOURCE.parse(reply(instance(told, **more)))


def test_a_split_without_a_total_is_left_out() -> None:
    with pytest.raises(ReplyError, match="no total without dimensions"):
        SOURCE.parse(reply(instance([(at("country:US"), 60.0), (at("country:CN"), 40.0)])))


def test_a_foreign_filer_in_its_own_currency() -> None:
    told = [({}, 100.0), ({"ifrs-full:GeographicalAreasAxis": "country:DE"}, 60.0)]
    body = instance(told, tag="ifrs:Revenue", unit="eur")
    found = rows(SOURCE, reply(body))["exposures"]
    assert {(row["place"], row["revenue"], row["currency"]) for row in found} == {
        ("DEU", 60.0, "EUR"),
        ("undisclosed", 40.0, "EUR"),
    }


@pytest.mark.needs("shared")
def test_the_instance_among_the_files_of_a_filing(shared: Path) -> None:
    url = noted(archive_url(1715611, "0001213900-24-004875", "index.json"), filed="2024-01-19")
    parsed = SOURCE.parse(recorded(shared, "sec_edgar/filing_index_0001213900-24-004875.json", url))
    (call,) = parsed.follow
    assert call.url == url.replace("index.json", "ea191807-8k_datchat_htm.xml")
    files = [{"name": "x-20101231.xml"}, {"name": "x-20101231_cal.xml"}, {"name": "R2.xml"}]
    old = SOURCE.parse(reply({"directory": {"item": [*files, {"name": "FilingSummary.xml"}]}}, url))
    assert "x-20101231.xml#" in old.follow[0].url
    none = {"directory": {"item": [{"name": "x_pre.xml"}, {"name": "x.htm"}]}}
    assert problem(SOURCE, reply(none, url)) == "empty"


MEMBERS = (
    *("country:US", "country:CN", "country:DE", "country:JP", "srt:EuropeMember"),
    *("srt:AmericasMember", "srt:AsiaPacificMember", "us-gaap:EMEAMember", "us-gaap:NonUsMember"),
    *("x:OneMember", "x:TwoMember", "x:UnallocatedMember"),
)


@given(
    st.dictionaries(st.sampled_from(MEMBERS), st.integers(-5, 60), max_size=8),
    st.integers(-50, 200),
)
@settings(max_examples=300, deadline=None)
def test_a_split_adds_up_to_the_total_or_says_why_not(parts: dict[str, int], total: int) -> None:
    facts = [
        RevenueFact(0, END, "USD", member, (), float(value), 1.0) for member, value in parts.items()
    ]
    facts.append(RevenueFact(0, END, "USD", "", (), float(total), 1.0))
    found = split_by_place(facts)
    if isinstance(found, str):
        assert found
        return
    assert isinstance(found, RevenueSplit)
    assert sum(found.revenue.values()) == pytest.approx(total, abs=1e-9)
    if any(value < 0 for value in parts.values()) or total < 0:
        return
    # Nothing is invented: no place has more than was stated of it.
    stated = {place_name(member): 0.0 for member in parts}
    for member, value in parts.items():
        stated[place_name(member)] += value
    for place, value in found.revenue.items():
        if place != "undisclosed":
            assert value <= stated[place.removesuffix(" (other)")] + 1e-9


@pytest.mark.needs("shared")
def test_a_mangled_instance_is_rows_or_a_named_error(shared: Path) -> None:
    body = instance([({}, 100.0), (at("country:US"), 60.0), (at("srt:EuropeMember"), 50.0)])

    @given(mangled(body))
    @settings(max_examples=80, deadline=None)
    def survive(bad: bytes) -> None:
        survives(SOURCE, reply(bad))

    survive()


def test_an_instance_with_entities_of_its_own_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + instance([({}, 1.0)])
    assert problem(SOURCE, reply(bomb)) == "upstream"
