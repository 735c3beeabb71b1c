"""The fortnight of the recorded world and the clock of its machine.

Most recordings of exchange rates were made in March 2026, so the fortnight is theirs: America had
put its clocks forward, Europe had not yet.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.runs.pace import Tempo

# The evenings on which the workstation is on: the first day, the middle and the last.
EVENINGS = tuple(datetime(2026, 3, day, 23, 13, tzinfo=UTC) for day in (9, 13, 20))
MIDDLE = datetime(2026, 3, 14, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 21, 1, tzinfo=UTC)
BEFORE = datetime(2026, 3, 9, 12, tzinfo=UTC)
ROOTS = ("data.", "analytics.", "ingest.", "pages.", "scripts.", "tests.recorded_world.")


@dataclass
class Clock:
    """An instant that moves when somebody waits, or when the next evening comes."""

    now_at: datetime
    passed: float = 0.0

    def now(self) -> datetime:
        return self.now_at

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        self.now_at += timedelta(seconds=seconds)

    def come_to(self, moment: datetime) -> None:
        """Let time pass until then."""
        self.sleep(max(0.0, (moment - self.now_at).total_seconds()))

    @property
    def tempo(self) -> Tempo:
        """The same for the transport, which then waits without anybody's time."""
        return Tempo(self.now, lambda: self.passed, self.sleep, random.Random(7).random)


@contextmanager
def machine_at(clock: Clock) -> Iterator[None]:
    """The machine's time is this clock's, for every module that reads it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _readers():
            patch.setattr(module, "utc_now", clock.now)
        yield


def _readers() -> list[Any]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(ROOTS) and hasattr(module, "utc_now")
    ]
