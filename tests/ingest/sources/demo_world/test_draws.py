"""Draws are the same bits everywhere, and none depends on how many others were asked for."""

from __future__ import annotations

import numpy as np

from ingest.sources.demo_world.draws import (
    autoregress,
    lognormals,
    normals,
    quantiles,
    raw,
    rounded,
    shorts,
    uniforms,
)

FIRST_WORDS = [15168983687565798801, 3695062748023378618, 3655361508581821637]


def test_the_first_words_are_what_they_have_always_been() -> None:
    """A change here changes every world: raise GENERATOR with it."""
    assert [int(word) for word in raw(7, "market", 3)] == FIRST_WORDS
    assert shorts(7, "market", 4).tolist() == [
        (FIRST_WORDS[0] >> (16 * at)) % 65536 for at in range(4)
    ]


def test_a_longer_stream_begins_like_a_shorter_one() -> None:
    for draw in (raw, shorts, uniforms, normals, lognormals):
        short, long = draw(1, "a name", 10), draw(1, "a name", 1001)
        assert (long[:10] == short).all(), draw.__name__


def test_names_and_seeds_give_streams_of_their_own() -> None:
    base = uniforms(1, "one", 2000)
    for other in (uniforms(1, "two", 2000), uniforms(2, "one", 2000)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.1


def test_the_table_of_quantiles_is_a_standard_normal() -> None:
    table = quantiles()
    assert len(table) == 65_536
    assert (np.diff(table) >= 0).all()
    assert (table == -table[::-1]).all()
    assert abs(table.var() - 1) < 1e-3
    assert 4.1 < table[-1] < 4.4
    draws = normals(3, "sample", 100_000)
    assert abs(draws.mean()) < 0.015
    assert abs(draws.std() - 1) < 0.01


def test_factors_are_positive_with_a_median_of_one() -> None:
    draws = lognormals(3, "sample", 50_000)
    assert draws.min() > 0
    assert abs(np.median(draws) - 1) < 0.02


def test_autoregression_by_hand() -> None:
    found = autoregress(np.array([1.0, 1.0, 0.0]), 0.5, start=2.0)
    assert found.tolist() == [2.0, 2.0, 1.0]


def test_rounding_leaves_no_negative_zero() -> None:
    found = rounded(np.array([-0.001, 1.005, -2.5]), 2)
    assert not np.signbit(found[0])
    assert found[2] == -2.5
