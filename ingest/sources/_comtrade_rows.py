"""Rows of UN Comtrade as trade flows: who, with whom, what, and nothing counted twice."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import numpy as np
import polars as pl

from ingest.formats import records
from ingest.lists import listed

TEXTS = (
    "typeCode",
    "freqCode",
    "period",
    "reporterISO",
    "partnerISO",
    "flowCode",
    "cmdCode",
    "customsCode",
    "classificationCode",
)
CODES = ("refYear", "reporterCode", "partnerCode", "partner2Code", "motCode")
NUMBERS = (*CODES, "netWgt", "cifvalue", "fobvalue", "primaryValue")
FIELDS = {name: (name,) for name in (*TEXTS, *NUMBERS)}
FLOWS = {"M": "import", "X": "export"}
KEY = ("reporter", "partner", "product", "flow", "year")
BLOCK = 1 << 20
UNKNOWN = "?"
DATA = re.compile(rb'"data"\s*:\s*\[')


def read(body: bytes) -> tuple[dict[str, Any], pl.DataFrame]:
    """The envelope and its rows; the rows never become Python objects if they can help it."""
    start = DATA.search(body)
    end = body.rfind(b"]")
    if start and end >= start.end():
        envelope = _object(body[: start.end()] + body[end:])
        if envelope is not None:
            return envelope, _rows(body, start.end(), end)
    envelope = json.loads(body)
    return envelope, records.from_rows(envelope["data"] or [], FIELDS, numbers=NUMBERS)


def _rows(body: bytes, start: int, end: int) -> pl.DataFrame:
    """A newline for the comma between two objects, set in place: pages hold 100 MB."""
    array = np.frombuffer(body, np.uint8, end - start, start).copy()
    if not len(array):
        return records.from_bytes(b"", FIELDS, numbers=NUMBERS)
    ends = np.concatenate([_closing(array, at) for at in range(0, len(array), BLOCK)])
    ends = ends[ends + 2 < len(array)].astype(np.int64)
    joints = ends[(array[ends + 1] == ord(",")) & (array[ends + 2] == ord("{"))]
    array[joints + 1] = ord("\n")
    frame = records.from_lines(array.tobytes(), FIELDS, numbers=NUMBERS) if len(joints) else None
    if frame is not None:
        return frame
    return records.from_bytes(body[start:end], FIELDS, numbers=NUMBERS)


def _closing(array: np.ndarray, at: int) -> np.ndarray:
    return np.flatnonzero(array[at : at + BLOCK] == ord("}")) + at


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@functools.cache
def areas() -> dict[int, str | None]:
    """Comtrade's numeric codes to alpha-3; None for a group of countries."""
    known: dict[int, str | None] = {
        int(row["numeric"]): code
        for code, row in listed("countries", "iso3").items()
        if row["numeric"] and not row["until"]
    }
    own = listed("comtrade_areas", "code").items()
    return known | {int(code): row["iso3"] or None for code, row in own}


def code_of(iso3: str) -> str:
    """Comtrade's own code of a country today; the word itself when it is a code already."""
    own = listed("comtrade_areas", "code").items()
    today = (code for code, row in own if row["iso3"] == iso3 and "until" not in row["name"])
    iso = listed("countries", "iso3").get(iso3, {}).get("numeric")
    return next(today, str(int(iso)) if iso else iso3)


def flows(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Annual flows of goods in the columns of `trade`, and what was left out.

    Only totals over means of transport, customs procedures and second partners are kept: their
    parts arrive beside them when a request does not pin these, and would double them.
    """
    wanted = (
        (pl.col("typeCode").fill_null("C") == "C")
        & (pl.col("freqCode").fill_null("A") == "A")
        & (pl.col("motCode").fill_null(0) == 0)
        & (pl.col("customsCode").fill_null("C00") == "C00")
        & (pl.col("partner2Code").fill_null(0) == 0)
        & pl.col("flowCode").is_in(list(FLOWS))
        & pl.any_horizontal(pl.col("primaryValue", "netWgt").is_not_null())
    )
    kept = frame.filter(wanted)
    notes = [f"{frame.height - kept.height} rows are parts of totals, other flows or empty"]
    kept = kept.with_columns(_area("reporter").alias("reporter"), _area("partner").alias("partner"))
    known = kept.filter(pl.col("reporter").is_not_null() & pl.col("partner").is_not_null())
    notes.append(f"{kept.height - known.height} rows are of groups of countries or unknown codes")
    shaped = known.select("reporter", "partner", *_columns())
    single = shaped if shaped.select(KEY).is_unique().all() else _largest(shaped)
    notes.append(f"{shaped.height - single.height} rows repeat a flow with a smaller value")
    return single, [note for note in notes if not note.startswith("0 ")]


def _largest(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("value_usd", descending=True, nulls_last=True).unique(KEY, keep="first")


def _area(side: str) -> pl.Expr:
    """The code decides; a country that is stated in letters serves where the code is unknown."""
    stated = pl.col(f"{side}ISO")
    letters = pl.when(stated.str.contains("^[A-Z]{3}$") & (stated != "EUR")).then(stated)
    code = pl.col(f"{side}Code").cast(pl.Int64)
    mapped = code.replace_strict(areas(), default=UNKNOWN, return_dtype=pl.String)
    return pl.when(mapped == UNKNOWN).then(letters).otherwise(mapped)


def _columns() -> list[pl.Expr]:
    value, weight = pl.col("primaryValue"), pl.col("netWgt")
    # An exporter states FOB; an importer CIF, some FOB: the value itself tells which it equals.
    basis = (
        pl.when((pl.col("cifvalue") == value) & (pl.col("fobvalue").fill_null(0) != value))
        .then(pl.lit("CIF"))
        .when((pl.col("fobvalue") == value) & (pl.col("cifvalue").fill_null(0) != value))
        .then(pl.lit("FOB"))
    )
    year = pl.coalesce("refYear", pl.col("period").str.slice(0, 4).cast(pl.Float64))
    return [
        pl.col("cmdCode").alias("product"),
        pl.col("flowCode").replace_strict(FLOWS, return_dtype=pl.String).alias("flow"),
        year.cast(pl.Int32).alias("year"),
        value.alias("value_usd"),
        # Nothing weighs nothing: a zero beside a value says that the weight was not reported.
        pl.when((weight > 0) | (value == 0)).then(weight).alias("net_weight_kg"),
        basis.alias("valuation"),
        pl.col("classificationCode").alias("classification"),
    ]
