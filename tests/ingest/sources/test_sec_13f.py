"""Form 13F: units by filing date, amendments, notices, empty books, and data sets of a quarter."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.datasets.fund_holdings import (
    COMBINATION,
    EMPTY_BOOK,
    ENTRIES_DIFFER,
    NO_CUSIP,
    NOTICE,
    TOTAL_DIFFERS,
    VALUE_IS_AMOUNT,
)
from ingest.formats.xml import root
from ingest.jobs import Call, Parsed, Reply, ReplyError, Window
from ingest.sources._sec_13f import cover_of, dollars, positions_of
from ingest.sources.sec_13f import BULK, SOURCE, XML_SINCE

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TEXT = "https://www.sec.gov/Archives/edgar/data/1894188/000189418823000007/0001894188-23-000007.txt"
HOST = "https://data.sec.gov/submissions/"


def parsed(body: bytes, url: str = TEXT) -> Parsed:
    return SOURCE.parse(Reply(Call(url), 200, {}, body, NOW))


def rows(body: bytes, url: str = TEXT) -> list[dict[str, Any]]:
    return parsed(body, url).tables["fund_holdings"].to_pylist()


def file(shared: Path, name: str) -> bytes:
    return (shared / "recorded" / "sec_edgar" / name).read_bytes()


def line(
    issuer: str,
    cusip: str,
    value: object,
    amount: object,
    *,
    kind: str = "SH",
    side: str = "",
    discretion: str = "SOLE",
) -> str:
    option = f"<putCall>{side}</putCall>" if side else ""
    return (
        f"<infoTable><nameOfIssuer>{issuer}</nameOfIssuer><titleOfClass>COM</titleOfClass>"
        f"<cusip>{cusip}</cusip><value>{value}</value><shrsOrPrnAmt><sshPrnamt>{amount}"
        f"</sshPrnamt><sshPrnamtType>{kind}</sshPrnamtType></shrsOrPrnAmt>{option}"
        f"<investmentDiscretion>{discretion}</investmentDiscretion></infoTable>"
    )


def submission(
    lines: list[str] | None,
    *,
    filed: str = "20230214",
    period: str = "12-31-2022",
    form: str = "13F-HR",
    accepted: str = "",
    kind: str = "13F HOLDINGS REPORT",
    amendment: str = "",
    totals: tuple[object, object] | None = None,
) -> bytes:
    amended = (
        f"<isAmendment>true</isAmendment><amendmentInfo><amendmentType>{amendment}"
        "</amendmentType></amendmentInfo>"
        if amendment
        else ""
    )
    summary = (
        f"<summaryPage><tableEntryTotal>{totals[0]}</tableEntryTotal>"
        f"<tableValueTotal>{totals[1]}</tableValueTotal></summaryPage>"
        if totals
        else ""
    )
    table = (
        "<DOCUMENT><TEXT><XML>\n<?xml version='1.0'?><n1:informationTable xmlns:n1='urn:x'>"
        + "".join(lines).replace("</", "</n1:").replace("<", "<n1:").replace("<n1:/n1:", "</n1:")
        + "</n1:informationTable></XML></TEXT></DOCUMENT>"
        if lines is not None
        else ""
    )
    return (
        f"<SEC-HEADER>\n<ACCEPTANCE-DATETIME>{accepted or filed + '160102'}\n"
        f"ACCESSION NUMBER:\t\t0001665241-23-000001\nCONFORMED SUBMISSION TYPE:\t{form}\n"
        f"FILED AS OF DATE:\t\t{filed}\n\t\tCENTRAL INDEX KEY:\t\t\t0001665241\n</SEC-HEADER>\n"
        "<DOCUMENT><TEXT><XML>\n<?xml version='1.0'?><edgarSubmission xmlns='urn:y'><formData>"
        f"<coverPage><reportCalendarOrQuarter>{period}</reportCalendarOrQuarter>{amended}"
        f"<filingManager><name>Schonfeld &amp; Co</name></filingManager>"
        f"<reportType>{kind}</reportType></coverPage>{summary}</formData></edgarSubmission>"
        f"</XML></TEXT></DOCUMENT>{table}"
    ).encode()


def test_the_filing_date_decides_the_unit() -> None:
    """Schonfeld's NVDA: 9,204 on 75,820 shares in thousands, 58,993,357 on 403,677 in dollars."""
    early = rows(
        submission(
            [line("NVIDIA", "67066G104", 9204, 75820)], filed="20221114", period="09-30-2022"
        )
    )[0]
    late = rows(submission([line("NVIDIA", "67066G104", 58993357, 403677)]))[0]
    assert round(9204 / 75820, 2) == 0.12
    assert early["value_usd"] == 9_204_000 and round(9_204_000 / 75820, 2) == 121.39
    assert late["value_usd"] == 58_993_357
    assert round(late["value_usd"] / late["amount"], 2) == 146.14
    assert dollars(7.0, date(2023, 1, 2)) == 7000.0 and dollars(7.0, date(2023, 1, 3)) == 7.0


def test_an_evening_filing_is_public_on_the_morning_of_its_filing_day() -> None:
    body = submission([line("X", "000000AA0", 5, 1)], filed="20230214", accepted="20230213181500")
    assert rows(body)[0]["known_at"] == datetime(2023, 2, 14, 12, 30, tzinfo=UTC)
    same_day = submission([line("X", "000000AA0", 5, 1)], filed="20230214")
    assert rows(same_day)[0]["known_at"] == datetime(2023, 2, 14, 21, 1, 2, tzinfo=UTC)


def test_a_late_report_of_an_old_quarter_is_in_dollars() -> None:
    found = rows(submission([line("X", "000000AA0", 5, 1)], filed="20230531", period="12-31-2020"))[
        0
    ]
    assert (found["period_end"], found["value_usd"]) == (date(2020, 12, 31), 5.0)


def test_a_recorded_submission(shared: Path) -> None:
    found = rows(file(shared, "13f_complete_submission_ns1_2023Q3.txt"))
    assert len(found) == 14 and sum(row["value_usd"] for row in found) == 454_926_000
    first = found[0]
    assert first["manager"] == "sec:0001894188"
    assert first["manager_name"] == "LTS One Management LP"
    assert (first["issuer"], first["cusip"]) == ("AMAZON COM INC", "023135106")
    assert first["known_at"] == datetime(2023, 11, 14, 14, 38, 54, tzinfo=UTC)
    assert (first["vintage_grade"], first["flag"]) == ("native", None)
    assert first["value_usd"] / first["amount"] == pytest.approx(127.12, abs=0.005)


def test_recorded_tables_with_any_prefix(shared: Path) -> None:
    plain = list(
        positions_of(root(file(shared, "13f_infotable_default_namespace_dollars.xml").strip()))
    )
    assert len(plain) == 9 and plain[0].value / plain[0].amount == pytest.approx(175.4, abs=0.1)
    assert "AT&T INC" in {item.issuer for item in plain}
    figi = list(positions_of(root(file(shared, "example_13f_infotable_ns1_figi_putcall.xml"))))
    assert [item.figi for item in figi] == ["02079K107743", "02079K101453"]
    mixed = list(
        positions_of(root(file(shared, "documented_13f_infotable_put_call_other_manager.xml")))
    )
    assert [(item.cusip, item.put_call, item.kind, item.discretion) for item in mixed] == [
        ("000000AA0", "none", "SH", "DFND"),
        ("000000AA0", "put", "SH", "SOLE"),
        ("000000AB8", "none", "PRN", "OTR"),
    ]
    assert mixed[0].issuer == "EXAMPLE & SONS INC"


def test_recorded_covers(shared: Path) -> None:
    combined = cover_of(root(file(shared, "13f_primary_doc_combination_report.xml")))
    assert (combined.manager_name, combined.report_type) == (
        "METLIFE INC",
        "13F COMBINATION REPORT",
    )
    assert (combined.period_end, combined.entries, combined.total) == (
        date(2021, 12, 31),
        6,
        11_019_796.0,
    )
    late = cover_of(root(file(shared, "13f_primary_doc_late_2020Q4_filed_2023.xml")))
    assert (late.period_end, late.amendment_type) == (date(2020, 12, 31), None)
    restated = cover_of(root(file(shared, "example_13f_HR_A_restatement.xml")))
    assert restated.amendment_type == "RESTATEMENT"
    notice = cover_of(root(file(shared, "example_13f_NT_notice.xml")))
    assert (notice.report_type, notice.entries, notice.total) == ("13F NOTICE", None, None)


def test_lines_of_one_security_are_added_up_and_options_kept_apart() -> None:
    found = rows(
        submission(
            [
                line("A", "12345678a", 10, 1),
                line("A", "12345678A", 20, 2),
                line("A", "12345678A", 40, 4, side="PUT"),
                line("A", "12345678A", 80, 8, side="Call"),
                line("A", "12345678A", 160, 16, discretion="DFND"),
                line("A", "12345678A", 320, 3000, kind="PRN"),
            ]
        )
    )
    assert [
        (row["put_call"], row["amount_kind"], row["discretion"], row["amount"], row["entries"])
        for row in found
    ] == [
        ("none", "SH", "SOLE", 3, 2),
        ("put", "SH", "SOLE", 4, 1),
        ("call", "SH", "SOLE", 8, 1),
        ("none", "SH", "DFND", 16, 1),
        ("none", "PRN", "SOLE", 3000, 1),
    ]
    assert {row["cusip"] for row in found} == {"12345678A"}


def test_a_filing_without_holdings_is_one_line_that_says_so() -> None:
    empty = rows(submission([], totals=(0, 0)))
    placeholder = rows(submission([line("NONE", "000000000", 0, 0)], totals=(1, 0)))
    notice = rows(submission(None, form="13F-NT", kind="13F NOTICE"))
    for found, flag in ((empty, EMPTY_BOOK), (placeholder, EMPTY_BOOK), (notice, NOTICE)):
        assert [
            (row["cusip"], row["value_usd"], row["amount"], row["entries"], row["flag"])
            for row in found
        ] == [(NO_CUSIP, 0.0, 0.0, 0, flag)]
    assert list(positions_of(root(b"<informationTable/>"))) == []
    with pytest.raises(ReplyError, match="states 2 lines"):
        parsed(submission(None, totals=(2, 30)))


def test_what_the_cover_says_is_compared_and_an_odd_line_flagged() -> None:
    lines = [line("A", "123456789", 100, 1), line("B", "223456789", 700, 700)]
    found = rows(submission(lines, totals=(2, 800)))
    assert [row["flag"] for row in found] == [None, VALUE_IS_AMOUNT]
    off = rows(submission(lines, totals=(3, 800_000), kind="13F COMBINATION REPORT"))
    assert off[0]["flag"] == f"{COMBINATION}; {ENTRIES_DIFFER}; {TOTAL_DIFFERS}"
    assert [row["value_usd"] for row in off] == [100.0, 700.0]


def test_amendments_say_what_they_do() -> None:
    found = [
        rows(submission([line("A", "123456789", 1, 2)], form="13F-HR/A", amendment=kind))[0]
        for kind in ("RESTATEMENT", "NEW HOLDINGS")
    ]
    assert [row["amendment_type"] for row in found] == ["RESTATEMENT", "NEW HOLDINGS"]
    with pytest.raises(ReplyError, match="amendment of the type"):
        parsed(submission([], amendment="OTHER"))


@pytest.mark.parametrize(
    "broken",
    [
        line("A & B", "123456789", 1, 1),
        line("A", "123456789", "n/a", 1),
        line("A", "123456789", 1, -1),
        line("A", "123456789", 1, 1, kind="PIECES"),
    ],
)
def test_a_broken_line_is_refused_whole(broken: str) -> None:
    with pytest.raises(ReplyError):
        parsed(submission([line("B", "223456789", 1, 1), broken]))


def test_a_list_of_filings_leads_to_each_once() -> None:
    document = {
        "cik": "1067983",
        "filings": {
            "recent": {
                "accessionNumber": ["0-26-1", "0-26-2", "0-26-3", "0-12-4"],
                "form": ["13F-HR", "SC 13G/A", "13F-HR/A", "13F-HR"],
                "filingDate": ["2026-11-14", "2026-11-10", "2026-10-01", "2012-11-14"],
            },
            "files": [
                {"name": "CIK0001067983-submissions-001.json", "filingTo": "2014-01-01"},
                {"name": "CIK0001067983-submissions-002.json", "filingTo": "2009-01-01"},
            ],
        },
    }
    found = parsed(json.dumps(document).encode(), f"{HOST}CIK0001067983.json")
    assert [call.url.rpartition("/")[2] for call in found.follow] == [
        "CIK0001067983-submissions-001.json",
        "0-26-1.txt",
        "0-26-3.txt",
    ]
    assert [call.edition.name for call in found.follow if call.edition] == ["0-26-1", "0-26-3"]
    assert XML_SINCE > "2012-11-14"
    page = document["filings"]["recent"]
    older = parsed(json.dumps(page).encode(), f"{HOST}CIK0001067983-submissions-001.json")
    assert older.follow[0].url.startswith("https://www.sec.gov/Archives/edgar/data/1067983/0261/")
    page["form"] = ["4"] * 4
    with pytest.raises(ReplyError, match="has no 13F filing"):
        parsed(json.dumps(page).encode(), f"{HOST}CIK0001067983.json")


@pytest.mark.parametrize(
    ("cik", "name", "note"),
    [
        ("1009207", "D. E. SHAW & CO., INC.", ""),
        ("1009207", "Other L.P.", "D. E. Shaw in our list is Other L.P. at EDGAR"),
        ("1", "Nobody of our list", ""),
        ("1009207", "", ""),
    ],
)
def test_a_key_in_our_list_that_is_another_filers_is_noted(cik: str, name: str, note: str) -> None:
    recent = {"accessionNumber": ["0-26-1"], "form": ["13F-HR"], "filingDate": ["2026-11-14"]}
    page = {"cik": cik, "name": name, "filings": {"recent": recent}}
    assert parsed(json.dumps(page).encode(), f"{HOST}CIK{cik:0>10}.json").note == note


def test_which_calls_are_planned() -> None:
    calls = SOURCE.plan(Window((), NOW))
    assert len(calls) >= 20 and calls[0].url == f"{HOST}CIK0001067983.json"
    one = SOURCE.plan(Window(("sec:0001665241", "320193"), NOW))
    assert [call.url[-15:-5] for call in one] == ["0001665241", "0000320193"]
    assert SOURCE.plan(Window((), NOW, job=BULK)) == []
    assert SOURCE.plan(Window(("2023q4_form13f.zip",), NOW, job=BULK))[0].url.endswith(
        "/form-13f-data-sets/2023q4_form13f.zip"
    )


def tsv(*lines: str) -> str:
    return "\n".join(line.replace("|", "\t") for line in lines) + "\n"


def archive(infotable: str) -> bytes:
    tables = {
        "SUBMISSION": tsv(
            "ACCESSION_NUMBER|FILING_DATE|SUBMISSIONTYPE|CIK|PERIODOFREPORT",
            "a-1|14-NOV-2022|13F-HR|1665241|30-SEP-2022",
            "a-2|14-FEB-2023|13F-HR/A|1665241|31-DEC-2022",
            "a-3|14-FEB-2023|13F-NT|7|31-DEC-2022",
            "a-4|14-FEB-2023|13F-HR|8|31-DEC-2022",
        ),
        "COVERPAGE": tsv(
            "ACCESSION_NUMBER|REPORTCALENDARORQUARTER|AMENDMENTTYPE|FILINGMANAGER_NAME|REPORTTYPE",
            "a-1|30-SEP-2022||Schonfeld & Co|13F HOLDINGS REPORT",
            "a-2|31-DEC-2022|NEW HOLDINGS|Schonfeld & Co|13F COMBINATION REPORT",
            "a-3|31-DEC-2022||Seven|13F NOTICE",
            "a-4|31-DEC-2022||Eight|13F HOLDINGS REPORT",
        ),
        "SUMMARYPAGE": tsv(
            "ACCESSION_NUMBER|TABLEENTRYTOTAL|TABLEVALUETOTAL",
            "a-1|2|9304",
            "a-2|3|58993357",
            "a-4|1|0",
        ),
        "INFOTABLE": infotable,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in tables.items():
            made.writestr(f"quarter/{name}.tsv", text)
    return written.getvalue()


HEAD = (
    "ACCESSION_NUMBER|INFOTABLE_SK|NAMEOFISSUER|TITLEOFCLASS|CUSIP|FIGI|VALUE|SSHPRNAMT|"
    "SSHPRNAMTTYPE|PUTCALL|INVESTMENTDISCRETION|OTHERMANAGER"
)
LINES = (
    'a-1|1|NVIDIA "CORP" & CO|COM|67066g104||9204|75820|SH||SOLE|',
    "a-1|2|A|COM|000000AA0||100|1|SH|Put|SOLE|1,2",
    "a-2|3|NVIDIA|COM|67066G104|BBG|8993357|100000|SH||SOLE|",
    "a-2|4|NVIDIA|COM|67066G104||50000000|303677|SH||SOLE|",
    "a-4|5|NONE|NONE|000000000||0|0|SH||SOLE|",
)


def test_a_data_set_says_what_the_filings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows(archive(tsv(HEAD, *LINES)), "https://www.sec.gov/x.zip")
    monkeypatch.setattr("ingest.sources._sec_tables.PIECE", 40)  # a line in several pieces
    assert rows(archive(tsv(HEAD, *LINES)), "https://www.sec.gov/x.zip") == whole
    told = [
        (row["accession"], row["cusip"], row["value_usd"], row["amount"], row["flag"])
        for row in whole
    ]
    assert told == [
        ("a-1", "67066G104", 9_204_000.0, 75820.0, None),
        ("a-1", "000000AA0", 100_000.0, 1.0, None),
        ("a-2", "67066G104", 58_993_357.0, 403_677.0, f"{COMBINATION}; {ENTRIES_DIFFER}"),
        ("a-3", NO_CUSIP, 0.0, 0.0, NOTICE),
        ("a-4", NO_CUSIP, 0.0, 0.0, EMPTY_BOOK),
    ]
    assert whole[0]["issuer"] == 'NVIDIA "CORP" & CO' and whole[2]["figi"] == "BBG"
    assert whole[2]["amendment_type"] == "NEW HOLDINGS" and whole[2]["entries"] == 2
    assert whole[0]["manager"] == "sec:0001665241"
    assert whole[0]["known_at"] == datetime(2022, 11, 15, 3, tzinfo=UTC)
    assert {row["vintage_grade"] for row in whole} == {"lagged"}


def test_a_broken_data_set_is_refused() -> None:
    for line_ in ("a-1|1|A|COM|1||x|1|SH||SOLE|", "a-1|1|A|COM|1||1|1|PIECES||SOLE|"):
        with pytest.raises(ReplyError, match="as in a-1"):
            parsed(archive(tsv(HEAD, line_, *LINES)), "https://www.sec.gov/x.zip")
    with pytest.raises(ReplyError, match="no column"):
        parsed(archive(tsv("ACCESSION_NUMBER|CUSIP", "a-1|1")), "https://www.sec.gov/x.zip")
    with pytest.raises(ReplyError, match="cannot be read"):
        parsed(archive(tsv(HEAD, *LINES))[:300], "https://www.sec.gov/x.zip")
