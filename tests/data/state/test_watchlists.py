"""Lists as they were: versions, names, undo, and what is refused."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import ConfigError
from data.state import watchlists
from data.state.db import State
from data.state.values import Edit
from data.state.watchlists import Member

ONE = [Member("AAA", 0.6, 10.0, ("core", "eu"), "first\nline"), Member("BBB", -0.4)]
TWO = [Member("CCC")]


def test_a_list_is_shown_as_it_was(state, edit, at) -> None:
    first = watchlists.create(state, "Core", ONE, edit=edit(0))
    second = watchlists.save(state, first.id, TWO, edit=edit(2, "rotated", "bob"))
    assert (first.version, second.version) == (1, 2)
    assert watchlists.read(state, first.id, as_of=at(-0.001)) is None
    assert watchlists.read(state, first.id, as_of=at(0)) == first
    assert watchlists.read(state, first.id, as_of=at(1.999)) == first
    assert watchlists.read(state, first.id, as_of=at(2)) == second
    assert first.members == tuple(ONE) and first.symbols == ("AAA", "BBB")
    assert (second.owner, second.author, second.note) == ("ann", "bob", "rotated")
    assert watchlists.listed(state, as_of=at(-1)) == ()
    assert watchlists.listed(state, as_of=at(1)) == (first,)
    assert watchlists.history(state, first.id, as_of=at(1)) == (first,)
    assert watchlists.history(state, first.id, as_of=at(5)) == (second, first)


def test_the_same_members_again_add_no_version(state, edit) -> None:
    first = watchlists.create(state, "Core", ONE, edit=edit(0))
    assert watchlists.save(state, first.id, ONE, edit=edit(1)) == first


def test_a_name_belongs_to_one_list_at_a_time(state, edit, at) -> None:
    core = watchlists.create(state, "Core", ONE, edit=edit(0))
    with pytest.raises(ConfigError, match="'CORE' exists already"):
        watchlists.create(state, "CORE", TWO, edit=edit(1))
    watchlists.rename(state, core.id, "Old core", edit=edit(2))
    new = watchlists.create(state, "core", TWO, edit=edit(3))
    with pytest.raises(ConfigError, match="exists already"):
        watchlists.rename(state, core.id, "core", edit=edit(4))
    found = [watchlists.find(state, "Core", as_of=at(hour)) for hour in (1, 2.5, 3)]
    assert [None if it is None else it.id for it in found] == [core.id, None, new.id]
    assert [it.name for it in watchlists.listed(state, as_of=at(3))] == ["core", "Old core"]
    assert watchlists.rename(state, new.id, "core", edit=edit(5)) == new


def test_deleted_lists_stay_in_the_past_and_can_come_back(state, edit, at) -> None:
    core = watchlists.create(state, "Core", ONE, edit=edit(0))
    watchlists.delete(state, core.id, edit=edit(1))
    assert watchlists.read(state, core.id, as_of=at(1)) is None
    assert watchlists.find(state, "core", as_of=at(1)) is None
    assert watchlists.read(state, core.id, as_of=at(0.5)) == core
    with pytest.raises(ConfigError, match="there is no watchlist"):
        watchlists.save(state, core.id, TWO, edit=edit(2))
    back = watchlists.undo(state, core.id, edit=edit(3))
    assert back.members == core.members and back.restored_from == 1
    other = watchlists.delete(state, core.id, edit=edit(4))
    assert other is None
    watchlists.create(state, "core", TWO, edit=edit(5))
    with pytest.raises(ConfigError, match="exists already"):
        watchlists.undo(state, core.id, edit=edit(6))


def test_undo_goes_back_step_by_step(state, edit) -> None:
    made = watchlists.create(state, "Core", [Member("A")], edit=edit(0))
    for hour, symbol in enumerate("BC", start=1):
        watchlists.save(state, made.id, [Member(symbol)], edit=edit(hour))
    steps = [watchlists.undo(state, made.id, edit=edit(hour)).symbols for hour in (3, 4)]
    assert steps == [("B",), ("A",)]
    with pytest.raises(ConfigError, match="no earlier version"):
        watchlists.undo(state, made.id, edit=edit(5))
    forth = watchlists.restore(state, made.id, 3, edit=edit(6))
    assert (forth.version, forth.symbols) == (6, ("C",))
    with pytest.raises(ConfigError, match="no version 99"):
        watchlists.restore(state, made.id, 99, edit=edit(7))


def test_undo_steps_over_a_deletion(state, edit) -> None:
    made = watchlists.create(state, "Core", [Member("A")], edit=edit(0))
    watchlists.delete(state, made.id, edit=edit(1))
    with pytest.raises(ConfigError, match="no version 2 to restore"):
        watchlists.restore(state, made.id, 2, edit=edit(2))
    watchlists.restore(state, made.id, 1, edit=edit(2))
    watchlists.save(state, made.id, [Member("B")], edit=edit(3))
    back = [watchlists.undo(state, made.id, edit=edit(hour)) for hour in (4, 5)]
    assert [step.restored_from for step in back] == [3, 1]


def test_a_clock_that_goes_back_does_not_reorder_versions(state, edit, at) -> None:
    made = watchlists.create(state, "Core", ONE, edit=edit(5))
    late = watchlists.save(state, made.id, TWO, edit=edit(1))
    assert late.created_at == at(5)
    assert watchlists.read(state, made.id, as_of=at(3)) is None
    assert watchlists.read(state, made.id, as_of=at(5)) == late


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([Member("A"), Member("A")], "stands twice"),
        ([Member("A", weight=float("nan"))], "the weight of A is nan"),
        ([Member("A", quantity=float("inf"))], "the quantity of A is inf"),
        ([Member("")], "a symbol is empty"),
        ([Member("../A")], "step of a path"),
        ([Member("A", tags=("",))], "a tag of A is empty"),
        ([Member("A", note="x" * 20_000)], "the note of A has 20000"),
        ([Member(f"S{n}") for n in range(100_001)], "at most 100000"),
    ],
)
def test_members_that_are_refused(state, edit, at, members, said) -> None:
    with pytest.raises(ConfigError, match=said):
        watchlists.create(state, "Core", members, edit=edit(0))
    assert watchlists.listed(state, as_of=at(9)) == ()


def test_names_never_become_paths(state, edit, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match="step of a path"):
        watchlists.create(state, "../../escape", ONE, edit=edit(0))
    with pytest.raises(ConfigError, match="5000 characters"):
        watchlists.create(state, "x" * 5000, ONE, edit=edit(0))
    watchlists.create(state, "'; DROP TABLE watchlist; --", ONE, edit=edit(0))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("act", [watchlists.delete, watchlists.undo])
def test_unknown_lists(state, edit, at, act) -> None:
    with pytest.raises(ConfigError, match="there is no watchlist 7"):
        act(state, 7, edit=edit(0))
    assert watchlists.read(state, 7, as_of=at(0)) is None
    assert watchlists.find(state, "nobody", as_of=at(0)) is None


SYMBOLS = st.lists(st.sampled_from("ABCDE"), unique=True, max_size=4)
SAVES = st.lists(st.tuples(st.integers(0, 3), SYMBOLS), min_size=1, max_size=8)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SAVES)
def test_any_history_is_read_as_it_was(at, saves) -> None:
    """The list read at a clock is the last one saved by then, whatever is saved later."""
    with tempfile.TemporaryDirectory() as folder:
        state = State.open(Path(folder) / "state.db")
        now, written = at(0), []
        made = watchlists.create(state, "Core", [], edit=Edit("ann", now))
        written.append((now, ()))
        for pause, symbols in saves:
            now += timedelta(hours=pause)
            members = [Member(symbol) for symbol in symbols]
            watchlists.save(state, made.id, members, edit=Edit("ann", now))
            written.append((now, tuple(symbols)))
            for clock in {moment for moment, _ in written}:
                found = watchlists.read(state, made.id, as_of=clock)
                expected = [symbols for moment, symbols in written if moment <= clock][-1]
                assert found is not None and found.symbols == expected
        state.close()


def test_members_are_added_to_the_list_as_it_is_by_now(state, edit, at) -> None:
    first = watchlists.create(state, "Core", ONE, edit=edit(0))
    watchlists.add_members(state, first.id, [Member("BOB")], edit=edit(1, "", "bob"))
    given = [Member("AAA", 9.0), Member("ANN")]
    last = watchlists.add_members(state, first.id, given, edit=edit(2))
    assert last.symbols == ("AAA", "BBB", "BOB", "ANN")
    assert last.members[0] == ONE[0]  # what it had stays as it was
    assert watchlists.add_members(state, first.id, [Member("ANN")], edit=edit(3)) == last
    assert watchlists.read(state, first.id, as_of=at(0.5)) == first
    with pytest.raises(ConfigError, match="stands twice"):
        watchlists.add_members(state, first.id, [Member("X"), Member("X")], edit=edit(4))


def test_members_are_removed_from_the_list_as_it_is_by_now(state, edit, at) -> None:
    first = watchlists.create(state, "Core", ONE, edit=edit(0))
    watchlists.add_members(state, first.id, [Member("BOB")], edit=edit(1, "", "bob"))
    last = watchlists.remove_members(state, first.id, ["AAA", "NOBODY"], edit=edit(2))
    assert last.symbols == ("BBB", "BOB")
    assert watchlists.remove_members(state, first.id, ["AAA"], edit=edit(3)) == last
    assert watchlists.read(state, first.id, as_of=at(1)).symbols == ("AAA", "BBB", "BOB")
    watchlists.delete(state, first.id, edit=edit(4))
    for change in (watchlists.remove_members, watchlists.add_members):
        with pytest.raises(ConfigError, match="there is no watchlist"):
            change(state, first.id, [], edit=edit(5))
