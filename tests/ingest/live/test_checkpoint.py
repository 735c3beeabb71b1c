"""The monitor's file: exact to the bit, and never a reason not to start."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.live.live import LiveState, TradeColumns, step
from analytics.live.rules import Rule, fold
from ingest.live.checkpoint import Checkpoint, load, save
from ingest.live.monitor import _columns
from tests.ingest.live.desk import tape


def same(ours: object, theirs: object) -> None:
    if isinstance(ours, np.ndarray):
        assert isinstance(theirs, np.ndarray)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert ours.tobytes() == theirs.tobytes()
    else:
        assert ours == theirs


def test_a_state_comes_back_to_the_bit(tmp_path: Path) -> None:
    live, points = step(LiveState(), _columns(tape(90, crashes=[60])))
    rule = Rule("max_drawdown", "below", -0.05, -0.02, cooldown=timedelta(seconds=5))
    watches, _ = fold(rule, {}, points.iter_rows(named=True))
    save(tmp_path / "m" / "x.bin", Checkpoint("5-1", live, {"1.1": watches}))
    found = load(tmp_path / "m" / "x.bin")
    assert found is not None
    assert found.position == "5-1"
    assert found.watches == {"1.1": watches}
    assert len(live.waiting) > 0
    for field in fields(LiveState):
        if field.name != "waiting":
            same(getattr(live, field.name), getattr(found.live, field.name))
    for field in fields(TradeColumns):
        same(getattr(live.waiting, field.name), getattr(found.live.waiting, field.name))


def test_an_empty_state_comes_back(tmp_path: Path) -> None:
    save(tmp_path / "x.bin", Checkpoint("0-0"))
    found = load(tmp_path / "x.bin")
    assert found is not None
    assert found.live.symbols == ()
    assert found.live.prices.shape == (0, 60)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 50, b'{"format": 9}\n', b"[1]\nxx"])
def test_garbage_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    assert load(tmp_path / "x.bin") is None
    assert load(tmp_path / "none.bin") is None


def test_half_a_file_is_no_checkpoint(tmp_path: Path) -> None:
    live, _ = step(LiveState(), _columns(tape(40)))
    save(tmp_path / "x.bin", Checkpoint("5-1", live))
    whole = (tmp_path / "x.bin").read_bytes()
    for size in (len(whole) // 3, len(whole) // 2, len(whole) - 8):
        (tmp_path / "x.bin").write_bytes(whole[:size])
        assert load(tmp_path / "x.bin") is None
