"""SEC EDGAR: companies, filings, accounts as each filing stated them, revenue by place.

A filer's page leads to its older pages, to its accounts when a new report is there, and to the
instance of each annual report. The SEC wants a User-Agent with a mail address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.formats.body import careful, content, decoded, refuse, said
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.sources._sec_addresses import TICKERS, noted, submissions_url
from ingest.sources._sec_facts import accounts
from ingest.sources._sec_instance import files_of_filing, revenue_by_place
from ingest.sources._sec_refusals import refuse_missing, refuse_sec_page
from ingest.sources._sec_submissions import older_page, profile
from ingest.sources._sec_tickers import listings

JOBS = (
    Job(
        "sec_filings",
        ("companies", "instruments", "filings", "events", "fundamentals", "exposures"),
        "filings of the listed companies, and their accounts where a report is new",
        Cadence(at="22:30", zone="America/New_York", days="weekdays"),
        priority=3,
        time_limit_s=2 * 3600,
    ),
    Job(
        "sec_tickers",
        ("instruments",),
        "tickers and exchanges of our companies (`listed`) or of all (`all`), asked for by name",
        Cadence(),
        priority=6,
    ),
)


def plan(window: Window) -> list[Call]:
    """The page of each filer, by CIK; for the tickers one list.

    Each page of a filer states its own tickers. The list of all companies comes only where somebody
    asks for it: the part of our own companies (`listed`), or all eleven thousand.
    """
    if window.job == "sec_tickers":
        of = "" if window.names == ("all",) else "listed"
        return [Call(noted(TICKERS, of=of))] if window.names else []
    since = window.since.isoformat() if window.since else ""
    names = window.names or tuple(listed("sec_edgar", "cik"))
    return [Call(noted(submissions_url(_cik(name)), since=since)) for name in names]


def _cik(name: str) -> str:
    """`320193`, `0000320193`, `sec:0000320193` or a ticker of our list."""
    word = name.strip().removeprefix("sec:")
    if word.isdigit():
        return word
    by_ticker = {row["ticker"]: cik for cik, row in listed("sec_edgar", "cik").items()}
    if word.upper() not in by_ticker:
        raise ReplyError(
            "client", f"{said(name)} is no CIK, nor a ticker in ingest/universe/sec_edgar.csv"
        )
    return by_ticker[word.upper()]


@careful
def parse(reply: Reply) -> Parsed:
    """Told apart by what the document holds, since mirrors have other addresses."""
    refuse_sec_page(reply)
    body = content(reply)
    if body[:1] == b"<":
        return _xml(reply, body)
    document = decoded(reply, body)
    if reply.status >= 300:
        refuse(reply)
    if not isinstance(document, dict):
        raise ReplyError("upstream", "expected an object of EDGAR, found another kind of JSON")
    return _document(document, reply)


def _document(document: Mapping[str, Any], reply: Reply) -> Parsed:
    if "facts" in document:
        return accounts(document, reply)
    if "filings" in document and "cik" in document:
        return profile(document, reply)
    if "accessionNumber" in document:
        return older_page(document, reply)
    if "directory" in document:
        return files_of_filing(document, reply)
    return listings(document, reply)


def _xml(reply: Reply, body: bytes) -> Parsed:
    """An instance, or the error of the store behind EDGAR."""
    if reply.status >= 300 or b"<Error>" in body[:200]:
        refuse_missing(reply, body)
    return revenue_by_place(body, reply)


SOURCE = Source(
    name="sec_edgar",
    title="SEC EDGAR",
    gives="companies that file in the US: tickers, filings, accounts, revenue by place",
    grade="native",
    licence="US government, public domain; names and trademarks of companies aside.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    needs_contact=True,
    max_bytes=200_000_000,
)
