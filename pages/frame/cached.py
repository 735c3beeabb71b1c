"""cached(): the one way a page asks an analytic; an answer is kept per clock and dataset versions.

Shared by every session and bounded. What it hands out is a shallow copy, so that no page can
change the frame that another page reads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from data.query import Answer, At

Analytic = Callable[..., Answer]
Key = tuple[object, ...]
MAX_ENTRIES = 512
MAX_BYTES = 192 * 2**20


@dataclass(frozen=True, slots=True)
class Call:
    """One question a page asked and what came back; `answer` is none when it failed."""

    name: str
    params: Mapping[str, Any]
    answer: Answer | None


class Shelf:
    """Answers by key, least recently used first out, bounded by count and by bytes."""

    def __init__(self, entries: int = MAX_ENTRIES, size: int = MAX_BYTES) -> None:
        self._entries, self._size = entries, size
        self._held: OrderedDict[Key, tuple[Answer, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}
        self.bytes = 0

    def get(self, key: Key, make: Callable[[], Answer]) -> Answer:
        """The answer kept, or made by exactly one of the threads that ask for it at once."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
            gate = self._making.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                if key in self._held:
                    return self._held[key][0]
            try:
                answer = make()
                self._keep(key, answer)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return answer

    def clear(self) -> None:
        """Forget everything, as after another lake was opened."""
        with self._lock:
            self._held.clear()
            self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def _keep(self, key: Key, answer: Answer) -> None:
        size = int(answer.frame.estimated_size()) + 2_048
        if size > self._size // 4:
            return
        with self._lock:
            if key in self._held:
                self.bytes -= self._held.pop(key)[1]
            self._held[key] = (answer, size)
            self.bytes += size
            while len(self._held) > self._entries or self.bytes > self._size:
                self.bytes -= self._held.popitem(last=False)[1][1]


SHELF = Shelf()
_OBSERVERS: list[Callable[[Call], None]] = []


def cached(fn: Analytic, at: At, **params: Any) -> Answer:
    """What `fn(at, **params)` answers; asked once per clock, mode, versions and parameters."""
    name = f"{fn.__module__}.{fn.__qualname__}"
    asked = tuple(sorted((key, repr(value)) for key, value in params.items()))
    key = (name, asked, at.as_of, at.mode, at.token(*sorted(at.versions)))
    try:
        kept = SHELF.get(key, lambda: fn(at, **params))
    except Exception:
        _tell(Call(name, params, None))
        raise
    answer = replace(kept, frame=kept.frame.clone())
    _tell(Call(name, params, answer))
    return answer


@contextmanager
def observe(listener: Callable[[Call], None]) -> Iterator[None]:
    """Hear every call while the block runs; this is how a page's questions are checked."""
    _OBSERVERS.append(listener)
    try:
        yield
    finally:
        _OBSERVERS.remove(listener)


def _tell(call: Call) -> None:
    for listener in tuple(_OBSERVERS):
        listener(call)
