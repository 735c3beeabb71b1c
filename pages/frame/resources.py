"""What one web process holds for all sessions: settings, the doors of lake, state and bus.

Opened once by the launcher; reading the environment is left to the mains.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from data.clock import utc_now
from data.private import private_settings
from data.query import Db
from data.settings import Settings
from data.web_access import WebAccess, allowed_host
from pages.frame.cached import SHELF
from pages.frame.live_reader import LiveReader
from pages.frame.services import Services

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Resources:
    """The process's own; a session holds nothing of it."""

    settings: Settings
    db: Db
    services: Services
    reader: LiveReader
    access: WebAccess = WebAccess()


KEPT_MB = 64  # frames of queries that several pages and functions ask at one clock

_held: list[Resources] = []


def open_resources(settings: Settings, access: WebAccess | None = None) -> Resources:
    """Open the lake of these settings and forget every answer of another one."""
    names = tuple(allowed_host(name) for name in settings.allowed_hosts)
    with _LOCK:
        fresh = Resources(
            settings,
            Db(
                settings.lake,
                memory_limit_mb=settings.memory_limit_mb,
                threads=settings.threads,
                keep_mb=KEPT_MB,
            ),
            Services(settings),
            LiveReader(settings),
            access or WebAccess(hosts=names),
        )
        SHELF.clear()
        for earlier in _held:
            earlier.reader.close()
        _held[:] = [fresh]
        return fresh


def resources() -> Resources:
    """What the launcher opened; a script started without it opens what the environment says."""
    return _held[0] if _held else open_resources(private_settings())


def now() -> datetime:
    """The machine's time, asked for by the frame alone."""
    return utc_now()
