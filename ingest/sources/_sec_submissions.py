"""A filer's page: profile, filings with their times, 8-K items as events, what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from data.filing_words import (
    ATTACHED,
    REPORTS,
    filing_forms,
    filing_items,
    form_kind,
    item_name,
    items_of,
)
from ingest.formats.tables import INSTANT, table
from ingest.jobs import Call, Edition, Parsed, Reply, ReplyError
from ingest.lists import entry
from ingest.sources._sec_addresses import (
    archive_url,
    cik_in,
    company_id,
    day_of,
    facts_url,
    noted,
    notes_of,
    older_url,
    packed_times,
)
from ingest.sources._sec_profile import company_rows, names_since
from ingest.sources._sec_tickers import own_listings
from ingest.sources._sec_times import (
    NEW_YORK,
    FilerClock,
    FilingTime,
    accepted,
    filer_clock,
    public_from,
    stated_time,
)

INSTANCES = 3  # annual reports whose revenue by place is read without being asked for more
FRESH = timedelta(days=5)
FIRST_XBRL = date(2009, 4, 1)


@dataclass(frozen=True, slots=True)
class FilingRow:
    """One filing as a page of the filer lists it."""

    time: FilingTime
    accession: str
    period_end: date | None
    items: str
    document: str
    is_xbrl: bool
    is_inline: bool
    accepted_at: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """When it was public."""
        return public_from(self.time.filed_on, self.accepted_at)

    @property
    def form(self) -> str:
        """Without the mark of an amendment."""
        return self.time.form.removesuffix("/A")


def profile(document: Mapping[str, Any], reply: Reply) -> Parsed:
    """The filer's own page: who it is, its recent filings, and what they lead to."""
    cik = str(document["cik"])
    filings = document["filings"]
    clock, rows, lost = _rows(filings["recent"])
    kept = [row for row in rows if row.form in filing_forms()]
    older = [page for page in filings.get("files") or [] if page.get("name")]
    is_company = bool(document.get("sic") or document.get("tickers") or kept)
    if not is_company:
        raise ReplyError("empty", f"{document['name']} files no report of a company or a manager")
    days = [day for page in older if (day := day_of(page.get("filingFrom")))]
    days += [row.time.filed_on for row in rows]
    companies = company_rows(document, reply, min(days, default=None))
    tables = {"companies": companies}
    if kept:
        tables["filings"] = _filings(kept, cik, reply)
    events = _events(kept, names_since(document, None), reply, cik)
    if events.num_rows:
        tables["events"] = events
    calls = (*_older(older, clock, reply), *_accounts(kept, cik, reply))
    notes = [] if rows else [f"{document['name']} has no filings"]
    notes += _other_ticker(document, cik)
    shares = own_listings(document, reply)
    if shares is not None:
        tables["instruments"] = shares
    # A page that says nothing of tickers lists none of them either.
    whole = (company_id(cik),) if "tickers" in document else ()
    return Parsed(tables, calls, "; ".join([*notes, *lost]), lists_all_of=whole)


def _other_ticker(document: Mapping[str, Any], cik: str) -> list[str]:
    """A remark where the ticker in our list is none of the filer's: a key may be wrong there."""
    ours = entry("sec_edgar", f"{int(cik):010}", "cik").get("ticker", "")
    theirs = [str(word).upper() for word in document.get("tickers") or []]
    if not ours or not theirs or ours in theirs:
        return []
    return [f"{ours} in our list is {document['name']} ({', '.join(theirs)[:60]}) at EDGAR"]


def older_page(document: Mapping[str, Any], reply: Reply) -> Parsed:
    """An older page: bare columns, of the filer that its name states."""
    cik = cik_in(reply)
    if not cik:
        raise ReplyError("client", "an older page of filings, without the address that names whose")
    stated = notes_of(reply).get("clock", "")
    known: FilerClock = "utc" if stated == "utc" else "new_york"
    _, rows, lost = _rows(document, known if stated in ("utc", "new_york") else "unsure")
    kept = [row for row in rows if row.form in filing_forms()]
    if not kept:
        raise ReplyError("empty", "this older page holds no report of a company or a manager")
    return Parsed({"filings": _filings(kept, cik, reply)}, note="; ".join(lost))


def _rows(
    columns: Mapping[str, Any], known: FilerClock = "unsure"
) -> tuple[FilerClock, list[FilingRow], list[str]]:
    """The clock of the filer, its filings, and how many could not be read."""
    names = ("accessionNumber", "filingDate", "form", "acceptanceDateTime", "reportDate")
    more = ("items", "primaryDocument", "isXBRL", "isInlineXBRL")
    count = len(columns["accessionNumber"])
    lists = [columns[name] for name in names]
    lists += [columns.get(name) or [None] * count for name in more]
    if any(len(values) != count for values in lists):
        raise ReplyError("upstream", "the columns of filings differ in length; the body may be cut")
    found, lost = [], 0
    for accession, filed, form, stated, period, items, document, xbrl, inline in zip(
        *lists, strict=True
    ):
        day = day_of(filed)
        if day is None or not accession or not form:
            lost += 1
            continue
        when = FilingTime(str(form), day, stated_time(str(stated or "")))
        words = str(items or ""), str(document or "")
        found.append(
            FilingRow(when, str(accession), day_of(period), *words, xbrl == 1, inline == 1)
        )
    clock = filer_clock([row.time for row in found], known)
    dated = [replace(row, accepted_at=accepted(row.time, clock)) for row in found]
    return clock, dated, [f"{lost} rows of filings without id, form or date"] if lost else []


def _filings(rows: Sequence[FilingRow], cik: str, reply: Reply) -> pa.Table:
    late = timedelta(days=366)
    ends = [
        row.period_end if row.period_end and row.period_end - row.time.filed_on <= late else None
        for row in rows
    ]
    frame = pl.DataFrame(
        {
            "accession": [row.accession for row in rows],
            "form": [row.time.form for row in rows],
            "filed_on": [row.time.filed_on for row in rows],
            "accepted_at": pl.Series([row.accepted_at for row in rows], dtype=INSTANT),
            "period_end": pl.Series(ends, dtype=pl.Date),
            "items": pl.Series([row.items or None for row in rows], dtype=pl.String),
            "document": pl.Series([row.document or None for row in rows], dtype=pl.String),
            "url": [_link(row, cik) for row in rows],
        }
    )
    return table(
        "filings",
        _known(frame, rows, reply).unique(["filed_on", "accession"], maintain_order=True),
        company=company_id(cik),
        source="sec_edgar",
    )


def _known(frame: pl.DataFrame, rows: Sequence[FilingRow], reply: Reply) -> pl.DataFrame:
    """With the instant of publication, and how well it is known."""
    known = [min(row.known_at, reply.fetched_at) for row in rows]
    grade = ["native" if row.accepted_at else "lagged" for row in rows]
    return frame.with_columns(
        pl.Series("known_at", known, dtype=INSTANT), pl.Series("vintage_grade", grade)
    )


def _link(row: FilingRow, cik: str) -> str:
    return archive_url(cik, row.accession, row.document or f"{row.accession}-index.htm")


def _events(
    rows: Sequence[FilingRow], names: Sequence[tuple[date | None, str]], reply: Reply, cik: str
) -> pa.Table:
    """Each item of an 8-K that says what happened, under the name that the filer had then."""
    pairs = [
        (row, item)
        for row in rows
        if row.form == "8-K"
        for item in items_of(row.items)
        if item in filing_items() and item not in ATTACHED
    ]
    chosen = [row for row, _ in pairs]
    frame = pl.DataFrame(
        {
            "event_id": [f"sec:{row.accession}:{item}" for row, item in pairs],
            "event_at": pl.Series([_happened(row) for row in chosen], dtype=INSTANT),
            "title": [
                f"{_name_then(row, names)}: {item_name(item)} ({row.time.form} {item})"
                for row, item in pairs
            ],
            "url": [_link(row, cik) for row in chosen],
        },
        schema_overrides={
            "event_id": pl.String,
            "title": pl.String,
            "url": pl.String,
        },
    )
    return table(
        "events",
        _known(frame, chosen, reply).unique(["event_at", "event_id"], maintain_order=True),
        kind="filing",
        precision="day",
        country=pl.lit(None, dtype=pl.String),
        source="sec_edgar",
    )


def _name_then(row: FilingRow, names: Sequence[tuple[date | None, str]]) -> str:
    fitting = [name for since, name in names if since is None or since <= row.time.filed_on]
    return fitting[-1] if fitting else names[0][1]


def _happened(row: FilingRow) -> datetime:
    """The day that the report is of: unlike the hour of acceptance it is always stated."""
    day = row.period_end or row.time.filed_on
    return datetime.combine(min(day, row.time.filed_on), time(), NEW_YORK).astimezone(UTC)


def _older(pages: Sequence[Mapping[str, Any]], clock: FilerClock, reply: Reply) -> list[Call]:
    """Older pages, each again only when its count of filings has changed."""
    since = day_of(notes_of(reply).get("since"))
    return [
        Call(
            noted(older_url(str(page["name"])), clock="" if clock == "unsure" else clock),
            edition=Edition(str(page["name"]), f"{page.get('filingCount')} {page.get('filingTo')}"),
        )
        for page in pages
        if since is None or (day_of(page.get("filingTo")) or since) >= since
    ]


def _accounts(rows: Sequence[FilingRow], cik: str, reply: Reply) -> list[Call]:
    """All accounts when a new report is there, and the instance of each annual report."""
    since = day_of(notes_of(reply).get("since"))
    reports = [row for row in rows if form_kind(row.form) in REPORTS and row.is_xbrl]
    if since is not None and not any(row.time.filed_on >= since for row in reports):
        return []
    if not reports:
        return []
    times = {row.accession: row.known_at for row in reports if row.accepted_at}
    latest = max(reports, key=lambda row: (row.time.filed_on, row.accession))
    facts = Call(
        noted(facts_url(cik), public=packed_times(times)),
        edition=Edition(f"{company_id(cik)} accounts", _mark(latest, reply)),
    )
    annual = sorted(
        (
            row
            for row in reports
            if form_kind(row.form) == "annual" and row.time.filed_on >= FIRST_XBRL
        ),
        key=lambda row: row.time.filed_on,
        reverse=True,
    )
    wanted = (
        annual[:INSTANCES] if since is None else [r for r in annual if r.time.filed_on >= since]
    )
    return [facts, *(_instance(row, cik) for row in wanted)]


def _mark(latest: FilingRow, reply: Reply) -> str:
    """The latest report; day by day while it is new, since accounts may come after their filing."""
    today = reply.fetched_at.date()
    is_new = today - latest.time.filed_on <= FRESH
    return f"{latest.accession} on {today}" if is_new else latest.accession


def _instance(row: FilingRow, cik: str) -> Call:
    """The XBRL instance itself where its name is known, else the list of the filing's files."""
    stem, _, kind = row.document.rpartition(".")
    is_known = row.is_inline and kind.lower() in ("htm", "html") and "/" not in stem
    url = archive_url(cik, row.accession, f"{stem}_htm.xml" if is_known else "index.json")
    at = packed_times({row.accession: row.known_at}) if row.accepted_at else ""
    return Call(
        noted(
            url,
            accession=row.accession,
            form=row.time.form,
            filed=row.time.filed_on.isoformat(),
            public=at,
        ),
        edition=Edition(row.accession, row.accession),
    )
