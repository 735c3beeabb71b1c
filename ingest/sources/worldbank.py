"""World Bank indicators: annual data of all economies, and the economies themselves.

The API keeps no vintages: a value is known from the moment we saw it, whatever year it is about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl
import pyarrow as pa

from ingest.country_codes import country, from_alpha2
from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse
from ingest.formats.periods import periods
from ingest.formats.records import from_bytes, from_rows
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
BASE = "https://api.worldbank.org/v2/"
FIELDS = {
    "indicator": ("indicator", "id"),
    "title": ("indicator", "value"),
    "code": ("country", "id"),
    "place": ("country", "value"),
    "iso3": ("countryiso3code",),
    "date": ("date",),
    "value": ("value",),
}
HEAD = re.compile(rb"^\[\s*({[^{}\[\]]*})\s*,\s*\[")
START = re.compile(rb'{"indicator":({[^{}]*}),"country":{"id":')
JOINT = re.compile(
    rb'"date":"[^"]*","value":[^,{}"]*((,[^{}]*}),{"indicator":{[^{}]*},"country":{"id":)'
)
# What stands between the quotes of `"DE","value":"Germany"},"countryiso3code":"DEU","date":"2024",
# "value":1.5`, counted from 0.
PLACES = {1: "code", 5: "place", 9: "iso3", 13: "date"}
CONSTANT = {
    0: "",
    2: ",",
    3: "value",
    4: ":",
    6: "},",
    7: "countryiso3code",
    8: ":",
    10: ",",
    11: "date",
    12: ":",
    14: ",",
    15: "value",
}
NUMBERS = ("value",)
END = re.compile(rb"\]\s*\]$")
PAGE = "20000"


def plan(window: Window) -> list[Call]:
    """One call per indicator for all economies; nothing else is reliable."""
    if window.job == "worldbank_countries":
        return [Call(BASE + "country", {"format": "json", "per_page": "500"})]
    years = {}
    if window.since:
        years["date"] = f"{window.since.year}:{(window.until or window.now.date()).year}"
    return [
        Call(f"{BASE}country/all/indicator/{name}", {"format": "json", "per_page": PAGE} | years)
        for name in window.names or tuple(listed("worldbank", "id"))
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Rows of data, of the list of economies, or of any other catalogue."""
    body = content(reply)
    if body[:1] == b"<":
        return _xml(reply, body)
    quick = _in_bulk(body) if reply.status < 300 else None
    if quick is not None:
        return _data(reply, decoded(reply, quick[0]), quick[1])
    document = decoded(reply, body)
    _check(reply, document)
    if isinstance(document, dict):
        return _advanced(reply, document)
    head, rows = _halves(document)
    if not rows:
        raise ReplyError("empty", "the World Bank has no row that matches")
    if not all(isinstance(row, dict) for row in rows):
        raise ReplyError("upstream", "expected rows of the World Bank, found another kind of JSON")
    if "indicator" in rows[0] and "value" in rows[0]:
        return _data(reply, head, from_rows(rows, FIELDS, numbers=NUMBERS))
    if "iso2Code" in rows[0] and "region" in rows[0]:
        return Parsed({"countries": _economies(reply, rows)}, _next(reply, head))
    made = tables.reading(reply.path.rpartition("/")[2] or "rows", rows)
    return Parsed(made.tables, _next(reply, head), made.note)


def _xml(reply: Reply, body: bytes) -> Parsed:
    """The default form, which nobody here asks for: data, or an error inside a success."""
    top = root(body)
    head = attributes(top)
    if local(top.tag) == "error" or reply.status >= 300:
        words = " ".join(text.strip() for text in top.itertext() if text.strip())
        refuse(reply, words, "upstream" if reply.status >= 500 else "client")
    cells = [{local(cell.tag): cell for cell in row} for row in top]
    if not cells:
        raise ReplyError("empty", "the World Bank has no row that matches")
    if not all({"indicator", "country", "date"} <= set(row) for row in cells):
        raise ReplyError("client", "XML of a catalogue; ask the World Bank with format=json")
    rows = [
        {name: _named_cell(row[name]) for name in ("indicator", "country")}
        | {name: row[name].text for name in ("countryiso3code", "date", "value") if name in row}
        for row in cells
    ]
    return _data(reply, head, from_rows(rows, FIELDS, numbers=NUMBERS))


def _named_cell(cell: Element) -> dict[str, str]:
    return {"id": cell.get("id", ""), "value": cell.text or ""}


def _in_bulk(body: bytes) -> tuple[bytes, pl.DataFrame] | None:
    """Header and rows of an answer that holds data and has the shape that all such answers have."""
    head = HEAD.match(body)
    end = END.search(body[-200:])
    if not head or not end or b'"indicator"' not in body[head.end() : head.end() + 400]:
        return None
    start, stop = head.end(), len(body) - len(end.group())
    frame = _between_quotes(body, start, stop)
    if frame is None:
        frame = from_bytes(body[start:stop], FIELDS, numbers=NUMBERS)
    return head.group(1), frame


def _between_quotes(body: bytes, start: int, stop: int) -> pl.DataFrame | None:
    """Rows that speak of one indicator, as they do as a rule, and differ in place, year and value
    only: cut at what stands between these, the rest is what stands between quotes.

    None for rows of any other make: then a full reading of the JSON is due.
    """
    first, joint = START.match(body, start), JOINT.search(body, start)
    if not first or not joint or b"\\" in body:
        return None
    tail = joint.group(2)
    if not body.endswith(tail, start, stop):
        return None
    text = body[first.end() : stop - len(tail)].decode("utf-8")
    rows = pl.Series("row", [text]).str.split(joint.group(1).decode("utf-8")).explode()
    parts = rows.to_frame().select(pl.col("row").str.split_exact('"', 17)).unnest("row")
    alike = [pl.col(f"field_{place}") == word for place, word in CONSTANT.items()]
    if not parts.select(pl.all_horizontal(*alike, pl.col("field_17").is_null()).all()).item():
        return None
    value = pl.col("field_16").str.strip_prefix(":")
    number = value.cast(pl.Float64, strict=False)
    if not parts.select((number.is_finite() | (value == "null")).all()).item():
        return None
    one = json.loads(first.group(1))
    return parts.select(
        pl.lit(str(one.get("id") or "")).alias("indicator"),
        pl.lit(str(one.get("value") or "")).alias("title"),
        *(pl.col(f"field_{place}").alias(name) for place, name in PLACES.items()),
        number.alias("value"),
    )


def _halves(document: Any) -> tuple[Mapping[str, Any], list[Any]]:
    """Header and rows; a catalogue is sometimes handed on without its header."""
    if not isinstance(document, list):
        raise ReplyError("upstream", "expected a list of header and rows")
    if len(document) == 2 and isinstance(document[0], dict) and "page" in document[0]:
        rows = document[1]
        if rows is not None and not isinstance(rows, list):
            raise ReplyError("upstream", "expected rows after the header, found something else")
        return document[0], rows or []
    return {}, document


def _check(reply: Reply, document: Any) -> None:
    """Errors arrive with status 200, as a list of one object that holds a message."""
    first = document[0] if isinstance(document, list) and document else document
    told = first.get("message") if isinstance(first, dict) else None
    if told is None:
        if reply.status >= 300:
            refuse(reply)
        return
    notes = told if isinstance(told, list) else [{"value": told}]
    words = "; ".join(
        f"{note.get('key', '')} {note.get('value', '')} (id {note.get('id', '?')})".strip()
        for note in notes
        if isinstance(note, dict)
    )
    refuse(reply, words or told, "upstream" if reply.status >= 500 else "client")


def _number(head: Mapping[str, Any], name: str) -> int:
    """A header field, which is a number here and text there."""
    try:
        return int(head.get(name) or 0)
    except (TypeError, ValueError):
        return 0


def _next(reply: Reply, head: Mapping[str, Any]) -> tuple[Call, ...]:
    page = _number(head, "page")
    if not reply.call.url or not 0 < page < _number(head, "pages"):
        return ()
    url = reply.call.url.partition("?")[0]
    return (Call(url, {**reply.parameters, "page": str(page + 1)}, reply.call.headers),)


def _data(reply: Reply, head: Mapping[str, Any], frame: pl.DataFrame) -> Parsed:
    """Observations and what they measure. A missing value is no observation, and a page of them
    says nothing about the pages behind it."""
    frame = frame.drop_nulls("value")
    follow = _next(reply, head)
    if not frame.height and not follow:
        raise ReplyError("empty", "the World Bank lists these years without a value")
    if not frame.height:
        return Parsed({}, follow)
    made = _tables(reply, _identified(periods(frame, "date")))
    note = f"data of {head['lastupdated']}" if head.get("lastupdated") else ""
    return Parsed(made, follow, note)


def _identified(frame: pl.DataFrame) -> pl.DataFrame:
    """With id and unit. Groups of countries have no alpha-3 code: they keep the bank's own."""
    units = {name: facts["unit"] for name, facts in listed("worldbank", "id").items()}
    if (frame["iso3"] == "").any() or frame["iso3"].has_nulls():
        own = pl.col("code").str.strip_chars().replace(dict(from_alpha2()))
        code = pl.coalesce(pl.when(pl.col("iso3") != "").then(pl.col("iso3")), own)
    else:
        code = pl.col("iso3")
    frame = frame.with_columns(code=code)
    ids = pl.concat_str(pl.lit("wb:"), pl.col("indicator"), pl.lit(":"), pl.col("code"))
    only = frame["indicator"][0]
    if (frame["indicator"] == only).all():
        unit = pl.lit(units.get(only, tables.UNSTATED))
    else:
        unit = pl.col("indicator").replace_strict(units, default=tables.UNSTATED)
    return frame.with_columns(ids.alias("series_id"), unit.alias("unit"))


def _tables(reply: Reply, frame: pl.DataFrame) -> dict[str, pa.Table]:
    seen = tables.seen(reply)
    # Some of its databases run into the future, and what they say there is a projection.
    ahead = pl.col("period") > reply.fetched_at.date()
    macro = tables.table("macro", frame, is_forecast=ahead, source="worldbank", **seen)
    series = _described(frame.unique("series_id", keep="first", maintain_order=True))
    return {"macro": macro, "series": tables.table("series", series, source="worldbank", **seen)}


def _described(series: pl.DataFrame) -> pl.DataFrame:
    """What each series measures, and where.

    Codes of groups look like those of countries, so a place counts as a country only if our
    table of countries has it.
    """
    ours = listed("worldbank", "id")
    facts = [ours.get(name, {}) for name in series["indicator"]]
    titles = [
        CONTROLS.sub(
            " ", f"{fact.get('title') or (title or name).strip()}: {(place or code).strip()}"
        )
        for fact, title, name, place, code in zip(
            facts, *(series[n] for n in ("title", "indicator", "place", "code")), strict=True
        )
    ]
    short = [f.get("indicator") or i for f, i in zip(facts, series["indicator"], strict=True)]
    described = series.with_columns(
        pl.Series("indicator", short),
        pl.Series("title", titles),
        pl.Series("country", [country(code) for code in series["code"]], dtype=pl.String),
        adjustment=pl.lit("nsa"),
    )
    return tables.meant(described)


def _advanced(reply: Reply, document: dict[str, Any]) -> Parsed:
    """The query over any database: each row names its own dimensions."""
    source = document.get("source")
    rows: Any = None
    if isinstance(source, dict):
        rows = source.get("data")
    elif isinstance(source, list) and source and isinstance(source[0], dict):
        rows = source[0].get("data") or source
    if not isinstance(rows, list):
        raise ReplyError("upstream", f"no data of the World Bank among {', '.join(document)[:120]}")
    if not rows:
        raise ReplyError("empty", "the World Bank has no row that matches")
    if "variable" not in rows[0]:
        return Parsed(tables.reading("source", rows).tables, _next(reply, document))
    frame = from_rows([_named(row) for row in rows], {n: (n,) for n in FIELDS}, numbers=NUMBERS)
    return _data(reply, document, frame)


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Series and every further dimension make the indicator: a debt owed to one creditor is
    another series than the debt owed to all."""
    found = {str(item.get("concept", "")).lower(): item for item in row.get("variable") or []}
    place = found.pop("country", None) or found.pop("economy", {})
    time, series = found.pop("time", {}), found.pop("series", {})
    others = [f"{name}={each.get('id')}" for name, each in sorted(found.items())]
    names = [str(series.get("value") or ""), *(str(item.get("value")) for item in found.values())]
    return {
        "indicator": ";".join([str(series.get("id")), *others]),
        "title": ", ".join(name.strip() for name in names),
        "code": place.get("id"),
        "place": place.get("value"),
        "iso3": "",
        "date": time.get("id"),
        "value": row.get("value"),
    }


def _economies(reply: Reply, rows: list[dict[str, Any]]) -> pa.Table:
    """Economies; groups of them, whose region is `NA`, are left out."""
    fields = {
        "country": ("id",),
        "iso2": ("iso2Code",),
        "name": ("name",),
        "group": ("region", "id"),
        "region": ("region", "value"),
        "income_group": ("incomeLevel", "value"),
        "capital": ("capitalCity",),
    }
    frame = from_rows(rows, fields).with_columns(pl.col(pl.String).str.strip_chars())
    frame = frame.filter(pl.col("group") != "NA").with_columns(
        pl.when(pl.col(pl.String) != "").then(pl.col(pl.String))
    )
    if not frame.height:
        raise ReplyError("empty", "this list holds groups of economies and no economy")
    ours = listed("countries", "iso3")
    facts = [ours.get(code, {}) for code in frame["country"]]
    frame = frame.with_columns(
        pl.Series("iso_numeric", [int(f["numeric"]) if f.get("numeric") else None for f in facts]),
        pl.Series("currency", [f.get("currency") or None for f in facts], dtype=pl.String),
        pl.Series("timezone", [f.get("zone") or None for f in facts], dtype=pl.String),
    )
    return tables.table("countries", frame, source="worldbank", **tables.seen(reply))


SOURCE = Source(
    name="worldbank",
    title="World Bank Indicators",
    gives="58 annual indicators of all economies; region and income group of each",
    grade="snapshot",
    licence="Source: World Bank, CC BY 4.0 unless an indicator says otherwise.",
    jobs=(
        Job(
            "worldbank_indicators",
            ("macro", "series"),
            "Indicators of the list for all economies",
            Cadence(at="04:10", zone="America/New_York", days="first_of_month"),
            priority=4,
        ),
        Job(
            "worldbank_countries",
            ("countries",),
            "Economies with region and income group",
            Cadence(at="04:00", zone="America/New_York", days="first_of_month"),
            priority=4,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=86_400,
)
