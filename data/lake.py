"""The writer of the lake: upsert, append, collect. Readers go through `data.query` instead."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data.clock import FIRST, iso, utc_now
from data.conform import conform, stamped
from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import TEMPORARY, explain, locked, make_folder, sync_folder
from data.errors import ContractError, LakeError
from data.manifest import (
    LakeFile,
    Manifest,
    Publication,
    commit,
    read_manifest,
    schema_id,
)
from data.merge import Merged, merge
from data.parquet import Writing, partition_path, scan
from data.splice import Splice
from data.views import ends
from data.witness import refuse_wrong_clock

RETIRED_GRACE = timedelta(hours=1)
ORPHAN_GRACE = timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)


class Lake:
    """One workspace's lake. Any number of processes may write; each dataset takes one at a time."""

    def __init__(self, root: Path, *, workspace: str, memory_limit_mb: int = 2048) -> None:
        self.root = root
        self.workspace = workspace
        self.rejects = root.parent / "rejects"
        self._memory_limit_mb = memory_limit_mb
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._engine_lock = threading.Lock()

    def upsert(
        self,
        name: str,
        table: pa.Table | pl.DataFrame,
        *,
        publish_id: str | None = None,
        ingested_at: datetime | None = None,
    ) -> Publication:
        """Merge a table by its key; one commit over all partitions, whose version comes back.

        Equal values add nothing, changed ones a vintage. The same `publish_id` again is answered
        with the first commit.
        """
        dataset = dataset_named(name)
        if dataset.appended:
            raise ContractError(f"{name} is appended to, not merged: use Lake.append")
        return self._publish(dataset, table, publish_id, ingested_at=ingested_at)

    def append(
        self,
        name: str,
        table: pa.Table | pl.DataFrame,
        *,
        publish_id: str,
        positions: dict[str, str] | None = None,
    ) -> Publication:
        """Write segments that are never merged, and with them the stream positions they cover."""
        dataset = dataset_named(name)
        if not dataset.appended:
            raise ContractError(f"{name} is merged by key, not appended to: use Lake.upsert")
        return self._publish(dataset, table, publish_id, positions=positions)

    def collect(self, name: str, *, now: datetime | None = None) -> list[str]:
        """Delete retired files past their grace and day-old orphans; gives their names.

        The tree is listed first and the manifest read second: a file that goes live in between
        is then not on the list.
        """
        dataset = dataset_named(name)
        folder = self.root / dataset.name
        moment = now or utc_now()
        present = [
            path for path in folder.rglob("*") if path.is_file() and "_meta" not in path.parts
        ]
        present += list((folder / "_meta").glob(f"{TEMPORARY}*"))
        manifest = read_manifest(folder, dataset.name)
        live = {entry.file for entry in manifest.files}
        removed = []
        for path in present:
            file = str(path.relative_to(folder))
            if file not in live and _past_grace(path, manifest.retired.get(file), moment):
                path.unlink(missing_ok=True)
                removed.append(file)
        return removed

    def _publish(
        self,
        dataset: Dataset,
        table: pa.Table | pl.DataFrame,
        publish_id: str | None,
        *,
        ingested_at: datetime | None = None,
        positions: dict[str, str] | None = None,
    ) -> Publication:
        folder = self.root / dataset.name
        publish = publish_id or uuid.uuid4().hex
        with disk_trouble(f"{dataset.name}: could not write to {self.root}"):
            frame = self._conformed(dataset, table)
            make_folder(folder / "_meta")
            with locked(folder / "_meta" / "lock"):
                manifest = read_manifest(folder, dataset.name)
                heal(folder, manifest)
                if done := manifest.publication(publish):
                    return done
                rows = stamped(frame, self.stamp(frame, manifest, ingested_at))
                return self._write(dataset, manifest, rows, publish, positions)

    def _write(
        self,
        dataset: Dataset,
        manifest: Manifest,
        frame: pl.DataFrame,
        publish: str,
        positions: dict[str, str] | None,
    ) -> Publication:
        folder = self.root / dataset.name
        writing = Writing(dataset, folder, manifest.version + 1)
        done = Publication(publish, manifest.version)
        marker = folder / "_meta" / "writing"
        retire: list[str] = []
        try:
            marker.touch()
            for partition, rows in _partitions(dataset, frame, manifest):
                merged, replaced = self._write_partition(
                    dataset, manifest, writing, partition, rows
                )
                done = _count(done, merged)
                retire += replaced
            if writing.entries or positions:
                done = replace(done, version=manifest.version + 1)
                now = max(utc_now(), _latest(frame))
                following = manifest.next(
                    writing.entries, done, now, retire=retire, positions=positions
                )
                names = manifest.schemas | {schema_id(dataset): dataset.schema.names}
                commit(folder, replace(following, schemas=names))
        except BaseException:
            # A failure after the manifest's rename leaves the commit standing.
            with contextlib.suppress(LakeError):
                if read_manifest(folder, dataset.name).version == manifest.version:
                    writing.undo()
            raise
        with contextlib.suppress(OSError):
            marker.unlink()
        return done

    def _write_partition(
        self,
        dataset: Dataset,
        manifest: Manifest,
        writing: Writing,
        partition: str,
        rows: pl.DataFrame,
    ) -> tuple[Merged, list[str]]:
        """Write one partition anew if anything in it changes; gives the files it replaces."""
        entries = tuple(entry for entry in manifest.files if entry.partition == partition)
        if dataset.appended:
            writing.frame(partition, rows)
            return Merged(rows, rows.height, 0, 0, rows.clear()), []
        if not entries:
            merged = merge(dataset, rows.clear(), rows)
            writing.frame(partition, merged.frame)
            return merged, []
        spliced = self._splice(dataset, writing, entries, rows)
        stored = scan(dataset, self.root / dataset.name, entries, manifest.schemas)
        merged = spliced or self._sort(dataset, writing, entries, rows, stored=stored)
        changed = merged.rows_added + merged.vintages_added
        return merged, [entry.file for entry in entries] if changed else []

    def _splice(
        self, dataset: Dataset, writing: Writing, entries: tuple[LakeFile, ...], rows: pl.DataFrame
    ) -> Merged | None:
        """Merge into the one file of a partition, if it is as the contract would write it now."""
        if len(entries) > 1 or entries[0].schema != schema_id(dataset):
            return None
        path = self.root / dataset.name / entries[0].file
        try:
            splice = Splice.open(dataset, path, rows)
            if splice is None:
                return None
            merged = merge(dataset, splice.stored().cast(rows.schema), rows)
            self._keep_conflicts(dataset, merged.conflicts)
            if merged.rows_added + merged.vintages_added:
                writing.splice(entries[0], splice, merged)
        except pl.exceptions.ComputeError as error:
            raise pl.exceptions.ComputeError(f"{path}: {error}") from error
        return merged

    def _sort(
        self,
        dataset: Dataset,
        writing: Writing,
        entries: tuple[LakeFile, ...],
        rows: pl.DataFrame,
        *,
        stored: str,
    ) -> Merged:
        """Merge into files of an older contract, or out of order, by sorting everything anew."""
        keys = ", ".join(f'"{column}"' for column in dataset.key)
        with self._engine_lock, self.connected() as con:
            con.register("incoming", rows.select(dataset.key).to_arrow())
            old = con.sql(f"SELECT * FROM {stored} SEMI JOIN incoming USING ({keys})")  # noqa: S608 - quoted names
            merged = merge(dataset, pl.DataFrame(old.pl(), schema=rows.schema), rows)
            self._keep_conflicts(dataset, merged.conflicts)
            if not merged.rows_added + merged.vintages_added:
                return merged
            con.register("merged", merged.frame.to_arrow())
            untouched = f"SELECT * FROM {stored} ANTI JOIN incoming USING ({keys})"  # noqa: S608 - quoted names
            total = sum(entry.rows for entry in entries) + merged.rows_added + merged.vintages_added
            # The rows that stay may be of a time when vintages ended by another rule.
            whole = f"({untouched} UNION ALL SELECT * FROM merged)"  # noqa: S608 - quoted names
            sql = f"SELECT * REPLACE ({ends(dataset)} AS superseded_at) FROM {whole}"  # noqa: S608 - quoted names
            writing.query(con, entries[0].partition, sql, total)
        return merged

    @contextlib.contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The lake's own engine, opened at the first merge; registrations end with the cursor."""
        if self._engine is None:
            limit = f"{self._memory_limit_mb}MB"
            self._engine = duckdb.connect(config={"memory_limit": limit})
            self._engine.execute("SET GLOBAL TimeZone = 'UTC'")
        with self._engine.cursor() as con:
            yield con

    def stamp(self, frame: pl.DataFrame, manifest: Manifest, given: datetime | None) -> datetime:
        """The instant at which rows count as ingested into the version after this one."""
        refuse_wrong_clock(self.root, manifest, utc_now(), rows=frame, given=given)
        return _stamp(frame, manifest, given)

    def _conformed(self, dataset: Dataset, table: pa.Table | pl.DataFrame) -> pl.DataFrame:
        try:
            return conform(dataset, table, workspace=self.workspace, now=utc_now())
        except ContractError as error:
            self._keep_reject(dataset, table, str(error))
            raise

    def _keep_conflicts(self, dataset: Dataset, conflicts: pl.DataFrame) -> None:
        if conflicts.height:
            reason = "contradicts a vintage that a later one has superseded since"
            self._keep_reject(
                dataset, conflicts, f"{dataset.name}: {conflicts.height} rows: {reason}"
            )

    def _keep_reject(self, dataset: Dataset, rows: pa.Table | pl.DataFrame, reason: str) -> None:
        """Refused rows stay readable with their reason; a disk that refuses them too loses them."""
        with contextlib.suppress(OSError, pa.ArrowException):
            folder = self.rejects / dataset.name
            folder.mkdir(parents=True, exist_ok=True)
            stem = folder / f"{utc_now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}"
            arrow = rows.to_arrow() if isinstance(rows, pl.DataFrame) else rows
            pq.write_table(arrow, stem.with_suffix(".parquet"))
            note = {"dataset": dataset.name, "at": iso(utc_now()), "reason": reason}
            stem.with_suffix(".json").write_text(json.dumps(note, indent=1))


def _stamp(frame: pl.DataFrame, manifest: Manifest, given: datetime | None) -> datetime:
    """The instant of ingestion: after the last publication, and never equal to a `known_at`.

    The first makes a version exactly what was ingested until it was published; equality with
    `known_at` is kept for rows that the lake has to date itself. A given instant (a history
    played in anew) keeps only the second promise.
    """
    moment = given or utc_now()
    if manifest.published_at and given is None:
        moment = max(moment, datetime.fromisoformat(manifest.published_at) + MICROSECOND)
    while (frame["known_at"] == moment).any():
        moment += MICROSECOND
    return moment


def _partitions(
    dataset: Dataset, frame: pl.DataFrame, manifest: Manifest
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The frame cut at its partition columns, by which it is sorted."""
    if not frame.height:
        return
    if not dataset.partition_by:
        yield "", frame
        return
    folded = {entry.partition.casefold(): entry.partition for entry in manifest.files}
    for part in frame.partition_by(dataset.partition_by, maintain_order=True):
        values = {column: part[column][0] for column in dataset.partition_by}
        path = partition_path(dataset, values)
        if folded.setdefault(path.casefold(), path) != path:
            raise ContractError(
                f"{dataset.name}: partition {path} differs from {folded[path.casefold()]} only in "
                "case, which some disks cannot tell apart; spell it alike"
            )
        yield path, part


def _latest(frame: pl.DataFrame) -> datetime:
    """The instant of ingestion of a frame; a version is never published before it."""
    stamps = frame["ingested_at"].head(1).to_list()
    return max(stamps, default=FIRST)


def _count(done: Publication, merged: Merged) -> Publication:
    return replace(
        done,
        rows_added=done.rows_added + merged.rows_added,
        vintages_added=done.vintages_added + merged.vintages_added,
        unchanged=done.unchanged + merged.unchanged,
        conflicts=done.conflicts + merged.conflicts.height,
    )


def heal(folder: Path, manifest: Manifest) -> None:
    """Remove what a writer that died left behind; called with the dataset's lock held.

    The marker stands only while a writer works, so under the lock it means that one died. No
    reader ever knew a file that no manifest lists, so those can go at once.
    """
    marker = folder / "_meta" / "writing"
    if not marker.exists():
        return
    known = {entry.file for entry in manifest.files} | set(manifest.retired)
    for path in (folder / "_meta").glob("manifest-*.json"):
        if path.stem > f"manifest-{manifest.version:012d}":
            path.unlink(missing_ok=True)
    for path in folder.rglob("*"):
        is_part = path.suffix == ".parquet" and str(path.relative_to(folder)) not in known
        if is_part or path.name.startswith(TEMPORARY):
            path.unlink(missing_ok=True)
    marker.unlink(missing_ok=True)
    sync_folder(folder / "_meta")


def _past_grace(path: Path, retired_at: str | None, now: datetime) -> bool:
    if retired_at is not None:
        return now - datetime.fromisoformat(retired_at) > RETIRED_GRACE
    try:
        born = datetime.fromtimestamp(os.stat(path).st_mtime, UTC)
    except FileNotFoundError:
        return False
    return now - born > ORPHAN_GRACE


@contextlib.contextmanager
def disk_trouble(doing: str) -> Iterator[None]:
    """Turn what the disk or the engines say of it into one sentence."""
    try:
        yield
    except OSError as error:
        raise explain(error, doing) from error
    except (duckdb.Error, pl.exceptions.ComputeError, pa.ArrowInvalid) as error:
        cause = str(error).splitlines()[0]
        raise LakeError(
            f"{doing}: {cause}; what was in the lake stays, then run it again"
        ) from error
