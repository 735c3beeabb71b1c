"""What one web process holds for all sessions: settings, the doors of lake, state and bus.

Opened once by the launcher; reading the environment is left to the mains.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from data.clock import utc_now
from data.query import Db
from data.settings import Settings
from pages.frame.cached import SHELF
from pages.frame.hub import Hub
from pages.frame.services import Services

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Resources:
    """The process's own; a session holds nothing of it."""

    settings: Settings
    db: Db
    services: Services
    hub: Hub


_held: list[Resources] = []


def open_resources(settings: Settings) -> Resources:
    """Open the lake of these settings and forget every answer of another one."""
    with _LOCK:
        fresh = Resources(
            settings,
            Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=settings.threads),
            Services(settings),
            Hub(settings),
        )
        SHELF.clear()
        for earlier in _held:
            earlier.hub.close()
        _held[:] = [fresh]
        return fresh


def resources() -> Resources:
    """What the launcher opened; a script started without it opens what the environment says."""
    return _held[0] if _held else open_resources(Settings.from_env())


def now() -> datetime:
    """The machine's time, asked for by the frame alone."""
    return utc_now()
