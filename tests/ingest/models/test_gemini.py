"""Gemini's REST protocol, as recorded and as it may go wrong: one answer, or one kind of fault."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest

from data.errors import ConfigError
from ingest.models.gemini import GeminiModel, check_base_url
from ingest.models.model import ModelFault, ModelRequest
from ingest.runs.keys import Keys
from tests.ingest.models.gemini_server import (
    Answer,
    GeminiServer,
    bad_key,
    counted,
    error,
    gemini_server,
    in_turn,
    parts,
    quota,
    said,
    whole,
)

KEY = "AIza-canary-0123456789-abcdefgh"
RECORDED = Path(__file__).parents[4] / "shared" / "recorded" / "gemini"
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "nullable": True}},
    "required": ["name"],
    "propertyOrdering": ["name", "age"],
}
ASKED = ModelRequest("Say who it is.", json.dumps({"text": "Ann is 7."}), SCHEMA, deadline_s=8.0)
FOUND = {"name": "Ann", "age": 7}


def model(server: GeminiServer, **more: object) -> GeminiModel:
    keys = Keys(lambda name: None)
    keys.plant(KEY, "GEMINI_API_KEY")
    return GeminiModel("gemini-2.5-flash", KEY, server.url, keys.redact_bytes, **more)


def fault_of(answer: Answer, deadline_s: float = 8.0) -> ModelFault:
    with gemini_server(answer) as server, pytest.raises(ModelFault) as raised:
        model(server).ask(ModelRequest("Say.", "{}", SCHEMA, deadline_s=deadline_s))
    return raised.value


def test_what_is_sent_and_what_comes_back() -> None:
    with gemini_server(said(FOUND)) as server:
        reply = model(server).ask(ASKED)
    asked = server.questions[0]
    assert (reply.document, reply.finish_reason, reply.model_version) == (
        FOUND,
        "STOP",
        "gemini-2.5-flash",
    )
    assert (reply.usage.tokens_in, reply.usage.tokens_out, reply.usage.attempts) == (120, 30, 1)
    assert 0 < reply.usage.latency_s < 8
    assert asked.headers["x-goog-api-key"] == KEY and KEY not in asked.query
    assert asked.instruction == "Say who it is." and asked.data == {"text": "Ann is 7."}
    settings = asked.body["generationConfig"]
    assert settings["responseMimeType"] == "application/json"
    assert settings["temperature"] == 0 and settings["maxOutputTokens"] == 8192
    assert set(settings["responseSchema"]["properties"]) == {"name", "age"}
    assert not {"tools", "toolConfig", "safetySettings"} & set(asked.body)


@pytest.mark.parametrize(
    ("found", "thoughts"),
    [
        ([{"text": '{"name": "Ann", '}, {"text": '"age": 7}'}], 0),
        ([{"text": "I think of Bob.", "thought": True}, {"text": json.dumps(FOUND)}], 24),
        ([{"text": ""}, {"text": json.dumps(FOUND), "thoughtSignature": "QUJD"}, {"text": ""}], 0),
    ],
)
def test_parts_are_joined_without_the_thoughts(
    found: list[dict[str, object]], thoughts: int
) -> None:
    answer = parts(found, **counted(120, 30, thoughts))
    with gemini_server(answer) as server:
        reply = model(server).ask(ASKED)
    assert reply.document == FOUND
    assert reply.usage.tokens_out == 30 + thoughts


def test_an_end_may_be_a_number() -> None:
    """The library asks for enumerations as numbers."""
    with gemini_server(said(FOUND, 1)) as server:
        assert model(server).ask(ASKED).finish_reason == "STOP"
    assert "enum-encoding" in server.questions[0].query
    assert [fault_of(said(FOUND, number)).kind for number in (2, 3, 4, 10, 99)] == [
        "truncated",
        "blocked",
        "blocked",
        "malformed",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (parts([{"text": "no"}], "SAFETY"), "blocked", "SAFETY"),
        (parts(None, "RECITATION"), "blocked", "RECITATION"),
        (whole({"promptFeedback": {"blockReason": "SAFETY"}}), "blocked", "SAFETY"),
        (whole({"promptFeedback": {"blockReason": 4}}), "blocked", "PROHIBITED_CONTENT"),
        (parts(None, "MAX_TOKENS"), "truncated", "cut off"),
        (parts([{"text": '{"name": "An'}], "MAX_TOKENS"), "truncated", "cut off"),
        (said(FOUND, "MAX_TOKENS"), "truncated", "cut off"),
        (parts([{"text": '{"name": "An'}]), "malformed", "no JSON"),
        (parts([{"text": "Ann, of course."}]), "malformed", "no JSON"),
        (parts([{"text": ""}]), "malformed", "no text"),
        (parts(None), "malformed", "no text"),
        (said(FOUND, "A_NEW_END"), "unknown", "A_NEW_END"),
        (said(FOUND, "<b>" + "x" * 500), "unknown", "without a name"),
        (said(FOUND, None), "unknown", "does not say"),
        (Answer(b"<html>Bad gateway</html>"), "malformed", "cannot be read"),
        (Answer(b"[" * 100_000), "malformed", "cannot be read"),
        (Answer(b"\xff\xfe\x00"), "malformed", "cannot be read"),
        (Answer(b"null"), "malformed", "cannot be read"),
        (whole({"candidates": "none"}), "unknown", "does not say"),
        (
            whole({"candidates": [{"content": {"parts": 7}, "finishReason": "STOP"}]}),
            "malformed",
            "no text",
        ),
        (Answer(b"x" * 5_000_000), "malformed", "too long"),
        (bad_key(KEY), "bad_key", "refuses the key"),
        (error(401, "UNAUTHENTICATED"), "bad_key", "refuses the key"),
        (error(403, "PERMISSION_DENIED"), "bad_key", "may not use"),
        (error(404, "NOT_FOUND"), "unavailable", "no such model"),
        (error(400, "FAILED_PRECONDITION"), "unavailable", "not offer"),
        (error(400, "INVALID_ARGUMENT"), "unknown", "HTTP 400 INVALID_ARGUMENT"),
        (error(504, "DEADLINE_EXCEEDED"), "slow", "HTTP 504"),
        (Answer(b"", 302, headers={"Location": "http://127.0.0.1:9/"}), "unknown", "HTTP 302"),
        (Answer(b"", 418), "unknown", "HTTP 418"),
    ],
)
def test_faults(answer: Answer, kind: str, words: str) -> None:
    found = fault_of(answer)
    assert (found.kind, words in str(found)) == (kind, True), str(found)
    assert KEY not in str(found) and "\n" not in str(found) and len(str(found)) < 200


@pytest.mark.parametrize(
    ("delay", "wait"), [("37s", 37.0), ("0.5s", 0.5), (None, 60.0), ("soon", 60.0)]
)
def test_a_quota_says_when(delay: str | None, wait: float) -> None:
    found = fault_of(quota(delay))
    assert (found.kind, found.retry_after_s) == ("quota", wait)


def test_a_server_in_trouble_is_asked_again_and_may_recover() -> None:
    trouble = error(503, "UNAVAILABLE", "The model is overloaded.")
    with gemini_server(in_turn(trouble, trouble, said(FOUND))) as server:
        reply = model(server).ask(ASKED)
    assert (reply.document, reply.usage.attempts, len(server.questions)) == (FOUND, 3, 3)


@pytest.mark.parametrize(
    ("answer", "deadline_s", "kind"),
    [
        (error(503, "UNAVAILABLE"), 4.0, "unavailable"),
        (Answer(b"", 503, wait_s=0.9), 2.5, "unavailable"),
        (Answer(json.dumps(FOUND).encode(), wait_s=20), 1.5, "slow"),
        (Answer(b" " * 4000, drip_s=0.05), 1.5, "slow"),
    ],
)
def test_the_deadline_holds(answer: Answer, deadline_s: float, kind: str) -> None:
    fault_of(said(FOUND, "OTHER"))  # the library is imported by now, which is not the provider's
    begun = time.monotonic()
    found = fault_of(answer, deadline_s)
    assert found.kind == kind, str(found)
    assert time.monotonic() - begun <= deadline_s + 2
    assert found.usage.attempts <= 3


def test_a_server_that_is_gone() -> None:
    with gemini_server(said(FOUND)) as server:
        gone = model(server)
    with pytest.raises(ModelFault, match="cannot be reached") as raised:
        gone.ask(ASKED)
    assert raised.value.kind == "unavailable"


def test_the_key_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = said({"name": f"the key is {KEY}"})
    with gemini_server(in_turn(bad_key(KEY), echo)) as server:
        asked = model(server)
        with pytest.raises(ModelFault) as raised:
            asked.ask(ASKED)
        reply = asked.ask(ASKED)
    assert KEY not in repr(asked) + repr(reply) + str(raised.value) + caplog.text
    assert reply.document == {"name": "the key is ***"}


@pytest.mark.parametrize(
    "address",
    [
        *("http://example.org", "ftp://example.org", "example.org", "", "https://"),
        *("https://example.org/v1", "https://u:p@example.org", "https://example.org?x=1"),
    ],
)
def test_an_address_that_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="MODEL_URL"):
        check_base_url(address)


RIGHT = {
    "documented_unary_MAX_TOKENS_no_parts.json": "truncated",
    "documented_unary_MAX_TOKENS_truncated_json.json": "truncated",
    "documented_unary_RECITATION.json": "blocked",
    "models_list.json": "unknown",
    "quoted_error_503_unavailable.json": "unavailable",
    "streamGenerateContent_json_schema.json": None,
    "streamGenerateContent_prompt.json": "malformed",
    "streamGenerateContent_tool_call.json": "malformed",
    "streaming-failure-recitation-no-content.txt": "blocked",
    "streaming-success-basic-reply-short.txt": "malformed",
    "streaming-success-empty-parts.txt": "malformed",
    "streaming-success-finish-message.txt": "malformed",
    "unary-failure-api-key.json": "bad_key",
    "unary-failure-api-not-enabled-403.json": "bad_key",
    "unary-failure-finish-reason-safety.json": "blocked",
    "unary-failure-only-prompt-feedback.json": "blocked",
    "unary-failure-unknown-model.json": "unavailable",
    "unary-failure-with-message-no-content.json": "unknown",
    "unary-success-basic-reply-short.json": "malformed",
    "unary-success-citations.json": "malformed",
    "unary-success-thinking-reply-thought-summary.json": "malformed",
    "vertex_streaming-failure-error-mid-stream.txt": "malformed",
    "vertex_unary-failure-empty-content.json": "unknown",
    "vertex_unary-failure-prompt-blocked-safety.json": "blocked",
    "vertex_unary-failure-quota-exceeded.json": "quota",
    "vertex_unary-failure-unknown-enum-finish-reason.json": "unknown",
    "vertex_unary-failure-unsupported-user-location.json": "unavailable",
    "vertex_unary-success-constraint-decoding-json.json": None,
}


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded replies lie beside the repository")
def test_every_recorded_reply_has_its_fault() -> None:
    """Prose where JSON was asked for is malformed, whoever wrote it."""
    there = {path.name for path in RECORDED.iterdir() if ".request." not in path.name}
    assert there == set(RIGHT)
    found: dict[str, str | None] = {}
    for name in sorted(RIGHT):
        body = (RECORDED / name).read_bytes()
        code = 200
        if b'"error"' in body and name.endswith(".json"):
            code = json.loads(body)["error"]["code"]
        with gemini_server(Answer(body, code)) as server:
            try:
                model(server).ask(ModelRequest("Say.", "{}", SCHEMA, deadline_s=3.0))
                found[name] = None
            except ModelFault as fault:
                found[name] = fault.kind
                assert not {"key1234", "project_number", "12345678"} & set(str(fault).split())
    assert found == RIGHT
