"""Readers: each has a name and choices of its own; what nobody chose is None."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.errors import ConfigError
from data.state import readers
from data.state.db import State

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANNA, BEN = "a" * 32, "b" * 32


def test_a_reader_has_a_name_that_can_be_changed(state: State) -> None:
    assert readers.name_of(state, ANNA) == ""
    assert readers.rename(state, ANNA, "  Anna \n Müller ", now=NOON) == "Anna Müller"
    assert readers.rename(state, ANNA, "آنا", now=NOON + timedelta(days=1)) == "آنا"
    assert (readers.name_of(state, ANNA), readers.name_of(state, BEN)) == ("آنا", "")


def test_choices_are_a_readers_own(state: State) -> None:
    assert readers.setting(state, ANNA, "strip") is None
    readers.choose(state, ANNA, "strip", ["demo:WORLD", "demo:EURUSD"], now=NOON)
    readers.choose(state, BEN, "strip", [], now=NOON)
    assert readers.setting(state, ANNA, "strip") == ["demo:WORLD", "demo:EURUSD"]
    assert readers.setting(state, BEN, "strip") == []
    readers.choose(state, ANNA, "strip", None, now=NOON)
    assert readers.setting(state, ANNA, "strip") is None


@pytest.mark.parametrize("reader", ["", "a", "A" * 32, "../" * 10, "a" * 33])
def test_what_is_no_id_is_refused(state: State, reader: str) -> None:
    with pytest.raises(ConfigError, match="cookie"):
        readers.choose(state, reader, "strip", [], now=NOON)
    with pytest.raises(ConfigError, match="cookie"):
        readers.rename(state, reader, "Anna", now=NOON)


def test_a_choice_that_is_too_long_is_refused_and_the_last_one_stays(state: State) -> None:
    readers.choose(state, ANNA, "strip", ["demo:WORLD"], now=NOON)
    with pytest.raises(ConfigError, match="choose fewer"):
        readers.choose(state, ANNA, "strip", ["x" * 200] * 200, now=NOON)
    assert readers.setting(state, ANNA, "strip") == ["demo:WORLD"]
