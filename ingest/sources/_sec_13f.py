"""Form 13F filings: header, cover and information table, as rows of `fund_holdings`.

What a filing states is kept: the date on which it was filed decides the unit of its values, and
what looks wrong is flagged and never repaired.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element

from data.datasets import fund_holdings as form_13f
from ingest.formats.xml import child_text, local, root
from ingest.jobs import ReplyError
from ingest.sources._sec_times import as_instant, public_from

BLOCK = re.compile(rb"<XML>(.*?)</XML>", re.DOTALL | re.I)
FIRST_LINES = 20_000  # bytes in which the header of a submission stands
AMENDMENTS = ("RESTATEMENT", "NEW HOLDINGS")


@dataclass(frozen=True, slots=True)
class Header:
    """What EDGAR says of a filing; `accepted_at` where a time is stated."""

    accession: str
    form: str
    cik: str
    filed_on: date
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cover:
    """What a manager says of its report; totals are in the unit of the filing."""

    manager_name: str
    period_end: date
    report_type: str
    amendment_type: str | None
    entries: int | None
    total: float | None


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of an information table as filed."""

    issuer: str
    title: str
    cusip: str
    figi: str | None
    value: float
    amount: float
    kind: str
    put_call: str
    discretion: str
    entries: int = 1


def submission(body: bytes) -> list[dict[str, Any]]:
    """The rows of a full submission text, `{accession}.txt`."""
    blocks = [root(found.group(1).strip()) for found in BLOCK.finditer(body)]
    covers = [top for top in blocks if local(top.tag) == "edgarSubmission"]
    if not covers:
        raise ReplyError("empty", "a filing without a cover in XML, as before the middle of 2013")
    tables = [top for top in blocks if local(top.tag) == "informationTable"]
    positions = [position for top in tables for position in positions_of(top)]
    return rows_of(header_of(body), cover_of(covers[0]), positions, has_table=bool(tables))


def header_of(body: bytes) -> Header:
    """The header of a submission; its times are those of New York."""
    text = body[:FIRST_LINES].decode("utf-8", "replace")

    def stated(pattern: str) -> str:
        found = re.search(pattern, text, re.M)
        if not found:
            raise ReplyError("upstream", f"the header of the filing lacks {pattern[:30]!r}")
        return found.group(1).strip()

    accepted = re.search(r"<ACCEPTANCE-DATETIME>(\d{8})(\d{6})", text)
    return Header(
        stated(r"^ACCESSION NUMBER:\s*(\S+)"),
        stated(r"^CONFORMED SUBMISSION TYPE:\s*(\S+)"),
        stated(r"CENTRAL INDEX KEY:\s*(\d+)").zfill(10),
        date.fromisoformat(stated(r"^FILED AS OF DATE:\s*(\d{8})")),
        as_instant(datetime.fromisoformat("T".join(accepted.groups())), "new_york")
        if accepted
        else None,
    )


def cover_of(top: Element) -> Cover:
    """`primary_doc.xml`; a notice has no summary page, and few say that they amend nothing."""

    def first(name: str, within: Element = top) -> str:
        found = next((item for item in within.iter() if local(item.tag) == name), None)
        return "" if found is None else " ".join("".join(found.itertext()).split())

    def figure(name: str) -> float | None:
        word = first(name)
        return amount_of(word, name) if word else None

    filer = next((item for item in top.iter() if local(item.tag) == "filingManager"), top)
    amendment = first("amendmentType").upper() or None
    if amendment is not None and amendment not in AMENDMENTS:
        raise ReplyError("upstream", f"an amendment of the type {amendment[:40]!r}")
    entries = figure("tableEntryTotal")
    period = first("reportCalendarOrQuarter") or first("periodOfReport")
    month, day, year = period.split("-")
    return Cover(
        child_text(filer, "name"),
        date(int(year), int(month), int(day)),
        first("reportType").upper(),
        amendment,
        None if entries is None else int(entries),
        figure("tableValueTotal"),
    )


def positions_of(top: Element) -> Iterator[TableLine]:
    """The lines of an information table, whatever the prefix of its names."""
    for line in top:
        if local(line.tag) != "infoTable":
            continue
        given = {local(item.tag): (item.text or "").strip() for item in line.iter()}
        yield table_line(
            given.get("nameOfIssuer", ""),
            given.get("titleOfClass", ""),
            given.get("cusip", ""),
            given.get("figi", ""),
            amount_of(given.get("value", ""), "value"),
            amount_of(given.get("sshPrnamt", ""), "sshPrnamt"),
            (given.get("sshPrnamtType", ""), given.get("putCall", "")),
            given.get("investmentDiscretion", ""),
        )


def table_line(  # noqa: PLR0913 - the columns of an information table
    issuer: str,
    title: str,
    cusip: str,
    figi: str,
    value: float,
    amount: float,
    kinds: tuple[str, str],
    discretion: str,
) -> TableLine:
    """One line in our words; a kind that the form does not know is refused."""
    kind, side = kinds[0].upper(), kinds[1].lower() or "none"
    if kind not in form_13f.AMOUNT_KINDS or side not in form_13f.PUT_CALL:
        raise ReplyError(
            "upstream", f"{issuer[:40]!r}: amount of type {kind[:20]!r}, option {side[:20]!r}"
        )
    return TableLine(
        " ".join(issuer.split()),
        " ".join(title.split()),
        cusip.upper(),
        figi or None,
        value,
        amount,
        kind,
        side,
        discretion.upper() or "unstated",
    )


def amount_of(word: str, name: str) -> float:
    """A number that is not below zero."""
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise ReplyError("upstream", f"{name} reads {word[:40]!r}, which is no amount")
    return number


def dollars(value: float, filed_on: date) -> float:
    """A value as filed in dollars: the filing date alone decides, not the quarter."""
    return value * 1000.0 if filed_on < form_13f.DOLLARS_FROM else value


def aggregated(positions: Sequence[TableLine]) -> list[TableLine]:
    """One line for each security, option, kind of amount and discretion, in the filing's order."""
    found: dict[tuple[str, str, str, str], list[TableLine]] = {}
    for item in positions:
        key = (item.cusip, item.put_call, item.kind, item.discretion)
        found.setdefault(key, []).append(item)
    return [
        TableLine(
            *(parts[0].issuer, parts[0].title, parts[0].cusip),
            next((part.figi for part in parts if part.figi), None),
            sum(part.value for part in parts),
            sum(part.amount for part in parts),
            *(parts[0].kind, parts[0].put_call, parts[0].discretion),
            sum(part.entries for part in parts),
        )
        for parts in found.values()
    ]


def is_placeholder(positions: Sequence[TableLine]) -> bool:
    """Whether the one line of a table says that there are no positions."""
    if len(positions) != 1 or positions[0].value > 0:
        return False
    return positions[0].amount <= 1 or not positions[0].cusip.strip("0")


def filing_flags(cover: Cover, lines: int, total: float) -> list[str]:
    """What is odd about a whole filing; each line may be rounded by one unit at most."""
    flags = [form_13f.COMBINATION] if "COMBINATION" in cover.report_type else []
    if cover.entries is not None and cover.entries != lines:
        flags.append(form_13f.ENTRIES_DIFFER)
    if cover.total is not None and abs(cover.total - total) > lines:
        flags.append(form_13f.TOTAL_DIFFERS)
    return flags


def line_flags(item: TableLine) -> list[str]:
    """What is odd about one line."""
    flags = []
    if item.kind == "SH" and item.value == item.amount > 0:
        flags.append(form_13f.VALUE_IS_AMOUNT)
    if len(item.cusip) != form_13f.CUSIP_LENGTH:
        flags.append(form_13f.ODD_CUSIP)
    return flags


def rows_of(
    header: Header, cover: Cover, positions: Sequence[TableLine], *, has_table: bool = True
) -> list[dict[str, Any]]:
    """A filing's rows; without positions the one row that says so."""
    is_notice = "NOTICE" in cover.report_type or header.form.startswith("13F-NT")
    if not has_table and not is_notice and cover.entries:
        raise ReplyError(
            "upstream", f"the cover states {cover.entries} lines, and the filing has no table"
        )
    if is_notice or not positions or is_placeholder(positions):
        return [_row(header, cover, None, [form_13f.NOTICE if is_notice else form_13f.EMPTY_BOOK])]
    flags = filing_flags(cover, len(positions), sum(item.value for item in positions))
    return [
        _row(header, cover, item, [*flags, *line_flags(item)]) for item in aggregated(positions)
    ]


def _row(
    header: Header, cover: Cover, item: TableLine | None, flags: Sequence[str]
) -> dict[str, Any]:
    return {
        "manager": f"sec:{header.cik}",
        "manager_name": cover.manager_name,
        "period_end": cover.period_end,
        "accession": header.accession,
        "cusip": item.cusip or "unstated" if item else form_13f.NO_CUSIP,
        "figi": item.figi if item else None,
        "issuer": item.issuer if item else None,
        "title_of_class": item.title if item else None,
        "put_call": item.put_call if item else "none",
        "amount_kind": item.kind if item else "SH",
        "discretion": item.discretion if item else "SOLE",
        "value_usd": dollars(item.value, header.filed_on) if item else 0.0,
        "amount": item.amount if item else 0.0,
        "entries": item.entries if item else 0,
        "form": header.form,
        "amendment_type": cover.amendment_type,
        "filed_on": header.filed_on,
        "flag": "; ".join(flags) or None,
        "known_at": public_from(header.filed_on, header.accepted_at),
        "vintage_grade": "native" if header.accepted_at else "lagged",
    }
