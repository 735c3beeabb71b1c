"""Results kept by key: computed once, given up by weight, and one never waits for another."""

from __future__ import annotations

import threading

import pytest

from data.kept_results import KeptResults

SECONDS = 10.0


def test_the_least_used_is_given_up_and_the_last_never() -> None:
    kept: KeptResults[str] = KeptResults(5, is_whole=lambda _: True, weight=len)
    computed: list[str] = []

    def ask(word: str) -> str:
        def compute() -> str:
            computed.append(word)
            return word

        return kept.of(word, compute)

    for word in ("aa", "bb", "aa", "cc", "aa", "bb", "too long", "too long"):
        assert ask(word) == word
    assert computed == ["aa", "bb", "cc", "bb", "too long"]
    ask("aa")
    assert computed[-1] == "aa"


def test_what_is_not_whole_is_computed_again() -> None:
    kept: KeptResults[int] = KeptResults(5, is_whole=lambda number: number > 1)
    numbers = iter(range(5))
    assert [kept.of("a", lambda: next(numbers)) for _ in range(4)] == [0, 1, 2, 2]


def test_one_that_fails_leaves_the_next_its_turn() -> None:
    kept: KeptResults[float] = KeptResults(5, is_whole=lambda _: True)
    with pytest.raises(ZeroDivisionError):
        kept.of("a", lambda: 1 / 0)
    assert kept.of("a", lambda: 1.0) == 1.0


def test_nobody_waits_for_another_key() -> None:
    kept: KeptResults[int] = KeptResults(5, is_whole=lambda _: True)
    begun, go = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        return 1 if go.wait(SECONDS) else 0

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(kept.of("a", slow))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(SECONDS)
    assert kept.of("b", lambda: 2) == 2
    go.set()
    for thread in threads:
        thread.join(SECONDS)
    assert found == [1, 1, 1]


def test_what_is_held_is_told_without_computing() -> None:
    kept: KeptResults[int] = KeptResults(9, is_whole=lambda _: True)
    assert kept.held("a") is None
    kept.of("a", lambda: 1)
    assert kept.held("a") == 1
