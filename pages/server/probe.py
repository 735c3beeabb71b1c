"""What a health probe is told at once: the last look, renewed behind the answer.

A look asks the lake, which on a busy server takes its turn with everything else. A probe is
answered from the last one while that is no older than ten seconds, and starts the next; whoever
comes after a longer pause waits for a new look. Several probes at once share one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

FRESH_S = 1.0
USABLE_S = 10.0
Health = dict[str, Any]


class Probe:
    """Looks with `look`, in a thread, and remembers."""

    def __init__(
        self, look: Callable[[], Health], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look, self._clock = look, clock
        self._told: Health = {}
        self._at = float("-inf")
        self._renewing: asyncio.Task[Health] | None = None

    async def answer(self) -> Health:
        """The last look if it may still be told, else a new one."""
        age = self._clock() - self._at
        if age <= FRESH_S:
            return self._told
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        return self._told if age <= USABLE_S else await asyncio.shield(self._renewing)

    async def _renew(self) -> Health:
        self._told = await asyncio.to_thread(self._look)
        self._at = self._clock()
        return self._told
