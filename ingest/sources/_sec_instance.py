"""The XBRL instance of an annual report: its file, its revenue by place, when it was known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from data.concepts import concepts
from ingest.formats.xml import local, root
from ingest.jobs import Call, Parsed, Reply, ReplyError
from ingest.sources._sec_addresses import (
    cik_in,
    day_of,
    noted,
    notes_of,
    unpacked_times,
)
from ingest.sources._sec_exposures import YEAR_DAYS, AnnualReport, exposure_rows, yearly_splits
from ingest.sources._sec_places import RevenueFact
from ingest.sources._sec_times import end_of_day

INSTANCE = re.compile(r"(?i)^(?!FilingSummary|.*_(?:cal|def|lab|pre|ref)\.xml$)(.+)\.xml$")
GEOGRAPHY = ("StatementGeographicalAxis", "GeographicalAreasAxis")
XBRLI = "{http://www.xbrl.org/2003/instance}"


@dataclass(frozen=True, slots=True)
class ContextSpan:
    """The period of a context and its dimensions, axis to member; of no others than explicit."""

    start: date
    end: date
    members: tuple[tuple[str, str], ...]

    @property
    def is_year(self) -> bool:
        """Whether it is as long as a fiscal year of 52 or 53 weeks or of twelve months."""
        return YEAR_DAYS[0] <= (self.end - self.start).days + 1 <= YEAR_DAYS[1]


def files_of_filing(document: Mapping[str, Any], reply: Reply) -> Parsed:
    """The call for the instance among the files of a filing."""
    items = document["directory"].get("item") or []
    sizes = {str(item["name"]): int(item.get("size") or 0) for item in items}
    names = [name for name in sizes if INSTANCE.match(name) and name != "primary_doc.xml"]
    if not names:
        raise ReplyError("empty", "this filing has no XBRL instance")
    inline = [name for name in names if name.endswith("_htm.xml")]
    dated = [name for name in names if re.search(r"-\d{8}\.xml$", name)]
    best = max(inline or dated or names, key=lambda name: sizes[name])
    notes = dict(notes_of(reply))
    address = reply.call.url.partition("#")[0].rpartition("/")[0]
    call = Call(noted(f"{address}/{best}", **notes), edition=reply.call.edition)
    return Parsed({}, (call,))


def revenue_by_place(body: bytes, reply: Reply) -> Parsed:
    """Revenue of each fiscal year in the report by place; what it leaves out is undisclosed."""
    top = root(body)
    if local(top.tag) != "xbrl":
        raise ReplyError("upstream", f"expected an XBRL instance, found <{local(top.tag)[:40]}>")
    spans = dict(_spans(top))
    if not any(_has_geography(span) for span in spans.values()):
        raise ReplyError("empty", "this report states no revenue by place")
    last = day_of(notes_of(reply).get("filed")) or reply.fetched_at.date()
    facts = [fact for fact in _facts(top, spans) if fact.end <= last]
    splits, notes = yearly_splits(facts)
    if not splits:
        raise ReplyError("empty", "; ".join(notes) or "no revenue of a fiscal year by place")
    return Parsed({"exposures": exposure_rows(splits, _report(top, reply))}, note="; ".join(notes))


def _report(top: Element, reply: Reply) -> AnnualReport:
    cik = _cik(top) or cik_in(reply)
    if not cik:
        raise ReplyError("upstream", "the instance does not say whose it is")
    notes = notes_of(reply)
    times = unpacked_times(notes.get("public", ""))
    filed = day_of(notes.get("filed"))
    public = times.get(notes.get("accession", ""))
    known = public or (end_of_day(filed) if filed else reply.fetched_at)
    grade = "native" if public else "lagged" if filed else "snapshot"
    accession = notes.get("accession") or _accession(reply)
    return AnnualReport(cik, accession, min(known, reply.fetched_at), grade)


def _accession(reply: Reply) -> str | None:
    found = re.search(r"/(\d{10})(\d{2})(\d{6})/", reply.path)
    return "-".join(found.groups()) if found else None


def _cik(top: Element) -> str:
    found = next(top.iter(f"{XBRLI}identifier"), None)
    word = (found.text or "").strip() if found is not None else ""
    return word if word.isdigit() else ""


def _spans(top: Element) -> Iterator[tuple[str, ContextSpan]]:
    """Contexts of a span of time whose dimensions are all explicit."""
    for context in top.iter(f"{XBRLI}context"):
        start = end = None
        members: list[tuple[str, str]] = []
        is_plain = True
        for part in context.iter():
            name = local(part.tag)
            if name == "startDate":
                start = day_of((part.text or "").strip())
            elif name == "endDate":
                end = day_of((part.text or "").strip())
            elif name == "explicitMember":
                axis = part.get("dimension", "").rpartition(":")[2]
                members.append((axis, (part.text or "").strip()))
            elif name == "typedMember":
                is_plain = False
        if start and end and is_plain and start <= end:
            yield context.get("id", ""), ContextSpan(start, end, tuple(sorted(members)))


def _has_geography(span: ContextSpan) -> bool:
    return any(axis in GEOGRAPHY for axis, _ in span.members)


def _facts(top: Element, spans: Mapping[str, ContextSpan]) -> Iterator[RevenueFact]:
    """Facts of revenue over a fiscal year, in money."""
    revenues = concepts()["Revenues"]
    tags = {tag: place for place, tag in enumerate((*revenues.us_gaap, *revenues.ifrs_full))}
    currencies = dict(_currencies(top))
    for element in top:
        space, _, name = element.tag.rpartition("}")
        if name not in tags or not ("us-gaap" in space or "ifrs" in space):
            continue
        span = spans.get(element.get("contextRef", ""))
        currency = currencies.get(element.get("unitRef", ""))
        text = (element.text or "").strip()
        if span is None or not span.is_year or not currency or not text:
            continue
        geography = [member for axis, member in span.members if axis in GEOGRAPHY]
        others = tuple(pair for pair in span.members if pair[0] not in GEOGRAPHY)
        if len(geography) > 1:
            continue
        step = _step(element.get("decimals", ""))
        member = geography[0] if geography else ""
        yield RevenueFact(tags[name], span.end, currency, member, others, float(text), step)


def _step(decimals: str) -> float:
    """One unit in the last reported decimal."""
    return 10.0 ** -int(decimals) if re.fullmatch(r"-?\d{1,2}", decimals) else 0.0


def _currencies(top: Element) -> Iterator[tuple[str, str]]:
    """Units that are plain money."""
    for unit in top.iter(f"{XBRLI}unit"):
        measures = [(part.text or "").strip() for part in unit.iter(f"{XBRLI}measure")]
        code = measures[0].rpartition(":")[2] if len(measures) == 1 else ""
        if re.fullmatch(r"[A-Z]{3}", code):
            yield unit.get("id", ""), code
