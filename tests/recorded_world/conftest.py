"""The recorded world, fetched once and then only read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from data.query import At, Db
from data.settings import Settings
from data.state.runs import Run
from tests import machine
from tests.recorded_world import fetch
from tests.recorded_world.fortnight import NOW, Clock, machine_at

NOWHERE = "redis://127.0.0.1:1/0"  # a bus that is gone, at an address of no folder


@dataclass(frozen=True)
class Fetched:
    """What lies in the workspace after the fortnight, and how it came there."""

    settings: Settings
    ledger: tuple[Run, ...]
    asked: tuple[tuple[str, str], ...]
    db: Db

    def at(self, moment: datetime = NOW) -> At:
        """The lake at a clock."""
        return self.db.at(moment)


def memory(fallback: Path) -> Path:
    """A folder for thousands of small transactions: in memory where the machine offers that."""
    shm = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=shm)) if shm.is_dir() else fallback


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    """The fortnight, fetched."""
    machine.require("shared")
    folder = memory(tmp_path_factory.mktemp("recorded"))
    with fetch.fortnight(folder) as world:
        ledger, asked = tuple(world.ledger()), tuple(world.hosts.asked)
    db = Db(world.settings.lake, memory_limit_mb=512, threads=2)
    try:
        yield Fetched(replace(world.settings, redis_url=NOWHERE), ledger, asked, db)
    finally:
        db.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder for a world of one or two sources."""
    machine.require("shared")
    folder = memory(tmp_path)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def evening() -> Iterator[Clock]:
    """The machine's time is the now of the recorded world."""
    clock = Clock(NOW)
    with machine_at(clock):
        yield clock
