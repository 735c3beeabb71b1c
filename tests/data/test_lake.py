"""One call is one commit; what lies on the disk is whole, listed, and stays until it is let go."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.datasets import DATASETS
from data.disk import sha256
from data.errors import ConfigError, ContractError, LakeError
from data.lake import ORPHAN_GRACE, RETIRED_GRACE, Lake
from data.lake.manifest import read_manifest
from data.lake.store import Store
from data.query import Db
from tests.data.samples import FAR, contents, day, history, observation, price, stored, table, tick
from tests.spoil import write_format


def parquets(lake: Lake, name: str = "macro") -> set[str]:
    """Parquet files below a dataset, listed or not."""
    folder = lake.root / name
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")}


def listed(lake: Lake, name: str = "macro") -> set[str]:
    """Live files by the manifest."""
    return {entry.file for entry in read_manifest(lake.store, name).files}


def test_the_first_write_makes_the_folder_and_says_what_it_did(lake: Lake) -> None:
    assert not lake.root.exists()
    done = lake.upsert("macro", table(observation(1.0, day(1))), publish_id="first")
    assert (done.id, done.version, done.rows_added, done.vintages_added) == ("first", 1, 1, 0)
    manifest = read_manifest(lake.store, "macro")
    (entry,) = manifest.files
    assert entry.partition == "source=fred"
    assert entry.file.startswith("source=fred/part-000000000001-")
    path = lake.root / "macro" / entry.file
    assert sha256(path) == entry.sha256
    assert path.name.split("-")[2] == f"{entry.sha256[:16]}.parquet"
    assert (path.stat().st_size, entry.rows) == (entry.bytes, 1)
    assert (entry.low, entry.high) == ("2020-01-01", "2020-01-01")


def test_two_partitions_are_one_commit(lake: Lake) -> None:
    rows = [price(1.0, date(year, 1, 2), day(1)) for year in (2018, 2019)]
    done = lake.upsert("prices", table(*rows))
    manifest = read_manifest(lake.store, "prices")
    assert done.version == manifest.version == 1
    assert [entry.partition for entry in manifest.files] == [
        "asset_class=equity/year=2018",
        "asset_class=equity/year=2019",
    ]


def test_only_touched_partitions_are_rewritten(lake: Lake) -> None:
    rows = [price(1.0, date(year, 1, 2), day(1)) for year in (2018, 2019)]
    lake.upsert("prices", table(*rows))
    before = listed(lake, "prices")
    lake.upsert("prices", table(price(2.0, date(2019, 1, 2), day(2))))
    after = listed(lake, "prices")
    assert {file for file in before if "2018" in file} == {file for file in after if "2018" in file}
    assert len(after - before) == 1
    assert set(read_manifest(lake.store, "prices").retired) == before - after


def test_a_repeated_publication_is_answered_with_the_first(lake: Lake) -> None:
    first = lake.upsert("macro", table(observation(1.0, day(1))), publish_id="p")
    again = lake.upsert("macro", table(observation(1.0, day(1))), publish_id="p")
    assert again.repeated
    assert (again.version, again.rows_added) == (first.version, first.rows_added)
    assert history(lake) == [(1.0, day(1))]


def test_a_known_id_with_other_rows_is_refused_and_they_are_kept(lake: Lake) -> None:
    two = [observation(1.0, day(1)), observation(2.0, day(2), series_id="s:B")]
    lake.upsert("macro", table(*two), publish_id="p")
    assert lake.upsert("macro", table(*reversed(two)), publish_id="p").repeated
    for other in (
        two[:1],
        [*two, two[1] | {"period": date(2019, 1, 1)}],
        [two[0], two[0] | {"known_at": day(3)}],
    ):
        with pytest.raises(ContractError, match="'p' is in the lake with other rows") as caught:
            lake.upsert("macro", table(*other), publish_id="p")
        assert len(str(caught.value).splitlines()) == 1
    assert stored(lake).height == 2
    assert len(list((lake.rejects / "macro").glob("*.parquet"))) == 3


def test_an_id_of_before_hashes_were_kept_is_answered(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), publish_id="p")
    path = lake.root / "macro" / "_meta" / "manifest.json"
    old = json.loads(path.read_text()) | {"format": 1}
    del old["publishes"][0]["content"]
    path.write_text(json.dumps(old))
    shutil.rmtree(lake.root / "_meta")
    again = lake.upsert("macro", table(observation(2.0, day(2))), publish_id="p")
    assert again.repeated
    assert history(lake) == [(1.0, day(1))]
    assert lake.upsert("macro", table(observation(2.0, day(2))), publish_id="q").version == 2


def test_nothing_new_makes_no_version(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    before = contents(lake.root / "macro")
    assert lake.upsert("macro", table(observation(1.0, day(1)))).version == 1
    assert lake.upsert("macro", table(observation(1.0, day(1))).clear()).version == 1
    assert contents(lake.root / "macro") == before


def test_no_temporary_and_no_marker_is_left(lake: Lake) -> None:
    for n in range(3):
        lake.upsert("macro", table(observation(float(n), day(n))))
    names = {path.name for path in (lake.root / "macro" / "_meta").iterdir()}
    assert names == {"lock", "manifest.json", *(f"manifest-{n:012d}.json" for n in (1, 2, 3))}
    assert not list(lake.root.rglob(".tmp-*"))


def test_partition_values_that_differ_only_in_case_are_refused(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1), source="FRED")))
    before = contents(lake.root)
    with pytest.raises(ContractError, match=r"source=fred differs from source=FRED only in case"):
        lake.upsert("macro", table(observation(1.0, day(1))))
    with pytest.raises(ContractError, match="only in case"):
        both = [observation(1.0, day(1), source=source) for source in ("ecb", "ECB")]
        lake.upsert("macro", table(*both))
    left = {name: content for name, content in contents(lake.root).items() if "writing" not in name}
    assert left == before


def test_an_upsert_of_appended_data_is_refused_and_the_reverse(lake: Lake) -> None:
    with pytest.raises(ContractError, match="use append"):
        lake.upsert("ticks", table(tick(1, day(1))))
    with pytest.raises(ContractError, match="use upsert"):
        lake.append("macro", table(observation(1.0, day(1))), publish_id="x")
    with pytest.raises(ConfigError, match="no dataset named 'macros'; there are attention"):
        lake.upsert("macros", table(observation(1.0, day(1))))


def test_segments_are_added_and_never_merged(lake: Lake, db: Db) -> None:
    lake.append("ticks", table(tick(1, day(1)), tick(2, day(1, minutes=6))), publish_id="a")
    lake.append("ticks", table(tick(3, day(1, minutes=1))), publish_id="b")
    lake.append("ticks", table(tick(3, day(1, minutes=1))), publish_id="b")
    assert len(listed(lake, "ticks")) == 3
    ids = db.at(day(2)).sql("SELECT trade_id FROM ticks ORDER BY 1").frame["trade_id"].to_list()
    assert ids == [1, 2, 3]
    early = db.at(day(1, minutes=1)).sql("SELECT trade_id FROM ticks ORDER BY 1").frame
    assert early["trade_id"].to_list() == [1, 3]


def test_positions_are_committed_with_their_segments(lake: Lake) -> None:
    lake.append("ticks", table(tick(1, day(1))), publish_id="a", positions={"btc": "5-0"})
    lake.append("ticks", table(tick(2, day(1))), publish_id="b", positions={"eth": "7-0"})
    lake.append("ticks", table(tick(2, day(1))).clear(), publish_id="c", positions={"btc": "6-0"})
    manifest = read_manifest(lake.store, "ticks")
    assert manifest.positions == {"btc": "6-0", "eth": "7-0"}
    assert (manifest.version, manifest.rows) == (3, 2)


def test_every_row_is_stamped_after_the_version_before(lake: Lake) -> None:
    stamps = []
    for n in range(3):
        before = read_manifest(lake.store, "macro").published_at
        lake.upsert("macro", table(observation(float(n), day(n))))
        stamps.append(stored(lake)["ingested_at"].max())
        assert before is None or stamps[-1].isoformat() > before.replace("Z", "+00:00")
    assert stamps == sorted(set(stamps))


def test_the_last_hundred_manifests_are_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.lake.manifest.KEPT_MANIFESTS", 3)
    for n in range(6):
        lake.upsert("macro", table(observation(float(n), day(n))))
    versions = sorted((lake.root / "macro" / "_meta").glob("manifest-*.json"))
    assert [json.loads(path.read_text())["version"] for path in versions] == [4, 5, 6]
    assert read_manifest(lake.store, "macro", version=5).version == 5
    with pytest.raises(LakeError, match="version 2 is no longer kept"):
        read_manifest(lake.store, "macro", version=2)


def test_a_retired_file_is_collected_after_its_grace_and_not_before(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    (old,) = listed(lake)
    lake.upsert("macro", table(observation(2.0, day(2))))
    now = utc_now()
    assert lake.collect("macro", now=now) == []
    assert lake.collect("macro", now=now + RETIRED_GRACE - timedelta(minutes=1)) == []
    assert lake.collect("macro", now=now + RETIRED_GRACE + timedelta(minutes=1)) == [old]
    assert parquets(lake) == listed(lake)


def test_age_counts_from_retirement_and_not_from_birth(lake: Lake) -> None:
    """A file that lived for a year and was replaced a second ago may be in use."""
    lake.upsert("macro", table(observation(1.0, day(1))))
    (old,) = listed(lake)
    import os

    os.utime(lake.root / "macro" / old, (0, 0))
    lake.upsert("macro", table(observation(2.0, day(2))))
    assert lake.collect("macro") == []


def test_orphans_wait_a_day(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    folder = lake.root / "macro"
    orphans = [
        folder / "source=fred" / "part-000000000009-0000000000000000.parquet",
        folder / "source=fred" / ".tmp-1",
        folder / "_meta" / ".tmp-2",
    ]
    for path in orphans:
        path.write_bytes(b"half")
    now = utc_now()
    assert lake.collect("macro", now=now + ORPHAN_GRACE - timedelta(minutes=1)) == []
    gone = lake.collect("macro", now=now + ORPHAN_GRACE + timedelta(minutes=1))
    assert sorted(gone) == sorted(str(path.relative_to(folder)) for path in orphans)
    assert parquets(lake) == listed(lake)


def test_live_files_manifests_and_the_lock_are_never_collected(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    before = contents(lake.root)
    assert lake.collect("macro", now=FAR) == []
    assert contents(lake.root) == before


def test_collecting_an_empty_dataset_finds_nothing(lake: Lake) -> None:
    assert lake.collect("macro", now=FAR) == []


def test_a_writer_heals_what_a_dead_one_left(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    folder = lake.root / "macro"
    (folder / "_meta" / "writing").touch()
    (folder / "_meta" / ".tmp-1").touch()
    (folder / "_meta" / "manifest-000000000002.json").write_text("never committed")
    (folder / "source=fred" / ".tmp-2").write_bytes(b"half")
    (folder / "source=fred" / "part-000000000002-0000000000000000.parquet").write_bytes(b"x")
    done = lake.upsert("macro", table(observation(2.0, day(2))))
    assert done.version == 2
    assert parquets(lake) == listed(lake) | set(read_manifest(lake.store, "macro").retired)
    assert not list(folder.rglob(".tmp-*"))
    assert not (folder / "_meta" / "writing").exists()


def test_healing_comes_before_the_answer_to_a_repeated_publication(lake: Lake) -> None:
    """A writer that died between its commit and its last step is asked again for the same."""
    lake.upsert("macro", table(observation(1.0, day(1))), publish_id="p")
    marker = lake.root / "macro" / "_meta" / "writing"
    marker.touch()
    assert lake.upsert("macro", table(observation(1.0, day(1))), publish_id="p").version == 1
    assert not marker.exists()


def test_healing_leaves_what_readers_of_an_older_version_use(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    old = listed(lake)
    lake.upsert("macro", table(observation(2.0, day(2))))
    (lake.root / "macro" / "_meta" / "writing").touch()
    lake.upsert("macro", table(observation(3.0, day(3))))
    assert old <= parquets(lake)


def test_a_failed_write_takes_its_files_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    before = contents(lake.root)
    full = OSError(28, "No space left on device")

    def refuse(store: Store, steps: object) -> None:
        raise full

    with monkeypatch.context() as patched, pytest.raises(LakeError, match="the disk is full"):
        patched.setattr("data.lake.batch.commit", refuse)
        lake.upsert("macro", table(observation(2.0, day(2))), publish_id="p")
    left = {name: content for name, content in contents(lake.root).items() if "writing" not in name}
    assert left == before
    assert lake.upsert("macro", table(observation(2.0, day(2))), publish_id="p").version == 2
    assert history(lake) == [(1.0, day(1)), (2.0, day(2))]


def test_a_damaged_partition_is_not_written_over(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    (file,) = listed(lake)
    path = lake.root / "macro" / file
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(LakeError, match="is damaged or missing") as caught:
        lake.upsert("macro", table(observation(2.0, day(2))))
    assert path.name in str(caught.value)
    assert listed(lake) == {file}


def test_two_writers_at_once_both_count(lake: Lake) -> None:
    def write(mine: int) -> None:
        own = Lake(lake.root, workspace="live")
        for n in range(5):
            own.upsert("macro", table(observation(1.0, day(1), series_id=f"s:{mine}-{n}")))

    threads = [threading.Thread(target=write, args=(mine,)) for mine in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(lake)["series_id"].n_unique() == 10
    assert read_manifest(lake.store, "macro").version == 10


def test_the_lake_can_be_moved(lake: Lake, tmp_path: Path) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    moved = tmp_path / "elsewhere [1] & 'more'" / "lake"
    moved.parent.mkdir()
    lake.root.rename(moved)
    other = Lake(moved, workspace="live")
    other.upsert("macro", table(observation(2.0, day(2))))
    assert history(other) == [(1.0, day(1)), (2.0, day(2))]


def test_a_manifest_of_a_newer_version_is_refused_by_the_writer(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    write_format(lake.root, "macro", 99)
    with pytest.raises(LakeError, match="written in lake format 99, this version reads formats up"):
        lake.upsert("macro", table(observation(2.0, day(2))))


def test_every_dataset_is_written_and_read_when_empty(lake: Lake, db: Db) -> None:
    for name, dataset in DATASETS.items():
        empty = dataset.schema.empty_table()
        if dataset.appended:
            lake.append(name, empty, publish_id="x")
        else:
            lake.upsert(name, empty)
        assert db.at(FAR).sql(f"SELECT * FROM {name}").frame.height == 0
