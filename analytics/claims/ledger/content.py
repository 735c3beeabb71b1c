"""What the lake has of the subjects of claims, in short: so that a later look tells what changed.

Of each subject the number of its rows and a sum of their hashes is kept. Where later rows came on
top and all that was there still is, the first period that they touch tells which claims they can
reach; where anything else happened, every claim of the subject is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from analytics.claims.judging.units import NATIONAL
from analytics.core.catalogue import run
from data.clock import iso
from data.query import At, Value

Kind = Literal["series", "instrument", "account", "currencies"]
KINDS: tuple[Kind, ...] = ("series", "instrument", "account", "currencies")
# Which datasets a verdict on a subject of each kind reads.
DATASETS_OF: dict[Kind, tuple[str, ...]] = {
    "series": ("macro", "series"),
    "instrument": ("prices",),
    "account": ("fundamentals", "instruments", "companies"),
    "currencies": ("countries",),
}
ROWS: dict[Kind, str] = {
    "series": "parts/claim_rows_series",
    "instrument": "parts/claim_rows_closes",
    "account": "parts/claim_rows_accounts",
}
TRAITS: dict[Kind, str] = {
    "series": "parts/claim_traits_series",
    "account": "parts/claim_traits_accounts",
    "currencies": "parts/nameable_countries",
}
NONE = 0
# Raised where statements are found or judged by other rules than before.
RULES = "3"


@dataclass(frozen=True, slots=True, order=True)
class SubjectKey:
    """What a claim rests on: a series, an instrument, a line of accounts, or the currencies of
    countries, which have no id."""

    kind: Kind
    id: str = ""
    concept: str = ""

    @property
    def name(self) -> str:
        """As one word of a document."""
        return "\x1f".join((self.kind, self.id, self.concept))


def key_named(name: str) -> SubjectKey:
    """The key of a name."""
    kind, id_, concept = name.split("\x1f")
    return SubjectKey(next(one for one in KINDS if one == kind), id_, concept)


def keys_of(statement: Mapping[str, Any]) -> set[SubjectKey]:
    """What a recorded statement rests on: all its candidates and all that it ranks or compares."""
    groups = [statement["candidates"], *statement["others"]]
    found = set[SubjectKey]()
    for subject in (one for group in groups for one in group):
        if subject["kind"] == "none":
            continue
        found.add(SubjectKey(subject["kind"], subject["id"], subject["concept"] or ""))
        if NATIONAL in subject["unit"].lower():
            found.add(SubjectKey("currencies"))
    return found


@dataclass(frozen=True, slots=True)
class SubjectContent:
    """How many rows there are of a subject, the sum of their hashes, that of its description."""

    rows: int = 0
    hashes: int = 0
    traits: int = 0

    def as_json(self) -> dict[str, int]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """How far a change reaches: the first period of the new rows, and since when that period or a
    later one was known; without them, everywhere."""

    first: date | None = None
    known: datetime | None = None

    def reaches(self, clock: datetime) -> bool:
        """Whether a claim of a document of this date can have another verdict by it.

        It speaks of periods up to its date, or up to the last one known by then where values are
        known ahead; so rows of still later periods say nothing.
        """
        if self.first is None or self.known is None:
            return True
        return self.first <= clock.date() or self.known <= clock


EVERYWHERE = SubjectChange()


class LakeContent:
    """What the lake has at a clock of some subjects, each kind read once."""

    def __init__(self, at: At, keys: Iterable[SubjectKey]) -> None:
        self.at = at
        self.keys = set(keys)
        self._rows = {kind: self._read_rows(kind) for kind in ROWS}
        self.contents = self._contents()

    def changes(
        self, before: Mapping[SubjectKey, SubjectContent], read_at: datetime, clock: datetime
    ) -> dict[SubjectKey, SubjectChange]:
        """What changed of subjects since they were read at an instant, under a clock."""
        other = {key for key, was in before.items() if self.contents[key] != was}
        found = dict.fromkeys(other, EVERYWHERE)
        by_traits = {key for key in other if self.contents[key].traits != before[key].traits}
        for kind in ROWS:
            wanted = {_row_id(key): key for key in other - by_traits if key.kind == kind}
            rows = self._rows[kind]
            if not wanted or rows is None:
                continue
            is_new = (pl.col("ingested_at") > read_at) | (pl.col("seen_at") > clock)
            grouped = (
                _with_since(rows.filter(pl.col("id").is_in(list(wanted))))
                .with_columns(is_new=is_new)
                .group_by("id")
                .agg(
                    pl.col("hash").filter(~pl.col("is_new")).len().alias("rows"),
                    pl.col("hash").filter(~pl.col("is_new")).sum().alias("hashes"),
                    pl.col("first").filter("is_new").min(),
                    pl.col("since").filter("is_new").min().alias("known"),
                    (
                        (pl.col("source").n_unique() > 1)
                        | (pl.col("unit").n_unique() > 1)
                        | (pl.col("split").is_not_null() & pl.col("is_new")).any()
                    ).alias("is_everywhere"),
                )
            )
            for row in grouped.iter_rows(named=True):
                key = wanted[row["id"]]
                kept = (row["rows"], row["hashes"]) == (before[key].rows, before[key].hashes)
                if kept and not row["is_everywhere"]:
                    found[key] = SubjectChange(row["first"], row["known"])
        return found

    def _read_rows(self, kind: Kind) -> pl.DataFrame | None:
        keys = {key for key in self.keys if key.kind == kind}
        if not keys:
            return None
        frame = run(self.at, ROWS[kind], **_params(kind, keys)).frame
        return frame.select(
            *("id", "first", "known_at", "ingested_at", "seen_at", "source", "unit", "split"),
            hash=frame.hash_rows(),
        )

    def _contents(self) -> dict[SubjectKey, SubjectContent]:
        sums: dict[tuple[Kind, str], tuple[int, int]] = {}
        for kind, rows in self._rows.items():
            if rows is not None:
                grouped = rows.group_by("id").agg(pl.len().alias("rows"), pl.col("hash").sum())
                for row in grouped.iter_rows():
                    sums[kind, row[0]] = (row[1], row[2])
        traits = {kind: self._traits(kind) for kind in TRAITS}
        return {
            key: SubjectContent(
                *sums.get((key.kind, _row_id(key)), (0, 0)),
                traits.get(key.kind, {}).get(key.id, NONE),
            )
            for key in self.keys
        }

    def _traits(self, kind: Kind) -> dict[str, int]:
        keys = {key for key in self.keys if key.kind == kind}
        if not keys:
            return {}
        params = {name: value for name, value in _params(kind, keys).items() if name != "concepts"}
        frame = run(self.at, TRAITS[kind], **params).frame
        if kind == "currencies":
            frame = frame.with_columns(id=pl.lit(""))
        hashed = frame.select("id", hash=frame.hash_rows())
        return dict(hashed.group_by("id").agg(pl.col("hash").sum()).iter_rows())


def state_of_lake(content: LakeContent, keys: Iterable[SubjectKey]) -> dict[str, Any]:
    """What is kept of the lake with a version whose claims were checked by it."""
    return {
        "read_at": iso(content.at.read_at),
        "clock": iso(content.at.as_of),
        "mode": content.at.mode,
        "rules": RULES,
        "subjects": {key.name: content.contents[key].as_json() for key in sorted(keys)},
    }


def _with_since(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with since when a value of their period or of a later one was known: earlier vintages of
    a period that lay ahead may have been read by a document of before."""
    by_period = (
        rows.group_by("id", "first")
        .agg(pl.col("known_at").min().alias("since"))
        .sort("id", "first", descending=True)
        .with_columns(pl.col("since").cum_min().over("id"))
    )
    return rows.join(by_period, on=["id", "first"], how="left", nulls_equal=True)


def _row_id(key: SubjectKey) -> str:
    return f"{key.id} {key.concept}" if key.kind == "account" else key.id


def _params(kind: Kind, keys: set[SubjectKey]) -> dict[str, Value]:
    ids = sorted({key.id for key in keys})
    if kind == "account":
        return {"ids": ids, "concepts": sorted({key.concept for key in keys})}
    named: dict[Kind, dict[str, Value]] = {
        "series": {"series": ids},
        "instrument": {"symbols": ids},
    }
    return named.get(kind, {})
