"""What is written can be read back the same, and what could not is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import ConfigError
from data.state import values

INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(INSTANTS, INSTANTS)
def test_stamps_sort_as_their_instants(one: datetime, other: datetime) -> None:
    assert len(values.stamp(one)) == 27
    assert values.moment(values.stamp(one)) == one
    assert (values.stamp(one) < values.stamp(other)) == (one < other)


def test_a_stamp_is_utc_and_never_naive() -> None:
    tokyo = datetime(2024, 1, 2, 9, tzinfo=timezone(timedelta(hours=9)))
    assert values.stamp(tokyo) == "2024-01-02T00:00:00.000000Z"
    with pytest.raises(ConfigError, match="aware UTC"):
        values.stamp(datetime(2024, 1, 2))  # noqa: DTZ001 - the naive one is what is refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (" \t\n ", "is empty"),
        ("x" * 5000, "5000 characters, at most 80"),
        ("../../etc/passwd", "step of a path"),
        ("..\\x", "step of a path"),
        ("a/./b", "step of a path"),
        ("..", "step of a path"),
        ("nul\0byte", "U+0000"),
        ("right\u202eleft", "U+202E"),
        ("half \ud800 pair", "U+D800"),
    ],
)
def test_names_that_are_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        values.name(text, "the list's name")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Long/Short   EU ", "Long/Short EU"),
        ("\uff21\uff22", "AB"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("Zürich 東京", "Zürich 東京"),
        ("S.p.A...", "S.p.A..."),
    ],
)
def test_names_that_are_kept(text: str, kept: str) -> None:
    assert values.name(text, "the list's name") == kept


@given(st.text(max_size=100))
def test_a_name_is_refused_or_stays_as_it_is_kept(text: str) -> None:
    try:
        kept = values.name(text, "it")
    except ConfigError:
        return
    assert values.name(kept, "it") == kept
    kept.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), True])
def test_numbers_that_are_not_finite(number: float) -> None:
    with pytest.raises(ConfigError, match="finite"):
        values.finite(number, "the weight")


@pytest.mark.parametrize("number", [-1, 2**63, True])
def test_counts_that_cannot_be_kept(number: int) -> None:
    with pytest.raises(ConfigError, match="whole number"):
        values.whole(number, "the count")


def test_documents_are_canonical_and_finite() -> None:
    assert values.pack({"b": 1, "a": [2]}, "it") == '{"a":[2],"b":1}'
    assert values.unpack(values.pack({"b": 1, "a": [2]}, "it")) == {"a": [2], "b": 1}
    for bad in ({"x": float("nan")}, {"x": {1, 2}}, {"x": "\ud800"}):
        with pytest.raises(ConfigError):
            values.pack(bad, "it")
    with pytest.raises(ConfigError, match="shorten"):
        values.prose("x" * 10_001, "the note")
    with pytest.raises(ConfigError, match="expected one of a, b"):
        values.choice("c", "it", ("a", "b"))
