"""Each role is asked with its own facts, and a note of a model that invents is kept as withheld."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.notes.archive import keep_note
from analytics.notes.fact_pack import fact_pack
from analytics.notes.gate import compose_note
from analytics.notes.roles import ask_roles, note_of_roles
from analytics.notes.sections import role_payloads
from analytics.notes.template import template_note
from data.state import analyst_notes, checks, hypotheses, note_requests
from data.state.checks import CheckVerdict
from data.state.db import State
from data.state.values import Edit
from tests.demo_fixture import DemoLake

ENTITY = "Fictor Motors"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "state.db")
    yield found
    found.close()


def test_each_role_sees_its_own_facts(demo_lake: DemoLake) -> None:
    pack = fact_pack(demo_lake.at(), ENTITY)
    asked = role_payloads(pack)
    assert "summary" not in asked and "recommendation" not in asked
    labels = {name: {f["label"] for f in p["facts"]["known"]} for name, p in asked.items()}
    assert "RSI (14)" in labels["technicals"] and "RSI (14)" not in labels["macro"]
    assert "Unemployment rate" in labels["macro"] and "Revenue" not in labels["macro"]
    assert labels["technicals"] | labels["macro"] <= labels["bull case"]
    assert all(len(json.dumps(payload)) < 60_000 for payload in asked.values())


def test_an_invented_figure_withholds_the_note_of_a_model(
    demo_lake: DemoLake, state: State
) -> None:
    at = demo_lake.at()
    pack, edit = fact_pack(at, ENTITY), Edit("ann", at.as_of + timedelta(minutes=5))
    own = template_note(pack)
    for invented in ("", " Support lies at 142 USD."):
        request = ask_roles(state, pack, edit=edit)
        asked = request.questions
        assert note_of_roles(state, at, pack, asked) is None
        while (check := checks.claim_next(state, "worker", now=edit.at)) is not None:
            section = next(name for name, number in asked.items() if number == check.id)
            text = own[section] + (invented if section == "technicals" else "")
            said = CheckVerdict("unchecked", model="model-1", tokens=10, reply={"text": text})
            checks.answer(state, check, said, now=edit.at)
        found = note_of_roles(state, at, pack, asked)
        assert found is not None
        note, cost = found
        assert (cost.model, cost.tokens, cost.dollars) == ("model-1", 10 * len(asked), None)
        kept = keep_note(state, at, pack, note, edit=edit, cost=cost)
        note_requests.end(state, request, now=edit.at, note_id=kept.id)
        if invented:
            assert kept.note.status == "withheld" and kept.note.hypothesis_id is None
            assert "142 USD" in {problem.quote for problem in kept.note.problems}
        else:
            assert kept.note.status == "model" and kept.note.hypothesis_id is not None
            claim = hypotheses.read(state, kept.note.hypothesis_id, as_of=edit.at)
            assert claim is not None and claim.claim.resolution["symbol"] == "demo:FIRP.2"
            assert claim.forecasts[0].probability in (0.5, 0.55, 0.6)


def test_a_past_clock_registers_nothing(demo_lake: DemoLake, state: State) -> None:
    at = demo_lake.at()
    pack = fact_pack(at, ENTITY)
    note = compose_note(at, pack, template_note(pack))
    kept = keep_note(state, at, pack, note, edit=Edit("ann", at.as_of + timedelta(days=30)))
    assert kept.knows_future and kept.label and kept.note.hypothesis_id is None
    assert analyst_notes.archived(state, as_of=at.as_of + timedelta(days=31)) == (kept,)
