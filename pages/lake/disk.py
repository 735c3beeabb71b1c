"""Facts of the disk: files, bytes, versions, partitions, runs. They are facts of the present.

A past clock does not show them: what lies on the disk today was not known then.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
import streamlit as st

from data.datasets import DATASETS
from data.errors import WorkstationError
from data.lake.manifest import Manifest
from pages.frame.resources import now, resources
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.view import age

COLUMNS = (
    Column("version", "version", "count", hint="of the manifest"),
    Column("published", "published", hint="age of that version"),
    Column("partitions", "parts", "count"),
    Column("stored", "rows stored", "count", hint="all vintages"),
    Column("megabytes", "MB", "number", digits=1),
)
PARTITION_COLUMNS = (
    Column("partition", "partition", "id"),
    Column("rows", "rows", "count", total=True),
    Column("megabytes", "MB", "number", total=True),
    Column("low", "from"),
    Column("high", "to"),
)
SCHEMA = {
    "dataset": pl.String,
    "version": pl.Int64,
    "published": pl.String,
    "partitions": pl.Int64,
    "stored": pl.Int64,
    "megabytes": pl.Float64,
}
ONLY_NOW = "Files, versions and runs are facts of the present; press Now to see them."


def facts() -> pl.DataFrame | None:
    """What lies on the disk, a line per dataset; none at a past clock."""
    if not current().view.is_now:
        return None
    lines = [_line(manifest) for name in DATASETS if (manifest := _manifest(name)) is not None]
    return pl.DataFrame(lines, schema=SCHEMA)


def note() -> None:
    """Why a past clock shows less."""
    if not current().view.is_now:
        st.html(f'<div class="b-note">{ONLY_NOW}</div>')


def partitions(dataset: str) -> None:
    """The partitions of one dataset, newest first."""
    with st.container(border=True, key="panel-partitions"):
        st.html('<div class="b-head"><h3>Partitions</h3></div>')
        if not current().view.is_now:
            st.html(f'<div class="b-note">{ONLY_NOW}</div>')
            return
        manifest = _manifest(dataset)
        if manifest is None or not manifest.files:
            st.html('<div class="b-note">No partition.</div>')
            return
        rows = pl.DataFrame(
            [
                {
                    "partition": entry.partition or "(one)",
                    "rows": entry.rows,
                    "megabytes": entry.bytes / 1e6,
                    "low": (entry.low or "")[:10],
                    "high": (entry.high or "")[:10],
                }
                for entry in manifest.files
            ]
        ).sort("partition", descending=True)
        with st.container(height=250, border=False):
            st.html(table(rows, PARTITION_COLUMNS, caption="Partitions"))


def _manifest(dataset: str) -> Manifest | None:
    try:
        return resources().db.manifest(dataset)
    except (WorkstationError, OSError):
        return None  # the frame has said why, above


def _line(manifest: Manifest) -> dict[str, object]:
    if not manifest.version:
        return {"dataset": manifest.dataset}
    at = manifest.published_at
    return {
        "dataset": manifest.dataset,
        "version": manifest.version,
        "published": age(datetime.fromisoformat(at), now()) if at else None,
        "partitions": len({entry.partition for entry in manifest.files}),
        "stored": sum(entry.rows for entry in manifest.files),
        "megabytes": sum(entry.bytes for entry in manifest.files) / 1e6,
    }
