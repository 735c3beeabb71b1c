"""The XBRL instance of an annual report: its file, its revenue by place, when it was known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl

from data.concepts import concepts
from ingest.formats.tables import INSTANT, table
from ingest.formats.xml import local, root
from ingest.jobs import Call, Parsed, Reply, ReplyError
from ingest.sources._sec_addresses import (
    cik_in,
    company_id,
    day_of,
    noted,
    notes_of,
    unpacked_times,
)
from ingest.sources._sec_places import RevenueFact, RevenueSplit, split_by_place
from ingest.sources._sec_times import end_of_day

INSTANCE = re.compile(r"(?i)^(?!FilingSummary|.*_(?:cal|def|lab|pre|ref)\.xml$)(.+)\.xml$")
YEAR_DAYS = (345, 385)
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
    years = sorted({(fact.end, fact.currency) for fact in facts if fact.geography}, reverse=True)
    splits: list[tuple[date, str, RevenueSplit]] = []
    notes = []
    for end, currency in years:
        found = split_by_place([f for f in facts if (f.end, f.currency) == (end, currency)])
        if isinstance(found, RevenueSplit):
            splits.append((end, currency, found))
            notes += [f"{end}: {note}" for note in found.notes]
        else:
            notes.append(f"{end}: {found}")
    splits = _one_a_year(splits)
    if not splits:
        raise ReplyError("empty", "; ".join(notes) or "no revenue of a fiscal year by place")
    return Parsed({"exposures": _table(top, spans, splits, reply)}, note="; ".join(notes))


def _one_a_year(
    splits: list[tuple[date, str, RevenueSplit]],
) -> list[tuple[date, str, RevenueSplit]]:
    """Of two currencies for one year that in which more is split: the other is a translation."""
    best: dict[date, tuple[date, str, RevenueSplit]] = {}
    for found in splits:
        other = best.get(found[0])
        if other is None or len(found[2].revenue) > len(other[2].revenue):
            best[found[0]] = found
    return list(best.values())


def _table(
    top: Element,
    spans: Mapping[str, ContextSpan],
    splits: list[tuple[date, str, RevenueSplit]],
    reply: Reply,
) -> Any:
    cik = _cik(top) or cik_in(reply)
    if not cik:
        raise ReplyError("upstream", "the instance does not say whose it is")
    notes = notes_of(reply)
    times = unpacked_times(notes.get("public", ""))
    filed = day_of(notes.get("filed"))
    public = times.get(notes.get("accession", ""))
    known = public or (end_of_day(filed) if filed else reply.fetched_at)
    rows = [
        {"period_end": end, "place": place, "revenue": value, "currency": currency}
        for end, currency, split in splits
        for place, value in split.revenue.items()
    ]
    grade = "native" if public else "lagged" if filed else "snapshot"
    return table(
        "exposures",
        pl.DataFrame(rows, schema_overrides={"revenue": pl.Float64}),
        company=company_id(cik),
        accession=pl.lit(notes.get("accession") or _accession(reply), dtype=pl.String),
        known_at=pl.lit(min(known, reply.fetched_at)).cast(INSTANT),
        vintage_grade=pl.lit(grade),
        source="sec_edgar",
    )


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
