"""Financial statement data sets beside company facts: the same facts, once, by the same clock."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import SourceError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from ingest.runs.reading import read
from ingest.sources._sec_addresses import archive_url, noted, packed_times
from ingest.sources.sec_edgar import SOURCE
from scripts import load_edgar
from scripts.load_edgar import load
from tests.ingest.market import recorded
from tests.ingest.sources.sec_data_sets import (
    SetFact,
    SetFiling,
    SetOfData,
    by_year,
    facts_of,
    filings_of,
)
from tests.scripts.test_load_edgar import archive

AT = datetime(2200, 1, 1, tzinfo=UTC)
FACTS = (
    "SELECT concept, period_start, period_end, accession, value, unit, form, known_at, "
    "vintage_grade, fiscal_period FROM fundamentals_known"
)
Key = tuple[Any, ...]
# A filer of 52 and 53 weeks, one whose years end with a month, one in IFRS and another currency.
FILERS = {
    "recorded/sec_edgar/companyfacts_CIK0000320193.json": "0930",
    "real/sec_snow_companyfacts.json": "0131",
    "recorded/sec_edgar/companyfacts_ifrs_20F_CIK0001997711.json": "1231",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Lake, Settings]]:
    yield opened(tmp_path / "var")


def opened(folder: Path) -> tuple[Lake, Settings]:
    chosen = Settings.from_env("test", {"DATA_DIR": str(folder)})
    return Lake(chosen.lake, workspace="test", memory_limit_mb=256), chosen


def asked(chosen: Settings, sql: str) -> list[Key]:
    with closing(Db(chosen.lake, memory_limit_mb=256, threads=1)) as db:
        return list(db.at(AT).sql(sql).frame.iter_rows())


def known(chosen: Settings) -> dict[Key, Key]:
    """Every vintage by line, days and filing."""
    return {row[:4]: row[4:] for row in asked(chosen, FACTS)}


def document(shared: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / name).read_text())
    return found


def by_json(stated: dict[str, Any], folder: Path) -> dict[Key, Key]:
    """What the company facts themselves give."""
    folder.mkdir()
    lake, chosen = opened(folder / "json")
    name = f"CIK{int(stated['cik']):010}"
    load(lake, chosen, archive(folder / "companyfacts.zip", **{name: stated}), ())
    return known(chosen)


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", FILERS)
def test_sets_with_notes_give_every_fact_as_company_facts_do(
    name: str, shared: Path, tmp_path: Path, desk: tuple[Lake, Settings]
) -> None:
    """Each line of each filing on its very days, also of years of 52 and 53 weeks."""
    stated = document(shared, name)
    filings = filings_of(stated, {}, FILERS[name])
    load(*desk, SetOfData(filings, facts_of(stated)).notes(tmp_path / "notes.zip"), ())
    accessions = {one.accession for one in filings}
    wanted = {
        key: row for key, row in by_json(stated, tmp_path / "other").items() if key[3] in accessions
    }
    found = known(desk[1])
    assert len(wanted) > 30
    assert set(found) == set(wanted)
    for key, row in wanted.items():
        # Value, unit, form; known at the end of the filing day.
        assert found[key][:5] == row[:5], key
        # Which quarter it is follows from the month in which years end, where facts do not say.
        assert found[key][5] == row[5] or row[5] is None, key


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", FILERS)
def test_sets_without_notes_give_no_fact_on_a_wrong_day(
    name: str, shared: Path, tmp_path: Path, desk: tuple[Lake, Settings]
) -> None:
    """Year after year: what is loaded is as in company facts; the rest is left out."""
    stated = document(shared, name)
    filings = filings_of(stated, {}, FILERS[name])
    facts = facts_of(stated)
    for number, one in enumerate(by_year(filings, facts)):
        load(*desk, one.statements(tmp_path / f"{number}.zip"), ())
    wanted = by_json(stated, tmp_path / "other")
    found = known(desk[1])
    wrong = [key for key, row in found.items() if key not in wanted or wanted[key][0] != row[0]]
    assert wrong == []
    rest = [key for key in wanted if key not in found and not key[0].startswith("Entity")]
    assert len(found) > 3 * len(rest) or len(filings) < 3


@pytest.mark.needs("shared")
@pytest.mark.parametrize("kind", ["notes", "statements"])
def test_after_company_facts_a_set_adds_nothing(
    kind: str, shared: Path, tmp_path: Path, desk: tuple[Lake, Settings]
) -> None:
    stated = document(shared, "recorded/sec_edgar/companyfacts_CIK0000320193.json")
    load(*desk, archive(tmp_path / "companyfacts.zip", CIK0000320193=stated), ())
    before = asked(desk[1], FACTS)
    made = SetOfData(filings_of(stated, {}, "0930"), facts_of(stated))
    told = load(*desk, getattr(made, kind)(tmp_path / "set.zip"), ())
    assert (told["rows_added"], told["vintages_added"]) == (0, 0)
    assert sorted(map(repr, asked(desk[1], FACTS))) == sorted(map(repr, before))


ONE, TWO = "0000000001-24-000001", "0000000001-25-000001"
END, BEFORE = date(2023, 12, 31), date(2022, 12, 31)
FILED, ACCEPTED = date(2024, 2, 2), datetime(2024, 2, 2, 21, 5, 37, tzinfo=UTC)


def year(tag: str, value: float, end: date = END, **more: Any) -> SetFact:
    return SetFact(ONE, tag, value, end, date(end.year, 1, 1), **more)


def a_set(*facts: SetFact, **more: Any) -> SetOfData:
    filing = SetFiling(ONE, 1, "10-K", END, FILED, ACCEPTED)
    return SetOfData([replace(filing, **more)], list(facts))


def test_parts_and_co_registrants_are_no_facts_of_the_company(
    desk: tuple[Lake, Settings], tmp_path: Path
) -> None:
    facts = [
        year("Revenues", 100.0),
        year("Revenues", 60.0, segments="BusinessSegments=Cars;"),
        year("Revenues", 40.0, segments="LegalEntity=Sub;", coregistrant="Sub"),
        year("Revenues", 30.0, coregistrant="Sub"),
        year("EarningsPerShareBasic", 1.25),  # money per share under the unit of money
        SetFact(ONE, "Assets", 900.0, END),
        year("Own", 5.0, taxonomy=ONE),
    ]
    for name in ("notes", "statements"):
        lake, chosen = opened(tmp_path / name)
        load(lake, chosen, getattr(a_set(*facts), name)(tmp_path / f"{name}.zip"), ())
        told = {key[0]: (row[0], row[1]) for key, row in known(chosen).items()}
        assert told == {
            "Revenues": (100.0, "USD"),
            "EarningsPerShareBasic": (1.25, "USD per share"),
            "Assets": (900.0, "USD"),
        } or (name == "statements" and told == {"Assets": (900.0, "USD")})


def test_of_several_precisions_the_finest_counts_once(
    desk: tuple[Lake, Settings], tmp_path: Path
) -> None:
    facts = [
        year("Revenues", 100e6, decimals=-6),
        year("Revenues", 100_123_456.0, decimals=0),
        year("Revenues", 60_123_456.0, decimals=0, segments="Geographical=US;"),
        year("Revenues", 60e6, decimals=-6, segments="Geographical=US;"),
    ]
    load(*desk, a_set(*facts).notes(tmp_path / "notes.zip"), ())
    assert [row[0] for row in known(desk[1]).values()] == [100_123_456.0]
    places = dict(asked(desk[1], "SELECT place, revenue FROM exposures ORDER BY place"))
    assert places == {"USA": 60_123_456.0, "undisclosed": 40_000_000.0}


@pytest.mark.parametrize(
    ("accepted", "filed", "at", "grade"),
    [
        # To the minute: known when it is over.
        (ACCEPTED, FILED, datetime(2024, 2, 2, 21, 6, tzinfo=UTC), "native"),
        # In the evening of the day before: public on the morning of the filing day.
        (
            datetime(2024, 2, 1, 23, 5, tzinfo=UTC),
            FILED,
            datetime(2024, 2, 2, 12, 30, tzinfo=UTC),
            "native",
        ),
        (None, FILED, datetime(2024, 2, 3, 3, 0, tzinfo=UTC), "lagged"),
    ],
)
def test_a_fact_is_known_when_its_filing_was_public(
    accepted: datetime | None,
    filed: date,
    at: datetime,
    grade: str,
    desk: tuple[Lake, Settings],
    tmp_path: Path,
) -> None:
    made = a_set(SetFact(ONE, "Assets", 9.0, END), accepted=accepted, filed=filed)
    load(*desk, made.notes(tmp_path / "2024_01_notes.zip"), ())
    ((_, row),) = known(desk[1]).items()
    assert row[3:5] == (at, grade)


def test_a_restatement_is_a_vintage(desk: tuple[Lake, Settings], tmp_path: Path) -> None:
    later = SetFiling(TWO, 1, "10-K/A", END, date(2025, 3, 3), datetime(2025, 3, 3, 15, tzinfo=UTC))
    restated = replace(year("NetIncomeLoss", 65.0), accession=TWO)
    made = a_set(year("NetIncomeLoss", 70.0))
    made.filings.append(later)
    made.facts.append(restated)
    load(*desk, made.notes(tmp_path / "notes.zip"), ())
    told = sorted((row[3], row[0], row[2]) for row in known(desk[1]).values())
    assert [one[1:] for one in told] == [(70.0, "10-K"), (65.0, "10-K/A")]


def placed(value: float, place: str, **more: Any) -> SetFact:
    return year("Revenues", value, segments=f"Geographical={place};", **more)


def test_revenue_by_place_is_what_the_notes_state(
    desk: tuple[Lake, Settings], tmp_path: Path
) -> None:
    facts = [
        year("Revenues", 100e6),
        placed(60e6, "US"),
        placed(25e6, "Europe"),
        placed(5e6, "DE"),
        year("Revenues", 70e6, segments="Geographical=US;ProductOrService=Cars;"),
        year("Revenues", 55e6, segments="BusinessSegments=Cars;"),
    ]
    load(*desk, a_set(*facts).notes(tmp_path / "notes.zip"), ())
    sql = "SELECT place, revenue, currency, accession, known_at FROM exposures ORDER BY place"
    known_at = datetime(2024, 2, 2, 21, 6, tzinfo=UTC)
    rows = asked(desk[1], sql)
    assert sum(row[1] for row in rows) == pytest.approx(100e6, rel=1e-12)
    told = {row[0]: row[1] for row in rows}
    assert told["USA"] == 60e6
    assert {row[2:] for row in rows} == {("USD", ONE, known_at)}
    again = load(*desk, a_set(*facts).notes(tmp_path / "again.zip"), (), again=True)
    assert (again["rows_added"], again["vintages_added"]) == (0, 0)


@pytest.mark.needs("shared")
def test_apple_by_country_is_as_its_instance_has_it(
    shared: Path, desk: tuple[Lake, Settings], tmp_path: Path
) -> None:
    """The same report by two ways, which is read once."""
    accession, known_at = "0000320193-23-000106", datetime(2023, 11, 2, 22, 8, 27, tzinfo=UTC)
    with (shared / "real/sec_aapl_fy2023_facts.csv").open() as file:
        facts = [
            SetFact(
                accession,
                row["concept"],
                float(row["value"]),
                date.fromisoformat(row["end"]),
                date.fromisoformat(row["start"]) if row["start"] else None,
                f"{row['prefix']}/2023",
                row["unit"],
                short_segments(row["dimensions"]),
                decimals=-6 if row["decimals"] == "INF" else int(row["decimals"]),
            )
            for row in csv.DictReader(file)
        ]
    filing = SetFiling(accession, 320193, "10-K", date(2023, 9, 30), date(2023, 11, 3), known_at)
    load(*desk, SetOfData([filing], facts).notes(tmp_path / "2023_11_notes.zip"), ())
    sql = "SELECT period_end, place, revenue, currency, accession FROM exposures"
    found = asked(desk[1], sql)
    url = noted(
        archive_url(320193, accession, "aapl-20230930_htm.xml"),
        accession=accession,
        filed="2023-11-03",
        public=packed_times({accession: known_at}),
    )
    name = "sec_edgar/xbrl_instance_aapl-20230930_htm.xml"
    parsed = read(SOURCE, recorded(shared, name, url))
    desk[0].upsert("exposures", parsed.tables["exposures"])
    again = asked(desk[1], sql)
    assert len(found) == 9
    assert sorted(again) == sorted(found)  # nothing twice, nothing else
    for end in {row[0] for row in found}:
        total = next(
            one.value
            for one in facts
            if one.tag == "RevenueFromContractWithCustomerExcludingAssessedTax"
            and not one.segments
            and one.end == end
            and one.start
            and (end - one.start).days > 300
        )
        assert sum(row[2] for row in found if row[0] == end) == pytest.approx(total, rel=1e-9)


def short_segments(dimensions: str) -> str:
    """As the sets write them: without prefixes and endings, the axes by name."""
    pairs = []
    for pair in filter(None, dimensions.split("|" if "|" in dimensions else ";")):
        axis, _, member = (part.rpartition(":")[2] for part in pair.partition("="))
        axis = axis.removeprefix("Statement").removesuffix("Axis")
        pairs.append(f"{axis}={member.removesuffix('Member').removesuffix('Domain')};")
    return "".join(sorted(pairs))


CIKS_OF_2009 = (930835, 1004440, 831259, 1164727)


def annual_report_of_2008(cik: int) -> pl.DataFrame:
    """A filing that says on which day the year before ended."""
    at = datetime(2009, 3, 2, tzinfo=UTC)
    row = {
        "company": f"sec:{cik:010}",
        "accession": f"{cik:010}-09-000001",
        "form": "10-K",
        "filed_on": at.date(),
        "accepted_at": at,
        "period_end": date(2008, 12, 31),
        "items": None,
        "document": None,
        "url": None,
        "known_at": at,
        "vintage_grade": "native",
        "source": "sec_edgar",
    }
    texts = {name: pl.String for name in ("items", "document", "url")}
    return pl.DataFrame([row], schema_overrides=texts)


@pytest.mark.needs("shared")
def test_a_recorded_quarter(shared: Path, desk: tuple[Lake, Settings], tmp_path: Path) -> None:
    """Lines of 2009: on the days of their filings alone, nothing of a part or a co-registrant."""
    path = tmp_path / "2009q3.zip"
    with zipfile.ZipFile(path, "w") as made:
        for table in ("sub", "num", "tag", "pre"):
            text = (shared / f"recorded/sec_edgar/fsds_2009q3_{table}.txt").read_bytes()
            made.writestr(f"{table}.txt", text)
    alone = load(*desk, path, ())
    assert (alone["members"], alone["refused"], alone["rows_added"]) == (5, 0, 0)
    desk[0].upsert("filings", pl.concat(annual_report_of_2008(cik) for cik in CIKS_OF_2009))
    told = load(*desk, path, (), again=True)
    assert told["rows_added"]
    found = known(desk[1])
    stated = {}
    with (shared / "recorded/sec_edgar/fsds_2009q3_num.txt").open() as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["segments"] and not row["coreg"]:
                stated[row["adsh"], row["ddate"], float(row["value"])] = row["tag"]
    assert found
    for (_, _, end, accession), row in found.items():
        assert (accession, f"{end:%Y%m%d}", row[0]) in stated
    # Accepted on a Friday evening and filed after Labour Day: public on the morning of that day.
    late = {row[3] for key, row in found.items() if key[3] == "0001047469-09-008166"}
    assert late <= {datetime(2009, 9, 8, 11, 30, tzinfo=UTC)}


def test_a_load_that_was_killed_goes_on_behind_its_last_commit(
    desk: tuple[Lake, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two commits: no filer is read twice, and none is missing."""
    count = 6
    filings = [
        SetFiling(f"{cik:010}-24-000001", cik, "10-K", END, FILED, ACCEPTED)
        for cik in range(1, count + 1)
    ]
    facts = [SetFact(one.accession, "Assets", float(one.cik), END) for one in filings]
    path = SetOfData(filings, facts).notes(tmp_path / "notes.zip")
    monkeypatch.setattr(load_edgar, "ROWS", 2)
    read: list[str] = []
    whole = load_edgar.data_set_parts

    def watched(*args: Any, **named: Any) -> Iterator[Any]:
        for name, parsed in whole(*args, **named):
            read.append(name)
            if len(read) == 5:
                raise KeyboardInterrupt
            yield name, parsed

    monkeypatch.setattr(load_edgar, "data_set_parts", watched)
    with pytest.raises(KeyboardInterrupt):
        load(*desk, path, ())
    told = load(*desk, path, ())
    assert (told["loaded_before"], told["members"], told["rows_added"]) == (4, 2, 2)
    assert read == ["1", "2", "3", "4", "5", "5", "6"]  # the fifth was read, and not committed
    values = asked(desk[1], "SELECT company, value FROM fundamentals ORDER BY company")
    assert values == [(f"sec:{cik:010}", float(cik)) for cik in range(1, count + 1)]
    told = load(*desk, path, ())
    assert (told["loaded_before"], told["members"]) == (count, 0)


def test_a_day_that_is_not_known_is_left_out_and_counted(
    desk: tuple[Lake, Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one report alone the year before is not known to the day; with the next it is."""
    weeks = date(2023, 12, 30)
    facts = [SetFact(ONE, "Assets", 9.0, weeks), SetFact(ONE, "Assets", 8.0, date(2022, 12, 31))]
    made = a_set(*facts, period=weeks)
    load(*desk, made.statements(tmp_path / "2024q1.zip"), ())
    assert [key[2] for key in known(desk[1])] == [weeks]


def test_a_set_that_is_cut_or_foreign_is_named(desk: tuple[Lake, Settings], tmp_path: Path) -> None:
    whole = a_set(year("Revenues", 1.0)).notes(tmp_path / "notes.zip")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(SourceError, match="damaged or cut"):
        load(*desk, cut, ())
