"""The sample of a day: the same for a commit, all of it over the commits, and said in words."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import tiers

COMMITS = [f"{number:040x}" for number in range(60)]


@dataclass
class Case:
    """As much of a collected test as the choice reads."""

    nodeid: str
    marks: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.nodeid.split("::")[1]

    @property
    def originalname(self) -> str:
        return self.name.split("[")[0]

    def get_closest_marker(self, name: str) -> object:
        return self.marks.get(name)


def sampled(of: int, **words: bool) -> Any:
    return SimpleNamespace(args=(of,), kwargs=words)


def sweep(function: str, of: int, cases: int) -> list[Any]:
    marks = {"sampled": sampled(of)}
    return [Case(f"tests/x.py::{function}[{at}]", marks) for at in range(cases)]


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHT", raising=False)
    monkeypatch.setattr(tiers, "_said", {})


def on(monkeypatch: pytest.MonkeyPatch, commit: str, items: list[Any]) -> list[str]:
    monkeypatch.setenv(tiers.COMMIT, commit)
    return [item.nodeid for item in tiers.choose(items)[0]]


@pytest.mark.parametrize("of", [1, 2, 3, 10])
def test_over_the_commits_every_case_is_drawn_and_each_day_its_share(
    monkeypatch: pytest.MonkeyPatch, of: int
) -> None:
    items = sweep("test_a", of, 30)
    days = [on(monkeypatch, commit, items) for commit in COMMITS]
    assert {name for day in days for name in day} == {item.nodeid for item in items}
    assert {len(day) for day in days} == {30 // of}
    assert days[0] == on(monkeypatch, COMMITS[0], items)


def test_two_functions_draw_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    items = sweep("test_a", 7, 7) + sweep("test_b", 7, 7)
    drawn = {
        tuple(name.split("[")[1] for name in on(monkeypatch, commit, items)) for commit in COMMITS
    }
    assert any(first != second for first, second in drawn)


def test_a_whole_file_is_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {"sampled": sampled(3, together=True)}
    items: list[Any] = [Case(f"tests/x.py::test_{at}", marks) for at in "abcde"]
    assert {len(on(monkeypatch, commit, items)) for commit in COMMITS} == {0, 5}


def test_a_planted_fault_is_in_every_sample_and_the_night_in_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted: Any = Case("tests/x.py::t[planted]", {"sampled": sampled(9), "always": True})
    soak: Any = Case("tests/x.py::soak", {"night": True})
    for commit in COMMITS:
        assert on(monkeypatch, commit, [planted, soak]) == [planted.nodeid]


def test_values_are_drawn_in_parts_never_none_and_all_at_night(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: set[int] = set()
    for commit in COMMITS:
        monkeypatch.setenv(tiers.COMMIT, commit)
        found = tiers.daily(range(10), 4, "key")
        assert len(found) in (2, 3)
        assert len(tiers.daily([1, 2], 4, "short")) == 1
        seen |= set(found)
    assert seen == set(range(10))
    monkeypatch.setenv("NIGHT", "1")
    assert tiers.daily(range(10), 4, "key") == list(range(10))


def test_the_words_count_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tiers.COMMIT, COMMITS[0])
    items = [*sweep("test_a", 3, 30), Case("tests/x.py::soak", {"night": True})]
    tally = tiers.choose(items)[2]
    assert tally.words() == (
        "tier: day, commit 00000000; of 31 tests 20 sampled out, "
        "0 in files of another day, 1 left for the night"
    )
    assert list(tally.parts.values()) == [
        f"tests/x.py::test_a: part {tiers.drawn('tests/x.py::test_a', 3) + 1} of 3, 10 of 30 tests"
    ]


def test_an_amount_follows_the_tier_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KILLS", raising=False)
    assert tiers.amount("SOME_KILLS", day=3, night=30) == 3
    monkeypatch.setenv("NIGHT", "1")
    assert tiers.amount("SOME_KILLS", day=3, night=30) == 30
    monkeypatch.setenv("SOME_KILLS", "7")
    assert tiers.amount("SOME_KILLS", day=3, night=30) == 7


def test_a_count_that_a_killed_process_left_is_told_from_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database")
    (tmp_path / "empty").touch()
    with sqlite3.connect(tmp_path / "whole") as file:
        file.execute("CREATE TABLE coverage_schema (version integer)")
    file.close()
    found = {path.name: tiers.is_whole(path) for path in tmp_path.iterdir()}
    assert found == {"text": False, "empty": False, "whole": True}


KNOWN = {f"tests/t{number}.py": 8.0 + number for number in range(9)} | {
    "tests/short.py": 1.0,
    "tests/pages/test_shredder.py": 99.0,
}


def test_long_files_take_turns_of_equal_length(monkeypatch: pytest.MonkeyPatch) -> None:
    turn_of = tiers.turns(KNOWN)
    assert set(turn_of) == {f"tests/t{number}.py" for number in range(9)}
    lengths = [
        sum(KNOWN[file] for file, at in turn_of.items() if at == turn)
        for turn in range(tiers.TURNS)
    ]
    assert max(lengths) - min(lengths) <= max(KNOWN[file] for file in turn_of)
    items: list[Any] = [Case(f"{file}::test_a") for file in KNOWN]
    days = []
    for commit in COMMITS:
        monkeypatch.setenv(tiers.COMMIT, commit)
        days.append({item.nodeid.split("::")[0] for item in tiers.choose(items, turn_of)[0]})
    assert set.union(*days) == set(KNOWN)
    assert set.intersection(*days) == {"tests/short.py", "tests/pages/test_shredder.py"}
    assert all(len(day) < len(KNOWN) - 4 for day in days)


def test_a_planted_fault_of_a_long_file_runs_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    turn_of = {"tests/t.py": 0}
    items: list[Any] = [
        Case("tests/t.py::test_planted", {"always": SimpleNamespace()}),
        Case("tests/t.py::test_other"),
    ]
    days = {tuple(on_turn(monkeypatch, commit, items, turn_of)) for commit in COMMITS}
    assert days == {("tests/t.py::test_planted",), tuple(item.nodeid for item in items)}
    tally = tiers.choose(items, {"tests/t.py": 99})[2]
    assert "1 in files of another day" in tally.words()


def on_turn(
    monkeypatch: pytest.MonkeyPatch, commit: str, items: list[Any], turn_of: dict[str, int]
) -> list[str]:
    monkeypatch.setenv(tiers.COMMIT, commit)
    return [item.nodeid for item in tiers.choose(items, turn_of)[0]]


def test_our_own_files_take_turns_and_the_promises_do_not() -> None:
    known = tiers.known_seconds()
    turn_of = tiers.turns(known)
    assert set(turn_of.values()) == set(range(tiers.TURNS))
    assert set(tiers.EVERY_DAY).isdisjoint(turn_of)
    assert [file for file in tiers.EVERY_DAY if not (tiers.ROOT / file).exists()] == []
