"""Reply bodies before any row is read: encoding, pages of HTML, the class of an error.

It knows no source and never trusts a status: what a body says about itself goes first.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError

import orjson
import polars as pl
import pyarrow as pa

from data.errors import ContractError
from ingest.jobs import Parsed, Problem, Reply, ReplyError

WIDTH = 200
SECRET = re.compile(
    r"(?i)((?:api[_-]?key|access[_-]?key|subscription-key|app_id|apikey|token|key)"
    r"[\"']?\s*(?:=|:|\bis\b)\s*[\"']?)[^\s&\"',;<>]{6,}"
)
LOOSE_SECRET = re.compile(r"\b(?:AIza[\w-]{30,}|[0-9a-f]{32}|(?=[a-z]*\d)[a-z0-9]{32})\b")
PAGE = re.compile(rb"(?i)<(?:!doctype\s+html|html|head|body|title|h1|script|meta)\b")
WALL = re.compile(
    r"(?i)access denied|akamai|captcha|__verify|cloudflare|just a moment|attention required"
    r"|unusual traffic|robot|automated (?:tool|access|queries)|incapsula|request blocked"
)
LIMIT = re.compile(r"(?i)rate limit|too many requests|limit requests to|quota exceeded")
ODD = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    ParseError,
    ContractError,
    pl.exceptions.PolarsError,
    pa.ArrowException,
)


def careful(parse: Callable[[Reply], Parsed]) -> Callable[[Reply], Parsed]:
    """A parse whose every surprise is an `upstream` error: an odd reply must not end a run."""

    @functools.wraps(parse)
    def guarded(reply: Reply) -> Parsed:
        try:
            return parse(reply)
        except ODD as error:
            if reply.status >= 300:
                refuse(reply)
            kind = type(error).__name__
            raise ReplyError(
                "upstream", f"the answer has another shape than documented ({kind}: {said(error)})"
            ) from None

    return guarded


def said(words: object) -> str:
    """Words of a source, fit to be shown: one line, short, without markup and without keys."""
    text = re.sub(r"<[^>]*>", " ", str(words))
    text = " ".join(text.split())
    text = LOOSE_SECRET.sub("[key]", SECRET.sub(r"\1[key]", text))
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def content(reply: Reply) -> bytes:
    """The body without byte order mark and outer blanks; nothing and HTML are refused here."""
    body = reply.body.removeprefix(b"\xef\xbb\xbf").strip()
    if reply.status in (204, 304):
        raise ReplyError("empty", f"no content (HTTP {reply.status}): nothing matches or is new")
    if not body:
        if reply.status >= 300:
            refuse(reply)
        raise ReplyError("upstream", "the body is empty; the source is in trouble")
    if is_page(body):
        refuse_page(reply, body)
    return body


def is_page(body: bytes) -> bool:
    """Whether this is HTML; XML that merely carries HTML inside does not count."""
    start = body[:400].lstrip()
    return (
        start.startswith(b"<")
        and PAGE.match(re.sub(rb"^(?:<\?xml[^>]*>|\s)+", b"", start)) is not None
    )


def refuse_page(reply: Reply, body: bytes) -> NoReturn:
    """An HTML page where data were due: a wall against robots, a limit, or maintenance."""
    text = body[:20_000].decode("utf-8", "replace")
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    words = said(title.group(1) if title else text)
    if reply.status == 429 or LIMIT.search(text):
        raise ReplyError("quota", f"limit reached: {words}", retry_after(reply))
    if reply.status in (401, 403) or WALL.search(text):
        raise ReplyError("blocked", f"a page for browsers came instead of data: {words}")
    problem = problem_of(reply.status) or "upstream"
    raise ReplyError(problem, f"HTML came where data were due (HTTP {reply.status}): {words}")


def problem_of(status: int) -> Problem | None:
    """The class of an HTTP status; None for success."""
    if 200 <= status < 300:
        return "empty" if status == 204 else None
    known: dict[int, Problem] = {
        304: "empty",
        401: "auth",
        403: "auth",
        407: "auth",
        408: "upstream",
        429: "quota",
    }
    return known.get(status) or ("client" if 400 <= status < 500 else "upstream")


def refuse(reply: Reply, words: object = "", problem: Problem | None = None) -> NoReturn:
    """An error of the source in its own words."""
    kind = problem or problem_of(reply.status) or "upstream"
    text = said(words) or said(reply.body[:2000].decode("utf-8", "replace")) or "no reason given"
    raise ReplyError(kind, f"HTTP {reply.status}: {text}", retry_after(reply))


def retry_after(reply: Reply) -> float | None:
    """Seconds to wait, which the header may state as a number or as a date."""
    word = next((v for k, v in reply.headers.items() if k.lower() == "retry-after"), "").strip()
    if not word:
        return None
    try:
        return max(0.0, float(word))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(word) - reply.fetched_at).total_seconds())
    except (TypeError, ValueError):
        return None


def document(reply: Reply) -> Any:
    """The JSON document of a body; an error status with JSON is left to the source's own words."""
    return decoded(reply, content(reply))


def decoded(reply: Reply, body: bytes) -> Any:
    """JSON bytes as Python; `NaN` and `Infinity`, which JSON lacks, are read as null."""
    with contextlib.suppress(ValueError):
        return orjson.loads(body)
    # Slower, and reads what some sources write: NaN, other encodings, lone surrogates.
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        if reply.status >= 300:
            refuse(reply)
        start = said(body[:80].decode("utf-8", "replace"))
        raise ReplyError(
            "upstream", f"expected JSON, found {start!r} ({said(error)}); the body may be cut"
        ) from None
