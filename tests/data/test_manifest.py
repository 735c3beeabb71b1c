"""A manifest is read whole or refused in one sentence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data.datasets import DATASETS
from data.errors import LakeError
from data.lake import Lake
from data.lake.manifest import (
    FORMAT,
    KEPT_PUBLISHES,
    KEPT_RETIRED,
    LakeFile,
    Manifest,
    Publication,
    commit,
    read_manifest,
    schema_id,
)
from data.lake.store import DiskStore
from data.query import Db
from tests.data.samples import day, observation, table
from tests.spoil import list_path, manifest_path, numbered_path, spoil, write_format


def entry(name: str, partition: str = "") -> LakeFile:
    """A listed file."""
    return LakeFile(name, partition, 1, 1, "0" * 64, "x", None, None)


def test_no_folder_is_an_empty_manifest(tmp_path: Path) -> None:
    assert read_manifest(DiskStore(tmp_path), "macro") == Manifest("macro")


def test_what_is_committed_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "macro"
    (folder / "_meta").mkdir(parents=True)
    written = Manifest("macro").next(
        [entry("b"), entry("a")], Publication("p", 1, 2, 3, 4, 5), day(1), positions={"s": "1-0"}
    )
    store = DiskStore(tmp_path)
    commit(store, [(Manifest("macro"), written)])
    assert read_manifest(store, "macro") == written
    assert read_manifest(store, "macro", version=1) == written
    assert manifest_path(folder).read_bytes() == numbered_path(folder, 1).read_bytes()
    assert [file.file for file in written.files] == ["a", "b"]
    assert written.published_at == "2020-01-02T00:00:00Z"


def test_retired_files_are_remembered_and_then_forgotten() -> None:
    first = Manifest("macro").next([entry("a")], Publication("1", 1), day(1))
    second = first.next([entry("b")], Publication("2", 2), day(2), retire=["a"])
    assert [file.file for file in second.files] == ["b"]
    assert second.retired == {"a": "2020-01-03T00:00:00Z"}
    later = second.next([], Publication("3", 3), day(2) + KEPT_RETIRED)
    assert later.retired == second.retired
    much_later = second.next([], Publication("3", 3), day(2) + KEPT_RETIRED + timedelta(1))
    assert much_later.retired == {}


def test_the_last_publications_are_remembered() -> None:
    manifest = Manifest("macro")
    for n in range(KEPT_PUBLISHES + 5):
        manifest = manifest.next([], Publication(str(n), n), day(1))
    assert len(manifest.publishes) == KEPT_PUBLISHES
    assert manifest.publication("4") is None
    found = manifest.publication("5")
    assert found is not None
    assert found.version == 5


def damage(lake: Lake, change: Any) -> Path:
    """A lake whose manifest was changed by hand."""
    lake.upsert("macro", table(observation(1.0, day(1))))
    return spoil(lake.root, "macro", change)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"\xff\xfe" + content,
        lambda content: b"[]",
        lambda content: b"null",
        lambda content: b'"text"',
        lambda content: b'{"version": 1}',
        lambda content: b'{"format": 1}',
        lambda content: content.replace(b'"sha256"', b'"sha512"'),
        lambda content: content.replace(b'"files": [', b'"files": [3, '),
        lambda content: content.replace(b'"publishes"', b'"published"'),
    ],
)
def test_a_damaged_manifest_is_named_with_the_way_out(lake: Lake, db: Db, change: Any) -> None:
    path = damage(lake, change)
    for attempt in (
        lambda: lake.upsert("macro", table(observation(2.0, day(2)))),
        lambda: db.at(day(1)).sql("SELECT value FROM macro"),
        lambda: lake.collect("macro"),
        lambda: read_manifest(lake.store, "macro"),
    ):
        with pytest.raises(LakeError) as caught:
            attempt()
        said = str(caught.value)
        assert said.startswith(f"{path} is damaged: expected a manifest")
        assert "restore it from a backup" in said


@pytest.mark.parametrize("place", [0, 1])
def test_one_damaged_copy_of_two_hurts_nobody(lake: Lake, db: Db, place: int) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    folder = lake.root / "macro"
    path = (manifest_path(folder), numbered_path(folder, 1))[place]
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 7'))
    assert db.at(day(1)).sql("SELECT value FROM macro").frame.rows() == [(1.0,)]
    assert lake.upsert("macro", table(observation(2.0, day(2)))).version == 2
    assert manifest_path(folder).read_bytes() == numbered_path(folder, 2).read_bytes()


def test_a_lake_of_a_newer_version_says_so(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    write_format(lake.root, "macro", FORMAT + 1)
    with pytest.raises(LakeError, match=rf"written in lake format {FORMAT + 1}.*update Barograph"):
        db.at(day(1)).sql("SELECT value FROM macro")


def test_a_folder_in_the_manifests_place_is_one_sentence(lake: Lake, db: Db) -> None:
    (manifest_path(lake.root / "macro")).mkdir(parents=True)
    with pytest.raises(LakeError, match="macro: its manifest cannot be read"):
        db.at(day(1)).sql("SELECT value FROM macro")


def test_the_name_of_a_schema_follows_its_columns_and_types() -> None:
    names = {schema_id(dataset) for dataset in DATASETS.values()}
    assert len(names) == len(DATASETS)
    assert schema_id(DATASETS["macro"]) == schema_id(DATASETS["macro"])


def test_a_dataset_whose_manifest_is_gone_is_not_taken_for_an_empty_one(lake: Lake, db: Db) -> None:
    """Without the list a dataset stands as its manifest.json says; its loss is told."""
    for number in (1, 2):
        lake.upsert("macro", table(observation(float(number), day(number))))
    list_path(lake.root).unlink()
    gone = manifest_path(lake.root / "macro")
    gone.unlink()
    for attempt in (
        lambda: lake.upsert("macro", table(observation(3.0, day(3)))),
        lambda: db.at(day(3)).sql("SELECT value FROM macro"),
        lambda: lake.collect("macro"),
    ):
        with pytest.raises(LakeError, match=r"manifest\.json is missing.*copy manifest-0+2\.json"):
            attempt()
    gone.write_bytes(numbered_path(lake.root / "macro", 2).read_bytes())
    assert lake.upsert("macro", table(observation(3.0, day(3)))).version == 3
    assert db.at(day(3)).sql("SELECT value FROM macro").frame.rows() == [(3.0,)]


def test_a_first_version_that_nobody_committed_is_no_lost_one(lake: Lake, db: Db) -> None:
    """Its writer died between the manifest and the list: the dataset is empty, and says so."""
    lake.upsert("macro", table(observation(1.0, day(1))))
    list_path(lake.root).unlink()
    manifest_path(lake.root / "macro").unlink()
    assert db.at(day(3)).sql("SELECT value FROM macro").frame.is_empty()
    assert lake.upsert("macro", table(observation(1.0, day(1)))).version == 1
