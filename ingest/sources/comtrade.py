"""UN Comtrade: trade in goods of years and months as each country reported it, nothing twice.

What is published is asked first, and only data sets that changed are fetched. A reply that reached
the cap of its route was cut without a word: smaller requests follow it. Of the lists of goods (HS,
SITC) the one that a country reported in is taken; conversions are the same trade again.
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa

from ingest.formats.body import careful, content, decoded, refuse, retry_after, said
from ingest.formats.tables import INSTANT, never_ahead, reading, table
from ingest.jobs import Cadence, Job, Parsed, Problem, Reply, ReplyError, Source
from ingest.runs.refusals import json_text
from ingest.sources._comtrade_bulk import files, is_file, read_file
from ingest.sources._comtrade_flows import asked_for, flows
from ingest.sources._comtrade_plan import plan, published, rest
from ingest.sources._comtrade_rows import read

JOBS = (
    Job(
        "trade_new",
        ("trade",),
        "totals by partner of the last three years, where a country published new ones",
        Cadence(at="04:00", zone="UTC"),
        priority=6,
        cost=5,
    ),
    Job(
        "trade_months",
        ("trade_months",),
        "totals by partner of the last twelve months, where a country published new ones",
        Cadence(at="04:30", zone="UTC"),
        priority=7,
        cost=7,
    ),
    Job(
        "trade_sitc",
        ("trade",),
        "trade by partner of years that were reported in the SITC, before 1998",
        Cadence(at="05:30", zone="UTC", days="first_of_month"),
        priority=9,
        cost=20,
    ),
    Job(
        "trade_full",
        ("trade",),
        "every chapter with every partner, where a country published new ones, with a key",
        Cadence(at="05:00", zone="UTC", days="first_of_month"),
        priority=8,
        cost=40,
        time_limit_s=6 * 3600,
    ),
    Job(
        "trade_bulk",
        ("trade",),
        "every product with every partner of countries asked for by name, with a premium key",
        Cadence(),
        priority=9,
        cost=1,
        time_limit_s=6 * 3600,
    ),
)


@careful
def parse(reply: Reply) -> Parsed:
    """Flows, or one of the lists that the same host serves, or an error that says what is wrong."""
    if reply.status < 300 and is_file(reply, reply.body):
        return _file(reply)
    body = json_text(reply)
    if b'"results"' in body[:4000] and b'"data"' not in body[:200]:
        return _reference(decoded(reply, body))
    if not body.startswith((b"{", b"[")) or b'"data"' not in body:
        document = decoded(reply, body)
        if isinstance(document, list) and document:
            return reading("list", document)
        _refused(reply, document)
    return _data(reply, body)


def _data(reply: Reply, body: bytes) -> Parsed:
    envelope, frame = read(body)
    if reply.status >= 300:
        _refused(reply, envelope)
    if said(envelope.get("error") or ""):
        _refused(reply, {"message": envelope["error"], "statusCode": envelope.get("statusCode")})
    if _stated(envelope.get("count")) > frame.height:
        raise ReplyError(
            "upstream",
            f"the reply has {frame.height} of the {envelope['count']} rows that it names",
        )
    if not frame.height and "/getda/" in reply.path.lower():
        raise ReplyError("empty", "; ".join(["nothing is published", *published(reply, [])[1]]))
    if not frame.height:
        _nothing(reply)
    if frame["primaryValue"].is_null().all() and frame["cmdCode"].is_null().all():
        return _listing(reply, decoded(reply, body)["data"])
    return _trade(frame, reply)


def _file(reply: Reply) -> Parsed:
    """A whole data set, compressed or as it is."""
    try:
        frame = read_file(reply.body if reply.body[:2] == b"\x1f\x8b" else content(reply))
    except zlib.error:
        raise ReplyError("upstream", "the file is compressed, and broken") from None
    if not frame.height:
        _nothing(reply)
    return _trade(frame, reply)


def _trade(frame: pl.DataFrame, reply: Reply) -> Parsed:
    if (frame["typeCode"] == "S").all():
        return reading("trade", frame.to_dicts(), "services are facts of no dataset")
    mine, others = asked_for(frame, reply)
    found = flows(mine, reply.fetched_at.date())
    follow, cut = rest(reply, frame.height)
    if not found.years.height and not found.months.height and not follow:
        raise ReplyError("empty", "; ".join(["no flow to store", *others, *found.notes]))
    tables = {
        name: _stored(name, rows, reply)
        for name, rows in (("trade", found.years), ("trade_months", found.months))
        if rows.height
    }
    return Parsed(tables, follow, "; ".join([*cut, *others, *found.notes]))


def _stated(count: object) -> int:
    """How many rows a reply says that it has; none where it does not say."""
    return count if isinstance(count, int) else 0


def _stored(name: str, rows: pl.DataFrame, reply: Reply) -> pa.Table:
    """Known from the release that is stated for the data set, if it came after the period and the
    answer can be of it; else from when we saw it."""
    length = "1mo" if name == "trade_months" else "1y"
    ends = pl.col("period").dt.offset_by(length).cast(INSTANT)
    released = pl.lit(_released(reply)).cast(INSTANT)
    is_stated = (released >= ends).fill_null(value=False)
    seen = pl.lit(reply.fetched_at).cast(INSTANT)
    grade = "native" if "/bulk/" in reply.path else "lagged"
    dated = {
        "known_at": pl.when(is_stated).then(never_ahead(released, reply)).otherwise(seen),
        "vintage_grade": pl.when(is_stated).then(pl.lit(grade)).otherwise(pl.lit("snapshot")),
    }
    return table(name, rows, **dated, source="comtrade")


def _released(reply: Reply) -> datetime | None:
    edition = reply.call.edition
    if edition is None or (edition.good_until and reply.fetched_at > edition.good_until):
        return None
    return edition.released_at


def _reference(document: Any) -> Parsed:
    rows = document["results"]
    if not rows:
        raise ReplyError("empty", "the list is empty")
    return reading("reference", rows)


def _listing(reply: Reply, rows: list[dict[str, Any]]) -> Parsed:
    """Availability and bulk files: who has published what, and when, and what is fetched of it."""
    shown = reading("publications", rows)
    if "/bulk/v1/get/" in reply.path:
        calls, notes = files(reply, rows)
    elif "/getda/" in reply.path.lower():
        calls, notes = published(reply, rows)
    else:
        return shown
    return Parsed(shown.tables, calls, "; ".join([shown.note, *notes]))


def _nothing(reply: Reply) -> NoReturn:
    if reply.call.edition is not None:
        raise ReplyError(
            "empty",
            f"no rows and no reason, though {reply.call.edition.name} is listed as published; "
            "it is asked for again in a week",
        )
    raise ReplyError(
        "empty",
        "no rows and no reason: nothing was reported yet, or a parameter does not fit the route "
        "(Comtrade answers both alike); check period, codes and flow",
    )


def _refused(reply: Reply, document: Any) -> NoReturn:
    """`{"statusCode": 401, "message": "..."}`, whatever the status of the reply itself."""
    stated = document if isinstance(document, dict) else {}
    words = said(stated.get("message") or stated.get("error") or stated.get("title") or "")
    if not words and reply.status < 300:
        raise ReplyError("upstream", "the answer has neither rows nor a message")
    code = stated.get("statusCode", stated.get("status"))
    status = code if isinstance(code, int) else reply.status
    problem = _class_of(status, words)
    if problem == "quota":
        raise ReplyError("quota", words, _wait(reply, words))
    refuse(reply, words, problem)


def _class_of(status: int, words: str) -> Problem:
    kinds: list[tuple[str, Problem]] = [
        (r"(?i)rate limit|quota|too many|call volume", "quota"),
        (r"(?i)subscription key|access denied|unauthori[sz]ed|not subscribed", "auth"),
    ]
    for pattern, problem in kinds:
        if re.search(pattern, words):
            return problem
    if status >= 500:
        return "upstream"
    known: dict[int, Problem] = {401: "auth", 403: "auth", 429: "quota"}
    return known.get(status, "client")


def _wait(reply: Reply, words: str) -> float | None:
    """`Try again in 2 seconds.` where no header says so."""
    found = re.search(r"(?i)in (\d+) seconds?", words)
    return retry_after(reply) or (float(found[1]) if found else None)


SOURCE = Source(
    name="comtrade",
    title="UN Comtrade",
    gives="annual and monthly trade in goods by reporter, partner and product",
    grade="native",
    licence="Source: UN Comtrade (comtradeplus.un.org). Free for analysis with attribution; "
    "redistribution of raw data is restricted.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    secret="COMTRADE_API_KEY",
    key_in="header:Ocp-Apim-Subscription-Key",
    is_key_optional=True,
    max_bytes=300_000_000,
)
