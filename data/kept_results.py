"""What a process has computed, kept for all its threads; whoever asks first computes it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class KeptResults(Generic[Result]):
    """Results by key, of which the least used are given up beyond `most`, the last one never.

    `weight` says how much of `most` one takes, `is_whole` whether it is to be kept: what leaves
    out damaged files is computed again, for they may be mended.
    """

    def __init__(
        self,
        most: int,
        *,
        is_whole: Callable[[Result], bool],
        weight: Callable[[Result], int] = lambda _: 1,
    ) -> None:
        self._most, self._is_whole, self._weight = most, is_whole, weight
        self._results: OrderedDict[Hashable, tuple[Result, int]] = OrderedDict()
        self._held = 0
        self._turns: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result of a key; others are not kept waiting while it is computed."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key][0]
            try:
                result = compute()
                if self._is_whole(result):
                    self._keep(key, result)
            finally:
                with self._lock:
                    self._turns.pop(key, None)
        return result

    def held(self, key: Hashable) -> Result | None:
        """The result of a key, where it is kept."""
        with self._lock:
            return self._results[key][0] if key in self._results else None

    def clear(self) -> None:
        """Give up all of them."""
        with self._lock:
            self._results.clear()
            self._held = 0

    def _keep(self, key: Hashable, result: Result) -> None:
        weight = self._weight(result)
        with self._lock:
            self._results[key] = result, weight
            self._held += weight
            while len(self._results) > 1 and self._held > self._most:
                self._held -= self._results.popitem(last=False)[1][1]
