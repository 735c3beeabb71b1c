"""A lake of its own for every test, and rows written as short as can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.lake import Lake
from data.query import Db


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
