"""UN Comtrade: annual trade in goods as each country reported it. No group, no breakdown.

A reply that reached the cap of its route was cut without a word: smaller requests follow it.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import polars as pl

from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.tables import reading, seen, table
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text
from ingest.sources._comtrade_rows import areas, code_of, flows, read

HOST = "https://comtradeapi.un.org"
PREVIEW = f"{HOST}/public/v1/preview/C/A/HS"
FINAL = f"{HOST}/data/v1/get/C/A/HS"
# Without these three a total comes together with its parts.
PINNED = {"motCode": "0", "customsCode": "C00", "partner2Code": "0"}
CAPS = {"preview": 500, "previewTariffline": 500, "get": 100_000, "getTariffline": 100_000}
CHAPTERS = tuple(f"{number:02}" for number in (*range(1, 77), *range(78, 98), 99))
SPLITTABLE = ("period", "reporterCode", "cmdCode", "flowCode", "partnerCode")
REPORTED_AFTER = (2, 3)
TURNS = 28  # days, the same in every month, over which the list of reporters is spread
JOBS = (
    Job(
        "trade_new",
        ("trade",),
        "totals by partner of the two years that countries report now",
        Cadence(at="04:00", zone="UTC"),
        priority=6,
        cost=12,
    ),
    Job(
        "trade_full",
        ("trade",),
        "every chapter with every partner, with a key",
        Cadence(at="05:00", zone="UTC", days="first_of_february"),
        priority=8,
        cost=120,
        time_limit_s=6 * 3600,
    ),
)


def plan(window: Window) -> list[Call]:
    """One call per reporter and year: without a year the route answers for whoever came last.

    Without names the new data of each reporter are asked for once a month, a few every day.
    """
    names = window.names or tuple(listed("comtrade", "iso3"))
    if window.job == "trade_new" and not window.names:
        names = tuple(n for at, n in enumerate(names) if at % TURNS == window.now.day - 1)
    this = window.now.year
    years = [this - lag for lag in REPORTED_AFTER]
    if window.since:
        last = window.until.year if window.until else this - 1
        years = list(range(window.since.year, last + 1))
    is_full = window.job == "trade_full"
    products = {"cmdCode": "AG2" if is_full else "TOTAL", "flowCode": "M,X"}
    return [
        Call(
            FINAL if is_full else PREVIEW,
            {"reporterCode": code_of(name), "period": str(year), **products, **PINNED},
        )
        for name in names
        for year in years
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Flows, or one of the lists that the same host serves, or an error that says what is wrong."""
    body = json_text(reply)
    if b'"results"' in body[:4000] and b'"data"' not in body[:200]:
        return _reference(decoded(reply, body))
    if not body.startswith((b"{", b"[")) or b'"data"' not in body:
        document = decoded(reply, body)
        if isinstance(document, list) and document:
            return reading("list", document)
        _refused(reply, document)
    envelope, frame = read(body)
    if reply.status >= 300:
        _refused(reply, envelope)
    if said(envelope.get("error") or ""):
        _refused(reply, {"message": envelope["error"], "statusCode": envelope.get("statusCode")})
    if not frame.height:
        _nothing()
    if frame["primaryValue"].is_null().all() and frame["cmdCode"].is_null().all():
        return _listing(decoded(reply, body)["data"])
    return _trade(frame, reply)


def _trade(frame: pl.DataFrame, reply: Reply) -> Parsed:
    if (frame["freqCode"] == "M").any() or (frame["typeCode"] == "S").any():
        note = "months and services are facts of no dataset"
        return reading("trade", frame.to_dicts(), note)
    rows, notes = flows(frame)
    follow, cut = _rest(reply, frame.height)
    if not rows.height and not follow:
        raise ReplyError("empty", "; ".join(["no flow to store", *notes]))
    stored = table("trade", rows, **seen(reply), source="comtrade")
    return Parsed({"trade": stored}, follow, "; ".join([*cut, *notes]))


def _rest(reply: Reply, rows: int) -> tuple[tuple[Call, ...], list[str]]:
    """Two smaller requests for one that was cut, and what to say of it."""
    asked = reply.parameters
    route = next((CAPS[part] for part in reply.path.split("/") if part in CAPS), None)
    cap = int(asked.get("maxRecords") or route or 0)
    if route is None or rows < min(cap, route):
        return (), []
    for name in SPLITTABLE:
        parts = _parts(name, asked.get(name, ""))
        if len(parts) > 1:
            middle = len(parts) // 2
            halves = [asked | {name: ",".join(half)} for half in (parts[:middle], parts[middle:])]
            url, headers = reply.call.url.split("?")[0], reply.call.headers
            calls = tuple(Call(url, half, headers) for half in halves)
            return calls, [f"cut at {rows} rows; asked again in halves by {name}"]
    return (), [f"cut at {rows} rows, and the request cannot be made smaller"]


def _parts(name: str, word: str) -> list[str]:
    """What a parameter stands for, one by one; absent it means everything there is."""
    parts = [part for part in word.split(",") if part]
    if name == "flowCode" and not parts:
        return ["M", "X"]
    if name == "cmdCode" and parts == ["AG2"]:
        return list(CHAPTERS)
    if name == "partnerCode" and not parts:
        return [str(code) for code, iso3 in areas().items() if iso3]
    return parts


def _reference(document: Any) -> Parsed:
    rows = document["results"]
    if not rows:
        raise ReplyError("empty", "the list is empty")
    return reading("reference", rows)


def _listing(rows: list[dict[str, Any]]) -> Parsed:
    """Availability and bulk files: who has published what, and when."""
    return reading("publications", rows)


def _nothing() -> NoReturn:
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
    gives="annual trade in goods by reporter, partner and product",
    grade="snapshot",
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
