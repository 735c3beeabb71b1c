"""Flows of goods from rows of UN Comtrade: nothing counted twice, and a count of what is left out.

Totals come together with their parts (by transport, customs procedure and second partner), groups
beside their members, one list of goods beside its conversions into others. What is one of these is
left out and said, never added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import polars as pl

from data.datasets.trade import LARGEST
from ingest.jobs import Reply
from ingest.sources._comtrade_areas import areas, ended, groups, nowhere

FLOWS = {"M": "import", "X": "export", "RM": "re-import", "RX": "re-export"}
KEY = ("reporter", "partner", "product", "flow", "period")
UNKNOWN = "?"
NO_UNIT, KILOGRAM = -1, 8
TOTAL = "TOTAL"


@dataclass(frozen=True, slots=True)
class ReportedFlows:
    """Annual and monthly flows in the columns of `trade` and `trade_months`, and what to say."""

    years: pl.DataFrame
    months: pl.DataFrame
    notes: tuple[str, ...]


def flows(frame: pl.DataFrame, today: date) -> ReportedFlows:
    """The flows among the rows; a note begins with the number of rows that it is about."""
    frame, left = _sifted(frame.with_columns(_starts().alias("start")), today)
    named = frame.with_columns(
        _area("reporter").alias("reporter"), _area("partner").alias("partner")
    )
    known = named.filter(pl.col("reporter").is_not_null() & pl.col("partner").is_not_null())
    left.append((named.height - known.height, "of codes of no country that is known"))
    shaped = known.with_columns(*_columns(), _is_ended(known).alias("is_ended"))
    single = shaped if shaped.select(KEY).is_unique().all() else _first(shaped)
    left.append((shaped.height - single.height, "of a flow that is there twice, the smaller value"))
    notes = [_counted(count, "left out", words) for count, words in left if count]
    notes += [_counted(count, "stored", words) for count, words in _kept(single) if count]
    notes += _editions(single)
    monthly = pl.col("freqCode").fill_null("A") == "M"
    years = single.filter(~monthly).with_columns(pl.col("period").dt.year().alias("year"))
    return ReportedFlows(years, single.filter(monthly), tuple(notes))


def asked_for(frame: pl.DataFrame, reply: Reply) -> tuple[pl.DataFrame, list[str]]:
    """The rows of the reporters and periods of the request: others are not what was published on
    the day by which the reply is dated."""
    asked = reply.parameters | dict(parse_qsl(urlsplit(reply.call.url).fragment))
    reporter = pl.col("reporterCode").cast(pl.Int64).cast(pl.String)
    kept = frame
    for name, stated in (("reporterCode", reporter), ("period", pl.col("period"))):
        codes = [code for code in asked.get(name, "").split(",") if code]
        if codes:
            kept = kept.filter(stated.is_in(codes).fill_null(value=True))
    left = frame.height - kept.height
    words = "of another reporter or period than was asked for"
    return kept, [_counted(left, "left out", words)] if left else []


def _counted(count: int, fate: str, words: str) -> str:
    return f"{count:,} row{'' if count == 1 else 's'} {fate}: {words}"


def _sifted(frame: pl.DataFrame, today: date) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Rows that pass every test, and of the others how many fail which test first."""
    tests = list(_tests(today))
    kept = frame.filter([wanted for wanted, _ in tests])
    left: list[tuple[int, str]] = []
    for wanted, words in tests if kept.height < frame.height else ():
        before = frame.height
        frame = frame.filter(wanted)
        left.append((before - frame.height, words))
    return kept, left


def _tests(today: date) -> Iterator[tuple[pl.Expr, str]]:
    """What a row must be, and what one is that is not."""
    yield pl.col("typeCode").fill_null("C") == "C", "services, which no dataset holds"
    yield pl.col("motCode").fill_null(0) == 0, "parts of totals by mode of transport"
    is_whole = pl.col("customsCode").fill_null("C00") == "C00"
    yield is_whole, "parts of totals by customs procedure"
    yield pl.col("partner2Code").fill_null(0) == 0, "parts of totals by second partner"
    is_original = pl.col("isOriginalClassification").fill_null("true") != "false"
    yield is_original, "the same trade converted into another list of goods"
    is_group = _is_code("reporter", groups())
    yield ~is_group, "reported by a group beside its members, e.g. the European Union"
    with_group = _is_code("partner", groups())
    yield ~with_group, "trade with a group beside its members"
    is_flow = pl.col("flowCode").is_in(list(FLOWS)).fill_null(value=False)
    yield is_flow, "other flows, e.g. domestic exports or goods for processing"
    yield pl.col("start").is_not_null(), "of no year or month"
    is_month = pl.col("freqCode").fill_null("A") == "M"
    open_since = (
        pl.when(is_month).then(today.replace(day=1)).otherwise(today.replace(month=1, day=1))
    )
    yield pl.col("start") < open_since, "of a year or month that is not over"
    yield pl.col("primaryValue").fill_null(0) >= 0, "with a value below zero"
    is_possible = pl.all_horizontal(pl.col("primaryValue", "netWgt").fill_null(0) <= LARGEST)
    yield is_possible, "with a value or weight that no flow can have"
    is_stated = pl.any_horizontal(pl.col("primaryValue", "netWgt").is_not_null())
    yield is_stated, "without value and weight, which is not zero"


def _is_code(side: str, codes: frozenset[int]) -> pl.Expr:
    code = pl.col(f"{side}Code").cast(pl.Int64)
    return code.is_in(sorted(codes)).fill_null(value=False)


def _kept(frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """What is stored and has to be known of."""
    nobody = frame["partner"].is_in(sorted(nowhere()))
    yield int(nobody.sum()), "without a named partner, under codes of their own"
    code = frame["product"]
    unnamed = ((code != TOTAL) & (code.str.starts_with("99") | code.str.contains("[A-Z]"))).sum()
    yield int(unnamed or 0), "of goods confidential or not specified"
    yield int(frame["is_ended"].sum()), "with the code of a country that had ended by then"
    yield int((frame["value_usd"] == 0).sum() or 0), "with a value of zero"
    unit = pl.col("qtyUnitCode")
    in_units = (unit != NO_UNIT) & (unit != KILOGRAM) & (pl.col("qty") > 0)
    other = frame.filter(in_units & pl.col("net_weight_kg").is_null()).height
    yield other, "with a quantity in another unit than kg, which is not stored"


def _editions(frame: pl.DataFrame) -> list[str]:
    """Several editions of the list of goods in one report; each row states its own."""
    if frame["classification"].drop_nulls().n_unique() < 2:
        return []
    several = (
        frame.filter(pl.col("product") != TOTAL)
        .group_by("reporter", "period")
        .agg(pl.col("classification").drop_nulls().unique().sort())
        .filter(pl.col("classification").list.len() > 1)
    )
    if not several.height:
        return []
    found = sorted(set(several["classification"].explode()))
    return [f"several lists of goods in one period: {', '.join(found)}"]


def _first(frame: pl.DataFrame) -> pl.DataFrame:
    """Of several rows of a flow one: a code that holds in that year before one that had ended, the
    Harmonised System before others, a newer edition before older ones, the largest value."""
    is_harmonised = pl.col("classification").str.starts_with("H")
    order = [pl.col("is_ended"), ~is_harmonised, pl.col("classification"), pl.col("value_usd")]
    ranked = frame.sort(order, descending=[False, False, True, True], nulls_last=True)
    return ranked.unique(KEY, keep="first", maintain_order=True)


def _area(side: str) -> pl.Expr:
    """The code decides; a country that is stated in letters serves where the code is unknown."""
    stated = pl.col(f"{side}ISO")
    letters = pl.when(stated.str.contains("^[A-Z]{3}$") & (stated != "EUR")).then(stated)
    code = pl.col(f"{side}Code").cast(pl.Int64)
    mapped = code.replace_strict(areas(), default=UNKNOWN, return_dtype=pl.String)
    return pl.when(mapped == UNKNOWN).then(letters).otherwise(mapped)


def _is_ended(frame: pl.DataFrame) -> pl.Expr:
    """Whether a row has a code that was no longer used in its year."""
    past = pl.lit(value=False)
    for side in ("reporter", "partner"):
        is_old = _is_code(side, frozenset(ended()))
        if frame.select(is_old.any()).item():
            code = pl.col(f"{side}Code").cast(pl.Int64)
            last = code.replace_strict(ended(), default=9999, return_dtype=pl.Int64)
            past = past | (pl.col("start").dt.year() > last).fill_null(value=False)
    return past


def _starts() -> pl.Expr:
    """The first day of the year or month that a row is of."""
    said = pl.col("period").str.extract(r"^(\d{4})")
    year = pl.coalesce("refYear", said.cast(pl.Float64)).cast(pl.Int32)
    month = pl.col("period").str.extract(r"^\d{4}(\d{2})$").cast(pl.Int32)
    is_month = pl.col("freqCode").fill_null("A") == "M"
    of = pl.when(is_month).then(pl.when(month.is_between(1, 12)).then(month)).otherwise(1)
    return pl.when(year.is_between(1, 9999) & of.is_not_null()).then(
        pl.date(year, of.fill_null(1), 1)
    )


def _columns() -> list[pl.Expr]:
    value, weight = pl.col("primaryValue"), pl.col("netWgt")
    # An exporter states FOB; an importer CIF, some FOB: the value itself tells which it equals.
    basis = (
        pl.when((pl.col("cifvalue") == value) & (pl.col("fobvalue").fill_null(0) != value))
        .then(pl.lit("CIF"))
        .when((pl.col("fobvalue") == value) & (pl.col("cifvalue").fill_null(0) != value))
        .then(pl.lit("FOB"))
    )
    return [
        pl.col("cmdCode").alias("product"),
        pl.col("flowCode").replace_strict(FLOWS, return_dtype=pl.String).alias("flow"),
        pl.col("start").alias("period"),
        value.alias("value_usd"),
        # Nothing weighs nothing: a zero beside a value says that the weight was not reported.
        pl.when((weight > 0) | ((weight == 0) & (value == 0))).then(weight).alias("net_weight_kg"),
        basis.alias("valuation"),
        pl.col("classificationCode").alias("classification"),
    ]
