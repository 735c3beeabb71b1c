"""Turns: far enough apart, as many at once as allowed, never past the deadline."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ingest.runs.pace import LateError, Pace, Tempo
from tests.ingest.conftest import FakeTime


def test_turns_are_spaced_across_objects(tmp_path: Path, clock: FakeTime) -> None:
    for _ in range(3):
        with Pace(tmp_path, clock.tempo).turn("x", 2.0, deadline=9999.0):
            pass
    assert clock.slept == pytest.approx([2.0, 2.0])
    clock.passed += 60
    with Pace(tmp_path, clock.tempo).turn("x", 2.0, deadline=9999.0):
        pass
    with Pace(tmp_path, clock.tempo).turn("y", 2.0, deadline=9999.0):
        pass
    assert len(clock.slept) == 2


def test_a_turn_after_the_deadline_is_refused(tmp_path: Path, clock: FakeTime) -> None:
    pace = Pace(tmp_path, clock.tempo)
    with pace.turn("x", 50.0, deadline=1001.0):
        pass
    with (
        pytest.raises(LateError, match="its turn comes in 50 s"),
        pace.turn("x", 50.0, deadline=1001.0),
    ):
        pass


def test_places_that_are_all_held(tmp_path: Path, clock: FakeTime) -> None:
    pace = Pace(tmp_path, clock.tempo)
    with (
        pace.turn("x", 0.0, at_once=2, deadline=1002.0),
        pace.turn("x", 0.0, at_once=2, deadline=1002.0),
        pytest.raises(LateError, match="held all its places"),
        pace.turn("x", 0.0, at_once=2, deadline=1002.0),
    ):
        pass


def test_a_file_from_before_a_restart_or_damaged_does_not_stop_anybody(
    tmp_path: Path, clock: FakeTime
) -> None:
    for text in ("99999999.0", "nonsense"):
        (tmp_path / "x.next").write_text(text)
        with Pace(tmp_path, clock.tempo).turn("x", 1.0, deadline=1001.0):
            pass
    assert not clock.slept


def test_threads_never_overlap(tmp_path: Path) -> None:
    under_way, most = [0], [0]
    guard = threading.Lock()
    pace = Pace(tmp_path, Tempo(sleep=lambda seconds: threading.Event().wait(0.001) and None))

    def go() -> None:
        for _ in range(5):
            with pace.turn("x", 0.0, at_once=2, deadline=float("inf")):
                with guard:
                    under_way[0] += 1
                    most[0] = max(most[0], under_way[0])
                threading.Event().wait(0.002)
                with guard:
                    under_way[0] -= 1

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 2
