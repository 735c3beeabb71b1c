"""A probe is answered at once, from a look that is seconds old at most."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pages.server.probe import Probe


def apart(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it in a thread of its own: a browser of other tests keeps this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


class Looks:
    """Counts looks, and holds them back while closed."""

    def __init__(self) -> None:
        self.count = 0
        self.open = threading.Event()
        self.open.set()

    def __call__(self) -> dict[str, Any]:
        assert self.open.wait(10)
        self.count += 1
        return {"look": self.count}


def test_probes_at_once_share_a_look() -> None:
    async def run() -> None:
        looks = Looks()
        now = [100.0]
        asked = Probe(looks, lambda: now[0])
        told = await asyncio.gather(*(asked.answer() for _ in range(5)))
        assert told == [{"look": 1}] * 5
        assert await asked.answer() == {"look": 1}
        assert looks.count == 1

    apart(run)


def test_a_probe_does_not_wait_for_the_look_it_starts() -> None:
    async def run() -> None:
        looks = Looks()
        now = [100.0]
        asked = Probe(looks, lambda: now[0])
        await asked.answer()
        now[0] += 5
        looks.open.clear()
        assert await asyncio.wait_for(asked.answer(), 1) == {"look": 1}
        looks.open.set()
        while looks.count < 2:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.01)
        assert await asked.answer() == {"look": 2}

    apart(run)


def test_after_a_pause_a_new_look_is_waited_for() -> None:
    async def run() -> None:
        looks = Looks()
        now = [100.0]
        asked = Probe(looks, lambda: now[0])
        await asked.answer()
        now[0] += 11
        assert await asked.answer() == {"look": 2}

    apart(run)


def test_a_look_that_fails_is_said_and_the_next_one_tries_again() -> None:
    async def run() -> None:
        found: list[dict[str, Any] | Exception] = [OSError("no disk"), {"ok": True}]

        def look() -> dict[str, Any]:
            one = found.pop(0)
            if isinstance(one, Exception):
                raise one
            return one

        asked = Probe(look)
        with pytest.raises(OSError, match="no disk"):
            await asked.answer()
        assert await asked.answer() == {"ok": True}

    apart(run)
