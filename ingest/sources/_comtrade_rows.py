"""Rows of UN Comtrade as they are written: pages of JSON, and files of text between tabs."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import polars as pl

from ingest.formats import records

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
    "isOriginalClassification",
)
CODES = ("refYear", "reporterCode", "partnerCode", "partner2Code", "motCode", "qtyUnitCode")
NUMBERS = (*CODES, "qty", "netWgt", "cifvalue", "fobvalue", "primaryValue")
FIELDS = {name: (name,) for name in (*TEXTS, *NUMBERS)}
BLOCK = 1 << 20
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
