"""Results of several questions that make one panel, kept while what they follow from is the same.

Answers of a single analytic are kept by `cached`; this is for what a page makes of many.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from data.query import At

Result = TypeVar("Result")
LIVE = frozenset({"ticks", "bars"})  # grow by the second, and nothing that is kept here reads them


def lake_state(at: At) -> Hashable:
    """The clock with the versions of all datasets but the live ones."""
    return at.identity(sorted(set(at.manifests) - LIVE))


class LastUsed(Generic[Result]):
    """The results that were used last, by what they follow from."""

    def __init__(self, most: int, is_whole: Callable[[Result], bool] = lambda result: True) -> None:
        """`is_whole` says whether a result may be kept: none that lacks a damaged file is."""
        self._most, self._is_whole, self._lock = most, is_whole, threading.Lock()
        self._kept: OrderedDict[Hashable, Result] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result kept, else a new one."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        if self._is_whole(made):
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made
