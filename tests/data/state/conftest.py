"""An open state, a clock of fixed instants, and real processes that use the state at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.state.db import State
from data.state.values import Edit

ROOT = Path(__file__).parents[3]
START = datetime(2024, 1, 2, 9, 30, tzinfo=UTC)
Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "state.db")
    yield found
    found.close()


@pytest.fixture
def at() -> Callable[[float], datetime]:
    """The instant so many hours after the start."""
    return lambda hours: START + timedelta(hours=hours)


@pytest.fixture
def edit(at: Callable[[float], datetime]) -> Callable[..., Edit]:
    """An edit by `ann`, so many hours after the start."""
    return lambda hours, note="", author="ann": Edit(author, at(hours), note)


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Run a script in a process of its own; whatever still runs at the end is killed."""
    children: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()
