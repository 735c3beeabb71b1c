"""The bench on a tiny lake: every tool gives our answer, and the table says what was measured."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from scripts import bench
from scripts.benchmarks import report, timing, uploads
from scripts.benchmarks.world import Size, world

TINY = Size("tiny", 50, 5, 50, 1, 60, 2520, 50)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny lake."""
    return world(tmp_path_factory.mktemp("bench"), TINY)


def test_the_world_is_made_once(root: Path) -> None:
    manifest = root / "prices" / "_meta" / "manifest.json"
    before = manifest.stat().st_mtime_ns
    assert world(root.parents[1], TINY) == root
    assert manifest.stat().st_mtime_ns == before


def test_every_tool_gives_our_answer(root: Path) -> None:
    made = {name: make() for name, make in bench.catalogue(root, TINY).items()}
    assert len(made) == 16
    for path in made.values():
        assert path.variants[0].name == timing.OURS
        assert {goal.than for goal in path.goals} <= {variant.name for variant in path.variants}
        timing.check(path)
    assert made["upsert"].disk_share is not None
    assert 0 < made["upsert"].disk_share() < 1


def test_the_file_of_trades_is_accepted_whole_and_measured() -> None:
    (row,) = uploads.rows(1)
    assert row[0] == uploads.NAME
    assert row[8:10] in {("<= 2,000 ms", "met"), ("<= 2,000 ms", "missed")}
    assert len(row) == len(report.HEADER)


def variant(name: str, *values: float) -> timing.Variant:
    return timing.Variant(name, lambda: pl.DataFrame({"x": values}))


def test_another_answer_is_refused() -> None:
    same = timing.TimedPath("p", "", (variant("ours", 1, 2), variant("peer", 2, 1)), key=("x",))
    timing.check(same)
    other = timing.TimedPath("p", "", (variant("ours", 1, 2), variant("peer", 1, 3)), key=("x",))
    with pytest.raises(AssertionError, match="p: peer differs from ours"):
        timing.check(other)


def test_a_goal_is_met_at_the_median_at_the_least_or_missed() -> None:
    path = timing.TimedPath(
        "p",
        "",
        (variant(timing.OURS), variant("a"), variant("b"), variant("c")),
        (timing.Goal("a", 1.0), timing.Goal("b", 0.5), timing.Goal("c", 0.5, "cpu")),
        most_ms={timing.OURS: 1500.0},
    )
    timings = {
        timing.OURS: timing.Timing([1.0, 2.0, 1.0], [1.0] * 3),
        "a": timing.Timing([1.0] * 3, [1.0] * 3),
        "b": timing.Timing([1.9, 1.9, 2.1], [1.0] * 3),
        "c": timing.Timing([9.0] * 3, [1.9] * 3),
    }
    timings["b"].wall[0] = 2.0
    rows = report.rows(path, timings, {timing.OURS: 1234})
    assert [row[9] for row in rows] == ["met", "met", "met", "missed"]
    assert rows[0][10] == "1,234"
    timings["b"].wall = [1.5, 1.9, 2.0]
    timings[timing.OURS].wall = [0.7, 1.0, 2.0]
    assert report.rows(path, timings, {})[2][9] == "met at min"


def test_the_measured_part_of_the_document_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    row = ("heatmap", "Barograph", *[""] * (len(report.HEADER) - 2))
    report.write(document, [row], 7)
    text = document.read_text()
    assert text.startswith("before\n") and text.endswith("after\n")
    assert "old" not in text
    assert "| heatmap | Barograph |" in text
