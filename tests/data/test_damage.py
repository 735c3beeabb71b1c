"""A file that is not what was written is told before any of its rows is used."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data.errors import LakeError
from data.lake import Lake, damage
from data.lake.compact import compact
from data.lake.damage import find_damage
from data.lake.manifest import LakeFile, read_manifest
from data.query import Db
from tests.data.samples import FAR, day, observation, price, table, tick

SQL = "SELECT symbol, date, close FROM prices ORDER BY symbol, date"


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Each test as a process of its own."""
    damage._whole.clear()
    yield
    damage._whole.clear()


def written(lake: Lake) -> tuple[Path, tuple[LakeFile, ...]]:
    """Two files and their entries."""
    rows = [observation(1.0, day(1), source=source) for source in ("ecb", "fred")]
    lake.upsert("macro", table(*rows))
    folder = lake.root / "macro"
    return folder, read_manifest(lake.store, "macro").files


def flip(content: bytes, draw: random.Random) -> bytes:
    """One bit changed, anywhere."""
    changed = bytearray(content)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def test_whole_files_are_not_named(lake: Lake) -> None:
    folder, files = written(lake)
    assert find_damage(lake.store, "macro", files) == []


def test_missing_short_and_changed_files_are_named(lake: Lake) -> None:
    folder, files = written(lake)
    assert find_damage(lake.store, "macro", files) == []
    (folder / files[0].file).unlink()
    assert find_damage(lake.store, "macro", files) == [files[0].file]
    path = folder / files[1].file
    kept = path.read_bytes()
    path.write_bytes(kept[:-1])
    assert find_damage(lake.store, "macro", files) == [files[0].file, files[1].file]
    path.write_bytes(flip(kept, random.Random(1)))
    assert find_damage(lake.store, "macro", files) == [files[0].file, files[1].file]
    path.write_bytes(kept)
    assert find_damage(lake.store, "macro", files) == [files[0].file]


def test_a_file_is_hashed_once_until_it_is_another(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, files = written(lake)
    monkeypatch.setattr(damage, "JUST_NOW_NS", 0)
    hashed: list[str] = []
    hash_file = damage._hash

    def count(path: str, sha256: str) -> bool:
        hashed.append(path)
        return hash_file(path, sha256)

    monkeypatch.setattr(damage, "_hash", count)
    for _ in range(3):
        assert find_damage(lake.store, "macro", files) == []
    assert len(hashed) == 2
    path = folder / files[0].file
    path.touch()
    assert find_damage(lake.store, "macro", files) == []
    assert len(hashed) == 3


def test_what_was_written_just_now_is_hashed_again(lake: Lake) -> None:
    """Two writes within one step of the file system's clock look like one."""
    folder, files = written(lake)
    path = folder / files[0].file
    kept, draw = path.read_bytes(), random.Random(5)
    for _ in range(200):
        path.write_bytes(kept)
        assert find_damage(lake.store, "macro", files) == []
        path.write_bytes(flip(kept, draw))
        assert find_damage(lake.store, "macro", files) == [files[0].file]


def test_no_flipped_bit_goes_by_unsaid(lake: Lake) -> None:
    """Of 150 flips none gives other rows without a word; without the hash some would."""
    draw = random.Random(3)
    rows = [
        price(
            draw.random() * 1000, date(2019, 1 + n % 12, 1 + n // 12 % 28), day(n), symbol=f"x:{n}"
        )
        for n in range(900)
    ]
    lake.upsert("prices", table(*rows))
    (entry,) = read_manifest(lake.store, "prices").files
    path = lake.root / "prices" / entry.file
    kept = path.read_bytes()
    db = Db(lake.root, threads=1)
    good = db.at(FAR).sql(SQL).frame
    told = silent_without = 0
    for _ in range(150):
        path.write_bytes(flip(kept, draw))
        answer = db.at(FAR).sql(SQL)
        told += answer.damaged == (f"prices/{entry.file}",)
        assert answer.frame.is_empty()
        silent_without += read_alone(path, good)
    assert told == 150
    assert silent_without > 10
    path.write_bytes(kept)
    assert db.at(FAR).sql(SQL).frame.equals(good)
    db.close()


def read_alone(path: Path, good: pl.DataFrame) -> bool:
    """Whether a reader that trusts the file takes other rows from it without a word."""
    sql = SQL.replace("prices", f"read_parquet('{path}', hive_partitioning=false)")
    try:
        with duckdb.connect(config={"threads": "1"}) as con:
            return not con.sql(sql).pl().equals(good)
    except (duckdb.Error, UnicodeDecodeError, pl.exceptions.PolarsError):
        return False


def test_a_damaged_file_is_merged_into_no_other(lake: Lake) -> None:
    folder, files = written(lake)
    path = folder / files[1].file
    path.write_bytes(flip(path.read_bytes(), random.Random(2)))
    before = sorted(folder.rglob("*.parquet"))
    with pytest.raises(LakeError, match="is damaged or missing") as caught:
        lake.upsert("macro", table(observation(2.0, day(2))))
    assert path.name in str(caught.value)
    assert sorted(folder.rglob("*.parquet")) == before
    lake.upsert("macro", table(observation(2.0, day(2), source="ecb")))
    lake.append("ticks", table(tick(1, day(1))), publish_id="a")
    lake.append("ticks", table(tick(2, day(1))), publish_id="b")
    file = read_manifest(lake.store, "ticks").files[0].file
    path = lake.root / "ticks" / file
    path.write_bytes(flip(path.read_bytes(), random.Random(2)))
    with pytest.raises(LakeError, match="is damaged or missing"):
        compact(lake, "ticks", lambda _: "date=2020-01-02/segment=day", publish_id="c")


def test_many_threads_look_at_once(lake: Lake) -> None:
    folder, files = written(lake)
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(find_damage(lake.store, "macro", files)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[]] * 8
