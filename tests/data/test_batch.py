"""Several datasets become the lake's at one instant, and no writer loses another's."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.errors import ContractError, LakeError
from data.lake import RETIRED_GRACE, Lake
from data.lake.manifest import KEPT_MANIFESTS, read_manifest
from data.lake.snapshot import read_snapshot
from data.lake.versions import read_list
from data.query import Db
from tests.data.samples import FAR, JANUARY, day, observation, price, table, tick
from tests.spoil import list_path, manifest_path, numbered_path

PAIR = "SELECT (SELECT max(value) FROM macro) AS m, (SELECT max(close) FROM prices) AS p"


def both(lake: Lake, value: int) -> None:
    """One value in two datasets, in one batch."""
    with lake.batch() as batch:
        batch.upsert("macro", table(observation(float(value), day(value))))
        batch.upsert("prices", table(price(float(value), JANUARY, day(value))))


def each(lake: Lake, value: int) -> None:
    """The same, in two commits: what a batch is for."""
    lake.upsert("macro", table(observation(float(value), day(value))))
    lake.upsert("prices", table(price(float(value), JANUARY, day(value))))


def versions(lake: Lake) -> dict[str, int]:
    return {name: one.version for name, one in read_list(lake.store).items()}


def parts(lake: Lake) -> set[str]:
    return {path.name for path in lake.root.rglob("*.parquet")}


def test_a_batch_is_one_version_of_each_dataset(lake: Lake, db: Db) -> None:
    with lake.batch() as batch:
        first = batch.upsert("macro", table(observation(1.0, day(1))))
        again = batch.upsert("macro", table(observation(2.0, day(2))))
        batch.append("ticks", table(tick(1, day(1))), publish_id="a", positions={"s": "1-0"})
        batch.append("ticks", table(tick(2, day(1))), publish_id="b", positions={"s": "2-0"})
        assert db.at(FAR).sql("SELECT count(*) AS n FROM macro").frame.item() == 0
    assert (first.version, again.version, again.vintages_added) == (1, 1, 1)
    assert versions(lake) == {"macro": 1, "ticks": 1}
    at = db.at(FAR)
    assert at.sql("SELECT value FROM macro_vintages ORDER BY 1").frame["value"].to_list() == [1, 2]
    assert at.sql("SELECT trade_id FROM ticks ORDER BY 1").frame["trade_id"].to_list() == [1, 2]
    assert read_manifest(lake.store, "ticks").positions == {"s": "2-0"}


def test_a_batch_that_fails_leaves_nothing(lake: Lake, db: Db) -> None:
    both(lake, 1)
    before, files = versions(lake), parts(lake)
    with pytest.raises(ContractError), lake.batch() as batch:
        batch.upsert("macro", table(observation(2.0, day(2))))
        batch.upsert("prices", table(price(2.0, JANUARY, day(2), nonsense=1)))
    assert (versions(lake), parts(lake)) == (before, files)
    assert db.at(FAR).sql(PAIR).frame.row(0) == (1.0, 1.0)
    both(lake, 2)
    assert db.at(FAR).sql(PAIR).frame.row(0) == (2.0, 2.0)


def test_a_repeated_batch_is_answered_and_makes_no_version(lake: Lake) -> None:
    def publish() -> list[bool]:
        with lake.batch() as batch:
            return [
                batch.upsert("macro", table(observation(1.0, day(1))), publish_id="p").repeated,
                batch.append("ticks", table(tick(1, day(1))), publish_id="p").repeated,
            ]

    assert publish() == [False, False]
    assert publish() == [True, True]
    assert versions(lake) == {"macro": 1, "ticks": 1}


def torn(root: Path, write: Callable[[int], None]) -> int:
    """How many looks, while values are written, see two of them at once."""
    done, found = threading.Event(), 0

    def writing() -> None:
        for value in range(2, 26):
            write(value)
        done.set()

    thread = threading.Thread(target=writing)
    db = Db(root, threads=1)
    thread.start()
    while not done.is_set():
        macro, prices = db.at(FAR).sql(PAIR).frame.row(0)
        found += macro != prices
    thread.join()
    db.close()
    return found


def test_no_reader_sees_half_a_batch(lake: Lake) -> None:
    both(lake, 1)
    assert torn(lake.root, lambda value: both(lake, value)) == 0


def test_the_same_look_finds_two_commits_apart(lake: Lake) -> None:
    both(lake, 1)
    assert torn(lake.root, lambda value: each(lake, value)) > 0


def test_writers_of_different_datasets_lose_nothing(lake: Lake) -> None:
    def write(name: str) -> None:
        own = Lake(lake.root, workspace="live")
        for n in range(1, 21):
            if name == "macro":
                own.upsert("macro", table(observation(float(n), day(n))))
            elif name == "prices":
                own.upsert("prices", table(price(float(n), JANUARY, day(n))))
            else:
                own.append("ticks", table(tick(n, day(n))), publish_id=str(n))

    threads = [threading.Thread(target=write, args=(n,)) for n in ("macro", "prices", "ticks")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions(lake) == {"macro": 20, "prices": 20, "ticks": 20}


def test_batches_in_opposite_order_and_single_writers_wait_for_each_other(lake: Lake) -> None:
    def write(order: list[str], start: int) -> None:
        own = Lake(lake.root, workspace="live")
        for n in range(start, start + 8):
            rows = {
                "macro": table(observation(1.0, day(1), series_id=f"s:{n}")),
                "prices": table(price(1.0, JANUARY, day(1), symbol=f"x:{n}")),
            }
            if len(order) == 1:
                own.upsert(order[0], rows[order[0]])
                continue
            with own.batch() as batch:
                for name in order:
                    batch.upsert(name, rows[name])

    asked = [
        (["macro", "prices"], 0),
        (["prices", "macro"], 100),
        (["macro"], 200),
        (["prices"], 300),
    ]
    threads = [threading.Thread(target=write, args=item, daemon=True) for item in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert versions(lake) == {"macro": 24, "prices": 24}
    assert {read_manifest(lake.store, n).rows for n in ("macro", "prices")} == {24}


def as_before(lake: Lake) -> None:
    """A lake that an earlier program left: no list, manifests of format 1 without hashes."""
    shutil.rmtree(lake.root / "_meta")
    for path in lake.root.glob("*/_meta/manifest*.json"):
        raw = json.loads(path.read_text()) | {"format": 1}
        raw["publishes"] = [
            {key: value for key, value in item.items() if key != "content"}
            for item in raw["publishes"]
        ]
        path.write_text(json.dumps(raw))


def test_a_lake_of_before_is_read_and_joins_the_list_as_it_is_written(lake: Lake, db: Db) -> None:
    each(lake, 1)
    as_before(lake)
    assert db.at(FAR).sql(PAIR).frame.row(0) == (1.0, 1.0)
    assert read_list(lake.store) == {}
    lake.upsert("macro", table(observation(2.0, day(2))))
    assert versions(lake) == {"macro": 2}
    assert db.at(FAR).sql(PAIR).frame.row(0) == (2.0, 1.0)
    both(lake, 3)
    assert versions(lake) == {"macro": 3, "prices": 2}
    assert db.at(FAR).sql(PAIR).frame.row(0) == (3.0, 3.0)


def test_an_earlier_program_is_told_to_leave_a_listed_dataset_alone(lake: Lake) -> None:
    each(lake, 1)
    assert json.loads(manifest_path(lake.root / "macro").read_text())["format"] == 2


def test_a_dataset_that_the_list_does_not_name_is_looked_at_each_time(lake: Lake, db: Db) -> None:
    each(lake, 1)
    listed = json.loads(list_path(lake.root).read_text())
    del listed["datasets"]["prices"]
    list_path(lake.root).write_text(json.dumps(listed))
    assert db.at(FAR).sql(PAIR).frame.row(0) == (1.0, 1.0)
    folder = lake.root / "prices"
    raw = json.loads(manifest_path(folder).read_text()) | {"files": []}
    manifest_path(folder).write_text(json.dumps(raw))
    assert db.at(FAR).sql(PAIR).frame.row(0) == (1.0, None)


def test_a_handle_keeps_its_versions_and_the_list_names_none_that_is_gone(
    lake: Lake, db: Db
) -> None:
    both(lake, 1)
    old = db.at(FAR)
    for value in range(2, KEPT_MANIFESTS + 12):
        lake.upsert("macro", table(observation(float(value), day(1), series_id=f"s:{value}")))
        version = read_list(lake.store)["macro"].version
        assert numbered_path(lake.root / "macro", version).exists()
    assert not numbered_path(lake.root / "macro", 2).exists()
    assert len(list((lake.root / "macro" / "_meta").glob("manifest-*.json"))) == KEPT_MANIFESTS
    assert old.sql("SELECT count(*) AS n FROM macro").frame.item() == 1
    assert db.at(FAR).sql("SELECT count(*) AS n FROM macro").frame.item() == KEPT_MANIFESTS + 11


def test_what_manifest_json_names_is_not_collected_where_a_writer_died_after_its_commit(
    lake: Lake,
) -> None:
    both(lake, 1)
    stale = manifest_path(lake.root / "macro").read_bytes()
    (old,) = (entry.file for entry in read_manifest(lake.store, "macro").files)
    both(lake, 2)
    manifest_path(lake.root / "macro").write_bytes(stale)
    (lake.root / "macro" / "_meta" / "writing").touch()
    late = utc_now() + RETIRED_GRACE + timedelta(minutes=1)
    assert lake.collect("macro", now=late) == []
    assert read_manifest(lake.store, "macro").version == 2
    lake.upsert("macro", table(observation(2.0, day(2))))
    assert json.loads(manifest_path(lake.root / "macro").read_text())["version"] == 2
    assert lake.collect("macro", now=late) == [old]


def test_a_damaged_list_is_one_sentence_with_the_way_out(lake: Lake, db: Db) -> None:
    both(lake, 1)
    whole = list_path(lake.root).read_bytes()
    for content in (
        b"",
        b"[]",
        b'{"format": 1}',
        b'{"format": 1, "datasets": {"macro": 3}}',
        whole.replace(b'"version": 1', b'"version": "1"'),
        whole.replace(b'"version": 1', b'"version": true'),
        whole.replace(b'"version": 1', b'"version": -1'),
    ):
        list_path(lake.root).write_bytes(content)
        for attempt in (lambda: db.at(FAR), lambda: both(lake, 2)):
            with pytest.raises(LakeError, match=r"versions\.json is damaged.*remove the file"):
                attempt()
    list_path(lake.root).write_bytes(b'{"format": 9}')
    with pytest.raises(LakeError, match="format 9.*update Barograph"):
        db.at(FAR)
    list_path(lake.root).unlink()
    assert db.at(FAR).sql(PAIR).frame.row(0) == (1.0, 1.0)


def test_an_unchanged_lake_is_the_same_snapshot(lake: Lake) -> None:
    both(lake, 1)
    first = read_snapshot(lake.store)
    assert read_snapshot(lake.store, first) is first
    lake.upsert("macro", table(observation(2.0, day(2))))
    second = read_snapshot(lake.store, first)
    assert second.manifests["prices"] is first.manifests["prices"]
    assert second.of("macro").version == 2
