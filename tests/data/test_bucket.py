"""On a store without locks whoever swaps first has published; the others begin anew, or fail whole.

Each race is let happen at a chosen put, and the line is broken before and after each.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import LakeError
from data.lake import ORPHAN_GRACE, RETIRED_GRACE
from data.lake.compact import compact, retire
from data.lake.manifest import numbered_name, read_manifest
from data.lake.versions import LIST, OvertakenError, read_list
from tests.data.bucket import (
    Bucket,
    ConditionError,
    Once,
    collected,
    data_files,
    macro,
    nothing,
    seen,
    writer,
)
from tests.data.samples import JANUARY, day, observation, price, table, tick

WHOLE_DAY = "date=2020-01-02/segment=day"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "live" / "lake"


@pytest.fixture
def bucket(root: Path) -> Bucket:
    return Bucket(root)


def test_a_name_is_claimed_once(bucket: Bucket) -> None:
    assert bucket.claim("a", b"1")
    assert bucket.claim("a", b"1")  # its answer was lost, so that it is asked again
    assert not bucket.claim("a", b"2")
    assert bucket.read("a") == b"1"


# --- Another writer is first


@pytest.mark.parametrize("place", [LIST, numbered_name("macro", 2)])
def test_who_comes_second_begins_anew(bucket: Bucket, root: Path, place: str) -> None:
    """Between what a writer read and its swap another one publishes; both count."""
    lake, other = writer(bucket, root), writer(bucket, root)
    macro(lake, 1)
    bucket.before = race = Once(place, lambda: macro(other, 2))
    done = lake.upsert("macro", table(observation(3.0, day(1), series_id="s:3")), publish_id="p")
    assert race.done
    assert bucket.refused == 1
    assert not done.repeated
    assert read_list(bucket)["macro"].version == done.version
    assert seen(bucket, root) == [1, 2, 3]
    assert macro(lake, 3, publish_id="p") == done.version  # answered, and nothing is added
    assert seen(bucket, root) == [1, 2, 3]


def test_a_swap_that_finds_another_dataset_changed_is_simply_done_again(
    bucket: Bucket, root: Path
) -> None:
    lake, other = writer(bucket, root), writer(bucket, root)
    both = table(price(5.0, JANUARY, day(1)))
    bucket.before = race = Once(LIST, lambda: other.upsert("prices", both))
    assert macro(lake, 1) == 1
    assert race.done
    assert bucket.refused == 1
    assert {name: one.version for name, one in read_list(bucket).items()} == {
        "macro": 1,
        "prices": 1,
    }
    assert (seen(bucket, root), seen(bucket, root, "SELECT close FROM prices")) == ([1], [5])


def test_a_batch_that_comes_second_counts_not_at_all(bucket: Bucket, root: Path) -> None:
    lake, other = writer(bucket, root), writer(bucket, root)
    macro(lake, 1)

    def both() -> None:
        with lake.batch() as batch:
            batch.upsert("prices", table(price(5.0, JANUARY, day(1))), publish_id="b")
            rows = table(observation(3.0, day(1), series_id="s:3"))
            batch.upsert("macro", rows, publish_id="b")

    bucket.before = race = Once(LIST, lambda: macro(other, 2))
    with pytest.raises(OvertakenError, match="macro: another writer published it.*run it again"):
        both()
    assert race.done
    assert (seen(bucket, root), seen(bucket, root, "SELECT close FROM prices")) == ([1, 2], [])
    both()
    assert (seen(bucket, root), seen(bucket, root, "SELECT close FROM prices")) == ([1, 2, 3], [5])


def test_files_are_gathered_anew_where_more_came_meanwhile(bucket: Bucket, root: Path) -> None:
    lake, other = writer(bucket, root), writer(bucket, root)

    def add(number: int) -> None:
        other.append("ticks", table(tick(number, day(1))), publish_id=str(number))

    add(1)
    add(2)
    bucket.before = race = Once(LIST, lambda: add(3))
    compact(lake, "ticks", lambda _: WHOLE_DAY, publish_id="c")
    assert race.done
    ids = "SELECT trade_id FROM ticks ORDER BY 1"
    assert seen(bucket, root, ids) == [1, 2, 3]
    assert [entry.partition for entry in read_manifest(bucket, "ticks").files] == [WHOLE_DAY]
    bucket.before = race = Once(LIST, lambda: add(4))
    assert retire(lake, "ticks", lambda _: True, publish_id="r") == 2
    assert race.done
    assert seen(bucket, root, ids) == []


def test_who_takes_back_leaves_what_another_one_publishes(bucket: Bucket, root: Path) -> None:
    """Two writers bring the same rows of one instant, hence one file; one of them fails."""
    rows, claim = table(observation(1.0, day(1))), numbered_name("macro", 1)

    def fail() -> None:
        raise OSError(5, "the line broke")

    def try_too() -> None:
        bucket.before = Once(claim, fail)
        with pytest.raises(LakeError, match="could not write to bucket"):
            writer(bucket, root).upsert("macro", rows, ingested_at=day(5))

    bucket.before = Once(claim, try_too)
    writer(bucket, root).upsert("macro", rows, ingested_at=day(5))
    (entry,) = read_manifest(bucket, "macro").files
    assert data_files(bucket) == {entry.file}
    assert seen(bucket, root) == [1]


def test_a_swap_whose_answer_was_lost_is_known_as_ones_own(bucket: Bucket, root: Path) -> None:
    """A client that puts again by itself is told that another object is there: its own."""

    def answer() -> None:
        raise ConditionError(LIST)

    bucket.after = again = Once(LIST, answer)
    rows = table(observation(1.0, day(1)))
    done = writer(bucket, root).upsert("macro", rows, publish_id="p")
    assert again.done
    assert (done.version, done.repeated) == (1, False)
    assert seen(bucket, root) == [1]


# --- The line breaks


class BrokenOff(BaseException):
    """A program that is killed: nothing of it runs any more."""


def broken(
    bucket: Bucket, root: Path, at: int, side: str, kind: Callable[[], BaseException]
) -> bool:
    """Publish 2 after 1, the at-th change failing; gives whether there was such a change."""
    lake, made = writer(bucket, root), 0
    macro(lake, 1)

    def strike(operation: str, name: str) -> None:
        nonlocal made
        made += 1
        if made == at:
            raise kind()

    setattr(bucket, side, strike)
    try:
        macro(lake, 2, publish_id="p")
    except (LakeError, BrokenOff) as error:
        assert isinstance(error, BrokenOff) or "could not write to bucket" in str(error)
    bucket.before = bucket.after = nothing
    return made >= at


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("kind", [lambda: OSError(5, "the line broke"), BrokenOff])
def test_broken_off_at_any_put_it_is_the_old_version_or_the_new(
    tmp_path: Path, side: str, kind: Callable[[], BaseException]
) -> None:
    ended = list[int]()
    for at in range(1, 20):
        root = tmp_path / str(at) / "live" / "lake"
        bucket = Bucket(root)
        if not broken(bucket, root, at, side, kind):
            break
        ended.append(len(seen(bucket, root)))
        assert seen(bucket, root) in ([1], [1, 2])
        other = writer(bucket, root)
        macro(other, 3)
        macro(other, 2, publish_id="p")
        assert seen(bucket, root) == [1, 2, 3]
        assert len(read_manifest(bucket, "macro").publishes) == 3
        collected(bucket, root, ORPHAN_GRACE)
        assert data_files(bucket) == {e.file for e in read_manifest(bucket, "macro").files}
        assert seen(bucket, root) == [1, 2, 3]
    # A data file, its manifest, the list; then manifest.json, after which it is done.
    assert ended == ([1, 1, 1, 2] if side == "before" else [1, 1, 2, 2])


def test_a_number_that_a_dead_writer_claimed_is_left_out(
    bucket: Bucket, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.lake.manifest.KEPT_MANIFESTS", 2)
    lake = writer(bucket, root)
    assert [macro(lake, 8), macro(lake, 9)] == [1, 2]
    assert broken(bucket, root, 3, "before", BrokenOff)
    claimed = bucket.read(numbered_name("macro", 4))
    assert claimed is not None
    assert macro(lake, 3) == 5
    assert bucket.read(numbered_name("macro", 4)) == claimed
    kept = [numbered_name("macro", version) for version in (4, 5)]
    assert list(bucket.names("macro/_meta/manifest-")) == kept
    assert seen(bucket, root) == [1, 3, 8, 9]


def test_what_a_running_writer_placed_is_not_collected(bucket: Bucket, root: Path) -> None:
    lake = writer(bucket, root)
    macro(lake, 1)
    gone = list[str]()
    late = RETIRED_GRACE * 2
    bucket.before = race = Once(LIST, lambda: gone.extend(collected(bucket, root, late)))
    macro(lake, 2)
    assert race.done
    assert gone == []
    assert seen(bucket, root) == [1, 2]


def test_writers_and_a_line_that_often_breaks(bucket: Bucket, root: Path) -> None:
    """Three repeat what failed until it is answered; nothing is lost and nothing doubled."""
    chance, lock = random.Random(7), threading.Lock()

    def strike(operation: str, name: str) -> None:
        with lock:
            fails = chance.random() < 0.08
        if fails:
            raise OSError(5, "the line broke")

    def write(mine: int) -> None:
        own = writer(bucket, root)
        left = [10 * mine + n for n in range(4)]
        while left:
            with contextlib.suppress(LakeError):
                macro(own, left[0], publish_id=str(left[0]))
                left.pop(0)

    bucket.before = bucket.after = strike
    threads = [threading.Thread(target=write, args=(mine,), daemon=True) for mine in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    bucket.before = bucket.after = nothing
    assert seen(bucket, root) == sorted(10 * mine + n for mine in range(3) for n in range(4))
    assert len(read_manifest(bucket, "macro").publishes) == 12
