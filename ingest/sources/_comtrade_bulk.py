"""Whole data sets of UN Comtrade as files: the list of them, and the tab-separated text inside."""

from __future__ import annotations

import zlib
from typing import Any
from urllib.parse import urlencode, urlsplit

import polars as pl

from ingest.jobs import Call, Edition, Reply, ReplyError
from ingest.sources._comtrade_plan import HOST, moment
from ingest.sources._comtrade_rows import FIELDS, NUMBERS

PATH = "/bulk/v1/file/"
MAGIC = b"\x1f\x8b"
SLICE = 1 << 24
LARGEST = 3_000_000_000  # what a file may hold when it is unpacked
# Text between tabs is packed to a tenth or so: what grows a hundredfold is no text.
GROWTH, ALWAYS = 100, 1 << 28


def files(reply: Reply, rows: list[dict[str, Any]]) -> tuple[tuple[Call, ...], list[str]]:
    """A call per file of a list; conversions into other lists of goods are the same trade again."""
    calls = []
    originals = [row for row in rows if row.get("isOriginalClassification") is not False]
    for row in originals:
        url = _address(row)
        facts = ("typeCode", "freqCode", "reporterCode", "period", "classificationCode")
        name = "bulk " + " ".join(str(row.get(fact)) for fact in facts)
        mark = f"{row.get('publicationDate')} {row.get('rowKey') or row.get('fileUrl')}"
        edition = Edition(name, mark, moment(row.get("publicationDate")))
        about = {name: row[name] for name in ("reporterCode", "period") if row.get(name)}
        # What the file is of stands behind `#`, which is not sent.
        calls.append(Call(f"{url}#{urlencode(about)}", edition=edition))
    other = len(rows) - len(originals)
    notes = [f"{other} files are conversions into other lists of goods"] if other else []
    if any(not row.get("publicationDate") for row in originals):
        notes.append("a file without a date of publication is known from when it was first seen")
    return tuple(calls), notes


def _address(row: dict[str, Any]) -> str:
    """Where a file lies. The key goes with the call, so no other host is asked for it."""
    stated = str(row["fileUrl"])
    if "/" not in stated:
        return f"{HOST}{PATH}{row['reporterCode']}/{stated}"
    parts = urlsplit(stated)
    if parts.scheme != "https" or parts.netloc != urlsplit(HOST).netloc:
        raise ReplyError("upstream", f"a file lies at another host, {parts.netloc[:80]!r}")
    return f"{HOST}{parts.path}"


def is_file(reply: Reply, body: bytes) -> bool:
    """Whether a body is a file and no document of the API."""
    return body.startswith(MAGIC) or (
        reply.path.startswith(PATH) and body.lstrip()[:1] not in (b"{", b"<", b"[")
    )


def read_file(body: bytes) -> pl.DataFrame:
    """The columns that a page of the API has, from a file of text between tabs."""
    text = _unpacked(body) if body.startswith(MAGIC) else body
    head = text.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r").split("\t")
    ours = {name.lower(): name for name in FIELDS}
    found = {name: ours[name.strip().lower()] for name in head if name.strip().lower() in ours}
    lacking = {"reporterCode", "partnerCode", "flowCode", "cmdCode", "primaryValue"} - set(
        found.values()
    )
    if lacking:
        raise ReplyError("upstream", f"the file has no column {', '.join(sorted(lacking))}")
    frame = pl.read_csv(
        text.removeprefix(b"\xef\xbb\xbf"),
        separator="\t",
        columns=list(found),
        quote_char=None,
        infer_schema=False,
    ).rename(found)
    blank = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(blank != "").then(blank).name.keep())
    return frame.select(
        _typed(name) if name in frame.columns else pl.lit(None, _kind(name)).alias(name)
        for name in FIELDS
    )


def _typed(name: str) -> pl.Expr:
    if name not in NUMBERS:
        value = pl.col(name)
        return value.str.to_lowercase() if name == "isOriginalClassification" else value
    value = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value).alias(name)


def _kind(name: str) -> pl.DataType:
    return pl.Float64() if name in NUMBERS else pl.String()


def _unpacked(body: bytes) -> bytes:
    """A slice at a time, so that no bomb can go off in one step."""
    machine, parts, size = zlib.decompressobj(wbits=31), list[bytes](), 0
    most = min(LARGEST, max(ALWAYS, GROWTH * len(body)))
    waiting = body
    while waiting:
        if machine.eof:  # another member follows
            machine = zlib.decompressobj(wbits=31)
        parts.append(machine.decompress(waiting, SLICE))
        size += len(parts[-1])
        if size > most:
            raise ReplyError("upstream", f"the file holds more than {most:,} bytes")
        waiting = machine.unconsumed_tail or machine.unused_data
    if not machine.eof:
        raise ReplyError("upstream", "the file is compressed, and ends too early")
    return b"".join(parts)
