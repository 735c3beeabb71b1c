"""Addresses of EDGAR, and the notes that a call keeps behind the `#` of its own, which is not sent.

A reply of accounts does not say when its filings were public, nor an instance which filing it
belongs to: the list of filings that led to them does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlencode

from ingest.jobs import Reply

DATA = "https://data.sec.gov"
WWW = "https://www.sec.gov"
TICKERS = f"{WWW}/files/company_tickers_exchange.json"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_NOTE = 1500  # filings in one address, which must stay below 64 KB


def company_id(cik: int | str) -> str:
    """`sec:0000320193`."""
    return f"sec:{int(cik):010}"


def submissions_url(cik: int | str) -> str:
    """Profile and filings of one filer."""
    return f"{DATA}/submissions/CIK{int(cik):010}.json"


def older_url(name: str) -> str:
    """One of the older pages that the filer's own page lists."""
    return f"{DATA}/submissions/{name}"


def facts_url(cik: int | str) -> str:
    """All facts without dimensions of one filer."""
    return f"{DATA}/api/xbrl/companyfacts/CIK{int(cik):010}.json"


def archive_url(cik: int | str, accession: str, name: str) -> str:
    """One file of a filing."""
    return f"{WWW}/Archives/edgar/data/{int(cik)}/{accession.replace('-', '')}/{name}"


def noted(url: str, **notes: str) -> str:
    """The address with its notes."""
    kept = {name: value for name, value in notes.items() if value}
    return f"{url}#{urlencode(kept, safe=':,.')}" if kept else url


def notes_of(reply: Reply) -> Mapping[str, str]:
    """The notes of the call that a reply answers."""
    return dict(parse_qsl(reply.call.url.partition("#")[2]))


def cik_in(reply: Reply) -> str:
    """The filer that a reply is of, by its address; empty where that names none."""
    found = re.search(r"CIK0*(\d+)|/data/0*(\d+)/", reply.path)
    return (found[1] or found[2]) if found else ""


def packed_times(times: Mapping[str, datetime]) -> str:
    """When each filing was public, in few letters; the latest filings where there are too many."""
    latest = sorted(times.items(), key=lambda pair: pair[1])[-LONGEST_NOTE:]
    return ",".join(f"{name.replace('-', '')}.{_short(at)}" for name, at in latest)


def unpacked_times(note: str) -> dict[str, datetime]:
    """The same, read back."""
    found = {}
    for word in note.split(",") if note else ():
        name, _, at = word.partition(".")
        accession = f"{name[:10]}-{name[10:12]}-{name[12:]}"
        found[accession] = datetime.fromtimestamp(int(at, 36), UTC)
    return found


def _short(at: datetime) -> str:
    number, letters = int(at.timestamp()), ""
    while number > 0:
        number, last = divmod(number, 36)
        letters = DIGITS[last] + letters
    return letters or "0"


def day_of(word: object) -> date | None:
    """`2023-11-03`, or None for an empty or impossible one."""
    try:
        return date.fromisoformat(str(word or "")[:10])
    except ValueError:
        return None
