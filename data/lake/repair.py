"""Heal a dataset that was published under a clock that ran ahead.

When its rows really came nobody can tell any more, so they count as ingested at the repair: the
house clock shows them from then on and claims nothing for the time before. Values, and instants
that a source gave, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from data.clock import iso
from data.contracts import Dataset
from data.datasets import DATASETS, dataset_named
from data.disk import sha256
from data.errors import LakeError
from data.lake import Lake
from data.lake.compact import publish, rewriting
from data.lake.conform import key_order, sorted_by
from data.lake.manifest import LakeFile, Manifest, Publication, read_manifest
from data.lake.merge import superseded
from data.lake.parquet import Writing, scan
from data.lake.witness import AWAY, LEEWAY, published

# Grades whose known_at is the clock of the machine that asked.
DATED_BY_US = ("current", "snapshot")
STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What of a dataset lies ahead of a clock: its publication, and rows in some partitions."""

    dataset: str
    published_at: str
    rows: int
    partitions: tuple[str, ...]


def find_ahead(lake: Lake, name: str, now: datetime) -> Ahead | None:
    """What lies ahead of the clock in one dataset; nothing is changed."""
    manifest = read_manifest(lake.store, name)
    return _ahead(lake, dataset_named(name), manifest, now)


def repair(lake: Lake, name: str, now: datetime) -> Ahead | None:
    """Let what lies ahead of the clock count as ingested and published now; gives what it was."""
    if find_ahead(lake, name, now) is None:
        return None
    dataset = dataset_named(name)
    with rewriting(lake, dataset) as (manifest, writing):
        found = _ahead(lake, dataset, manifest, now)
        if found is not None:
            _heal(lake, manifest, writing, found, now)
    return found


def confirm_clock(lake: Lake, now: datetime) -> str | None:
    """Publish the dataset that was written last as it is, under a clock that a person vouches for.

    Gives its name, or nothing where no publication is so old that a commit would be refused.
    """
    manifests = [read_manifest(lake.store, name) for name in DATASETS]
    dated = [(at, manifest) for manifest in manifests if (at := published(manifest)) is not None]
    if not dated:
        return None
    last, newest = max(dated, key=lambda item: item[0])
    if last > now + LEEWAY:
        raise LakeError(
            f"{newest.dataset}: its last publication, of {iso(last)}, lies ahead of this machine's "
            f"clock, {iso(now)}; run python -m scripts.repair without --clock-is-right first"
        )
    if now - last <= AWAY:
        return None
    dataset = dataset_named(newest.dataset)
    with rewriting(lake, dataset) as (manifest, writing):
        done = Publication(f"clock:{iso(now)}", writing.version)
        publish(lake, dataset, manifest, manifest.next([], done, now))
    return dataset.name


def _ahead(lake: Lake, dataset: Dataset, manifest: Manifest, now: datetime) -> Ahead | None:
    at = published(manifest)
    if at is None:
        return None
    rows, partitions = 0, []
    with lake.connected() as con:
        for partition, entries in _by_partition(manifest).items():
            stored = scan(dataset, lake.store, entries, manifest.schemas)
            sql = f"SELECT count(*) FROM {stored} WHERE ingested_at > ?"  # noqa: S608 - quoted names
            (late,) = con.execute(sql, [now + LEEWAY]).fetchone() or (0,)
            if late:
                rows += late
                partitions.append(partition)
    if not rows and at <= now + LEEWAY:
        return None
    return Ahead(dataset.name, iso(at), rows, tuple(partitions))


def _by_partition(manifest: Manifest) -> dict[str, tuple[LakeFile, ...]]:
    found: dict[str, tuple[LakeFile, ...]] = {}
    for entry in manifest.files:
        found[entry.partition] = (*found.get(entry.partition, ()), entry)
    return found


def _heal(lake: Lake, manifest: Manifest, writing: Writing, found: Ahead, now: datetime) -> None:
    dataset = writing.dataset
    entries = {name: _by_partition(manifest)[name] for name in found.partitions}
    stored = {name: _read(lake, dataset, manifest, files) for name, files in entries.items()}
    moved = _moved([_dated_ahead(frame, now) for frame in stored.values()], now)
    for name, frame in stored.items():
        writing.frame(name, _redated(dataset, frame, moved, now))
    at = max(moved.values(), default=now)
    retire = [entry.file for files in entries.values() for entry in files]
    done = Publication(f"repair:{iso(now)}", writing.version)
    following = manifest.next(writing.entries, done, at, retire=retire)
    retired = {file: min(when, iso(at)) for file, when in following.retired.items()}
    healed = replace(following, published_at=iso(at), retired=retired)
    publish(lake, dataset, manifest, healed)


def _read(
    lake: Lake, dataset: Dataset, manifest: Manifest, files: tuple[LakeFile, ...]
) -> pl.DataFrame:
    """All rows of some files, which must be what was written."""
    for entry in files:
        if sha256(lake.store.location(f"{dataset.name}/{entry.file}")) != entry.sha256:
            raise LakeError(
                f"{dataset.name}/{entry.file} is damaged: it is not what its manifest says; "
                "nothing was repaired. Restore it from a backup first"
            )
    with lake.connected() as con:
        stored = scan(dataset, lake.store, files, manifest.schemas)
        rows: pl.DataFrame = con.sql(f"FROM {stored}").pl()
    kinds = pl.DataFrame(dataset.schema.empty_table()).schema
    return rows.cast(kinds).select(dataset.schema.names)


def _dated_ahead(frame: pl.DataFrame, now: datetime) -> pl.Series:
    """Every instant ahead of the clock that a machine gave, not a source."""
    ours = frame.filter(_is_ours(frame, now))
    late = frame.filter(pl.col("ingested_at") > now)
    return pl.concat([late["ingested_at"], ours["known_at"].alias("ingested_at")])


def _is_ours(frame: pl.DataFrame, now: datetime) -> pl.Expr:
    """Whether `known_at` is the wrong clock's: of a silent change, or of when we asked."""
    last = frame["ingested_at"].max()
    by_us = (pl.col("known_at") == pl.col("ingested_at")) | pl.col("vintage_grade").is_in(
        DATED_BY_US
    )
    return by_us & (pl.col("ingested_at") > now) & pl.col("known_at").is_between(now, last, "right")


def _moved(instants: Sequence[pl.Series], now: datetime) -> dict[datetime, datetime]:
    """Each instant ahead of the clock and the one it becomes: now, in the order they had.

    Neighbours by a microsecond stay so and no others become such, since a correction of ours is
    told by standing a microsecond after what it corrects.
    """
    found: dict[datetime, datetime] = {}
    before, at = None, now
    merged = sorted({moment for series in instants for moment in series.to_list()})
    for moment in merged:
        at += STEP if before is not None and moment - before == STEP else 2 * STEP
        found[moment] = at
        before = moment
    return found


def _redated(
    dataset: Dataset, frame: pl.DataFrame, moved: dict[datetime, datetime], now: datetime
) -> pl.DataFrame:
    """The rows with their new instants, in order, each superseded by the one after it."""
    put = {
        name: pl.col(name).replace_strict(
            list(moved),
            list(moved.values()),
            default=pl.col(name),
            return_dtype=pl.Datetime("us", "UTC"),
        )
        for name in ("ingested_at", "known_at")
    }
    rows = frame.with_columns(
        put["ingested_at"],
        pl.when(_is_ours(frame, now)).then(put["known_at"]).otherwise("known_at").alias("known_at"),
    )
    if dataset.appended:
        return rows
    return superseded(dataset, sorted_by(rows, [*key_order(dataset), "known_at"]))
