"""The venue's numbers: repetitions dropped, holes counted and filled by who comes late."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ingest.live import sequence as module
from ingest.live.sequence import Sequence


def block(*trades: tuple[str, int]) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "symbol": [name for name, _ in trades],
            "trade_id": pa.array([number for _, number in trades], pa.int64()),
        }
    )


def sifted(sequence: Sequence, *trades: tuple[str, int]) -> list[tuple[str, int]]:
    kept = sequence.sift(block(*trades)).to_pydict()
    return list(zip(kept["symbol"], kept["trade_id"], strict=True))


def test_a_hole_is_counted_and_filled_by_who_comes_late() -> None:
    sequence = Sequence()
    assert sifted(sequence, ("A", 5), ("B", 1), ("A", 6)) == [("A", 5), ("B", 1), ("A", 6)]
    assert sifted(sequence, ("A", 9), ("B", 2)) == [("A", 9), ("B", 2)]
    assert sequence.missing == 2
    assert sifted(sequence, ("A", 8), ("A", 10)) == [("A", 8), ("A", 10)]
    assert sequence.missing == 1
    assert sequence.repeated == 0


def test_a_repetition_is_dropped_within_a_block_and_across_blocks() -> None:
    sequence = Sequence()
    assert sifted(sequence, ("A", 5), ("A", 5), ("A", 6)) == [("A", 5), ("A", 6)]
    assert sifted(sequence, ("A", 6), ("A", 4)) == []
    assert sequence.repeated == 3


def test_a_venue_that_counts_anew_is_followed() -> None:
    sequence = Sequence()
    sifted(sequence, ("A", 5_000_000))
    assert sifted(sequence, ("A", 1), ("A", 2)) == [("A", 1), ("A", 2)]
    assert sifted(sequence, ("A", 9_000_000)) == [("A", 9_000_000)]
    assert sequence.missing == 0


def test_holes_are_bounded_and_none_is_uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_HOLES", 10)
    sequence = Sequence()
    sifted(sequence, ("A", 1), ("A", 100), ("A", 105))
    assert len(sequence.holes["A"]) <= 10
    assert sequence.missing == 98 + 4
    assert sifted(sequence, ("A", 104), ("A", 3)) == [("A", 104)]
