"""cached(): the one way a page asks an analytic; answers are kept by all that they were read from.

Shared by every session and bounded. What it hands out is a shallow copy, so that no page can
change the frame that another page reads. A partial answer is never kept: its file may be mended.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from analytics.core.catalogue import called, full_name
from analytics.macro import weights
from data.query import Answer, At, Identity
from data.query.guard import dataset_of

Analytic = Callable[..., Answer]
Key = tuple[object, ...]
MAX_ENTRIES = 512
MAX_BYTES = 192 * 2**20


@dataclass(frozen=True, slots=True)
class AnalyticCall:
    """An analytic that a page called, with its answer; none where it failed."""

    name: str
    params: Mapping[str, Any]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, which datasets it read and in what state, what it weighs, and how it was drawn.

    Drawings lie with their answer, by draw function and look, and go when it goes.
    """

    answer: Answer
    read: tuple[str, ...]
    basis: Identity
    size: int
    drawings: dict[Key, Any] = field(default_factory=dict)

    def copy(self) -> Answer:
        """The answer with a frame of the caller's own; the data itself is shared."""
        return replace(self.answer, frame=self.answer.frame.clone())

    def holds(self, at: At) -> bool:
        """Whether every dataset it was read from is still the same under this handle."""
        return self.basis == at.identity(self.read)


class AnswerCache:
    """Answers by question, least recently used first out, bounded by count and by bytes."""

    def __init__(self, entries: int = MAX_ENTRIES, size: int = MAX_BYTES) -> None:
        self._entries, self._size = entries, size
        self._held: OrderedDict[Key, KeptAnswer] = OrderedDict()
        self._lock = threading.Lock()
        self._gates: dict[Key, threading.Lock] = {}
        self.bytes = 0

    def get(self, key: Key, at: At, make: Callable[[], Answer]) -> KeptAnswer:
        """The answer kept, or made by one of the threads that ask for it while the rest wait."""
        if (kept_answer := self._find(key, at)) is not None:
            return kept_answer
        with self._lock:
            gate = self._gates.setdefault(key, threading.Lock())
        try:
            with gate:
                if (kept_answer := self._find(key, at)) is not None:
                    return kept_answer
                return self._keep(key, at, make())
        finally:
            with self._lock:
                self._gates.pop(key, None)

    def clear(self) -> None:
        """Forget everything, as after another lake was opened."""
        with self._lock:
            self._held.clear()
            self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def _find(self, key: Key, at: At) -> KeptAnswer | None:
        with self._lock:
            kept_answer = self._held.get(key)
            if kept_answer is None or not kept_answer.holds(at):
                return None
            self._held.move_to_end(key)
            return kept_answer

    def _keep(self, key: Key, at: At, answer: Answer) -> KeptAnswer:
        answer = _light(answer)
        size = _size(answer)
        tables = {table for query_run in answer.asked for table in query_run.tables}
        read = tuple(sorted({dataset_of(table) for table in tables}))
        kept_answer = KeptAnswer(answer, read, at.identity(read), size)
        if answer.damaged or size > self._size // 4:
            return kept_answer
        with self._lock:
            if (old := self._held.pop(key, None)) is not None:
                self.bytes -= old.size
            self._held[key] = kept_answer
            self.bytes += size
            while len(self._held) > self._entries or self.bytes > self._size:
                self.bytes -= self._held.popitem(last=False)[1].size
        return kept_answer


def _light(answer: Answer) -> Answer:
    """Without the rows of its queries, where they are many and not the answer itself."""
    light = (
        query_run if query_run.kept is answer.frame else query_run.light()
        for query_run in answer.asked
    )
    return replace(answer, asked=tuple(light))


def _size(answer: Answer) -> int:
    frames = [answer.frame, *(run.kept for run in answer.asked if run.kept is not answer.frame)]
    return 2_048 + sum(int(frame.estimated_size()) for frame in frames if frame is not None)


SHELF = AnswerCache()
_OBSERVERS: list[Callable[[AnalyticCall], None]] = []


def cached(fn: Analytic, at: At, **params: Any) -> Answer:
    """What `fn(at, **params)` answers; asked once per handle's identity and parameters."""
    return ask(fn, at, **params).copy()


def ask(fn: Analytic, at: At, **params: Any) -> KeptAnswer:
    """`cached` for the panels, which keep their drawings with the answer."""
    name = full_name(fn)
    pairs = tuple(sorted((key, repr(value)) for key, value in params.items()))
    try:
        key = (name, pairs, at.identity(), weights.state_of(at))
        kept_answer = SHELF.get(key, at, lambda: called(fn, at, **params))
    except Exception:
        _tell(AnalyticCall(name, params, None))
        raise
    _tell(AnalyticCall(name, params, kept_answer.copy()))
    return kept_answer


@contextmanager
def observe(listener: Callable[[AnalyticCall], None]) -> Iterator[None]:
    """Hear every call while the block runs; this is how a page's questions are checked."""
    _OBSERVERS.append(listener)
    try:
        yield
    finally:
        _OBSERVERS.remove(listener)


def _tell(call: AnalyticCall) -> None:
    for listener in tuple(_OBSERVERS):
        listener(call)
