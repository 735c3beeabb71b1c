"""Scenarios as they were saved: versions that stay, one clock, and writers at the same time."""

from __future__ import annotations

import math
import signal
import sqlite3
import time
from dataclasses import replace

import pytest

from data.errors import ConfigError
from data.state import scenarios
from data.state.scenarios import ScenarioTerms

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.state import scenarios
from data.state.db import State
from data.state.values import Edit

path, who = Path(sys.argv[1]), sys.argv[2]
state, at = State.open(path), datetime(2024, 1, 2, tzinfo=UTC)
for number in range(20):
    edit = Edit(who, at)
    terms = scenarios.ScenarioTerms({who: number}, at, "0a")
    scenarios.create(state, "shock", f"{who} {number}", terms, edit=edit)
    scenarios.save(state, 1, terms, edit=edit)
"""

# Saves scenarios and versions one after another, and says each that it was told is saved.
STRUCK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.state import scenarios
from data.state.db import State
from data.state.values import Edit

state, at = State.open(Path(sys.argv[1])), datetime(2024, 1, 2, tzinfo=UTC)
first = int(sys.argv[2])
for number in range(first, first + 100_000):
    edits = {"new_debt": number, "words": "x" * 3000}
    terms = scenarios.ScenarioTerms({"company": "x:co", "edits": edits}, at, "0a 1b 2c")
    made = scenarios.create(state, "filing", f"Title {number}", terms, edit=Edit("ann", at))
    print("saved", made.id, made.version, number, flush=True)
    again = scenarios.ScenarioTerms({**terms.parameters, "again": 1}, at, "0b 1b 2c")
    made = scenarios.save(state, made.id, again, edit=Edit("ann", at))
    print("saved", made.id, made.version, number, flush=True)
"""


@pytest.fixture
def terms(at) -> ScenarioTerms:
    return ScenarioTerms({"exporters": ["RUS"], "cut": 0.5, "year": 2021}, at(-24), "0a 1b 2c")


def test_every_version_is_shown_at_its_clock(state, edit, at, terms) -> None:
    first = scenarios.create(state, "shock", "Gas", terms, edit=edit(0))
    wider = replace(terms, parameters={**terms.parameters, "cut": 1.0})
    second = scenarios.save(state, first.id, wider, edit=edit(1, "all of it", "bob"))
    third = scenarios.save(state, first.id, wider, edit=edit(2), title="All gas")
    scenarios.delete(state, first.id, edit=edit(3))
    seen = [scenarios.read(state, first.id, as_of=at(hour)) for hour in (-1, 0, 1, 2, 3)]
    assert seen == [None, first, second, third, None]
    assert (second.owner, second.author, second.version, second.note) == (
        "ann",
        "bob",
        2,
        "all of it",
    )
    assert scenarios.listed(state, "shock", as_of=at(0.5)) == (first,)
    assert scenarios.listed(state, "shock", as_of=at(3)) == ()
    assert [one.version for one in scenarios.history(state, first.id, as_of=at(9))] == [4, 3, 2, 1]
    assert scenarios.history(state, first.id, as_of=at(9))[0].is_deleted
    with pytest.raises(ConfigError, match="no scenario 1"):
        scenarios.save(state, first.id, terms, edit=edit(4))


def test_a_version_of_its_own_is_read_at_clocks_that_know_it(state, edit, at, terms) -> None:
    made = scenarios.create(state, "shock", "Gas", terms, edit=edit(0))
    later = scenarios.save(state, made.id, replace(terms, result_hash="ff"), edit=edit(2))
    assert scenarios.read(state, made.id, as_of=at(5), version=1) == made
    assert scenarios.read(state, made.id, as_of=at(1), version=2) is None
    assert scenarios.read(state, made.id, as_of=at(2), version=2) == later
    assert scenarios.read(state, made.id, as_of=at(5), version=9) is None
    assert scenarios.read(state, 2**70, as_of=at(5)) is None
    scenarios.delete(state, made.id, edit=edit(3))
    assert scenarios.read(state, made.id, as_of=at(5), version=1) is None
    assert scenarios.read(state, made.id, as_of=at(2.5), version=1) == made


def test_the_same_terms_add_no_version(state, edit, at, terms) -> None:
    made = scenarios.create(state, "shock", "Gas", terms, edit=edit(0))
    same = replace(terms, parameters=dict(reversed(terms.parameters.items())))
    assert scenarios.save(state, made.id, same, edit=edit(1)) == made
    row = state.row("SELECT parameters FROM scenario")
    assert row is not None
    assert row["parameters"] == '{"cut":0.5,"exporters":["RUS"],"year":2021}'


def test_a_clock_that_went_back_keeps_the_order(state, edit, at, terms) -> None:
    made = scenarios.create(state, "shock", "Gas", terms, edit=edit(5))
    again = scenarios.save(state, made.id, terms, edit=edit(1), title="Gas again")
    assert again.created_at == at(5)
    assert scenarios.read(state, made.id, as_of=at(2)) is None


def test_kinds_and_owners_are_apart(state, edit, at, terms) -> None:
    scenarios.create(state, "shock", "A", terms, edit=edit(0))
    mine = scenarios.create(state, "shock", "B", terms, edit=edit(1, "", "bob"))
    other = scenarios.create(state, "linkage", "C", terms, edit=edit(2, "", "bob"))
    assert [one.title for one in scenarios.listed(state, "shock", as_of=at(9))] == ["B", "A"]
    assert scenarios.listed(state, "shock", as_of=at(9), owner="bob") == (mine,)
    assert scenarios.listed(state, "linkage", as_of=at(9)) == (other,)


def test_what_is_refused_leaves_nothing(state, edit, at, terms) -> None:
    def create(kind: str = "shock", title: str = "x", given: ScenarioTerms = terms) -> object:
        return scenarios.create(state, kind, title, given, edit=edit(0))

    for act, said in (
        (lambda: create(kind="Sh ock"), "expected a word"),
        (lambda: create(title=" "), "is empty"),
        (lambda: create(title="x" * 201), "201 characters"),
        (lambda: create(given=replace(terms, parameters={"cut": math.nan})), "cannot be kept"),
        (lambda: create(given=replace(terms, result_hash="no")), "expected hex"),
        (lambda: create(given=replace(terms, as_of=at(1))), "at a clock in the future"),
        (lambda: scenarios.delete(state, 7, edit=edit(0)), "no scenario 7"),
    ):
        with pytest.raises(ConfigError, match=said):
            act()
    assert state.rows("SELECT * FROM scenario") == []


def test_no_row_is_ever_changed(state, edit, terms) -> None:
    scenarios.create(state, "shock", "Gas", terms, edit=edit(0))
    for statement in ("UPDATE scenario SET title = 'x'", "DELETE FROM scenario"):
        with sqlite3.connect(state.path) as held, pytest.raises(sqlite3.IntegrityError):
            held.execute(statement)


def test_two_writers_lose_no_version(state, at, terms, edit, spawn) -> None:
    scenarios.create(state, "shock", "shared", terms, edit=edit(0))
    children = [spawn(WRITER, state.path, who) for who in ("ann", "bob")]
    assert [child.communicate()[1] for child in children] == ["", ""]
    versions = scenarios.history(state, 1, as_of=at(99))
    assert [one.version for one in versions] == list(range(41, 0, -1))
    saved = [*(one.terms.parameters for one in versions)][:-1]
    assert sorted((w, n) for given in saved for w, n in given.items()) == [
        (who, number) for who in ("ann", "bob") for number in range(20)
    ]
    assert len(scenarios.listed(state, "shock", as_of=at(99))) == 41


def test_a_kill_while_saving_loses_nothing_and_half_saves_nothing(state, at, spawn, rng) -> None:
    """Struck at random instants, a hundred scenarios of several kilobytes into it or none."""
    told: dict[tuple[int, int], int] = {}
    for strike in range(8):
        child = spawn(STRUCK, state.path, 1000 * strike)
        lines = [child.stdout.readline() for _ in range(rng.randint(1, 60))]
        time.sleep(rng.uniform(0, 0.01))
        child.kill()
        lines += child.communicate()[0].splitlines(keepends=True)
        for line in lines:
            if line.startswith("saved") and line.endswith("\n"):
                number, version, content = map(int, line.split()[1:])
                told[number, version] = content
        assert child.returncode == -signal.SIGKILL
        rows = state.rows("SELECT scenario_id, version FROM scenario ORDER BY 1, 2")
        found = {(row["scenario_id"], row["version"]) for row in rows}
        assert told.keys() <= found
        assert len(found) - len(told) <= strike + 1  # what was saved as the strike fell
        for number, version in found:
            one = scenarios.read(state, number, as_of=at(99), version=version)
            assert one is not None
            edits = one.terms.parameters["edits"]
            assert isinstance(edits, dict)
            content = edits["new_debt"]
            assert one.title == f"Title {content}"
            assert told.get((number, version), content) == content
            assert ("again" in one.terms.parameters) == (version == 2)
    assert [*map(tuple, state.rows("PRAGMA integrity_check"))] == [("ok",)]
    assert len(told) >= 8


@pytest.mark.parametrize("text", ["{", "[1]", "null", '"x"', "[" * 100_000])
def test_a_row_that_cannot_be_read_hides_no_other(state, edit, at, terms, text) -> None:
    sound = scenarios.create(state, "shock", "Sound", terms, edit=edit(0))
    odd = scenarios.create(state, "shock", "Odd", terms, edit=edit(0))
    with state.transaction() as connection:
        connection.execute("DROP TRIGGER scenario_update")
        connection.execute(
            "UPDATE scenario SET parameters = ? WHERE scenario_id = ?", (text, odd.id)
        )
    found = scenarios.listed(state, "shock", as_of=at(1))
    assert [one.title for one in found] == ["Odd", "Sound"]
    assert (found[0].terms.parameters, found[1]) == ({}, sound)
    assert scenarios.read(state, odd.id, as_of=at(1)) == found[0]
