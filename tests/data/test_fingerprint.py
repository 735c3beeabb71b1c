"""Hashes of frames: what counts as another result, lists included, and what does not."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
import pytest

from data.proof.fingerprint import difference, fingerprint
from data.proof.results import is_same_result, result_hash

WHOLE = [[1.0, 2.5], [], None, [3.0, None, 4.0], [2.5]]


def of(values: list[list[float | None] | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"at": range(len(values)), "x": pl.Series(values, dtype=pl.List(pl.Float64))}
    )


@pytest.mark.parametrize(
    "other",
    [
        [[2.5, 1.0], *WHOLE[1:]],
        [[1.0], [2.5], *WHOLE[2:]],
        [WHOLE[0], None, [], *WHOLE[3:]],
        [*WHOLE[:3], [3.0, 4.0], WHOLE[4]],
        [*WHOLE[:3], [3.0, 0.0, 4.0], WHOLE[4]],
        [*WHOLE[:4], [2.500001]],
        [WHOLE[4], *WHOLE[1:4], WHOLE[0]],
    ],
)
def test_lists_that_differ_anywhere_are_told_apart(other: list[list[float | None] | None]) -> None:
    assert difference(fingerprint(of(WHOLE)), fingerprint(of(other))) is not None


def test_the_last_bits_and_the_order_of_rows_are_no_difference(rng: random.Random) -> None:
    near = [[1.0, 2.5 * (1 + 2**-51)], *WHOLE[1:]]
    one, other = fingerprint(of(WHOLE)), fingerprint(of(near))
    assert one["exact"] != other["exact"] and difference(one, other) is None
    rows = list(range(len(WHOLE)))
    rng.shuffle(rows)
    assert fingerprint(of(WHOLE)[rows]) == fingerprint(of(WHOLE))


def test_lists_of_any_kind_and_cut_off_frames_have_hashes() -> None:
    frame = pl.DataFrame(
        {
            "days": [[date(2020, 1, 1)], [date(2020, 1, 2), None]],
            "words": [["a", "b"], ["ab"]],
            "deep": [[[1], [2, 3]], [[1, 2], [3]]],
            "none": pl.Series([None, None], dtype=pl.List(pl.Int64)),
        }
    )
    first, second = (fingerprint(frame[at : at + 1]) for at in (0, 1))
    told = {name for name in frame.columns if first["columns"][name] != second["columns"][name]}
    assert told == {"days", "words", "deep"}
    assert fingerprint(frame.head(0))["exact"] == fingerprint(frame[2:])["exact"]


def test_a_hash_that_is_kept_tells_results_apart() -> None:
    """The order of rows and the last digits of a fraction are no other result."""
    frame = pl.DataFrame({"at": ["a", "b"], "x": [1.0, 0.1 + 0.2]})
    kept = result_hash(frame)
    assert is_same_result(kept, result_hash(frame.reverse()))
    assert is_same_result(kept, result_hash(frame.with_columns(x=pl.Series([1.0, 0.3]))))
    assert not is_same_result(kept, result_hash(frame.with_columns(x=pl.Series([1.0, 0.31]))))
    assert not is_same_result(kept, result_hash(frame.head(1)))
    assert not is_same_result("", kept)
    assert not is_same_result("", "")
