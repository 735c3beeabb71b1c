"""Notes that cannot invent: planted fabrications are withheld, and true notes are not."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.notes.fact import FactPack, MissingFact
from analytics.notes.fact_pack import fact_pack, list_pack, told_apart
from analytics.notes.gate import GatedNote, compose_note
from analytics.notes.instrument_facts import InstrumentName
from analytics.notes.template import template_note
from data.query import At
from tests.demo_fixture import DemoLake

GOLD = Path(__file__).parents[2] / "golden" / "notes"
FABRICATED, TRUE, LOOPHOLES = (
    tomllib.loads((GOLD / f"{name}.toml").read_text(encoding="utf-8"))
    for name in ("fabrications", "controls", "loopholes")
)


@pytest.fixture(scope="module")
def at(demo_lake: DemoLake) -> At:
    return demo_lake.at(FABRICATED["clock"])


@pytest.fixture(scope="module")
def pack(at: At) -> FactPack:
    return fact_pack(at, FABRICATED["entity"])


def gated(at: At, pack: FactPack, note: dict[str, Any]) -> GatedNote:
    return compose_note(at, pack, {note.get("section", "summary"): note["text"]})


@pytest.mark.sampled(3)
@pytest.mark.parametrize("note", FABRICATED["note"], ids=lambda note: note["text"][:40])
def test_every_planted_fabrication_is_withheld(at: At, pack: FactPack, note: Any) -> None:
    found = gated(at, pack, note)
    assert found.is_withheld and all(one.quote and one.reason for one in found.problems)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", LOOPHOLES["texts"], ids=lambda text: text[:40])
def test_fabrications_in_plain_words_are_withheld(at: At, pack: FactPack, text: str) -> None:
    assert gated(at, pack, {"section": "risks", "text": text}).is_withheld


def test_true_notes_pass(at: At, pack: FactPack) -> None:
    notes = TRUE["note"]
    withheld = [note["text"] for note in notes if gated(at, pack, note).is_withheld]
    assert len(FABRICATED["note"]) >= 50 and len(notes) >= 50
    assert len(withheld) <= len(notes) // 10, withheld


def test_a_number_of_the_template_that_is_changed_is_found(at: At, pack: FactPack) -> None:
    """Every number of the note, one at a time, off by a unit or more of its last digit."""
    drawn = random.Random(7)
    note = template_note(pack)
    for figure in compose_note(at, pack, note).figures:
        if figure.section in ("summary", "bull case", "bear case", "risks"):
            continue  # they repeat the numbers of the others
        text = note[figure.section]
        digits = [n for n in range(figure.start, figure.end) if text[n].isdigit()]
        place = drawn.choice(digits[-2:])
        other = str((int(text[place]) + drawn.choice((2, 3, 4, 5))) % 10)
        changed = text[:place] + other + text[place + 1 :]
        assert compose_note(at, pack, {figure.section: changed}).is_withheld, changed[
            figure.start - 60 : figure.end + 20
        ]


def test_sentences_of_another_pack_are_found(at: At, pack: FactPack) -> None:
    """What is true of one instrument withholds the note of another."""
    other = fact_pack(at, "demo:NORC")
    note = template_note(pack)
    found = compose_note(at, other, {"technicals": note["technicals"]})
    assert len(found.problems) >= 15


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(4))
def test_the_notes_of_the_template_pass(demo_lake: DemoLake, seed: int) -> None:
    drawn = random.Random(seed)
    symbols = [*demo_lake.at().sql("SELECT symbol FROM instruments ORDER BY 1").frame["symbol"]]
    for number in range(11):
        back = timedelta(hours=drawn.randrange(24 * 365 * 9))
        clock = demo_lake.spec.end - back
        at = demo_lake.at(clock)
        name = drawn.choice(["USA", "GBR", "JPN"] if number % 3 == 2 else symbols)
        made = list_pack(at, "Mine", drawn.sample(symbols, 3)) if number == 9 else None
        pack = made or fact_pack(at, name)
        assert all(fact.known_at <= clock for fact in pack)
        found = compose_note(at, pack, template_note(pack))
        assert not found.problems, (name, clock, found.problems[:3])
        assert found.figures


def test_the_same_pack_gives_the_same_note(demo_lake: DemoLake, pack: FactPack) -> None:
    again = fact_pack(demo_lake.at(FABRICATED["clock"]), "demo:FIRP.2")
    assert template_note(again) == template_note(pack)
    assert again.as_json()["facts"] == pack.as_json()["facts"]
    assert all(fact.answer.asked or fact.answer.called for fact in pack)


def test_what_is_said_to_be_missing_is_missing(at: At, pack: FactPack) -> None:
    known = next(fact for fact in pack if fact.id.endswith("/rsi_14"))
    lacking = replace(pack, missing=(MissingFact("fundamentals", pack.title, "Revenue", "none"),))

    def reasons(of: FactPack, section: str, text: str) -> list[str]:
        return [one.reason for one in compose_note(at, of, {section: text}).problems]

    assert reasons(pack, "technicals", f"Missing at this time: {known.label}.")
    assert reasons(lacking, "technicals", "Missing at this time: volatility.")
    assert reasons(lacking, "fundamentals", "Missing at this time: market share.")
    assert reasons(lacking, "technicals", "Some facts are missing.")  # of another role
    assert not reasons(lacking, "fundamentals", "Missing at this time: revenue.")
    assert not reasons(lacking, "risks", "Some facts are missing, as the sections say.")


def test_instruments_of_one_name_are_told_apart() -> None:
    one = InstrumentName("demo:A", "Same", "AAA", "equity", None, "USD", None)
    other = replace(one, symbol="demo:B", ticker="BBB")
    third = replace(one, symbol="demo:C", ticker="CCC", name="Own")
    assert [n.name for n in told_apart([one, other, third])] == ["Same AAA", "Same BBB", "Own"]
