"""Publications that become the lake's together: of one dataset, or of several by one swap.

Locks are taken in one order, so that nobody waits for ever: a batch of several first the lake's
`batch` lock, then those of its datasets as they come, last and for an instant the lake's own. Only
the holder of the first ever waits for a dataset while it holds another.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import polars as pl
import pyarrow as pa

from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import explain
from data.errors import ContractError, LakeError
from data.lake.conform import stamped
from data.lake.content import content_of
from data.lake.draft import DatasetDraft
from data.lake.manifest import Publication, commit

if TYPE_CHECKING:
    from data.lake import Lake


class Batch:
    """What is published inside the block is committed at its end, whole, or not at all.

    Threads may share it. What it published counts in its own later publications and nowhere else
    before the end; a version that an answer names is the lake's only then.
    """

    def __init__(self, lake: Lake, *, is_single: bool = False) -> None:
        self._lake, self._is_single = lake, is_single
        self._drafts: dict[str, tuple[DatasetDraft, threading.Lock]] = {}
        self._lock = threading.Lock()
        self._held = contextlib.ExitStack()

    def upsert(
        self,
        name: str,
        table: pa.Table | pl.DataFrame,
        *,
        publish_id: str | None = None,
        ingested_at: datetime | None = None,
    ) -> Publication:
        """As `Lake.upsert`, as part of this batch."""
        dataset = dataset_named(name)
        if dataset.appended:
            raise ContractError(f"{name} is appended to, not merged: use append")
        return self._publish(dataset, table, publish_id or uuid.uuid4().hex, ingested_at, None)

    def append(
        self,
        name: str,
        table: pa.Table | pl.DataFrame,
        *,
        publish_id: str,
        positions: dict[str, str] | None = None,
    ) -> Publication:
        """As `Lake.append`, as part of this batch."""
        dataset = dataset_named(name)
        if not dataset.appended:
            raise ContractError(f"{name} is merged by key, not appended to: use upsert")
        return self._publish(dataset, table, publish_id, None, positions)

    def __enter__(self) -> Self:
        if not self._is_single:
            with disk_trouble(f"could not write to {self._lake.store}"):
                self._held.enter_context(self._lake.store.turn("_meta/batch"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        drafts = [draft for draft, _ in self._drafts.values()]
        names = ", ".join(draft.dataset.name for draft in drafts) or "batch"
        with disk_trouble(f"{names}: could not write to {self._lake.store}"), self._held:
            try:
                changed = [(draft.base, draft.manifest) for draft in drafts if draft.is_changed]
                if error is None and changed:
                    commit(self._lake.store, changed)
            except BaseException:
                for draft in drafts:
                    draft.undo()
                raise
            for draft in drafts:
                draft.finish() if error is None else draft.undo()

    def _publish(
        self,
        dataset: Dataset,
        table: pa.Table | pl.DataFrame,
        publish: str,
        ingested_at: datetime | None,
        positions: dict[str, str] | None,
    ) -> Publication:
        with disk_trouble(f"{dataset.name}: could not write to {self._lake.store}"):
            frame = self._lake.conformed(dataset, table)
            content = content_of(dataset, frame)
            draft, alone = self._draft(dataset)
            with alone:
                if known := draft.manifest.publication(publish):
                    self._refuse_other(dataset, known, content, table)
                    return known
                rows = stamped(frame, self._lake.stamp(frame, draft.manifest, ingested_at))
                done = Publication(publish, draft.manifest.version, content=content)
                return draft.add(rows, done, positions)

    def _draft(self, dataset: Dataset) -> tuple[DatasetDraft, threading.Lock]:
        """The draft of a dataset, begun and locked at its first use."""
        with self._lock:
            if dataset.name not in self._drafts:
                turn = self._lake.store.turn(f"{dataset.name}/_meta/lock")
                self._held.enter_context(turn)
                self._drafts[dataset.name] = DatasetDraft(self._lake, dataset), threading.Lock()
            return self._drafts[dataset.name]

    def _refuse_other(
        self,
        dataset: Dataset,
        known: Publication,
        content: str,
        table: pa.Table | pl.DataFrame,
    ) -> None:
        """An id names one content: other rows under it must not pass for those that are there."""
        if known.content in ("", content):
            return
        problem = (
            f"{dataset.name}: the publication {known.id[:80]!r} is in the lake with other rows, "
            "so these were refused and the lake is as it was; publish them under an id of their own"
        )
        self._lake.keep_reject(dataset, table, problem)
        raise ContractError(problem)


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
