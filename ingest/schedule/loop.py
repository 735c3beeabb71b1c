"""The loop of the scheduler's process: a timer with one entry, a tick a second, until told to stop.

Refuses to end for what can be tried again: it says the trouble once and goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import schedule

from data.errors import WorkstationError
from ingest.schedule.scheduler import Scheduler

TICK_S = 1
STOP_POLL_S = 0.05
STOP_WITHIN_S = 8.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Loop:
    """`stop` may be set by a signal or another thread; `after` follows each tick."""

    scheduler: Scheduler
    after: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)
    timer: schedule.Scheduler = field(default_factory=schedule.Scheduler)
    _trouble: str = ""
    _is_waiting: bool = False

    def run(self) -> None:
        """Returns once everything has ended."""
        self._wind()
        while not self.stop.is_set():
            self.timer.run_pending()
            rest = self.timer.idle_seconds
            if rest is None or abs(rest) > 2 * TICK_S:
                # The timer counts in local time: the clock was set, or summer time came or went.
                self._wind()
                rest = TICK_S
            self.stop.wait(max(rest, 0.01))
        self._end()

    def _wind(self) -> None:
        self.timer.clear()
        self.timer.every(TICK_S).seconds.do(self._tick)

    def _tick(self) -> None:
        """What goes wrong is said once and tried again; it must not leave the timer."""
        try:
            is_waiting = not self.scheduler.tick()
            self.after()
            trouble = ""
        except WorkstationError as error:
            trouble, is_waiting = str(error), self._is_waiting
        if trouble != self._trouble:
            log.error("trouble=%s", trouble) if trouble else log.info("trouble_is_over")
        if is_waiting != self._is_waiting:
            log.info("another_scheduler_works" if is_waiting else "took_over")
        self._trouble, self._is_waiting = trouble, is_waiting

    def _end(self) -> None:
        """A state that cannot be written now keeps nobody here: the lease runs out by itself."""
        end = time.monotonic() + STOP_WITHIN_S
        while time.monotonic() < end:
            try:
                if self.scheduler.stop():
                    log.info("stopped")
                    return
            except WorkstationError as error:
                log.error("trouble=%s", error)
            time.sleep(STOP_POLL_S)
        log.error("stopped_with_runs=%d", len(self.scheduler.underway))
