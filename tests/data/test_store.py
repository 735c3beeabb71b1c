"""The rules of versions hold over a disk and over a bucket, which knows neither locks nor renames.

What only a bucket can do, to let another writer come first or to break off at a put, is tried in
`test_bucket.py`; a disk is struck at its system calls in `test_crash.py`.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.clock import utc_now
from data.errors import LakeError
from data.lake import RETIRED_GRACE, Lake
from data.lake.compact import compact
from data.lake.manifest import Manifest, manifest_name, numbered_name, read_manifest
from data.lake.snapshot import read_snapshot
from data.lake.store import DiskStore, Store
from data.lake.versions import LIST
from tests.data.bucket import Bucket, collected, data_files, macro, seen, writer
from tests.data.samples import JANUARY, day, observation, price, table, tick

STORES: dict[str, Callable[[Path], Store]] = {"disk": DiskStore, "bucket": Bucket}
WHOLE_DAY = "date=2020-01-02/segment=day"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "live" / "lake"


@pytest.fixture(params=list(STORES))
def store(root: Path, request: pytest.FixtureRequest) -> Store:
    """Either store, empty."""
    return STORES[request.param](root)


# --- One store as another


NAMES = ("a", "d/a", "d/_meta/manifest.json", "d/_meta/manifest-1.json", "d/k=1/part-1.parquet")
MOVES = st.tuples(
    st.sampled_from(["put", "delete", "swap", "place"]),
    st.sampled_from(NAMES),
    st.binary(max_size=3),
)


@pytest.mark.parametrize("kind", STORES)
@given(moves=st.lists(MOVES, max_size=12))
def test_a_store_is_a_map_of_names_to_contents(
    kind: str, moves: list[tuple[str, str, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, known = STORES[kind](Path(folder) / "lake"), dict[str, bytes]()
        for move, name, content in moves:
            before, tag = known.get(name), store.tag(name)
            if move == "put":
                store.put(name, content)
            elif move == "delete":
                store.delete(name)
            elif move == "swap":
                store.swap(name, lambda old, new=content: (old or b"") + new)
            else:
                written = store.begin(name.rpartition("/")[0])
                written.write_bytes(content)
                store.place(written, name)
                assert not written.exists()
            known[name] = known.get(name, b"") + content if move == "swap" else content
            if move == "delete":
                del known[name]
            is_there = name in known
            assert bool(store.tag(name)) == (store.written_at(name) is not None) == is_there
            assert store.tag(name) == store.tag(name)
            assert store.tag(name) != tag or known.get(name) == before
            agrees(store, known)


def agrees(store: Store, known: dict[str, bytes]) -> None:
    """Whatever is asked of the store, the map says the same; a lock file is no content."""
    for prefix in ("", "d/", "d/_meta/", "d/_meta/manifest-", "a", "x"):
        found = {name for name in store.names(prefix) if not name.endswith("lock")}
        assert found == {name for name in known if name.startswith(prefix)}
    for name in NAMES:
        assert store.read(name) == known.get(name)
        if name in known and name.endswith(".parquet") and isinstance(store, DiskStore):
            assert Path(store.location(name)).read_bytes() == known[name]


def test_a_folder_that_cannot_be_listed_is_not_empty(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("d/_meta/manifest-1.json", b"")
    assert list(store.names("d/_meta/")) == ["d/_meta/manifest-1.json"]
    assert list(store.names("e/_meta/")) == []
    (tmp_path / "e").mkdir()
    (tmp_path / "e/_meta").symlink_to("_meta")  # a link to itself, which nobody can follow
    with pytest.raises(OSError, match="symbolic links"):
        list(store.names("e/_meta/"))


def test_a_swap_loses_nothing(store: Store) -> None:
    def count() -> None:
        for _ in range(25):
            store.swap("_meta/n", lambda old: str(int(old or 0) + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("_meta/n") == b"100"


def test_a_swap_that_is_refused_by_its_own_rule_changes_nothing(store: Store) -> None:
    store.put("_meta/n", b"1")

    def refuse(_: bytes | None) -> bytes:
        raise LakeError("no")

    with pytest.raises(LakeError):
        store.swap("_meta/n", refuse)
    assert store.read("_meta/n") == b"1"


# --- Versions over both


STEPS = st.lists(
    st.sampled_from(["publish", "again", "batch", "collect", "compact"]), min_size=1, max_size=7
)


@pytest.mark.parametrize("kind", STORES)
@settings(max_examples=12)
@given(steps=STEPS)
def test_whatever_is_published_is_there_once_and_old_versions_stay(
    kind: str, steps: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "live" / "lake"
        store = STORES[kind](root)
        lake, known = writer(store, root), list[int]()
        versions = list[Manifest]()
        for number, step in enumerate(steps):
            act(lake, step, number, known)
            now = read_manifest(store, "macro")
            if now.version and now not in versions:
                versions.append(now)
            assert seen(store, root) == sorted(known)
            batches = steps[: number + 1].count("batch")
            assert seen(store, root, "SELECT count(*)::INT FROM prices") == [batches]
            gathered = steps[: number + 1].count("compact")
            assert seen(store, root, "SELECT count(*)::INT FROM ticks") == [gathered]
        assert [one.version for one in versions] == list(range(1, len(versions) + 1))
        for one in versions:
            assert read_manifest(store, "macro", one.version) == one
        assert {entry.file for entry in read_manifest(store, "macro").files} <= data_files(store)


def act(lake: Lake, step: str, number: int, known: list[int]) -> None:
    """One step; what it adds to `macro` is noted in `known`."""
    if step == "publish":
        macro(lake, number, publish_id=str(number))
        known.append(number)
    elif step == "again" and known:
        macro(lake, known[-1], publish_id=str(known[-1]))
    elif step == "batch":
        with lake.batch() as batch:
            rows = table(observation(float(number), day(1), series_id=f"s:{number}"))
            batch.upsert("macro", rows, publish_id=str(number))
            batch.upsert("prices", table(price(1.0, JANUARY, day(1), symbol=f"x:{number}")))
        known.append(number)
    elif step == "collect":
        lake.collect("macro", now=utc_now() + RETIRED_GRACE * 2)
    elif step == "compact":
        lake.append("ticks", table(tick(number, day(1))), publish_id=str(number))
        compact(lake, "ticks", lambda _: WHOLE_DAY, publish_id=f"c{number}")


def test_several_writers_of_one_dataset_lose_nothing(store: Store, root: Path) -> None:
    def write(mine: int) -> None:
        own = writer(store, root)
        for n in range(5):
            macro(own, 10 * mine + n)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen(store, root) == sorted(10 * mine + n for mine in range(3) for n in range(5))
    assert len(read_manifest(store, "macro").publishes) == 15


def test_an_unchanged_lake_is_the_same_snapshot(store: Store, root: Path) -> None:
    lake = writer(store, root)
    macro(lake, 1)
    first = read_snapshot(store)
    assert read_snapshot(store, first) is first
    macro(lake, 2)
    assert read_snapshot(store, first).of("macro").version == 2


def test_a_lost_manifest_is_refused(store: Store, root: Path) -> None:
    lake = writer(store, root)
    macro(lake, 1)
    macro(lake, 2)
    own, listed = manifest_name("macro"), store.read(LIST)
    store.delete(LIST)
    kept = store.read(own)
    store.delete(own)
    for attempt in (
        lambda: macro(lake, 3),
        lambda: lake.collect("macro"),
        lambda: read_manifest(store, "macro"),
    ):
        with pytest.raises(LakeError, match=r"manifest\.json is missing.*copy manifest-0+2\.json"):
            attempt()
    assert listed is not None and kept is not None
    store.put(LIST, listed)
    assert seen(store, root) == [1, 2]  # by the numbered copy
    store.put(own, kept)
    store.delete(numbered_name("macro", 2))
    assert seen(store, root) == [1, 2]  # by the other one
    store.put(own, kept.replace(b'"version": 2', b'"version": 7'))
    with pytest.raises(LakeError, match="missing: expected a manifest written by this program"):
        read_manifest(store, "macro")


def test_what_was_replaced_is_collected_after_its_grace(store: Store, root: Path) -> None:
    lake = writer(store, root)
    macro(lake, 1)
    (old,) = data_files(store)
    macro(lake, 2)
    assert collected(store, root, timedelta(0)) == []
    assert collected(store, root, RETIRED_GRACE) == [old]
    assert data_files(store) == {entry.file for entry in read_manifest(store, "macro").files}
    assert seen(store, root) == [1, 2]


def test_numbered_manifests_are_kept_and_then_deleted(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.lake.manifest.KEPT_MANIFESTS", 3)
    for value in range(6):
        macro(writer(store, root), value)
    kept = [numbered_name("macro", version) for version in (4, 5, 6)]
    assert sorted(store.names("macro/_meta/manifest-")) == kept
