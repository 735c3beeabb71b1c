"""The next version of one dataset while it is made: rows merged, files written, nothing visible.

For whoever has the dataset's turn. Until the lake's list names it, no reader can see any
of it; a draft that is dropped, or whose writer dies, leaves files that the next writer removes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from data.clock import FIRST, utc_now
from data.contracts import Dataset
from data.disk import TEMPORARY
from data.errors import ContractError, LakeError
from data.lake.damage import refuse_damage
from data.lake.manifest import (
    LakeFile,
    Manifest,
    Publication,
    manifest_name,
    next_version,
    numbered_name,
    read_manifest,
    schema_id,
)
from data.lake.merge import Merged, merge
from data.lake.parquet import Writing, partition_path, scan
from data.lake.splice import Splice
from data.lake.store import Store
from data.lake.views import ends

if TYPE_CHECKING:
    from data.lake import Lake


class DatasetDraft:
    """One dataset's next version; several publications may go into it."""

    def __init__(self, lake: Lake, dataset: Dataset) -> None:
        self.lake, self.dataset = lake, dataset
        self.base, self._writing = begin(lake.store, dataset)
        self.manifest = self.base

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to commit."""
        return self.manifest is not self.base

    def add(
        self, frame: pl.DataFrame, done: Publication, positions: dict[str, str] | None
    ) -> Publication:
        """Merge or append stamped rows; gives what that added."""
        mark(self.lake.store, self.dataset)
        written = len(self._writing.entries)
        retire: list[str] = []
        for partition, rows in _partitions(self.dataset, frame, self.manifest):
            merged, replaced = self._write_partition(partition, rows)
            done = _count(done, merged)
            retire += replaced
        entries = self._writing.entries[written:]
        if not entries and not positions:
            return replace(done, version=self.manifest.version)
        done = replace(done, version=self._writing.version)
        now = max(utc_now(), _latest(frame))
        following = self.manifest.next(entries, done, now, retire=retire, positions=positions)
        names = self.manifest.schemas | {schema_id(self.dataset): self.dataset.schema.names}
        self.manifest = replace(following, schemas=names)
        return done

    def finish(self) -> None:
        """After the commit, or where there is nothing to commit: nobody died here."""
        unmark(self.lake.store, self.dataset)

    def undo(self) -> None:
        """Take back what was written; a failure after the commit leaves the commit standing."""
        undo(self.lake.store, self.base, self._writing)

    def _write_partition(self, partition: str, rows: pl.DataFrame) -> tuple[Merged, list[str]]:
        """Write one partition anew if anything in it changes; gives the files it replaces."""
        manifest = self.manifest
        entries = tuple(entry for entry in manifest.files if entry.partition == partition)
        if self.dataset.appended:
            self._writing.frame(partition, rows)
            return Merged(rows, rows.height, 0, 0, rows.clear()), []
        if not entries:
            merged = merge(self.dataset, rows.clear(), rows)
            self._writing.frame(partition, merged.frame)
            return merged, []
        refuse_damage(self.lake.store, self.dataset.name, entries)
        merged = self._splice(entries, rows) or self._sort(entries, rows)
        changed = merged.rows_added + merged.vintages_added
        return merged, [entry.file for entry in entries] if changed else []

    def _splice(self, entries: tuple[LakeFile, ...], rows: pl.DataFrame) -> Merged | None:
        """Merge into the one file of a partition, if it is as the contract would write it now."""
        if len(entries) > 1 or entries[0].schema != schema_id(self.dataset):
            return None
        path = self.lake.store.location(f"{self.dataset.name}/{entries[0].file}")
        try:
            splice = Splice.open(self.dataset, path, rows)
            if splice is None:
                return None
            merged = merge(self.dataset, splice.stored().cast(rows.schema), rows)
            self._keep_conflicts(merged.conflicts)
            if merged.rows_added + merged.vintages_added:
                self._writing.splice(entries[0], splice, merged)
        except pl.exceptions.ComputeError as error:
            raise pl.exceptions.ComputeError(f"{path}: {error}") from error
        return merged

    def _sort(self, entries: tuple[LakeFile, ...], rows: pl.DataFrame) -> Merged:
        """Merge into files of an older contract, or out of order, by sorting everything anew."""
        stored = scan(self.dataset, self.lake.store, entries, self.manifest.schemas)
        keys = ", ".join(f'"{column}"' for column in self.dataset.key)
        with self.lake.connected() as con:
            con.register("incoming", rows.select(self.dataset.key).to_arrow())
            old = con.sql(f"SELECT * FROM {stored} SEMI JOIN incoming USING ({keys})")  # noqa: S608 - quoted names
            merged = merge(self.dataset, pl.DataFrame(old.pl(), schema=rows.schema), rows)
            self._keep_conflicts(merged.conflicts)
            if not merged.rows_added + merged.vintages_added:
                return merged
            con.register("merged", merged.frame.to_arrow())
            untouched = f"SELECT * FROM {stored} ANTI JOIN incoming USING ({keys})"  # noqa: S608 - quoted names
            total = sum(entry.rows for entry in entries) + merged.rows_added + merged.vintages_added
            # The rows that stay may be of a time when vintages ended by another rule.
            whole = f"({untouched} UNION ALL SELECT * FROM merged)"  # noqa: S608 - quoted names
            sql = f"SELECT * REPLACE ({ends(self.dataset)} AS superseded_at) FROM {whole}"  # noqa: S608 - quoted names
            self._writing.query(con, entries[0].partition, sql, total)
        return merged

    def _keep_conflicts(self, conflicts: pl.DataFrame) -> None:
        if conflicts.height:
            reason = "contradicts a vintage that a later one has superseded since"
            self.lake.keep_reject(
                self.dataset, conflicts, f"{self.dataset.name}: {conflicts.height} rows: {reason}"
            )


def begin(store: Store, dataset: Dataset) -> tuple[Manifest, Writing]:
    """The version that stands and the files of the next, for whoever has the dataset's turn."""
    base = read_manifest(store, dataset.name)
    if store.takes_turns and store.tag(_marker(dataset.name)):
        heal(store, base)
    return base, Writing(dataset, store, next_version(store, base))


def _marker(name: str) -> str:
    return f"{name}/_meta/writing"


def mark(store: Store, dataset: Dataset) -> None:
    """Say for the next writer that one works here, which only one at a time can say."""
    if store.takes_turns:
        store.put(_marker(dataset.name), b"", durable=False)


def unmark(store: Store, dataset: Dataset) -> None:
    """Say that the writer has ended; where that fails, the next one finds nothing to heal."""
    if store.takes_turns:
        with contextlib.suppress(OSError):
            store.delete(_marker(dataset.name))


def undo(store: Store, base: Manifest, writing: Writing) -> None:
    """Take back what was written for a version, if it did not become the lake's."""
    with contextlib.suppress(LakeError):
        if read_manifest(store, base.dataset).version == base.version:
            writing.undo()


def heal(store: Store, manifest: Manifest) -> None:
    """Remove what a writer that died left behind, in the dataset's turn.

    The marker stands only while a writer works, so in one's own turn it means that one died. No
    reader ever knew a file that no listed manifest names, so those can go at once; a writer that
    died after its commit may not have brought `manifest.json` up to it.
    """
    folder = f"{manifest.dataset}/"
    known = {entry.file for entry in manifest.files} | set(manifest.retired)
    newest = numbered_name(manifest.dataset, manifest.version)
    for name in list(store.names(folder)):
        is_later = name.startswith(f"{folder}_meta/manifest-") and name > newest
        is_part = name.endswith(".parquet") and name.removeprefix(folder) not in known
        if is_later or is_part or name.rpartition("/")[2].startswith(TEMPORARY):
            store.delete(name)
    content = store.read(newest)
    if content is not None:
        store.put(manifest_name(manifest.dataset), content)
    store.delete(_marker(manifest.dataset), durable=True)


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
