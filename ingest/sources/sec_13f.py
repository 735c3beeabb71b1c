"""SEC Form 13F: the quarterly holdings of managers, filing by filing or a whole data set at once.

A manager's list of filings leads to the full text of each; one that is in the lake is not asked
for again. Other sources ask the same hosts: the quotas of all of them keep below the SEC's ten
requests a second.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse, said
from ingest.jobs import Cadence, Call, Edition, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.sources._sec_13f import submission
from ingest.sources._sec_13f_bulk import MAGIC, read_archive
from ingest.sources._sec_addresses import WWW, older_url, submissions_url
from ingest.sources._sec_refusals import refuse_missing, refuse_sec_page

ARCHIVES = f"{WWW}/Archives/edgar/data"
DATA_SETS = f"{WWW}/files/structureddata/data/form-13f-data-sets/"
FORMS = ("13F-HR", "13F-HR/A", "13F-NT", "13F-NT/A")
XML_SINCE = "2013-05-01"  # filings before that state their table as text
BULK = "sec_13f_bulk"


def plan(window: Window) -> list[Call]:
    """The list of filings of each manager; for the bulk job the data sets asked for by name."""
    if window.job == BULK:
        return [Call(DATA_SETS + name) for name in window.names]
    managers = window.names or tuple(listed("sec_13f", "cik"))
    return [Call(submissions_url(_digits(name))) for name in managers]


def _digits(name: str) -> str:
    """The CIK in `1067983` or `sec:0001067983`."""
    return name.rpartition(":")[2].strip()


@careful
def parse(reply: Reply) -> Parsed:
    """A list of filings, one filing's full text, or a data set of a quarter."""
    if reply.status < 300 and reply.body.startswith(MAGIC):
        parts = [_stored(reply, part) for part in read_archive(reply.body)]
        return Parsed({"fund_holdings": pa.concat_tables(parts)})
    refuse_sec_page(reply)
    body = content(reply)
    if body.startswith(b"<") and b"<Error>" in body[:200]:
        refuse_missing(reply, body)
    if reply.status >= 300:
        refuse(reply)
    if body.startswith(b"{"):
        return _filings(reply, decoded(reply, body))
    frame = pl.DataFrame(submission(body), schema_overrides=_NULLABLE)
    return Parsed({"fund_holdings": _stored(reply, frame)})


_NULLABLE = {
    name: pl.String for name in ("figi", "issuer", "title_of_class", "amendment_type", "flag")
}


def _stored(reply: Reply, frame: pl.DataFrame) -> pa.Table:
    """Rows known when their filing was public, and not after we had it in hand."""
    known = tables.never_ahead(pl.col("known_at").cast(tables.INSTANT), reply)
    return tables.table(
        "fund_holdings",
        frame.with_columns(pl.col("entries").cast(pl.Int32)),
        known_at=known,
        source="sec_13f",
    )


def _filings(reply: Reply, document: dict[str, Any]) -> Parsed:
    """The filings that hold a table, or say that there is none, each to be asked for once."""
    if "filings" in document:
        recent, cik = document["filings"]["recent"], str(document["cik"])
        more = document["filings"].get("files") or []
    else:
        recent, cik, more = document, reply.path.rpartition("CIK")[2][:10], []
    calls = [
        Call(
            f"{ARCHIVES}/{int(cik)}/{accession.replace('-', '')}/{accession}.txt",
            edition=Edition(accession, accession),
        )
        for accession, form, filed in zip(
            recent["accessionNumber"], recent["form"], recent["filingDate"], strict=True
        )
        if form in FORMS and filed >= XML_SINCE
    ]
    older = [
        Call(older_url(page["name"])) for page in more if page.get("filingTo", "") >= XML_SINCE
    ]
    if not calls and not older:
        raise ReplyError("empty", f"CIK {int(cik)} has no 13F filing in XML")
    rows = [{"cik": cik, "filings": len(calls), "older_pages": len(older)}]
    shown = tables.reading("filings", rows)
    return Parsed(shown.tables, (*older, *calls), _other_name(document, cik))


def _other_name(document: dict[str, Any], cik: str) -> str:
    """A remark where a key of our list is that of another filer."""
    ours = entry("sec_13f", f"{int(cik):010}", "cik").get("name", "")
    theirs = str(document.get("name") or "")
    if not theirs or _letters(ours) in _letters(theirs):
        return ""
    return f"{ours} in our list is {said(theirs)} at EDGAR"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


SOURCE = Source(
    name="sec_13f",
    limits_of="sec_edgar",
    needs_contact=True,
    title="SEC Form 13F",
    gives="quarterly holdings of institutional managers, as filed, with amendments",
    grade="native",
    licence="Source: US Securities and Exchange Commission (EDGAR); public domain.",
    jobs=(
        Job(
            "sec_13f_holdings",
            ("fund_holdings",),
            "New 13F filings of every manager of the list",
            Cadence(at="22:30", zone="America/New_York", days="weekdays"),
            priority=6,
            cost=600,
            time_limit_s=1800,
        ),
        Job(
            BULK,
            ("fund_holdings",),
            "13F data sets of whole quarters, asked for by the names of their files",
            Cadence(),
            priority=9,
            cost=1,
            time_limit_s=3600,
        ),
    ),
    plan=plan,
    parse=parse,
    max_bytes=300_000_000,
)
