"""A lake of its own for every test, and one that is made once: a world with a future."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.lake import Lake
from data.query import Db
from tests.analytics import revised_world


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake of the workspace `live`."""
    return Lake(tmp_path / "live" / "lake", workspace="live")


@pytest.fixture
def db(lake: Lake) -> Iterator[Db]:
    """A reader of that lake."""
    reader = Db(lake.root, threads=1)
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Db]:
    """A reader of a lake with corrections, late rows, a second source, and three ingestions."""
    held = revised_world.build(tmp_path_factory.mktemp("revised"))
    reader = Db(held.lake, threads=2)
    yield reader
    reader.close()
