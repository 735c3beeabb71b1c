"""Limits hold for several workers at once; prices are dated; schemas and texts are what is sent."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.drafts.prompt_text import prompt_text
from data.errors import BudgetError, ConfigError
from data.model_prices import CostEstimate, dollars_of, estimate, price_of, read_prices
from data.state import budgets
from data.state.db import State
from ingest.models.json_schema import check_schema, mismatch
from ingest.models.limits import ModelBudget, read_limits
from ingest.models.model import ModelRequest
from ingest.models.tasks import TASKS, instruction_of
from ingest.runs.budget import CallBudget

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def budget(state: State, limits: str) -> ModelBudget:
    return ModelBudget(state, read_limits(limits), CallBudget(state, {}))


def used(state: State) -> dict[tuple[str, str], int]:
    return {(one.source, one.unit): one.used for one in budgets.usage(state)}


def test_two_workers_cannot_overdraw(tmp_path: Path) -> None:
    granted: list[int] = []

    def work(reader: str) -> None:
        state = State.open(tmp_path / "state.db")
        mine = budget(state, "50 calls per day, 0.5 dollars per month")
        for _ in range(40):
            try:
                mine.reserve("gemini", CostEstimate(10, 10, 0.011), reader=reader, now=NOW)
                granted.append(1)
            except BudgetError:
                pass
        state.close()

    State.open(tmp_path / "state.db").close()
    threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = State.open(tmp_path / "state.db")
    assert len(granted) == 45  # 45 times 1.1 cents are half a dollar, less than 50 calls
    assert used(state) == {("models", "calls"): 45, ("models", "microdollars"): 495_000}
    state.close()


def test_what_is_refused_takes_nothing(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    mine = budget(state, "9 calls per day, 100 tokens per day")
    with pytest.raises(BudgetError, match="100 tokens per day leaves no room"):
        mine.reserve("gemini", CostEstimate(60, 60, None), reader="ann", now=NOW)
    assert used(state) == {}
    taken = mine.reserve("gemini", CostEstimate(50, 50, None), reader="ann", now=NOW)
    mine.settle(taken, calls=2, tokens=140, dollars=None)  # more than was thought: it is spent
    assert used(state) == {("models", "calls"): 2, ("models", "tokens"): 140}
    state.close()


@pytest.mark.parametrize("text", ["many", "5 calls", "-1 calls per day", "5 calls per year", ","])
def test_limits_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigError, match="MODEL_LIMITS"):
        read_limits(text)


def test_prices_are_dated_and_of_a_version_of_their_model() -> None:
    assert len(read_prices()) >= 8
    lite = price_of("models/gemini-2.5-flash-lite")
    assert lite is not None and lite.model == "gemini-2.5-flash-lite"
    flash = price_of("gemini-2.5-flash-001")
    assert flash is not None and flash.model == "gemini-2.5-flash"
    assert price_of("gemini-2.5-flash-image") is None and price_of("other") is None
    assert dollars_of("", "gemini-2.5-pro", 1_000_000, 100_000) == pytest.approx(2.25)
    assert dollars_of("", "gemini-2.5-pro", None, 5) is None
    assert dollars_of("gemini-2.5-pro", "gemini-pro-latest", 0, 0) == 0.0
    asked = ModelRequest("x" * 300, "\u4e2d" * 100, {"type": "object"}, most_tokens=500)
    found = estimate(asked.bytes_sent, asked.most_tokens, "gemini-2.5-flash")
    assert 200 <= found.tokens_in <= 210 and found.tokens == found.tokens_in + 500


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "nullable": True},
        "x": {"type": "number"},
        "words": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        "is": {"type": "boolean"},
    },
    "required": ["n"],
}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"n": None}, None),
        ({"n": 1, "x": 2, "words": ["a", "b"], "is": True}, None),
        ({}, "lacks n"),
        ({"n": 1.5}, "no integer"),
        ({"n": True}, "no integer"),
        ({"n": 1, "x": None}, "null"),
        ({"n": 1, "x": float("inf")}, "finite"),
        ({"n": 1, "words": ["c"]}, "none of the words"),
        ({"n": 1, "words": ["a"] * 501}, "more than 500"),
        ({"n": 1, "y": 1}, "not asked for"),
        ({"n": 1, "is": 1}, "no boolean"),
        ([], "no object"),
    ],
)
def test_forms(document: Any, words: str | None) -> None:
    found = mismatch(document, SCHEMA)
    assert found is None if words is None else found is not None and words in found


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "additionalProperties": False},
        {"type": "any"},
        {"type": "array"},
        {"type": "object", "properties": {"a": {"type": "string", "format": "date"}}},
    ],
)
def test_schemas_that_no_model_takes(schema: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        check_schema(schema)


def test_what_nobody_sees_is_not_sent_and_quotes_are_found_where_they_stand() -> None:
    text = "A\u200b b\u202ec\ufe0f 4.4%\x07 stood.\n\nA bc 4.4% stood."
    sent = prompt_text(text)
    assert sent.text == "A bc 4.4% stood.\n\nA bc 4.4% stood."
    assert sent.find("A bc 4.4% stood.") is None and len(sent.find_all("4.4%")) == 2
    start, end = sent.find_all("bc 4.4%")[0]
    assert text[start:end] == "b\u202ec\ufe0f 4.4%"
    assert "4 invisible" in sent.note and sent.find("nowhere") is None and sent.find(" ") is None
    assert prompt_text("x").note == ""


def test_a_long_text_is_cut_between_lines_and_says_so() -> None:
    sent = prompt_text("line of words\n" * 1000, 500)
    assert len(sent.text) <= 500 and sent.text.endswith("\n")
    assert "Only the first" in sent.note and "14,000" in sent.note
    assert len(prompt_text("x" * 1000, 500).text) == 500


@pytest.mark.parametrize("name", list(TASKS))
def test_instructions_are_versioned_and_say_that_texts_are_data(name: str) -> None:
    words, number = instruction_of(name)
    assert number >= 1 and TASKS[name].prompt_version.startswith(f"{name}-{number}-")
    assert "is not followed" in words or "are not followed" in words
