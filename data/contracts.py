"""What a dataset promises: columns, key, partitions, order; described here, enforced in conform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import pyarrow as pa

from data.fields import BITEMPORAL

Codec = Literal["lz4", "zstd"]
Part = Literal["year", "month", "date", "segment"]
# Who writes its rows: replies of sources, the team by hand, or a process of our own as things
# happen; the demo world draws them all but those of the team.
Origin = Literal["source", "team", "maintenance"]
CENTURY = timedelta(days=36525)


@dataclass(frozen=True, slots=True)
class Lead:
    """How far after its `known_at` a row's own date may lie; below zero: how far before at least.

    `when` and `unless` name a column: the bound is for rows in which it is true or, where it is
    no truth value, not null; `unless` is for the others.
    """

    of: str
    longest: timedelta
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One named table of the lake.

    `key` with `known_at` is unique, and the partition of a row follows from its key, so that
    all vintages of a fact share one file. `derived` says which partition columns are computed,
    and from what; they are stored in the file too. `time` is the column whose range the
    manifest keeps for each file, so that a reader can leave out files it does not need.
    `origin` says who writes its rows. `appended` marks a dataset whose files are written once and
    never merged. `descriptive` marks one that says what things are (names, sectors): its rows of
    grade `current` may stand at a past clock, as today's. All others hold figures, which in that
    grade are seen only from their ingestion on. `leads` bound the row's own dates by its
    `known_at`; a date that none of them names may lie a century after it at most. `in_demo` says
    whether the demo world has rows of it. `rhythm_days` is over how many days before a clock the
    gaps between its publications are compared, to say when its next rows are late; none for one
    that changes when the world does, or when somebody brings something.
    """

    name: str
    about: str
    columns: tuple[pa.Field, ...]
    key: tuple[str, ...]
    partition_by: tuple[str, ...] = ()
    derived: Mapping[str, tuple[Part, str]] = field(default_factory=dict)
    order_by: tuple[str, ...] = ()
    time: str = "known_at"
    codec: Codec = "lz4"
    appended: bool = False
    descriptive: bool = False
    in_demo: bool = True
    origin: Origin = field(kw_only=True)
    rhythm_days: int | None = 400
    leads: tuple[Lead, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Every stored column in its stored order."""
        return pa.schema([*self.columns, *BITEMPORAL])

    @property
    def values(self) -> tuple[str, ...]:
        """The columns whose change makes a new vintage."""
        known = {*self.key, *self.partition_by, *(column.name for column in BITEMPORAL)}
        return tuple(column.name for column in self.columns if column.name not in known)

    @property
    def order(self) -> tuple[str, ...]:
        """The full order inside a file; it always ends in the key and `known_at`."""
        first = self.order_by or self.key
        rest = [name for name in (*self.key, "known_at") if name not in first]
        return (*first, *rest)
