"""Time several ways to do one work in turns, so that a noisy machine is noisy for all of them."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl
from polars.testing import assert_frame_equal

Work = Callable[[], object]
SLOW_ROUNDS = 2
OURS = "Barograph"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to do the work. `before` is run untimed; `agrees` says that it gives the answer."""

    name: str
    run: Work
    agrees: bool = True
    is_slow: bool = False
    before: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """Ours must take at most `limit` times what that variant takes."""

    than: str
    limit: float
    by: str = "wall"


@dataclass(frozen=True, slots=True)
class TimedPath:
    """One path through the house beside its peers; the first variant is ours.

    `most_ms` bounds a variant by itself; `file_mb` is the size of the file written, if any, of
    which ours may take `most_files` times as peak memory.
    """

    name: str
    about: str
    variants: tuple[Variant, ...]
    goals: tuple[Goal, ...] = ()
    key: tuple[str, ...] = ()
    most_ms: dict[str, float] = field(default_factory=dict)
    file_mb: float = 0.0
    most_files: float = 0.0
    disk_share: Callable[[], float] | None = None


@dataclass(slots=True)
class Timing:
    """What one variant took, in seconds, round by round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def median(self, by: str = "wall") -> float:
        """Median over the rounds."""
        return float(statistics.median(getattr(self, by)))

    def least(self, by: str = "wall") -> float:
        """The quietest round."""
        return float(min(getattr(self, by)))


def check(path: TimedPath) -> None:
    """Every variant that gives the answer gives the same one; also warms all of them up."""
    expected: pl.DataFrame | None = None
    for variant in path.variants:
        if variant.before:
            variant.before()
        result = variant.run()
        if not variant.agrees:
            continue
        frame = _canonical(result, path.key)
        if expected is None:
            expected = frame
            continue
        shared = [name for name in expected.columns if name in frame.columns]
        try:
            assert_frame_equal(
                expected.select(shared), frame.select(shared), check_dtypes=False, rel_tol=1e-9
            )
        except AssertionError as error:
            raise AssertionError(
                f"{path.name}: {variant.name} differs from ours: {error}"
            ) from None


def _canonical(result: object, key: tuple[str, ...]) -> pl.DataFrame:
    frame = getattr(result, "frame", result)
    assert isinstance(frame, pl.DataFrame)
    return frame.rechunk().sort(*key) if key else frame


def measure(path: TimedPath, rounds: int) -> dict[str, Timing]:
    """Rounds in turns over all variants; slow ones sit out after two."""
    timings = {variant.name: Timing() for variant in path.variants}
    for number in range(rounds):
        for variant in path.variants:
            if variant.is_slow and number >= SLOW_ROUNDS:
                continue
            if variant.before:
                variant.before()
            cpu, wall = time.process_time(), time.perf_counter()
            variant.run()
            timings[variant.name].wall.append(time.perf_counter() - wall)
            timings[variant.name].cpu.append(time.process_time() - cpu)
    return timings


def disk_share(run: Work) -> float:
    """Which share of a run is spent in fsync and rename."""
    with disk_time() as spent:
        start = time.perf_counter()
        run()
        return sum(spent) / (time.perf_counter() - start)


@contextlib.contextmanager
def disk_time() -> Iterator[list[float]]:
    """Collects what every fsync and rename inside takes."""
    spent: list[float] = []
    fields = {name: getattr(os, name) for name in ("fsync", "replace")}

    def timed(call: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            start = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                spent.append(time.perf_counter() - start)

        return run

    for name, call in fields.items():
        setattr(os, name, timed(call))
    try:
        yield spent
    finally:
        for name, call in fields.items():
            setattr(os, name, call)
