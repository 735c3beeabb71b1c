"""The commands of a hosted Redis: counted, shared out by the day, and refused beyond a day's share.

All processes of a workspace draw from one ledger in its state, some commands at a time. A day has
its share of the month and what the days before it left. Near its end there are fewer sendings and
readings; beyond it there are none until the next day.
"""

from __future__ import annotations

import calendar
import contextlib
import ipaddress
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from data.bus.blocks import Pauses
from data.clock import utc_now
from data.disk import make_folder
from data.errors import BudgetError, BusError, WorkstationError
from data.hours import Hours
from data.profiles import quotas_in_force
from data.quotas import WINDOWS, Limit, Quota
from data.settings import Settings
from data.state import budgets
from data.state.budgets import Ask
from data.state.db import State

SERVICE, UNIT = "redis", "commands"
CHUNK = 100  # reserved at once
SETUP = 8  # a new connection says a few words before its first command
THIN = ((0.10, 30.0), (0.25, 5.0))  # below such a part of a day's share, seconds between commands
RETRY = timedelta(seconds=30)
HERE = ("localhost", "")

log = logging.getLogger(__name__)


class Meter:
    """What one process may send. It says in the log when that becomes less."""

    def __init__(
        self,
        state: Path,
        quota: Quota,
        *,
        every: timedelta = timedelta(0),
        hours: Hours | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._state, self._quota, self._now = state, quota, now
        self._every, self._hours = every.total_seconds(), hours or Hours()
        self._limits = [x for x in quota.limits if x.unit == UNIT and x.per in WINDOWS]
        self._lock = threading.Lock()
        self._held = 0
        self._asked: tuple[Ask, ...] = ()
        self._thin = 0.0
        self._why = ""
        self._again: datetime | None = None
        self.sent = 0

    def allow(self) -> None:
        """Return where a command may be sent; otherwise a BusError says until when not."""
        with self._lock:
            if self._held < SETUP:
                self._draw()

    def count(self) -> None:
        """A command is being sent."""
        with self._lock:
            self._held -= 1
            self.sent += 1

    def pauses(self) -> Pauses:
        """A block is read once, so nobody asks more often than blocks are sent."""
        beat = self._every if self._hours.is_open(self._now()) else Hours.PAUSE_S
        return Pauses(max(beat, self._thin), self._thin)

    def close(self) -> None:
        """Give back what was reserved and not sent."""
        with self._lock:
            left, self._held = self._held, 0
            if left > 0 and self._asked:
                with contextlib.suppress(WorkstationError):  # then they count as sent
                    state = State.open(self._state)
                    try:
                        budgets.refund(state, [replace(ask, cost=left) for ask in self._asked])
                    finally:
                        state.close()

    def _draw(self) -> None:
        now = self._now()
        if self._again is not None and now < self._again:
            raise BusError(self._why)
        asks = tuple(self._ask(limit, now) for limit in self._limits)
        try:
            make_folder(self._state.parent)
            state = State.open(self._state)
            try:
                budgets.reserve(state, asks)
                used = {
                    (item.unit, item.window): item.used for item in budgets.usage(state, SERVICE)
                }
            finally:
                state.close()
        except BudgetError:
            self._stop(now)
        except WorkstationError as error:
            raise BusError(
                f"the commands of the Redis server cannot be counted, so none is sent: {error}"
            ) from None
        self._asked, self._held, self._again = asks, self._held + CHUNK, None
        left = [
            (ask.quota - ask.keep - used[ask.unit, ask.window], _a_day(limit, now, self._quota))
            for ask, limit in zip(asks, self._limits, strict=True)
        ]
        rest, share = min(left, key=lambda pair: pair[0] / pair[1])
        self._set(next((pause for part, pause in THIN if rest < part * share), 0.0), rest)

    def _set(self, pause: float, rest: int) -> None:
        if pause != self._thin:
            log.warning("service=%s left_today=%d pause_s=%g", SERVICE, max(0, rest), pause)
        self._thin = pause

    def _stop(self, now: datetime) -> None:
        self._again = now + RETRY
        if not self._why:
            limits = " and ".join(str(limit) for limit in self._limits)
            self._why = (
                f"today's share of the Redis server's quota ({limits}) is used up: nothing is sent "
                f"or read before the next day begins ({self._quota.zone}). The feed keeps in "
                "memory what comes, and counts what it must drop. Raise LIVE_SAMPLE_MS, shorten "
                "LIVE_HOURS, or correct [redis] in ingest/quotas.toml"
            )
        self._set(THIN[0][1], 0)
        raise BusError(self._why) from None

    def _ask(self, limit: Limit, now: datetime) -> Ask:
        """What the coming days need is kept back."""
        local = now.astimezone(ZoneInfo(self._quota.zone))
        share = limit.amount
        if limit.per == "month":
            share = share * local.day // calendar.monthrange(local.year, local.month)[1]
        window = self._quota.window(limit, now)
        return Ask(SERVICE, window, limit.amount, CHUNK, UNIT, limit.amount - share)


def _a_day(limit: Limit, now: datetime, quota: Quota) -> float:
    local = now.astimezone(ZoneInfo(quota.zone))
    days = calendar.monthrange(local.year, local.month)[1] if limit.per == "month" else 1
    return limit.amount / days


def meter_of(settings: Settings) -> Meter | None:
    """The meter of a hosted server that has a quota; a server of our own counts nothing."""
    quota = quotas_in_force(settings).get(SERVICE)
    if quota is None or not is_hosted(settings.redis_url):
        return None
    every = timedelta(milliseconds=settings.live_sample_ms)
    made = Meter(settings.state, quota, every=every, hours=Hours.parse(settings.live_hours))
    return made if made._limits else None


def is_hosted(url: str | None) -> bool:
    """Whether a REDIS_URL names somebody else's server: one over TLS, or with a public name.

    A bare name is a neighbour (a service of the same compose file), a private address one's own.
    """
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    if host in HERE:
        return False
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return parts.scheme == "rediss" or "." in host
