"""A small demo world, seeded once per test session, for every test that needs data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from data.query import At, Db
from data.settings import Settings
from ingest.sources import demo
from ingest.sources.demo_world.spec import Spec, make_spec

UNTIL = date(2024, 6, 28)
SEED = 7


def settings_in(folder: Path, workspace: str = "demo") -> Settings:
    """Settings of a workspace below a folder of the test's own."""
    return Settings(folder, workspace, None, 1024, 2)


@dataclass(frozen=True)
class DemoLake:
    """A seeded workspace and its reader; nobody writes to it."""

    settings: Settings
    spec: Spec
    stamp: demo.Stamp
    db: Db

    def at(self, as_of: datetime | None = None) -> At:
        """A handle at the end of the world, or at another clock."""
        return self.db.at(as_of or self.spec.end)


@pytest.fixture(scope="session")
def demo_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoLake]:
    """The small world to the end of June 2024."""
    settings = settings_in(tmp_path_factory.mktemp("demo_world"))
    spec = make_spec(SEED, UNTIL, "small")
    stamp = demo.seed(settings, spec, lambda words: None)
    db = Db(settings.lake, memory_limit_mb=1024, threads=2)
    yield DemoLake(settings, spec, stamp, db)
    db.close()
