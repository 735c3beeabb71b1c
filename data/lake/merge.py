"""Merge new vintages into known ones: what was once stored is never changed and never lost."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from data.contracts import Dataset
from data.lake.conform import key_order, same_as_before, sorted_by

MICROSECOND = pl.duration(microseconds=1)


@dataclass(frozen=True, slots=True)
class Merged:
    """All vintages of the touched keys, in key order, and how they came to be."""

    frame: pl.DataFrame
    rows_added: int
    vintages_added: int
    unchanged: int
    conflicts: pl.DataFrame


def merge(dataset: Dataset, old: pl.DataFrame, new: pl.DataFrame) -> Merged:
    """`old` holds every stored vintage of the keys in `new`; `new` is conformed and stamped.

    A value equal to the vintage before it adds nothing, unless that one comes into view only
    later. A vintage that comes late takes its place by `known_at`. A value that contradicts a
    stored one of the very same `known_at` was changed without a word: it becomes a vintage of the
    moment we saw it (see `_redate`).
    """
    fresh, conflicts = _redate(dataset, old, new) if old.height else (new, new.clear())
    again = _said_again(dataset, old, fresh) if old.height else new.clear()
    fresh = pl.concat([fresh, again])
    rows = pl.concat([old.with_columns(_new=pl.lit(False)), fresh.with_columns(_new=pl.lit(True))])
    rows = sorted_by(rows, [*key_order(dataset), "known_at"])
    rows = rows.with_columns(_seen(dataset).alias("_seen"))
    same_key = same_as_before(dataset.key)
    in_view = (pl.col("_seen").shift(1) <= pl.col("_seen")).fill_null(True)
    repeats = pl.col("_new") & same_key & same_as_before(dataset.values) & in_view
    rows = rows.filter(~repeats)
    rows = superseded(dataset, rows)
    added = int(rows["_new"].sum())
    keys_before = _count_keys(dataset, old)
    new_keys = int(rows.select((~same_key).sum()).item()) - keys_before if rows.height else 0
    return Merged(
        rows.drop("_new"),
        rows_added=new_keys,
        vintages_added=added - new_keys,
        unchanged=new.height - (added - again.height) - conflicts.height,
        conflicts=conflicts,
    )


def _seen(dataset: Dataset) -> pl.Expr:
    """Since when a row is in view of the public: a `current` figure only since we have it."""
    known = pl.col("known_at")
    if dataset.descriptive:
        return known
    is_current = pl.col("vintage_grade") == "current"
    return pl.when(is_current).then(pl.max_horizontal(known, "ingested_at")).otherwise(known)


def superseded(dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in key order, with the first instant at which any later vintage of the key is in view.

    Mostly that is the next one; a `current` one may come into view after those that follow it.
    """
    rows = rows.with_columns(_seen(dataset).alias("_seen"))
    if rows.height and (rows["_seen"] > rows["known_at"]).any():
        coming = pl.col("_seen").cum_min(reverse=True).shift(-1).over(dataset.key)
    else:
        same_key = same_as_before(dataset.key).shift(-1).fill_null(False)
        coming = pl.when(same_key).then(pl.col("known_at").shift(-1))
    end = coming.cast(pl.Datetime("us", "UTC")).alias("superseded_at")
    return rows.with_columns(end).drop("_seen")


def _count_keys(dataset: Dataset, frame: pl.DataFrame) -> int:
    return frame.select(pl.struct(dataset.key).n_unique()).item() if frame.height else 0


def _redate(
    dataset: Dataset, old: pl.DataFrame, new: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """New rows to merge, and those that contradict a print which has since been superseded.

    A source that changes a value but not its date (a corrected bar, a silent restatement)
    gives no instant of publication; the first we know is our own, so `known_at` becomes
    `ingested_at` and the grade `snapshot`; of a print that is known only later than that (an
    assumed lag), or corrected twice at one instant, it is the microsecond after the last
    vintage. These are exactly the rows dated here, and with them a later change back is told
    from a repetition. A contradicted print that a later print superseded cannot be dated
    without displacing the later one, so it is handed back and kept with the rejects.
    """
    at = [*dataset.key, "known_at"]
    twins = new.join(old, on=at, how="semi")
    if not twins.height:
        return new, new.clear()
    compared = _beside_beliefs(dataset, old, twins)
    changed = compared.filter(_differs(dataset))
    plain = new.join(old, on=at, how="anti")
    newest = pl.col("known_at").max().alias("_newest")
    changed = changed.join(plain.group_by(dataset.key).agg(newest), on=dataset.key, how="left")
    overtaken = (pl.col("_newest") > pl.col("known_at")).fill_null(False)
    displaced = (pl.col("_print") < pl.col("_last")) | overtaken
    redated = _dated_now(changed.filter(~displaced))
    fresh = pl.concat([plain, redated.select(new.columns)])
    return fresh, changed.filter(displaced).select(new.columns)


def _said_again(dataset: Dataset, old: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """Later prints that come when a silent change, dated by us, already stands after them.

    The print takes its place, and there our change would go on hiding it, although the source
    has spoken since: so what it says now is a vintage of now as well.
    """
    if not (old["vintage_grade"] == "snapshot").any():
        return fresh.clear()
    ends = (
        _prints(dataset, old)
        .group_by(dataset.key)
        .agg(
            pl.col("known_at").filter(~pl.col("_ours")).max().alias("_printed"),
            pl.col("_ours").last(),
            pl.col("_end").last(),
            *(pl.col(value).last().alias(f"_b_{value}") for value in dataset.values),
        )
        .filter("_ours")
    )
    late = (
        fresh.filter(pl.col("known_at") == pl.col("known_at").max().over(dataset.key))
        .join(ends, on=dataset.key)
        .filter(pl.col("known_at").is_between("_printed", "_end", closed="none"))
        .filter(_differs(dataset))
    )
    return _dated_now(late).select(fresh.columns)


def _differs(dataset: Dataset) -> pl.Expr:
    """Whether a row's values are others than those believed."""
    return pl.any_horizontal(
        pl.col(value).ne_missing(pl.col(f"_b_{value}")) for value in dataset.values
    )


def _dated_now(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as vintages of the moment we saw them, and after all that is there."""
    return rows.with_columns(
        pl.max_horizontal("ingested_at", pl.col("_end") + MICROSECOND).alias("known_at"),
        pl.lit("snapshot").alias("vintage_grade"),
    )


def _prints(dataset: Dataset, old: pl.DataFrame) -> pl.DataFrame:
    """Stored vintages in order, each with the print that it belongs to.

    A print is a row that a source dated, with the corrections after it that we dated ourselves
    (`_ours`); `_print` counts them, `_last` is the last one of the key and `_end` its last vintage.
    """
    follows = pl.col("known_at") == pl.col("known_at").shift(1) + MICROSECOND
    ours = (pl.col("known_at") == pl.col("ingested_at")) | (follows & same_as_before(dataset.key))
    return (
        sorted_by(old, [*key_order(dataset), "known_at"])
        .with_columns(ours.fill_null(False).alias("_ours"))
        .with_columns((~pl.col("_ours")).cum_sum().alias("_print"))
        .with_columns(
            pl.col("_print").max().over(dataset.key).alias("_last"),
            pl.col("known_at").max().over(dataset.key).alias("_end"),
        )
    )


def _beside_beliefs(dataset: Dataset, old: pl.DataFrame, twins: pl.DataFrame) -> pl.DataFrame:
    """New rows beside what is believed of their print: its own value or our last correction."""
    at = [*dataset.key, "known_at"]
    group = [*dataset.key, "_print"]
    prints = _prints(dataset, old)
    beliefs = prints.filter(pl.col("known_at") == pl.col("known_at").max().over(group))
    renamed = [pl.col(name).alias(f"_b_{name}") for name in dataset.values]
    compared = twins.join(prints.select(*at, "_print", "_last", "_end"), on=at).join(
        beliefs.select(*group, *renamed), on=group
    )
    # A table may bring a print together with its own later correction: only the last speaks.
    return compared.filter(pl.col("known_at") == pl.col("known_at").max().over(group))
