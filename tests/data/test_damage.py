"""Which files are not what the manifest says: by size and footer first, by hash only if need be."""

from __future__ import annotations

from pathlib import Path

from data.damage import find_damage
from data.lake import Lake
from data.manifest import LakeFile, read_manifest
from tests.data.samples import day, observation, table


def written(lake: Lake) -> tuple[Path, tuple[LakeFile, ...]]:
    """Two files and their entries."""
    rows = [observation(1.0, day(1), source=source) for source in ("ecb", "fred")]
    lake.upsert("macro", table(*rows))
    folder = lake.root / "macro"
    return folder, read_manifest(folder, "macro").files


def test_whole_files_are_not_named(lake: Lake) -> None:
    folder, files = written(lake)
    assert find_damage(folder, files) == []
    assert find_damage(folder, files, deep=False) == []


def test_missing_and_short_files_are_named(lake: Lake) -> None:
    folder, files = written(lake)
    (folder / files[0].file).unlink()
    assert find_damage(folder, files, deep=False) == [files[0].file]
    path = folder / files[1].file
    path.write_bytes(path.read_bytes()[:-1])
    assert find_damage(folder, files, deep=False) == [files[0].file, files[1].file]


def test_one_changed_byte_of_the_data_takes_the_hash_to_find(lake: Lake) -> None:
    folder, files = written(lake)
    path = folder / files[1].file
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(bytes(content))
    assert find_damage(folder, files, deep=False) == []
    assert find_damage(folder, files) == [files[1].file]
