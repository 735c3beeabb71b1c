"""Form 13F day after day: each filing asked for once, amendments, and the SEC's refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.companies.portfolios import fund_portfolio
from ingest.sources import sec_13f
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Handler, document, status
from tests.ingest.sources.test_sec_13f import line, submission
from tests.ingest.sources.test_sec_edgar_protocol import MISSING, REFUSAL, columns, on_one_host, row

CIK = "1665241"
MANAGER = "sec:0001665241"
FIRST, SECOND = "0001665241-23-000001", "0001665241-23-000002"
FILED = datetime(2023, 2, 14, 21, 1, 2, tzinfo=UTC)


@dataclass
class Filer:
    """One manager; its filings by accession, as they are served."""

    texts: dict[str, bytes]
    forms: dict[str, str] = field(default_factory=dict)

    def __call__(self, to: Handler) -> None:
        name = to.path.partition("?")[0].rpartition("/")[2]
        if name == f"CIK000{CIK}.json":
            listed = [
                row(one, "2023-02-14", self.forms.get(one, "13F-HR"), "2022-12-31")
                for one in self.texts
            ]
            more = row("0001665241-23-000009", "2023-02-01", "SC 13G/A")
            document({"cik": CIK, "filings": {"recent": columns([*listed, more]), "files": []}})(to)
        elif name.removesuffix(".txt") in self.texts:
            status(200, self.texts[name.removesuffix(".txt")])(to)
        else:
            status(404, MISSING, Content_Type="application/xml")(to)


def text(accession: str, amount: int, **more: str) -> bytes:
    made = submission([line("NVIDIA", "67066G104", amount * 146, amount)], **more)  # type: ignore[arg-type] # as given
    return made.replace(FIRST.encode(), accession.encode())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(on_one_host(sec_13f.SOURCE), tmp_path) as found:
        yield found


def amounts(desk: Desk, at: datetime) -> list[float]:
    answer = fund_portfolio(desk.db.at(at), manager=MANAGER)
    return answer.frame["amount"].to_list()


def test_each_filing_is_asked_for_once_and_amendments_follow(desk: Desk) -> None:
    far = Filer({FIRST: text(FIRST, 100)})
    desk.speak(far, "*")
    assert desk.counts(CIK, job="sec_13f_holdings") == ("ok", 1, 0)
    assert all("a@example.org" in hit.headers["user-agent"] for hit in desk.server.hits)
    assert amounts(desk, FILED) == [100.0]
    seen = len(desk.server.hits)
    desk.sleep(days=1)
    assert desk.counts(CIK, job="sec_13f_holdings") == ("ok", 0, 0)
    assert len(desk.server.hits) == seen + 1
    amended = text(SECOND, 40, filed="20230301", form="13F-HR/A", amendment="RESTATEMENT")
    far.texts[SECOND], far.forms[SECOND] = amended, "13F-HR/A"
    desk.sleep(days=1)
    assert desk.counts(CIK, job="sec_13f_holdings") == ("ok", 1, 0)
    assert amounts(desk, datetime(2023, 3, 1, 21, 1, 2, tzinfo=UTC)) == [40.0]
    assert amounts(desk, datetime(2023, 3, 1, 21, 1, 1, tzinfo=UTC)) == [100.0]


def test_a_refusal_is_told_in_the_words_of_the_sec(desk: Desk) -> None:
    desk.speak(status(403, REFUSAL, Content_Type="text/html"), "*")
    outcome = desk.run(CIK, job="sec_13f_holdings").outcome
    assert outcome.status == "over_budget" and "Rate Threshold Exceeded" in outcome.message


def test_an_unknown_filer_is_named(desk: Desk) -> None:
    desk.speak(Filer({FIRST: text(FIRST, 100)}), "*")
    outcome = desk.run("7", job="sec_13f_holdings").outcome
    assert outcome.status == "failed" and "check the CIK" in outcome.message


def test_an_outage_loses_nothing(desk: Desk) -> None:
    api = desk.speak(Filer({FIRST: text(FIRST, 100)}), "*")
    desk.run(CIK, job="sec_13f_holdings")
    rows = "SELECT accession, amount FROM fund_holdings ORDER BY ALL"
    outage(desk, api, rows, lambda: desk.run(CIK, job="sec_13f_holdings"))
    assert amounts(desk, FILED + timedelta(days=1)) == [100.0]
