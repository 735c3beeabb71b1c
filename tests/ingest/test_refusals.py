"""Refusals in plain words."""

from __future__ import annotations

import pytest

from ingest.jobs import ReplyError
from ingest.runs.refusals import json_text, meaning
from tests.ingest.market import reply


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        ("Too Many Requests", 200, "quota"),
        ("Slow down", 429, "quota"),
        ("error code: 1020", 403, "blocked"),
        ("Forbidden", 403, "blocked"),
        ("Unauthorized", 401, "auth"),
        ("Invalid API key", 200, "auth"),
        ("Bad Gateway", 502, "upstream"),
        ("upstream connect error", 503, "upstream"),
        ("No data", 500, "upstream"),
        ("404 page not found", 404, "client"),
        ("No results", 200, "empty"),
        ("something else", 200, "upstream"),
        ("something else", 400, "client"),
        ("x" * 600, 200, "upstream"),
    ],
)
def test_plain_text_where_json_was_due(words: str, status: int, expected: str) -> None:
    with pytest.raises(ReplyError) as raised:
        json_text(reply(words, status=status))
    assert raised.value.problem == expected


def test_a_limit_that_advertises_a_plan_is_a_limit() -> None:
    assert meaning("rate limit reached, upgrade your plan", "client") == "quota"
    assert meaning("nothing that we know", "client") == "client"


def test_what_may_be_json_is_handed_on() -> None:
    assert json_text(reply(b'\xef\xbb\xbf {"a": 1} ')) == b'{"a": 1}'
