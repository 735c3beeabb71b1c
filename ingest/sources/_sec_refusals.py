"""What the pages of the SEC mean that come where data were due, for all sources that ask it."""

from __future__ import annotations

import re
from typing import NoReturn

from ingest.formats.body import is_page, refuse, refuse_page, said
from ingest.formats.xml import child_text, root
from ingest.jobs import Reply, ReplyError

BLOCKED_S = 600.0  # the SEC lets nobody in before the rate stayed low this long


def refuse_sec_page(reply: Reply) -> None:
    """Raise what a page means: too fast, no declared agent, or anything else that is no data."""
    body = reply.body.removeprefix(b"\xef\xbb\xbf").strip()
    if not is_page(body):
        return
    text = body[:50_000].decode("utf-8", "replace")
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    words = said(title.group(1) if title and title.group(1).strip() else text)
    if re.search(r"(?i)rate threshold exceeded|too many requests", text):
        raise ReplyError("quota", f"EDGAR blocks this address for ten minutes: {words}", BLOCKED_S)
    if re.search(r"(?i)undeclared automated tool", text):
        raise ReplyError(
            "blocked",
            f"EDGAR does not accept our User-Agent, set CONTACT to a mail address: {words}",
            BLOCKED_S,
        )
    if reply.status == 403:
        raise ReplyError("blocked", f"EDGAR refuses, by a page for browsers: {words}", BLOCKED_S)
    if reply.status == 404:
        raise ReplyError("client", f"EDGAR has no {said(reply.path)}")
    refuse_page(reply, body)


def refuse_missing(reply: Reply, body: bytes) -> NoReturn:
    """`NoSuchKey`: no such filer, or one without XBRL facts."""
    top = root(body)
    code, words = child_text(top, "Code"), child_text(top, "Message")
    if code != "NoSuchKey" and reply.status != 404:
        refuse(reply, f"{code}: {words}")
    if "/companyfacts/" in reply.path:
        raise ReplyError("empty", "this filer has no XBRL facts")
    what = child_text(top, "Key") or reply.path
    raise ReplyError("client", f"EDGAR has no {said(what)}: check the CIK")
