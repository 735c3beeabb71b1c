"""SIGKILL at random instants of a backfill: the lake then holds what was sent, each row once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.settings import Settings
from data.state import runs
from ingest.runs.engine import open_engine
from tests import tiers
from tests.ingest.backfill_once import DUE
from tests.ingest.conftest import stored
from tests.ingest.server import Handler, Server, document
from tests.machine import ROOT

KILLS = tiers.amount("INGEST_KILLS", day=5, night=100)
NAMES = [f"s{at}" for at in range(8)]
PAGES = 4
ROWS = 10
EXPECTED = len(NAMES) * (PAGES * ROWS + PAGES - 1)

pytestmark = pytest.mark.uncounted


def page(to: Handler) -> None:
    """Rows of a series, page by page; each page has a vintage of one row of the page before."""
    name, number = to.query["name"], int(to.query.get("page", "1"))
    rows = [
        [name, f"{1900 + number * ROWS + at}-01-01", float(at), "2020-01-01T00:00:00+00:00"]
        for at in range(ROWS)
    ]
    if number > 1:
        early = f"{1900 + (number - 1) * ROWS}-01-01"
        rows.append([name, early, 99.0 + number, "2021-01-01T00:00:00+00:00"])
    document({"rows": rows, "next": number + 1 if number < PAGES else None})(to)


class Forge:
    """Starts backfills one after another, and kills them when told to."""

    def __init__(self, url: str) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest.backfill_once", url, *NAMES],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def _said(self) -> tuple[str, int]:
        assert self._parent.stdout is not None
        word, number = self._parent.stdout.readline().split()
        return word, int(number)

    def start(self, folder: Path) -> int:
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{folder}\n")
        self._parent.stdin.flush()
        word, child = self._said()
        assert word == "pid"
        return child

    def end(self) -> int:
        word, code = self._said()
        assert word == "exit"
        return code

    def kill(self, child: int) -> int:
        """One that ended before has not been buried, so its number is still its own."""
        os.kill(child, signal.SIGKILL)
        return self.end()

    def close(self) -> None:
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait(60)


@pytest.fixture
def forge(server: Server) -> Iterator[Forge]:
    server.acts["/values"] = page
    made = Forge(server.url)
    yield made
    made.close()


def contents(folder: Path) -> tuple[list[tuple[object, ...]], runs.Run]:
    settings = Settings.from_env("test", {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "256"})
    with open_engine(settings, quotas={}) as engine:
        (run,) = runs.recent(engine.state, as_of=DUE.replace(year=2200))
        return stored(engine), run


def length_of_one(forge: Forge, folder: Path) -> float:
    began = time.monotonic()
    forge.start(folder)
    assert forge.end() == 0
    return time.monotonic() - began


def test_a_killed_backfill_goes_on_without_loss_or_doubling(
    tmp_path: Path, forge: Forge, rng: random.Random
) -> None:
    # The first run may be slow for reasons of the machine, and kills spread over its length would
    # then mostly come after the end of the others.
    lasted = min(length_of_one(forge, tmp_path / name) for name in ("first", "calm"))
    wanted, _ = contents(tmp_path / "calm")
    assert len(wanted) == EXPECTED

    killed = rounds = 0
    while killed < KILLS:
        rounds += 1
        assert rounds < 9 * KILLS, "the kills never met a run"
        folder = tmp_path / f"round{rounds}"
        deaths = 0
        while True:
            child = forge.start(folder)
            if deaths < 5:
                time.sleep(lasted * rng.random())
                code = forge.kill(child)
            else:
                code = forge.end()
            if code == 0:
                break
            assert code == -signal.SIGKILL
            deaths += 1
        found, run = contents(folder)
        assert found == wanted
        assert run.outcome.status == "ok" and run.attempt <= deaths + 1
        assert run.outcome.rows_added + run.outcome.vintages_added == EXPECTED
        assert not list(folder.glob("test/run/journal/*"))
        assert not list(folder.glob("test/lake/**/.tmp-*"))
        killed += deaths
        shutil.rmtree(folder)


def test_what_was_stored_is_not_fetched_again(tmp_path: Path, forge: Forge, server: Server) -> None:
    journal = tmp_path / "test" / "run" / "journal"
    child = forge.start(tmp_path)
    while not any(path.read_text().endswith("}\n") for path in journal.glob("*.jsonl")):
        time.sleep(0.001)
    was_killed = forge.kill(child) != 0
    before = server.count("/values")
    forge.start(tmp_path)
    assert forge.end() == 0
    if was_killed:
        assert 0 < server.count("/values") - before < PAGES * len(NAMES)
    assert len(contents(tmp_path)[0]) == EXPECTED
