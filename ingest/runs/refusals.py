"""What a sentence of refusal means: a limit, a key, a wall, a mistake, or trouble at the source.

For bodies that are plain text where JSON was due, and for errors that carry words and no code.
"""

from __future__ import annotations

import re

from ingest.formats.body import content, refuse, retry_after, said
from ingest.jobs import Problem, Reply, ReplyError

WORDS: tuple[tuple[str, Problem], ...] = (
    (
        r"too many requests|rate.?limit|quota|call (?:frequency|volume)|throttl|daily hits limit"
        r"|requests? (?:per|allowed)|usage limit|request limit",
        "quota",
    ),
    (
        r"restricted location|error code: 10\d\d|forbidden|blocked|captcha|robot|bot detect",
        "blocked",
    ),
    (
        r"api.?key|access.?key|app.?id|unauthori[sz]ed|credential|invalid crumb|not logged in"
        r"|subscription|inactive user|premium|upgrade|plan\b|not allowed",
        "auth",
    ),
    (
        r"internal (?:server )?error|service unavailable|bad gateway|time.?out|maintenance"
        r"|try again",
        "upstream",
    ),
    (r"no data|not found|no matches|no results", "empty"),
)


def meaning(words: str, default: Problem) -> Problem:
    """The class that a message speaks of; the first that fits, since limits advertise plans too."""
    for pattern, problem in WORDS:
        if re.search(pattern, words, re.IGNORECASE):
            return problem
    return default


def json_text(reply: Reply) -> bytes:
    """The body where it may be JSON; plain text is a refusal of whoever stands before the API."""
    body = content(reply)
    if body[:1] in b"{[":
        return body
    words = said(body[:2000].decode("utf-8", "replace"))
    if len(body) > 500 or not words.isprintable():
        refuse(reply, words, None if reply.status >= 300 else "upstream")
    default: Problem = "upstream" if reply.status < 300 else "client"
    problem = meaning(words, default)
    if reply.status == 429:
        problem = "quota"
    elif reply.status >= 500 and problem in ("empty", "auth", "client"):
        problem = "upstream"
    elif problem == "empty" and reply.status >= 300:
        problem = "client"
    raise ReplyError(problem, f"HTTP {reply.status}: {words}", retry_after(reply))
