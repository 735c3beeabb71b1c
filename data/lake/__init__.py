"""The writer of the lake: upsert, append, batch, collect. Readers use `data.query` instead."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data.clock import iso, utc_now
from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import TEMPORARY
from data.errors import ContractError
from data.lake.batch import Batch
from data.lake.conform import conform
from data.lake.manifest import Manifest, Publication, read_listed, read_manifest
from data.lake.store import DiskStore, Store
from data.lake.versions import until_first
from data.lake.witness import refuse_wrong_clock

RETIRED_GRACE = timedelta(hours=1)
ORPHAN_GRACE = timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)


class Lake:
    """One workspace's lake. Any number of processes may write; each dataset takes one at a time.

    Its files lie in the folder `root`, or in the store that is given.
    """

    def __init__(
        self,
        root: Path,
        *,
        workspace: str,
        memory_limit_mb: int = 2048,
        store: Store | None = None,
    ) -> None:
        self.root = root
        self.store = store or DiskStore(root)
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

        Equal values add nothing, changed ones a vintage. The same rows under the same
        `publish_id` again are answered with the first commit; other rows are refused.
        """
        publish_id = publish_id or uuid.uuid4().hex

        def publish() -> Publication:
            with Batch(self, is_single=True) as alone:
                return alone.upsert(name, table, publish_id=publish_id, ingested_at=ingested_at)

        return until_first(publish)

    def append(
        self,
        name: str,
        table: pa.Table | pl.DataFrame,
        *,
        publish_id: str,
        positions: dict[str, str] | None = None,
    ) -> Publication:
        """Write segments that are never merged, and with them the stream positions they cover."""

        def publish() -> Publication:
            with Batch(self, is_single=True) as alone:
                return alone.append(name, table, publish_id=publish_id, positions=positions)

        return until_first(publish)

    def batch(self) -> Batch:
        """A block in which several datasets are published; a reader sees all of it or nothing."""
        return Batch(self)

    def publication(self, name: str, publish_id: str) -> Publication | None:
        """The commit that an id stands for, if it is among the last ones of a dataset."""
        dataset = dataset_named(name)
        return read_manifest(self.store, dataset.name).publication(publish_id)

    def publications(self, name: str, prefix: str) -> list[Publication]:
        """The commits whose ids begin so, of the last ones of a dataset."""
        dataset = dataset_named(name)
        manifest = read_manifest(self.store, dataset.name)
        return [done for done in manifest.publishes if done.id.startswith(prefix)]

    def collect(self, name: str, *, now: datetime | None = None) -> list[str]:
        """Delete retired files past their grace and day-old orphans; gives their names.

        The tree is listed first and the manifests read second: a file that goes live in between
        is then not on the list. `manifest.json` may lag behind where a writer died, and whoever
        reads it alone is not to find its files gone.
        """
        dataset = dataset_named(name)
        folder, moment = f"{dataset.name}/", now or utc_now()
        present = [name.removeprefix(folder) for name in self.store.names(folder)]
        manifest = read_manifest(self.store, dataset.name)
        alone = read_listed(self.store, dataset.name, None)
        live = {entry.file for entry in (*manifest.files, *alone.files)}
        removed = []
        for file in present:
            is_kept = file in live or (
                file.startswith("_meta/") and not file.startswith(f"_meta/{TEMPORARY}")
            )
            if not is_kept and self._is_past_grace(
                folder + file, manifest.retired.get(file), moment
            ):
                self.store.delete(folder + file)
                removed.append(file)
        return removed

    def _is_past_grace(self, name: str, retired_at: str | None, now: datetime) -> bool:
        if retired_at is not None:
            return now - datetime.fromisoformat(retired_at) > RETIRED_GRACE
        born = self.store.written_at(name)
        return born is not None and now - born > ORPHAN_GRACE

    @contextlib.contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The lake's own engine, opened at its first use, for one at a time."""
        with self._engine_lock:
            if self._engine is None:
                limit = f"{self._memory_limit_mb}MB"
                self._engine = duckdb.connect(config={"memory_limit": limit})
                self._engine.execute("SET GLOBAL TimeZone = 'UTC'")
            with self._engine.cursor() as con:
                yield con

    def stamp(self, frame: pl.DataFrame, manifest: Manifest, given: datetime | None) -> datetime:
        """The instant at which rows count as ingested into the version after this one."""
        refuse_wrong_clock(self.store, manifest, utc_now(), rows=frame, given=given)
        return _stamp(frame, manifest, given)

    def conformed(self, dataset: Dataset, table: pa.Table | pl.DataFrame) -> pl.DataFrame:
        """The table as its contract has it; one that breaks it is kept with the reason."""
        try:
            return conform(dataset, table, workspace=self.workspace, now=utc_now())
        except ContractError as error:
            self.keep_reject(dataset, table, str(error))
            raise

    def keep_reject(self, dataset: Dataset, rows: pa.Table | pl.DataFrame, reason: str) -> None:
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
