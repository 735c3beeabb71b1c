"""Whether this machine's clock can be right, judged by what it did not set itself.

Each publication carries the instant of the machine. A clock that ran ahead once would date all
later ones, and rows ingested today would be missing from what the house knew today. So a clock
that stands far after the last publication needs a second witness: rows of now from outside, a
system clock kept right by the network's, or another dataset that was published with one of these.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import polars as pl

from data.clock import is_disciplined, iso
from data.datasets import DATASETS, dataset_named
from data.errors import LakeError
from data.lake.manifest import Manifest, read_manifest
from data.lake.plausible import ahead, concerned
from data.lake.store import Store

# A clock is set back by so much at most when it is only put right, as a network's time does it.
LEEWAY = timedelta(minutes=15)
# Nobody wonders at a lake that was left alone for so long.
AWAY = timedelta(days=60)
# Rows are of now if they tell of the last days; an observation is dated ahead by so much at most.
FRESH = timedelta(days=30)
OBSERVED = timedelta(days=45)


def refuse_wrong_clock(
    store: Store,
    manifest: Manifest,
    now: datetime,
    *,
    rows: pl.DataFrame | None = None,
    given: datetime | None = None,
) -> None:
    """Refuse a publication at an instant that nothing but this machine's clock speaks for."""
    name = manifest.dataset
    if given is not None and given > now + LEEWAY:
        raise LakeError(
            f"{name}: rows cannot count as ingested at {iso(given)}, which this machine's clock, "
            f"{iso(now)}, has not reached; nothing was written"
        )
    _refuse_clock_behind(store, manifest, now)
    before = _last_before(store, manifest, now)
    if before is None or now - before <= AWAY:
        return
    if not (is_disciplined(now) or (rows is not None and _tells_of(rows, name, now))):
        raise LakeError(
            f"{name}: this machine's clock, {iso(now)}, is {(now - before).days} days after the "
            f"last publication of this lake, of {iso(before)}, and nothing else says that it is "
            "so late: no row of the last days, no time from the network; nothing was written. "
            "Set the clock right, or if it is: python -m scripts.repair --clock-is-right"
        )


def _refuse_clock_behind(store: Store, manifest: Manifest, now: datetime) -> None:
    """Refuse where the dataset or, if it has no publication yet, any other lies ahead."""
    name, last = manifest.dataset, published(manifest)
    if last is not None:
        ahead_of = f"{name}: its last publication"
    elif is_disciplined(now):
        return
    else:
        other, last = max(_all_published(store), key=lambda one: one[1], default=("", now))
        ahead_of = f"{name} has no publication yet, and the last one of {other}"
    if last > now + LEEWAY:
        raise LakeError(
            f"{ahead_of}, of {iso(last)}, lies ahead of this machine's clock, {iso(now)}; nothing "
            "was written. Set the clock right if it is behind; if it is right, the publication "
            "was made under a wrong one: python -m scripts.repair"
        )


def published(manifest: Manifest) -> datetime | None:
    """When a version was published; nothing for a dataset that has none."""
    return datetime.fromisoformat(manifest.published_at) if manifest.published_at else None


def _last_before(store: Store, manifest: Manifest, now: datetime) -> datetime | None:
    """The last publication of the dataset or, if that is long ago, of any in this lake."""
    last = published(manifest)
    if last is not None and now - last <= AWAY:
        return last
    found = [*(at for _, at in _all_published(store)), *([last] if last is not None else [])]
    return max((at for at in found if at <= now + LEEWAY), default=None)


def _all_published(store: Store) -> list[tuple[str, datetime]]:
    """When each dataset of a lake was last published, of those that were."""
    found = []
    for name in DATASETS:
        with contextlib.suppress(LakeError):
            at = published(read_manifest(store, name))
            found += [(name, at)] if at is not None else []
    return found


def _tells_of(rows: pl.DataFrame, name: str, now: datetime) -> bool:
    """Whether a row tells of the last days: by a source's own clock, or by what was observed."""
    dataset = dataset_named(name)
    witnesses = []
    if dataset.origin == "source":
        # What arrives or is typed here is dated by this very clock, whatever its grade.
        expression = pl.col("vintage_grade") == "native"
        witnesses.append(expression & _is_fresh(pl.col("known_at"), now))
    for lead in dataset.leads:
        if lead.of == dataset.time and lead.longest <= OBSERVED:
            moment = pl.col("known_at") + ahead(dataset, lead.of)
            witnesses.append(concerned(dataset, lead) & _is_fresh(moment, now))
    return bool(witnesses) and bool(rows.select(pl.any_horizontal(witnesses).any()).item())


def _is_fresh(moment: pl.Expr, now: datetime) -> pl.Expr:
    return moment.is_between(now - FRESH, now + LEEWAY)
