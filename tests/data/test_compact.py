"""Gathering and ending files is as safe from a death as any other commit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.disk import sha256
from data.lake import Lake
from data.lake.compact import compact, retire
from data.lake.manifest import read_manifest
from data.query import Db
from tests import tiers
from tests.data.compact_child import WHOLE, work
from tests.data.samples import FAR, day, table, tick

REPOSITORY = Path(__file__).resolve().parents[2]
FILES, ROWS = 3, 6
MOST = 200
Strike = Callable[[Path, str, int], int]


@pytest.fixture(scope="module")
def strike() -> Iterator[Strike]:
    """Let a child do a job on a lake and die at a step; gives its exit code."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.data.compact_child"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:

        def ask(root: Path, job: str, step: int) -> int:
            assert parent.stdin and parent.stdout
            parent.stdin.write(json.dumps({"root": str(root), "job": job, "strike": step}) + "\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield ask
        assert parent.stdin
        parent.stdin.close()


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """Three segments of two trades each."""
    for number in range(FILES):
        at = day(1) + timedelta(minutes=5 * number)
        rows = table(tick(2 * number, at, event_at=at), tick(2 * number + 1, at, event_at=at))
        lake.append("ticks", rows, publish_id=f"p{number}")
    return lake


def trades(lake: Lake) -> int:
    """How many trades a reader counts; every listed file is whole."""
    folder = lake.root / "ticks"
    for entry in read_manifest(lake.store, "ticks").files:
        assert sha256(folder / entry.file) == entry.sha256
    db = Db(lake.root, threads=1)
    answer = db.at(FAR).sql("SELECT count(DISTINCT trade_id) AS n, count(*) AS all FROM ticks")
    db.close()
    assert answer.damaged == ()
    assert answer.frame["n"][0] == answer.frame["all"][0]
    return int(answer.frame["n"][0])


def unlisted(lake: Lake) -> set[str]:
    """Files that no manifest knows, a dead writer's marker included."""
    folder = lake.root / "ticks"
    manifest = read_manifest(lake.store, "ticks")
    known = {entry.file for entry in manifest.files} | set(manifest.retired)
    known |= {f"_meta/manifest-{n:012d}.json" for n in range(1, manifest.version + 1)}
    known |= {"_meta/lock", "_meta/manifest.json"}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return found - known


@pytest.mark.parametrize(("job", "left"), [("compact", ROWS), ("retire", 0)])
def test_a_death_at_every_step_leaves_the_old_version_or_the_new_and_is_cleaned_up(
    filled: Lake, strike: Strike, tmp_path: Path, job: str, left: int
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(filled.root, kept)
    found, litter = [], 0
    # By day every third step, which the commit draws.
    stride = 1 if tiers.is_night() else 3
    for step in range(1 + tiers.drawn(f"compact {job}", stride), MOST, stride):
        shutil.rmtree(filled.root)
        shutil.copytree(kept, filled.root)
        code = strike(filled.root, job, step)
        if code == 0:
            break
        assert code == -9
        version = read_manifest(filled.store, "ticks").version
        assert (version, trades(filled)) in {(FILES, ROWS), (FILES + 1, left)}
        found.append(version)
        litter += bool(unlisted(filled))
        work(filled.root, job)
        assert read_manifest(filled.store, "ticks").version == FILES + 1
        assert trades(filled) == left
        assert unlisted(filled) == set()
    # It died before and after the commit, and there was something to clean up.
    assert FILES in found
    if tiers.is_night():
        assert FILES + 1 in found
    assert litter > len(found) / 2


def test_what_a_dead_writer_left_goes_with_the_next_maintenance(filled: Lake) -> None:
    folder = filled.root / "ticks"
    orphan = folder / "date=2020-01-02" / "part-000000000004-dead.parquet"
    orphan.write_bytes(b"half")
    compact(filled, "ticks", lambda file: None, publish_id="p")
    assert orphan.exists(), "without a marker it may belong to a writer of before: the collector's"
    (folder / "_meta" / "writing").touch()
    retire(filled, "ticks", lambda file: False, publish_id="p")
    assert not orphan.exists()
    assert unlisted(filled) == set()


def test_a_failure_before_the_commit_takes_back_what_was_written(filled: Lake) -> None:
    (first, *_) = read_manifest(filled.store, "ticks").files
    (filled.root / "ticks" / first.file).write_bytes(b"damaged")
    with pytest.raises(Exception, match="ticks: .* is damaged or missing"):
        compact(filled, "ticks", lambda file: WHOLE, publish_id="p")
    assert unlisted(filled) == {"_meta/writing"}
    assert read_manifest(filled.store, "ticks").version == FILES


def test_a_lake_without_trades_has_nothing_to_gather_or_to_end(lake: Lake) -> None:
    assert compact(lake, "ticks", lambda file: WHOLE, publish_id="p").version == 0
    assert retire(lake, "ticks", lambda file: True, publish_id="p") == 0
