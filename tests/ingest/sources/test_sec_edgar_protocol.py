"""EDGAR day after day: two hosts in one pace, pages that follow, restatements, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.settings import Settings
from ingest.jobs import Call, Parsed, Reply, ReplyError, Source, Window
from ingest.runs.engine import open_engine
from ingest.runs.reading import read
from ingest.runs.runner import JobRun, execute
from ingest.runs.transport import CallTerms
from ingest.schedule.timetable import timetable
from ingest.sources import sec_13f, sec_edgar
from ingest.sources._sec_addresses import DATA, WWW
from tests.ingest.conftest import FakeTime
from tests.ingest.desk import START, Desk, opened, outage
from tests.ingest.server import Handler, document, status
from tests.ingest.sources.test_sec_places import instance

ONE, TWO = "1", "2"
COMPANY = "sec:0000000001"
MIRROR = f"{DATA}/www.sec.gov"  # both hosts on one server, told apart by the path
FACTS = "SELECT value, form, accession FROM fundamentals_vintages ORDER BY known_at, accession"
LATEST = "SELECT value FROM fundamentals WHERE concept = 'NetIncomeLoss'"
REFUSAL = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>"
    b"<body>Your request rate has exceeded the maximum</body></html>"
)
MISSING = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Key>submissions/X</Key></Error>"
NAMES = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items")
MORE = ("primaryDocument", "isXBRL", "isInlineXBRL")


def on_one_host(source: Source) -> Source:
    """The source with both hosts behind one name; plan and parse see their own addresses."""

    def moved(call: Call) -> Call:
        return replace(call, url=call.url.replace(WWW, MIRROR))

    def plan(window: Window) -> list[Call]:
        return [moved(call) for call in source.plan(window)]

    def parse(reply: Reply) -> Parsed:
        call = replace(reply.call, url=reply.call.url.replace(MIRROR, WWW))
        parsed = source.parse(replace(reply, call=call))
        return replace(parsed, follow=tuple(moved(call) for call in parsed.follow))

    return replace(source, plan=plan, parse=parse)


def row(accession: str, filed: str, form: str, *more: Any) -> tuple[Any, ...]:
    """A filing at 21:05 UTC of its day, which only UTC allows."""
    period, items = (*more, "", "")[:2]
    name = f"{accession}.htm"
    return (accession, filed, period, f"{filed}T21:05:00.000Z", form, items, name, 1, 1)


@dataclass
class Edgar:
    """One company of one line, with an older page; `told` is what its accounts hold."""

    filings: list[tuple[Any, ...]]
    told: list[dict[str, Any]]
    older: list[tuple[Any, ...]] = field(default_factory=list)
    name: str = "First Name Inc."
    tickers: list[list[Any]] = field(default_factory=list)

    def __call__(self, to: Handler) -> None:
        path = to.path.partition("?")[0]
        if path == "/submissions/CIK0000000001.json":
            return document(self.profile())(to)
        if path.endswith("-submissions-001.json"):
            return document(columns(self.older))(to)
        if "companyfacts" in path:
            units = {"units": {"USD": self.told}}
            return document({"cik": 1, "facts": {"us-gaap": {"NetIncomeLoss": units}}})(to)
        if path.endswith("_htm.xml"):
            geography = "srt:StatementGeographicalAxis"
            told: list[Any] = [({}, 100.0), ({geography: "country:US"}, 60.0)]
            return status(200, instance(told, span=("2022-01-01", "2022-12-31")))(to)
        if path.endswith("company_tickers_exchange.json"):
            fields = ["cik", "name", "ticker", "exchange"]
            return document({"fields": fields, "data": self.tickers})(to)
        return status(404, MISSING, Content_Type="application/xml")(to)

    def profile(self) -> dict[str, Any]:
        files = [
            {
                "name": "CIK0000000001-submissions-001.json",
                "filingCount": len(self.older),
                "filingFrom": "2001-01-01",
                "filingTo": "2010-01-01",
            }
        ]
        filings = {"recent": columns(self.filings), "files": files if self.older else []}
        return {"cik": "1", "name": self.name, "sic": "3674", "filings": filings}


def columns(filings: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [one[at] for one in filings] for at, name in enumerate((*NAMES, *MORE))}


def income(val: float, accn: str, filed: str, form: str = "10-K") -> dict[str, Any]:
    year = {"start": "2022-01-01", "end": "2022-12-31"}
    return year | {"val": val, "accn": accn, "filed": filed, "form": form}


TEN_K = "0000000001-23-000001"
AMENDED = "0000000001-24-000009"


def edgar() -> Edgar:
    return Edgar(
        [row(TEN_K, "2023-02-01", "10-K", "2022-12-31"), row("e", "2023-01-30", "8-K", "", "2.02")],
        [income(70.0, TEN_K, "2023-02-01")],
        [row("0000000001-09-000001", "2009-02-02", "10-K", "2008-12-31")],
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(on_one_host(sec_edgar.SOURCE), tmp_path) as found:
        yield found


def test_a_first_fill_follows_every_page(desk: Desk) -> None:
    desk.speak(edgar(), "*")
    before = desk.clock.tempo.monotonic()
    outcome = desk.run(ONE).outcome
    assert (outcome.status, outcome.calls) == ("ok", 4), outcome.message
    # 10 calls a second over both hosts, which share one turn.
    assert desk.clock.tempo.monotonic() - before >= 1.0 + 3 * 0.1
    assert {hit.path.split("/")[1] for hit in desk.server.hits} == {
        *("submissions", "api", "www.sec.gov")
    }
    assert all("a@example.org" in hit.headers["user-agent"] for hit in desk.server.hits)
    found = desk.rows("SELECT form, known_at FROM filings ORDER BY filed_on")
    assert found == [
        ("10-K", datetime(2009, 2, 2, 21, 5, tzinfo=UTC)),
        ("8-K", datetime(2023, 1, 30, 21, 5, tzinfo=UTC)),
        ("10-K", datetime(2023, 2, 1, 21, 5, tzinfo=UTC)),
    ]
    known = datetime(2023, 2, 1, 21, 5, tzinfo=UTC)
    assert desk.rows(LATEST, known - timedelta(seconds=1)) == []
    assert desk.rows(LATEST, known) == [(70.0,)]
    places = "SELECT place, revenue, accession FROM exposures ORDER BY place"
    assert desk.rows(places, known) == [("USA", 60.0, TEN_K), ("undisclosed", 40.0, TEN_K)]
    assert desk.rows(places, known - timedelta(seconds=1)) == []
    assert desk.rows("SELECT title FROM events") == [
        ("First Name Inc.: results of operations (8-K 2.02)",)
    ]
    assert desk.rows("SELECT name, sector FROM companies", known) == [
        ("First Name Inc.", "semiconductor")
    ]


def test_what_has_not_changed_is_not_asked_again(desk: Desk) -> None:
    far = edgar()
    desk.speak(far, "*")
    desk.run(ONE)
    seen = len(desk.server.hits)
    desk.sleep(days=1)
    assert desk.counts(ONE) == ("ok", 0, 0)
    assert [hit.path for hit in desk.server.hits[seen:]] == ["/submissions/CIK0000000001.json"]
    far.filings.insert(0, row(AMENDED, "2024-03-11", "10-K/A", "2022-12-31"))
    far.told += [income(65.0, AMENDED, "2024-03-11", "10-K/A")]
    seen = len(desk.server.hits)
    desk.sleep(days=1)
    assert desk.run(ONE).outcome.status == "ok"
    kinds = sorted(hit.path.rpartition("/")[2] for hit in desk.server.hits[seen:])
    assert kinds == ["0000000001-24-000009_htm.xml", "CIK0000000001.json", "CIK0000000001.json"]


def test_a_restatement_is_known_from_its_acceptance_on(desk: Desk) -> None:
    far = edgar()
    desk.speak(far, "*")
    desk.run(ONE)
    far.filings.insert(0, row(AMENDED, "2024-03-11", "10-K/A", "2022-12-31"))
    far.told += [income(65.0, AMENDED, "2024-03-11", "10-K/A")]
    desk.sleep(days=1)
    desk.run(ONE)
    known = datetime(2024, 3, 11, 21, 5, tzinfo=UTC)
    assert desk.rows(LATEST, known - timedelta(seconds=1)) == [(70.0,)]
    assert desk.rows(LATEST, known) == [(65.0,)]
    assert desk.rows(FACTS) == [(70.0, "10-K", TEN_K), (65.0, "10-K/A", AMENDED)]


def test_accounts_that_come_after_their_filing_are_not_missed(desk: Desk) -> None:
    """The day after a filing its accounts may still be those of before."""
    far = edgar()
    desk.speak(far, "*")
    desk.run(ONE)
    far.filings.insert(0, row(AMENDED, "2024-03-11", "10-K/A", "2022-12-31"))
    desk.sleep(days=1)
    desk.run(ONE)
    assert desk.rows(LATEST) == [(70.0,)]
    far.told += [income(65.0, AMENDED, "2024-03-11", "10-K/A")]
    desk.sleep(days=1)
    desk.run(ONE)
    assert desk.rows(LATEST) == [(65.0,)]
    for _ in range(8):
        desk.sleep(days=1)
        seen = len(desk.server.hits)
        assert desk.counts(ONE)[1:] == (0, 0)
    assert len(desk.server.hits) == seen + 1, "an old report is not asked for again"


def test_a_new_name_is_a_vintage(desk: Desk) -> None:
    far = edgar()
    desk.speak(far, "*")
    desk.run(ONE)
    seen = desk.now
    far.name = "Second Name Inc."
    desk.sleep(days=1)
    desk.run(ONE)
    assert desk.rows("SELECT name FROM companies", seen) == [("First Name Inc.",)]
    assert desk.rows("SELECT name FROM companies") == [("Second Name Inc.",)]
    # Reports of the time before keep the name of then in what was stored of them.
    titles = "SELECT title FROM events"
    assert desk.rows(titles, seen) == [("First Name Inc.: results of operations (8-K 2.02)",)]


def test_after_the_page_of_refusal_nothing_is_sent_for_ten_minutes(desk: Desk) -> None:
    api = desk.speak(edgar(), "*")
    api.first = [status(403, REFUSAL, Content_Type="text/html")]
    outcome = desk.run(ONE, TWO).outcome
    assert (outcome.status, outcome.calls) == ("over_budget", 1)
    assert "blocks this address for ten minutes" in outcome.message
    assert desk.breaker.until == desk.now + timedelta(minutes=10)
    desk.sleep(minutes=9)
    assert "left alone until" in desk.run(ONE).outcome.message
    assert len(desk.server.hits) == 1
    desk.sleep(minutes=1)
    assert desk.run(ONE).outcome.status == "ok"


def test_both_sources_of_the_sec_share_pace_and_rest(desk: Desk) -> None:
    """Ten a second hold for the address: what one of them met, the other heeds."""
    assert sec_13f.SOURCE.limited_as == sec_edgar.SOURCE.limited_as == "sec_edgar"
    assert sec_13f.SOURCE.needs_contact
    desk.speak(status(403, REFUSAL, Content_Type="text/html"), "*")
    call = Call(f"{desk.server.url}/submissions/CIK0000000001.json")
    terms = CallTerms(desk.clock.tempo.monotonic() + 60)
    answer = desk.engine.transport.fetch(sec_13f.SOURCE, call, terms)
    with pytest.raises(ReplyError, match="ten minutes") as raised:
        read(sec_13f.SOURCE, answer)
    desk.engine.transport.refuse(sec_13f.SOURCE, answer, raised.value)
    assert "left alone until" in desk.run(ONE).outcome.message
    assert len(desk.server.hits) == 1


def test_an_undeclared_agent_is_told_how_to_declare_it(desk: Desk) -> None:
    page = b"<html><head><title>Undeclared Automated Tool</title></head></html>"
    desk.speak(status(403, page, Content_Type="text/html"), "*")
    outcome = desk.run(ONE, TWO).outcome
    assert (outcome.status, outcome.calls) == ("failed", 1)
    assert "set CONTACT" in outcome.message
    assert desk.breaker.until == desk.now + timedelta(minutes=10)


def test_an_unknown_filer_does_not_take_the_others_with_it(desk: Desk) -> None:
    desk.speak(edgar(), "*")
    outcome = desk.run(TWO, ONE).outcome
    assert outcome.status == "partial"
    assert "check the CIK" in outcome.message
    assert desk.rows("SELECT count(*) FROM filings") == [(3,)]


def test_a_day_of_503(desk: Desk) -> None:
    api = desk.speak(edgar(), "*")
    desk.run(ONE)
    desk.sleep(days=1)
    outage(desk, api, "SELECT * FROM filings ORDER BY ALL", lambda: desk.run(ONE))


def test_a_ticker_that_another_company_takes_over(desk: Desk) -> None:
    far = edgar()
    far.tickers = [[1, "Old Owner", "XYZ", "NYSE"]]
    desk.speak(far, "*")
    assert desk.run("all", job="sec_tickers").outcome.status == "ok"
    seen = desk.now
    far.tickers = [[2, "New Owner", "XYZ", "Nasdaq"]]
    desk.sleep(days=30)
    assert desk.run("all", job="sec_tickers").outcome.rows_added == 1
    owners = "SELECT symbol, name FROM instruments WHERE ticker = 'XYZ' ORDER BY symbol"
    assert desk.rows(owners, seen) == [("sec:0000000001:XYZ", "Old Owner")]
    assert desk.rows(owners) == [
        ("sec:0000000001:XYZ", "Old Owner"),
        ("sec:0000000002:XYZ", "New Owner"),
    ]


def test_without_a_contact_nothing_is_sent(tmp_path: Path) -> None:
    settings = Settings.from_env("test", {"DATA_DIR": str(tmp_path)})
    source, clock = sec_edgar.SOURCE, FakeTime(START)
    off = timetable(settings, [source], lambda name: None).off
    assert "needs a contact" in off["sec_edgar"]
    with open_engine(settings, tempo=clock.tempo) as engine:
        window = Window((ONE,), START, date(2024, 1, 1), None, "sec_filings")
        run = execute(engine, JobRun(source, source.jobs[0], window, START), owner="test")
        assert engine.transport.calls == 0
    assert run.outcome.status == "skipped"
    assert "needs a contact" in run.outcome.message
