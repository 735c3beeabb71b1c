"""The state database and the bus as the pages see them: usable, or gone with one sentence.

Looked at in the background, so that no page run waits for a lock or for a server that is away.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from data.bus import Bus, find_bus
from data.errors import BusError, ConfigError, StateError, WorkstationError
from data.settings import Settings
from data.state.db import State
from pages.frame.errors import Trouble, explain

LOOK_EVERY_SECONDS = 10.0
BUSY_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """What the last look found; a trouble is said on every page until a later look finds none."""

    state: State | None
    troubles: tuple[Trouble, ...] = ()
    banner: str | None = None


class Services:
    """One per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._state: State | None = None
        self._bus: Bus | None = None
        self._found: Found | None = None
        self._looked = 0.0
        self._said: dict[str, tuple[str, Trouble]] = {}

    def found(self) -> Found:
        """The last look; the first caller waits for it, later ones start another when it is old."""
        if self._found is None:
            self.look()
        elif time.monotonic() - self._looked > LOOK_EVERY_SECONDS:
            self._looked = time.monotonic()
            threading.Thread(target=self.look, name="services", daemon=True).start()
        assert self._found is not None
        return self._found

    def look(self) -> Found:
        """Open what is not open, and ask both whether they answer."""
        with self._lock:
            troubles = []
            if (problem := self._look_at_state()) is not None:
                troubles.append(problem)
            banner, problem = self._look_at_bus()
            if problem is not None:
                troubles.append(problem)
            usable = self._state if not any(t.where == "state" for t in troubles) else None
            self._found = Found(usable, tuple(troubles), banner)
            self._looked = time.monotonic()
            return self._found

    def _look_at_state(self) -> Trouble | None:
        try:
            if self._state is None:
                self._settings.state.parent.mkdir(parents=True, exist_ok=True)
                self._state = State.open(self._settings.state, busy_seconds=BUSY_SECONDS)
            with self._state.transaction():
                return None
        except WorkstationError as error:
            return self._explain(error, "state")
        except OSError as error:
            folder = self._settings.state.parent
            said = (
                f"{folder} cannot be made or written ({error.strerror}); point DATA_DIR elsewhere"
            )
            return self._explain(StateError(said), "state")

    def _look_at_bus(self) -> tuple[str | None, Trouble | None]:
        try:
            if self._bus is None:
                self._bus = find_bus(self._settings)
            self._bus.ping()
            return self._bus.banner, None
        except (BusError, ConfigError) as error:
            return None, self._explain(error, "bus")

    def _explain(self, error: Exception, where: str) -> Trouble:
        """The trouble, logged when it is a new one: it is looked at every few seconds."""
        kept = self._said.get(where)
        if kept is None or kept[0] != str(error):
            self._said[where] = (str(error), explain(error, where))
        return self._said[where][1]
