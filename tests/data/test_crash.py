"""Struck at any system call of a write, the lake is at the old version or at the new one, whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from data.disk import sha256
from data.lake import Lake
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.query import Db
from tests import machine, tiers
from tests.data.crash_child import SYMBOLS, YEARS, payload, write, write_batch
from tests.data.samples import FAR

pytestmark = [pytest.mark.needs("strace"), pytest.mark.uncounted]

REPOSITORY = Path(__file__).resolve().parents[2]
CALLS = (
    "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,"
    "flock,unlink,unlinkat,mkdir,mkdirat,ftruncate,close"
)
# At night every call of both writes meets every error; by day the first write, which differs by the
# folders that it makes, is struck there, of the rewrite's calls the commit draws one of eight, and
# each call meets one error of its own.
NIGHTLY = tiers.is_night()
PART = 8
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


class Call(NamedTuple):
    """The n-th time that a thread makes a system call on a path of the lake."""

    name: str
    path: str
    turn: int


@dataclass
class Struck:
    """What became of a child."""

    code: int
    said: str
    trace: list[str]


class Forge:
    """Children of one warmed-up parent, each watched by strace from its first step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "live" / "lake"
        self.gate = folder / "gate"
        os.mkfifo(self.gate)
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.data.crash_child"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def strike(self, value: int, paths: list[str], *options: str, work: str = "write") -> Struck:
        """Let a child write `value` while strace does to it what the options say."""
        order = {
            "root": str(self.root),
            "value": value,
            "work": work,
            "gate": str(self.gate),
            "log": str(self.folder / "said"),
        }
        assert self._parent.stdin
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        pid = self._line()
        trace = self.folder / "trace"
        watch = [machine.require("strace"), "-f", "-y", "-s", "0", "-o", trace, "-p", str(pid)]
        only = [part for path in paths for part in ("-P", path)]
        with subprocess.Popen(
            [*watch, *only, *options], stderr=subprocess.PIPE, text=True
        ) as strace:
            assert strace.stderr
            for line in strace.stderr:
                if "attached" in line:
                    break
            self.gate.write_bytes(b"")
            strace.stderr.read()
        code = self._line()
        return Struck(code, (self.folder / "said").read_text(), trace.read_text().splitlines())

    def _line(self) -> int:
        assert self._parent.stdout
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        """Let the parent end."""
        assert self._parent.stdin
        self._parent.stdin.close()
        self._parent.wait()


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """One parent for all strikes."""
    found = Forge(tmp_path_factory.mktemp("forge"))
    yield found
    found.close()


def begin(forge: Forge, value: int) -> None:
    """The lake as it was after `value` publications."""
    kept = forge.folder / f"kept-{value}"
    if not kept.exists():
        shutil.rmtree(forge.root.parent, ignore_errors=True)
        forge.root.parent.mkdir(parents=True)
        for number in range(1, value + 1):
            write(forge.root, number)
        forge.root.mkdir(exist_ok=True)
        shutil.copytree(forge.root.parent, kept)
    shutil.rmtree(forge.root.parent, ignore_errors=True)
    shutil.copytree(kept, forge.root.parent)


def calls(forge: Forge, trace: list[str]) -> list[Call]:
    """The calls of a trace that concern the lake, in the order in which they began."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    inside = re.compile(rf'["<]({re.escape(str(forge.root))}[^">]*)[">]')
    for line in trace:
        call = LINE.match(line)
        path = inside.search(call[3]) if call else None
        if call and path:
            seen[call[1], call[2], path[1]] += 1
            found.append(Call(call[2], path[1], seen[call[1], call[2], path[1]]))
    return found


def unique(made: list[Call]) -> list[Call]:
    """Each once: of two threads that make the same call, strace strikes the one that is first."""
    return list(dict.fromkeys(made))


@pytest.fixture(scope="module", params=[0, 1], ids=["first write", "rewrite"])
def recorded(forge: Forge, request: pytest.FixtureRequest) -> tuple[int, list[Call], list[str]]:
    """The system calls of one undisturbed write: into an empty lake, and over a version."""
    before = request.param
    begin(forge, before)
    struck = forge.strike(before + 1, [], "-e", f"trace={CALLS}", "--quiet=none")
    assert struck.code == 0, struck.said
    return before, calls(forge, struck.trace), struck.trace


def readers_see_one_version(root: Path, old: int, new: int) -> int:
    """Both partitions carry one version, every listed file is whole; gives the version."""
    manifest = read_manifest(DiskStore(root), "prices")
    assert manifest.version in (old, new)
    for entry in manifest.files:
        assert sha256(root / "prices" / entry.file) == entry.sha256
    db = Db(root, threads=1)
    answer = db.at(FAR).sql("SELECT date, symbol, close FROM prices")
    everything = db.at(FAR).sql("SELECT count(*) FROM prices_vintages").frame.item()
    db.close()
    assert answer.damaged == ()
    assert set(answer.frame["close"]) == ({float(manifest.version)} if manifest.version else set())
    facts = len(YEARS) * len(SYMBOLS)
    assert answer.frame.height == (facts if manifest.version else 0)
    assert everything == facts * manifest.version
    return manifest.version


def nothing_is_left_over(root: Path) -> None:
    """On the disk lie exactly what is listed, what is retired, and the kept manifests."""
    folder = root / "prices"
    manifest = read_manifest(DiskStore(root), "prices")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    versions = {f"_meta/manifest-{n:012d}.json" for n in range(1, manifest.version + 1)}
    data = {entry.file for entry in manifest.files} | set(manifest.retired)
    assert found == {"_meta/lock", "_meta/manifest.json"} | versions | data
    newest = folder / "_meta" / f"manifest-{manifest.version:012d}.json"
    assert (folder / "_meta" / "manifest.json").read_bytes() == newest.read_bytes()
    listed = {path.name for path in (root / "_meta").iterdir()} - {"batch"}
    assert listed == {"lock", "versions.json"}


def the_next_run_heals(root: Path, before: int) -> None:
    """The same publication again: done once, whatever had become of it."""
    lake = Lake(root, workspace="live")
    done = lake.upsert("prices", payload(before + 1), publish_id=f"p{before + 1}")
    assert done.version == before + 1
    assert readers_see_one_version(root, before + 1, before + 1) == before + 1
    nothing_is_left_over(root)


def check_strike(forge: Forge, before: int, call: Call, fault: str) -> str:
    """Strike one call and hold what is left against the promise; gives how it ended."""
    begin(forge, before)
    options = ["-e", f"trace={call.name}", "-e", f"inject={call.name}:{fault}:when={call.turn}"]
    struck = forge.strike(before + 1, [call.path], *options)
    where = f"{fault} at {call}: exit {struck.code}: {struck.said}"
    if not any("INJECTED" in line or "+++ killed" in line for line in struck.trace):
        # Which of the engine's threads opens and writes how often is theirs to decide.
        by_engine = call.name not in ("fsync", "rename") and call.path.startswith(
            f"{forge.root}/prices/asset_class="
        )
        assert struck.code == 0 and by_engine, where
        return "missed"
    assert struck.code in (0, 1, -9), where
    version = readers_see_one_version(forge.root, before, before + 1)
    assert struck.code != 0 or version == before + 1, where
    if struck.code == 1:
        assert struck.said.count("\n") == 1, where
        assert "prices" in struck.said or "versions.json" in struck.said, where
    the_next_run_heals(forge.root, before)
    return "new" if version > before else "old"


def chosen(before: int, made: list[Call]) -> list[Call]:
    """The calls to strike in this run."""
    every = unique(made)
    if before or NIGHTLY:
        return tiers.daily(every, PART, "tests/data/test_crash.py, calls of a rewrite")
    return [call for call in every if call.name == "mkdir"]


def test_a_kill_at_every_system_call(
    forge: Forge, recorded: tuple[int, list[Call], list[str]]
) -> None:
    before, made, _ = recorded
    struck = chosen(before, made)
    ended = Counter(check_strike(forge, before, call, "signal=KILL") for call in struck)
    sys.stdout.write(f"{len(struck)} kills: {dict(ended)}\n")
    assert ended["missed"] < len(struck)
    if struck == unique(made):
        assert ended["missed"] * 5 < len(struck)
        # A few calls follow the commit; all that come before it leave the old version.
        assert ended["old"] > ended["new"] > 0


ERRORS = {
    "write": ("ENOSPC", "EIO"),
    "pwrite64": ("ENOSPC", "EIO"),
    "openat": ("EIO",),
    "mkdir": ("ENOSPC",),
    "fsync": ("EIO", "ENOSPC"),
    "rename": ("EIO", "ENOSPC", "EXDEV"),
    "close": ("EIO",),
    "flock": ("EIO",),
    "unlink": ("EIO",),
    "ftruncate": ("ENOSPC",),
}


def test_an_error_at_every_system_call(
    forge: Forge, recorded: tuple[int, list[Call], list[str]]
) -> None:
    before, made, _ = recorded
    assert {call.name for call in made} <= set(ERRORS)
    faults = [
        (call, error)
        for number, call in enumerate(chosen(before, made))
        for error in (
            ERRORS[call.name] if NIGHTLY else [ERRORS[call.name][number % len(ERRORS[call.name])]]
        )
    ]
    ended = Counter(check_strike(forge, before, call, f"error={error}") for call, error in faults)
    sys.stdout.write(f"{len(faults)} errors: {dict(ended)}\n")
    assert ended["missed"] * (5 if NIGHTLY else 1) < len(faults)
    assert ended["old"] > 0


def test_a_read_only_disk_is_one_sentence(forge: Forge) -> None:
    begin(forge, 1)
    lock = str(forge.root / "prices" / "_meta" / "lock")
    struck = forge.strike(2, [lock], "-e", "trace=openat", "-e", "inject=openat:error=EROFS")
    assert struck.code == 1
    assert struck.said.count("\n") == 1
    assert "the disk is read-only; mount it writable or set DATA_DIR" in struck.said
    assert readers_see_one_version(forge.root, 1, 1) == 1


def begin_batch(forge: Forge) -> None:
    """The lake as it was after one batch over two datasets."""
    kept = forge.folder / "kept-batch"
    if not kept.exists():
        shutil.rmtree(forge.root.parent, ignore_errors=True)
        forge.root.parent.mkdir(parents=True)
        write_batch(forge.root, 1)
        shutil.copytree(forge.root.parent, kept)
    shutil.rmtree(forge.root.parent, ignore_errors=True)
    shutil.copytree(kept, forge.root.parent)


def batch_seen(root: Path) -> int:
    """The value of both datasets, which is one, as every reader has it."""
    db = Db(root, threads=1)
    at = db.at(FAR)
    prices, macro = (
        at.sql(f"SELECT DISTINCT {column} AS v FROM {name}")
        for name, column in (("prices", "close"), ("macro", "value"))
    )
    db.close()
    assert prices.damaged == macro.damaged == ()
    assert prices.frame["v"].to_list() == macro.frame["v"].to_list()
    assert len(set(at.versions.values()) - {0}) == 1
    return int(prices.frame["v"].item())


def test_a_batch_is_seen_whole_or_not_at_all_wherever_it_is_struck(forge: Forge) -> None:
    begin_batch(forge)
    watched = CALLS if NIGHTLY else "rename,fsync,unlink"
    whole = forge.strike(2, [], "-e", f"trace={watched}", "--quiet=none", work="batch")
    assert whole.code == 0, whole.said
    assert batch_seen(forge.root) == 2
    ended: Counter[int] = Counter()
    made = tiers.daily(
        unique(calls(forge, whole.trace)), PART, "tests/data/test_crash.py, calls of a batch"
    )
    for call in made:
        begin_batch(forge)
        options = [
            "-e",
            f"trace={call.name}",
            "-e",
            f"inject={call.name}:signal=KILL:when={call.turn}",
        ]
        struck = forge.strike(2, [call.path], *options, work="batch")
        if struck.code == 0:
            continue
        ended[batch_seen(forge.root)] += 1
        write_batch(forge.root, 2)
        assert batch_seen(forge.root) == 2
        nothing_is_left_over(forge.root)
    sys.stdout.write(f"{len(made)} kills of a batch: {dict(ended)}\n")
    assert ended[1] > 0
    assert ended.total() > len(made) * (0.8 if NIGHTLY else 0.5)
    if NIGHTLY:
        assert ended[1] > ended[2] > 0


def test_content_is_durable_before_its_name_and_all_data_before_the_commit(
    forge: Forge, recorded: tuple[int, list[Call], list[str]]
) -> None:
    """Data, then the numbered manifest, then the list: each synced, named, its folder synced."""
    before, made, _ = recorded
    root = forge.root / "prices"
    syncs = [(n, call.path) for n, call in enumerate(made) if call.name == "fsync"]
    renames = [(n, call.path) for n, call in enumerate(made) if call.name == "rename"]
    folders = {f"{root}/asset_class=equity/year={year}" for year in YEARS}
    data = [(n, path) for n, path in renames if os.path.dirname(path) in folders]
    meta = [(n, path) for n, path in renames if os.path.dirname(path) == f"{root}/_meta"]
    assert len(data) == len(folders)
    lists = [(n, path) for n, path in renames if path.startswith(f"{forge.root}/_meta/")]
    ((commit, written),) = lists
    assert [n < commit for n, _ in meta] == [True, False], "numbered first, manifest.json last"
    assert any(n < meta[0][0] and synced == meta[0][1] for n, synced in syncs)
    assert any(meta[0][0] < n < commit and synced == f"{root}/_meta" for n, synced in syncs)
    for moment, path in data:
        assert any(n < moment and synced == path for n, synced in syncs)
        folder = os.path.dirname(path)
        assert any(moment < n < commit and synced == folder for n, synced in syncs)
    list_sync = [n for n, synced in syncs if synced == written]
    assert max(n for n, _ in data) < meta[0][0] < list_sync[0] < commit
    assert any(n > commit and synced == f"{forge.root}/_meta" for n, synced in syncs)
    if before == 0:
        made_folders = [(n, call.path) for n, call in enumerate(made) if call.name == "mkdir"]
        assert len(made_folders) >= 3
        for moment, path in made_folders:
            parent = os.path.dirname(path)
            if parent.startswith(str(forge.root)):
                assert any(moment < n < commit and synced == parent for n, synced in syncs)
