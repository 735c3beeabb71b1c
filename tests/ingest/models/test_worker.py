"""Questions of readers: answered by the model, by an earlier answer, or ended with a clear note."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.claims.check import check_draft
from analytics.claims.model_reading import Proposal, by_the_model, subjects_for
from data.drafts.formats import draft_of_text
from data.settings import Settings
from data.state import breakers, budgets, checks, model_calls, requests
from data.state.db import State
from data.state.values import Edit
from ingest.models.tasks import TASKS, instruction_of
from ingest.models.worker import NO_KEY, answer_questions
from tests.ingest.models.conftest import CLOCK, KEY, Office
from tests.ingest.models.gemini_server import (
    Question,
    bad_key,
    error,
    gemini_server,
    in_turn,
    parts,
    quota,
    said,
)

TEXT = "Joblessness across the Channel stood at 4.3% in May. US unemployment was 4.4% in May."
STYLE = {"findings": [{"quote": "across the Channel", "kind": "unclear", "reason": "Whose?"}]}
NONE = {"findings": []}


def verdicts(office: Office, text: str) -> list[str]:
    checked = check_draft(office.lake.at(CLOCK), draft_of_text(text, "text"))
    return [one.finding.verdict for one in checked]


def used(office: Office, unit: str = "calls", source: str = "models") -> dict[str, int]:
    found = budgets.usage(office.state, source)
    return {one.window: one.used for one in found if one.unit == unit}


def test_without_a_key_every_question_ends_at_once(tmp_path: Path) -> None:
    settings = Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})
    state = State.open(settings.state)
    edit = Edit("ann", datetime.now(UTC))
    first = checks.ask_soon(state, "judge_style", "a draft", edit=edit)
    checks.ask(state, "no_such_task", "another", edit=edit)
    assert requests.recent(state, as_of=edit.at)[0].job == "house.models"
    outcome = answer_questions(settings, state, datetime.now(UTC))
    assert outcome.message == "0 questions answered, 2 without an answer"
    ended = checks.read(state, first.id)
    assert ended is not None and (ended.status, ended.message) == ("failed", NO_KEY)
    assert model_calls.recent(state, as_of=datetime.now(UTC)) == ()
    assert answer_questions(settings, state, datetime.now(UTC)).status == "empty"
    state.close()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"MODEL": "off", "GEMINI_API_KEY": KEY}, "switched off"),
        ({"MODEL_LIMITS": "many", "GEMINI_API_KEY": KEY}, "MODEL_LIMITS"),
        ({"MODEL_URL": "http://example.org", "GEMINI_API_KEY": KEY}, "MODEL_URL"),
    ],
)
def test_what_switches_the_model_off(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    settings = Settings.from_env("desk", {"DATA_DIR": str(tmp_path), **environment})
    settings.data_dir.mkdir(exist_ok=True)
    settings.secrets.write_text(f"GEMINI_API_KEY={KEY}\n")
    settings.secrets.chmod(0o600)
    state = State.open(settings.state)
    asked = checks.ask(state, "judge_style", "a", edit=Edit("ann", datetime.now(UTC)))
    answer_questions(settings, state, datetime.now(UTC))
    ended = checks.read(state, asked.id)
    assert ended is not None and words in ended.message and KEY not in ended.message
    state.close()


def test_a_question_from_asking_to_its_answer(office: Office) -> None:
    with gemini_server(said(STYLE)) as server:
        found = office.answer(office.desk(server), "judge_style", text=TEXT)
    assert found.status == "answered" and found.verdict is not None
    assert found.verdict.quotes == ("across the Channel",)
    assert found.verdict.model == "gemini-2.5-flash" and found.verdict.tokens == 150
    (finding,) = found.verdict.reply["findings"]
    assert TEXT[finding["start"] : finding["end"]] == "across the Channel"
    call = model_calls.read(office.state, found.model_call_id)
    assert call is not None
    assert (call.reader, call.purpose, call.status, call.temperature) == (
        *("ann", "judge_style", "answered"),
        0.0,
    )
    assert call.cost.dollars == pytest.approx((120 * 0.30 + 30 * 2.50) / 1e6)
    assert call.key.prompt_version == TASKS["judge_style"].prompt_version
    asked = server.questions[0]
    assert asked.data == {"draft": TEXT}
    assert TEXT not in asked.instruction and set(asked.data) == {"draft"}


def test_the_ledger_holds_what_was_counted_not_what_was_reserved(office: Office) -> None:
    seen: list[dict[str, int]] = []

    def respond(_: Question) -> object:
        seen.append(used(office, "tokens"))
        return said(STYLE)

    with gemini_server(respond) as server:
        office.answer(office.desk(server), "judge_style", text=TEXT)
    assert min(seen[0].values()) > 8192  # reserved before the question went out
    assert set(used(office, "tokens").values()) == {150}
    assert set(used(office, "microdollars").values()) == {111}
    assert set(used(office).values()) == {1}


def test_the_same_question_is_answered_from_its_answer(office: Office) -> None:
    with gemini_server(said(STYLE)) as server:
        desk = office.desk(server)
        first = office.answer(desk, "judge_style", text=TEXT)
        again = office.answer(desk, "judge_style", reader="bob", text=TEXT)
        office.answer(desk, "judge_style", text=TEXT + " ")
        assert len(server.questions) == 2
    assert again.verdict is not None and first.verdict is not None
    assert again.verdict.reply == first.verdict.reply
    call = model_calls.read(office.state, again.model_call_id)
    assert call is not None and (call.status, call.cached_from, call.reader) == (
        *("cached", first.model_call_id),
        "bob",
    )
    assert call.cost.dollars == 0.0


def test_a_key_that_expires_in_mid_run(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = verdicts(office, TEXT)
    numbers = [office.ask("judge_style", text=f"{TEXT} {place}.") for place in range(4)]
    with gemini_server(in_turn(said(NONE), bad_key(KEY))) as server:
        assert office.work(office.desk(server)) == "1 questions answered, 3 without an answer"
        assert len(server.questions) == 2
    ends = [office.read(number) for number in numbers]
    assert [one.status for one in ends] == ["answered", "failed", "failed", "failed"]
    assert all("refuses the key" in one.message for one in ends[1:])
    assert KEY.encode() not in office.written() and KEY not in caplog.text
    assert verdicts(office, TEXT) == before


def test_a_quota_holds_the_model_back(office: Office) -> None:
    with gemini_server(quota("37s")) as server:
        desk = office.desk(server)
        first = office.answer(desk, "judge_style", text=TEXT)
        second = office.answer(desk, "judge_style", text=TEXT)
        assert len(server.questions) == 1
    assert "asked again in 37 s" in first.message and "left alone until" in second.message
    (held,) = breakers.everyone(office.state)
    assert held.until is not None
    assert 30 < (held.until - datetime.now(UTC)).total_seconds() < 37
    assert set(used(office, "tokens").values()) == {0}  # nothing was answered


def test_five_failures_in_a_row_open_the_breaker(office: Office) -> None:
    with gemini_server(error(404, "NOT_FOUND")) as server:
        desk = office.desk(server)
        for place in range(7):
            office.ask("judge_style", text=f"{TEXT} {place}")
        office.work(desk)
        assert len(server.questions) == 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (parts([{"text": "[]"}]), "it is no object"),
        (said({"findings": [{"quote": "x"}]}), "lacks kind"),
        (said({"findings": [], "verdict": "supported"}), "was not asked for"),
        (said({"findings": [{"quote": "x", "kind": "fine", "reason": ""}]}), "none of the words"),
        (said({"findings": []}, "SAFETY"), "blocked"),
    ],
)
def test_an_answer_of_another_form_is_not_used(office: Office, answer: object, words: str) -> None:
    with gemini_server(answer) as server:
        found = office.answer(office.desk(server), "judge_style", text=TEXT)
    assert found.status == "failed" and words in found.message
    call = model_calls.read(office.state, found.model_call_id)
    assert call is not None and call.status == "failed" and call.reply is None
    assert call.cost.tokens_in == 120  # it was counted, so it is known and booked


def test_an_answer_that_repeats_the_instructions_is_not_kept(office: Office) -> None:
    secret = instruction_of("judge_style")[0]
    finding = {"quote": TEXT[:10], "kind": "unclear", "reason": secret[300:800].upper()}
    with gemini_server(said({"findings": [finding]})) as server:
        found = office.answer(office.desk(server), "judge_style", text=TEXT)
    assert "repeats the instructions" in found.message
    assert secret[300:400].upper().encode() not in office.written()


@pytest.mark.parametrize(
    ("limits", "asked", "sent", "words"),
    [
        ("2 calls per day", ["ann"] * 3, 2, "The house's limit of 2 calls per day"),
        ("1 calls per reader per day", ["ann", "bob", "ann"], 2, "Your limit of 1 calls"),
        ("100 tokens per month", ["ann"], 0, "100 tokens per month"),
        ("0.02 dollars per day", ["ann"], 0, "0.02 dollars per day"),
        ("0.03 dollars per day, 9 calls per month", ["ann"] * 2, 2, ""),
    ],
)
def test_limits(office: Office, limits: str, asked: list[str], sent: int, words: str) -> None:
    with gemini_server(said(NONE)) as server:
        for place, reader in enumerate(asked):
            office.ask("judge_style", reader, text=f"{TEXT} {place}")
        office.work(office.desk(server, limits))
        assert len(server.questions) == sent
    said_last = [one.message for one in checks.recent(office.state, as_of=datetime.now(UTC))]
    assert sum(bool(one) for one in said_last) == len(asked) - sent
    assert words in " ".join(said_last)


def test_a_model_without_a_price_has_no_dollars(office: Office) -> None:
    unpriced = said(NONE)
    body = unpriced.body.replace(b'"modelVersion": "gemini-2.5-flash"', b'"modelVersion": "new-1"')
    with gemini_server(type(unpriced)(body)) as server:
        desk = office.desk(server, "1 dollars per day, 9 calls per day", model="new-model")
        found = office.answer(desk, "judge_style", text=TEXT)
    call = model_calls.read(office.state, found.model_call_id)
    assert call is not None and call.cost.dollars is None and call.cost.tokens_in == 120
    assert used(office, "microdollars") == {}


def test_what_was_lost_stays_reserved(office: Office) -> None:
    """Of an answer that cannot be read nobody knows what it cost."""
    with gemini_server(parts(None, "STOP", usageMetadata={})) as server:
        found = office.answer(office.desk(server), "judge_style", text=TEXT)
    call = model_calls.read(office.state, found.model_call_id)
    assert call is not None and call.cost.tokens_out is None and call.cost.dollars is None
    assert min(used(office, "tokens").values()) == call.tokens_reserved


def test_a_question_that_came_too_late_is_not_sent(office: Office) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    with gemini_server(said(NONE)) as server:
        found = office.answer(office.desk(server), "judge_style", text=TEXT, expires_at=past)
        assert not server.questions
    assert "not answered in time" in found.message


@pytest.mark.parametrize(
    ("task", "payload", "words"),
    [
        ("judge_style", {"text": "  "}, "no text"),
        ("judge_style", {"text": 7}, "no text"),
        ("find_claims", {"text": TEXT}, "no subjects"),
        ("find_claims", {"text": TEXT, "subjects": [{"id": "x"}], "as_of": "soon"}, "no clock"),
        ("pick_subjects", {"text": TEXT, "statements": "all"}, "no list"),
        ("rewrite", {"text": TEXT, "start": 5, "end": 5_000}, "does not lie"),
        ("rewrite", {"text": TEXT, "start": 0, "end": 9, "aim": "sell"}, "the aim"),
        ("rewrite", {"text": "word " * 3000, "start": 0, "end": 15_000}, "too long"),
        ("write_role", {"role": "prophet", "facts": {"a": 1}}, "the role"),
        ("write_role", {"role": "bull", "facts": {}}, "expected facts"),
        ("write_role", {"role": "bull", "facts": ["a"], "schema": {"$ref": "x"}}, "$ref"),
        ("no_such_task", {}, "no task"),
    ],
)
def test_questions_that_cannot_be_asked(
    office: Office, task: str, payload: dict[str, object], words: str
) -> None:
    with gemini_server(said(NONE)) as server:
        found = office.answer(office.desk(server), task, **payload)
        assert not server.questions
    assert found.status == "failed"
    assert words in found.message


UNREAD = "Of every hundred Britons who want work, 5.1% found none in May."
JOBLESS = {
    "quote": "Britons who want work, 5.1% found none in May",
    "subject": "demo:UNEMP:GBR",
    "measure": "level",
    "value": 5.1,
    "unit": "%",
    "period": "2024-05",
    "direction": None,
}
POINTS = ("start", "end", "subject", "measure", "value", "period", "direction")


def proposals(found: checks.Check) -> list[Proposal]:
    assert found.verdict is not None and found.verdict.reply is not None, found.message
    rows = found.verdict.reply["claims"]
    return [Proposal(**{name: row[name] for name in POINTS}) for row in rows]  # type: ignore[attr-defined]  # JSON has no types


def test_claims_are_found_by_the_model_and_judged_by_the_lake(office: Office) -> None:
    assert verdicts(office, UNREAD) == []
    claims = [JOBLESS, {**JOBLESS, "quote": "nowhere in it"}]
    subjects = [{"id": "demo:UNEMP:GBR", "title": "Unemployment, United Kingdom"}]
    with gemini_server(said({"claims": claims})) as server:
        found = office.answer(office.desk(server), "find_claims", text=UNREAD, subjects=subjects)
        assert server.questions[0].data["date"] == "2024-06-20"
        assert server.questions[0].data["draft"] == UNREAD
    at = office.lake.at(CLOCK)
    reading = by_the_model(at, draft_of_text(UNREAD, "text"), proposals(found))
    (checked,) = reading.checked
    assert found.verdict is not None and len(found.verdict.reasons) == 1
    assert (checked.quote, checked.finding.verdict_class) == ("5.1%", "supported")
    other = draft_of_text(UNREAD.replace("5.1%", "4.7%"), "text")
    wrong = [replace(proposals(found)[0], value=4.7)]
    (checked,) = by_the_model(at, other, wrong).checked
    assert (checked.finding.verdict, checked.finding.value) == ("wrong value", 5.1)


def test_a_question_can_be_made_from_a_draft(office: Office) -> None:
    """The closed list holds what the draft names, the indicators that it names first."""
    at = office.lake.at(CLOCK)
    found = subjects_for(at, draft_of_text(TEXT + " Britain's inflation eased.", "text"))
    assert found and len(found) <= 150
    assert {"demo:UNEMP:USA", "demo:UNEMP:GBR"} <= {one.id for one in found[:8]}


def test_a_role_is_returned_as_it_was_written(office: Office) -> None:
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "cited": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["text", "cited"],
    }
    facts = {"rsi": {"value": "61.2", "of": "2024-06-19"}}
    reply = {"text": "RSI is 61.2.\u200b", "cited": ["rsi"]}
    with gemini_server(said(reply)) as server:
        payload = {"role": "technicals", "facts": facts, "schema": schema}
        found = office.answer(office.desk(server), "write_role", **payload)
        assert server.questions[0].data == {"role": "technicals", "facts": facts}
    assert found.verdict is not None and found.verdict.verdict == "unchecked"
    assert found.verdict.reply == {"text": "RSI is 61.2.", "cited": ["rsi"]}
