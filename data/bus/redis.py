"""The bus on Redis Streams; it never retries a write and never trims by length.

The client's own retries are off: after a lost reply only the producer knows whether the entry may
go out again, and it may, under the same id. Trimming by length drops what a slow reader has not
seen without telling anybody, so `MAXLEN` is never sent.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from data import clock
from data.bus.blocks import (
    AFTER,
    BEGIN,
    FIELD,
    BusEntry,
    Facts,
    Pauses,
    decode,
    encode,
    next_id,
    order,
)
from data.bus.memory import gone
from data.bus.meter import Meter
from data.errors import BusError, ConfigError

SCHEMES = ("redis", "rediss", "unix")
OPTIONS: dict[str, Any] = {
    "retry": Retry(NoBackoff(), 0),
    "socket_timeout": 2.0,
    "socket_connect_timeout": 2.0,
}
HEARD_S = 60.0
WAIT_SLICE_MS = 1000  # a blocked read must end before the socket's own timeout does
TRIES = 5
CONNECTING = re.compile(r"^Error -?\d+ connecting to .*?\. (?=[A-Z])")


class RedisBus:
    """One server, any number of streams, each with one producer."""

    banner: str | None = None

    def __init__(
        self,
        client: Any,
        where: str,
        *,
        now: Callable[[], datetime] = clock.utc_now,
        meter: Meter | None = None,
    ) -> None:
        self._redis = client
        self._now = now
        self._meter = meter
        self._answered = -math.inf
        if meter is not None:
            pool = client.connection_pool
            pool.connection_class = _counted(pool.connection_class, meter)
        self._last: dict[str, str] = {}
        self.where = where

    @classmethod
    def at_url(cls, url: str, meter: Meter | None = None) -> RedisBus:
        """The server of a REDIS_URL, whose commands a meter counts where they are paid for."""
        where = describe(url)
        try:
            return cls(redis.Redis.from_url(url, **OPTIONS), where, meter=meter)
        except ValueError:
            raise _bad_url() from None

    @classmethod
    def at_socket(cls, path: Path) -> RedisBus:
        """The private server behind a unix socket; the path may hold any character."""
        return cls(redis.Redis(unix_socket_path=str(path), **OPTIONS), f"unix socket {path}")

    def ping(self) -> None:
        """Raises BusError unless the server answers; one that counts is not asked for nothing."""
        if self._meter is not None and time.monotonic() - self._answered < HEARD_S:
            return
        with self._said():
            self._redis.ping()

    def publish(
        self,
        stream: str,
        block: pa.Table | pa.RecordBatch,
        *,
        entry_id: str | None = None,
        after: str | None = None,
        creates: bool = True,
    ) -> str:
        """See `Bus.publish`."""
        fields = {FIELD: encode(block)} | ({AFTER: after} if after else {})
        if entry_id is not None:
            order(entry_id)
            self._add(stream, entry_id, fields, creates=creates)
            return entry_id
        for _ in range(TRIES):
            last = self._last.pop(stream, None) or self.last_id(stream)
            name = next_id(last, self._now())
            if self._add(stream, name, fields, creates=creates):
                self._last[stream] = name
                return name
        raise BusError(
            f"stream {stream} has another producer, which took {TRIES} ids in a row; "
            "one stream has one producer: stop one of them or name another stream"
        )

    def read(
        self, stream: str, after: str = BEGIN, *, count: int = 100, block_ms: int = 0
    ) -> list[BusEntry]:
        """See `Bus.read`."""
        return self.follow({stream: after}, count=count, block_ms=block_ms).get(stream, [])

    def follow(
        self, places: Mapping[str, str], *, count: int = 100, block_ms: int = 0
    ) -> dict[str, list[BusEntry]]:
        """See `Bus.follow`."""
        for after in places.values():
            order(after)
        # Where commands are counted, a wait of many empty readings is left to the reader's pause.
        end = time.monotonic() + (0 if self._meter is not None else block_ms / 1000)
        while True:
            left = int((end - time.monotonic()) * 1000)
            wait = min(left, WAIT_SLICE_MS) if left > 0 else None
            with self._said():
                reply = self._redis.xread(dict(places), count=count, block=wait)
            if reply or wait is None:
                pairs = ((name.decode(), rows) for name, rows in reply or ())
                return {stream: self._entries(stream, rows) for stream, rows in pairs}

    def tail(self, stream: str, count: int = 500) -> list[BusEntry]:
        """See `Bus.tail`."""
        with self._said():
            rows = self._redis.xrevrange(stream, count=count)
        return self._entries(stream, reversed(rows))

    def last_id(self, stream: str) -> str:
        """See `Bus.last_id`."""
        with self._said():
            try:
                facts = self._redis.xinfo_stream(stream)
            except redis.ResponseError as error:
                if "no such key" in str(error):
                    return BEGIN
                raise
        return str(facts["last-generated-id"].decode())

    def trim(self, stream: str, min_id: str) -> int:
        """See `Bus.trim`."""
        order(min_id)
        with self._said():
            return int(self._redis.xtrim(stream, minid=min_id, approximate=False))

    def note(self, stream: str, who: str, facts: Facts) -> None:
        """See `Bus.note`."""
        with self._said():
            self._redis.hset(_notes(stream), who, json.dumps(facts))

    def notes(self, stream: str) -> dict[str, Facts]:
        """See `Bus.notes`; what is no note is left out."""
        with self._said():
            raw = self._redis.hgetall(_notes(stream))
        found = {}
        for who, text in raw.items():
            try:
                facts = json.loads(text)
            except ValueError:
                continue
            if isinstance(facts, dict):
                found[who.decode()] = facts
        return found

    def pauses(self) -> Pauses:
        """See `Bus.pauses`."""
        return Pauses() if self._meter is None else self._meter.pauses()

    def close(self) -> None:
        """Gives the connections back; a later call would open new ones."""
        self._redis.close()
        if self._meter is not None:
            self._meter.close()

    def _add(self, stream: str, name: str, fields: dict[bytes, Any], *, creates: bool) -> bool:
        """False where the stream already stands at this id or above it."""
        with self._said():
            try:
                stored = self._redis.xadd(stream, fields, id=name, nomkstream=not creates)
            except redis.ResponseError as error:
                if "equal or smaller" in str(error):
                    return False
                raise
        if stored is None:
            raise gone(stream)
        return True

    @contextmanager
    def _said(self) -> Iterator[None]:
        if self._meter is not None:
            self._meter.allow()
        try:
            yield
            self._answered = time.monotonic()
        except redis.BusyLoadingError:
            raise BusError(
                f"the tick bus at {self.where} is still loading its log; it answers in a moment"
            ) from None
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise BusError(
                f"the tick bus does not answer at {self.where} ({_short(error)}); start it with "
                "`python3 scripts/up.py`, or correct REDIS_URL"
            ) from None
        except redis.OutOfMemoryError:
            raise BusError(
                f"the tick bus at {self.where} is full and refused the entry; let the archive "
                "catch up and trim, or raise the server's maxmemory"
            ) from None
        except redis.RedisError as error:
            raise BusError(f"the tick bus at {self.where} refused: {_short(error)}") from None

    @staticmethod
    def _entries(stream: str, rows: Any) -> list[BusEntry]:
        return [
            decode(stream, name.decode(), fields.get(FIELD), _text(fields.get(AFTER)))
            for name, fields in rows
        ]


def _counted(kind: type[Any], meter: Meter) -> type[Any]:
    """The same kind of connection, with every command counted, those of its own included."""

    class Counted(kind):  # type: ignore[misc]  # the library's own kind, as the address wants it
        def send_packed_command(self, *words: Any, **named: Any) -> None:
            meter.count()
            super().send_packed_command(*words, **named)

    return Counted


def describe(url: str) -> str:
    """Where a REDIS_URL points, without its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_url() from None
    if parts.scheme not in SCHEMES:
        raise _bad_url()
    if parts.scheme == "unix":
        return f"unix socket {parts.path}"
    return f"{parts.hostname or 'localhost'}:{port or 6379}"


def _notes(stream: str) -> str:
    """One key a stream, beside it on whichever node of a cluster holds it."""
    return f"notes:{stream}" if "{" in stream else f"notes:{{{stream}}}"


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode()


def _bad_url() -> ConfigError:
    # The address itself stays out of the sentence: it may hold a password.
    return ConfigError(
        "REDIS_URL cannot be read; expected redis://host:port/0, rediss://host:port/0 or "
        "unix:///path/to/socket"
    )


def _short(error: Exception) -> str:
    """Its first line, without the address, which is said already."""
    return CONNECTING.sub("", str(error).split("\n")[0])[:160].rstrip(".")
