"""The one door for reading: a handle bound to a clock, under which no query can see further."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from data.clock import iso, utc_now
from data.datasets import DATASETS, dataset_named
from data.disk import path_value
from data.errors import ConfigError, LakeError, QueryError
from data.kept_results import KeptResults
from data.lake.damage import find_damage
from data.lake.manifest import LakeFile, Manifest
from data.lake.parquet import name
from data.lake.snapshot import Snapshot, read_snapshot
from data.lake.store import DiskStore, Store
from data.lake.views import KNOWN, MODES, VINTAGES, Mode, known, vintages, vintages_seen, visible
from data.query.guard import Checked, check, dataset_of
from data.query.time_ranges import meets

KEPT_SCHEMAS = 128
LIGHT_ROWS = 1_000
Identity = tuple[object, ...]
Value = str | int | float | bool | date | datetime | None | list[str] | list[int] | list[float]


@dataclass(frozen=True, slots=True)
class QueryRun:
    """One query as it was run: enough to run it again and to compare.

    `kept` are its rows where they are not given up; the same files give them again.
    """

    sql: str
    params: Mapping[str, Value]
    tables: frozenset[str]
    at: At
    kept: pl.DataFrame | None

    @property
    def frame(self) -> pl.DataFrame:
        """Its rows."""
        if self.kept is not None:
            return self.kept
        answer = self.at.sql(self.sql, **self.params)
        if answer.damaged:
            raise LakeError(f"{answer.damaged[0]} is damaged, so its rows cannot be given")
        return answer.frame

    def repeats(self, other: QueryRun) -> bool:
        """Whether another run is of the same query of the same rows, so that one tells both;
        whether they were read at one time or, where a result was kept, at two."""
        return self is other or (
            (self.sql, self.params) == (other.sql, other.params) and self._rows == other._rows
        )

    @property
    def _rows(self) -> Identity:
        return self.at.identity(sorted({dataset_of(table) for table in self.tables}))

    def light(self) -> QueryRun:
        """The same without many rows, for whoever keeps it."""
        if self.kept is None or self.kept.height <= LIGHT_ROWS:
            return self
        return replace(self, kept=None)


@dataclass(frozen=True, slots=True)
class Called:
    """The function that gave an answer, by its full name, and what it was called with."""

    function: str
    params: Mapping[str, Any]
    at: At


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with what it rests on. `derived` says how the frame follows from the queries'
    own results where it is not one of them, and `called` which function does it again; `damaged`
    names files that had to be left out."""

    frame: pl.DataFrame
    asked: tuple[QueryRun, ...]
    damaged: tuple[str, ...] = ()
    derived: str | None = None
    called: Called | None = None

    def derive(self, frame: pl.DataFrame, how: str) -> Answer:
        """Another frame computed from this one; the receipt keeps the queries and says how."""
        said = f"{self.derived}; {how}" if self.derived else how
        return replace(self, frame=frame, derived=said, called=None)

    def join(self, other: Answer, frame: pl.DataFrame, how: str) -> Answer:
        """A frame computed from two answers; the receipt carries the queries of both, each once."""
        damaged = tuple(dict.fromkeys((*self.damaged, *other.damaged)))
        more = (run for run in other.asked if not any(map(run.repeats, self.asked)))
        return Answer(frame, (*self.asked, *more), damaged, how)


@dataclass(frozen=True, slots=True)
class At:
    """A clock and one version of every dataset. Cheap; a page run makes one and keeps to it.

    `closed` says of each dataset whose manifest cannot be read why; a query of it is refused.
    `pins` says of a dataset when the version was published that is read in files of later ones.
    """

    db: Db = field(repr=False, compare=False)
    as_of: datetime
    mode: Mode
    read_at: datetime
    manifests: Mapping[str, Manifest] = field(repr=False)
    all_vintages: bool = False
    closed: Mapping[str, str] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict, repr=False, compare=False)

    def sql(self, query: str, **params: Value) -> Answer:
        """Run one SELECT; `$name` parameters are bound, never formatted in."""
        checked = self.db.checked(query)
        self._refuse_closed(checked)
        at, damaged = self._without_damage(checked)
        try:
            frame = self.db.answer(at, checked, params)
        except duckdb.Error as error:
            at.seen.clear()  # files may have gone or changed since the look
            at, more = at._without_damage(checked)
            if not more:
                raise QueryError(f"query failed: {_first_line(error)}") from error
            damaged += more
            try:
                frame = self.db.answer(at, checked, params)
            except duckdb.Error as again:
                raise QueryError(f"query failed: {_first_line(again)}") from again
        query_run = QueryRun(query, params, checked.tables, at, frame)
        return Answer(frame, (query_run,), damaged)

    def unrun(self, query: str, **params: Value) -> QueryRun:
        """A query that is run only where its rows are asked for, of the files that are whole."""
        checked = self.db.checked(query)
        return QueryRun(query, params, checked.tables, self._without_damage(checked)[0], None)

    def within(self, dataset: str, start: date | datetime | int, end: date | datetime | int) -> At:
        """The same clock with only those files of a dataset whose time column meets the range."""
        manifest = self.manifests[dataset]
        lake_files = tuple(entry for entry in manifest.files if meets(entry, start, end))
        return self._with(dataset, lake_files)

    def earlier(self, moment: datetime) -> At:
        """The same lake at an earlier clock, for what is compared with this one."""
        if moment > self.as_of:
            raise ConfigError(f"{iso(moment)} is later than the clock {iso(self.as_of)}")
        return replace(self, as_of=moment)

    def part(self, dataset: str, **values: object) -> At:
        """The same clock with only those files of a dataset whose partition has these values."""
        wanted = {f"{column}={path_value(value)}" for column, value in values.items()}
        files = self.manifests[dataset].files
        lake_files = tuple(entry for entry in files if wanted <= set(entry.partition.split("/")))
        return self._with(dataset, lake_files)

    def only(self, dataset: str, files: Collection[str]) -> At:
        """The same clock with only these files of a dataset."""
        lake_files = tuple(entry for entry in self.manifests[dataset].files if entry.file in files)
        return self._with(dataset, lake_files)

    def pieces(self, dataset: str) -> Iterator[At]:
        """One handle per file of a dataset, in the order of their partitions."""
        for entry in self.manifests[dataset].files:
            yield self._with(dataset, (entry,))

    def damage(self, dataset: str) -> list[str]:
        """Files of a dataset that are not what was written; each is looked at once per handle."""
        seen = self.seen.setdefault(dataset, set())
        return find_damage(self.db.store, dataset, self.manifests[dataset].files, seen)

    def opened(self) -> At:
        """The same clock over the datasets that can be read; the closed ones count as empty."""
        return replace(self, closed={})

    @property
    def versions(self) -> dict[str, int]:
        """The version of each dataset that this handle reads."""
        return {dataset: manifest.version for dataset, manifest in self.manifests.items()}

    @property
    def lens(self) -> tuple[object, ...]:
        """How this handle looks at whatever it reads, its clock apart."""
        return self.mode, self.all_vintages, *sorted(self.pins.items())

    def identity(self, datasets: Iterable[str] = ()) -> Identity:
        """All that an answer over these datasets rests on: the key, or its part, of every cache.

        Whatever else comes to change what a handle shows must come in here or into `lens`.
        """
        return (
            str(self.db.root),
            self.as_of,
            self.lens,
            tuple(self._content(dataset) for dataset in datasets),
        )

    def _content(self, dataset: str) -> tuple[object, ...]:
        """File names never change content, so with the version they tell what is read; a closed
        dataset has no files, and is refused all the same."""
        manifest = self.manifests[dataset]
        files = tuple(entry.file for entry in manifest.files)
        return dataset, manifest.version, files, dataset in self.closed

    def _refuse_closed(self, checked: Checked) -> None:
        for dataset in sorted({dataset_of(table) for table in checked.tables} & set(self.closed)):
            raise LakeError(self.closed[dataset])

    def _with(self, dataset: str, files: tuple[LakeFile, ...]) -> At:
        manifest = replace(self.manifests[dataset], files=files)
        return replace(self, manifests={**self.manifests, dataset: manifest})

    def _without_damage(self, checked: Checked) -> tuple[At, tuple[str, ...]]:
        """The same handle without the files that are not what was written, and their names."""
        at = self
        damaged: list[str] = []
        for dataset in sorted({dataset_of(table) for table in checked.tables}):
            bad = self.damage(dataset)
            if bad:
                files = self.manifests[dataset].files
                at = at._with(dataset, tuple(entry for entry in files if entry.file not in bad))
                damaged += [f"{dataset}/{file}" for file in bad]
        return at, tuple(damaged)


class Db:
    """One process's engine over one lake. Thread-safe: every use takes a cursor of its own."""

    def __init__(
        self,
        root: Path,
        *,
        memory_limit_mb: int = 2048,
        threads: int = 2,
        store: Store | None = None,
        keep_mb: int = 0,
    ) -> None:
        """With `keep_mb` a query that was asked before, of the same rows at the same clock, is
        answered by the frame that is kept of it."""
        self.root = root.absolute()
        self._keep = keep_mb << 20
        self._kept: KeptResults[pl.DataFrame] = KeptResults(
            self._keep, is_whole=self._is_small, weight=_size
        )
        self.store = store or DiskStore(self.root)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._schemas: OrderedDict[str, set[str]] = OrderedDict()
        self._in_use: dict[str, int] = {}
        self._con = duckdb.connect(
            config={"memory_limit": f"{memory_limit_mb}MB", "threads": str(threads)}
        )
        for setting, value in _ENGINE_SETTINGS.items():
            self._con.execute(f"SET GLOBAL {setting} = {value}")
        self._con.execute(
            "SET GLOBAL allowed_directories = $folders", {"folders": [f"{self.root}/"]}
        )
        self._con.execute("SET GLOBAL enable_external_access = false")
        # From here on no setting can be changed; a cursor's schema and variable are none.
        self._con.execute("SET GLOBAL lock_configuration = true")
        self.checked = lru_cache(maxsize=512)(self._check)

    def at(self, as_of: datetime, mode: Mode = "public", *, all_vintages: bool = False) -> At:
        """A handle bound to a clock and to the lake as it is now.

        `all_vintages` makes every plain name mean its `_vintages`, for revision studies.
        """
        if as_of.tzinfo is None:
            raise ConfigError(f"as_of {as_of} has no zone; expected an aware instant in UTC")
        if mode not in MODES:
            raise ConfigError(f"mode {mode!r}: expected public, house or restated")
        read_at = utc_now()
        now = self.snapshot()
        return At(
            self, as_of.astimezone(UTC), mode, read_at, now.manifests, all_vintages, now.closed
        )

    def snapshot(self) -> Snapshot:
        """The lake as it stands on disk; manifests are parsed again only where they changed."""
        self._snapshot = read_snapshot(self.store, self._snapshot)
        if len(self._snapshot.closed) == len(DATASETS):
            raise LakeError(next(iter(self._snapshot.closed.values())))
        return self._snapshot

    def manifest(self, dataset: str) -> Manifest:
        """The manifest of a dataset as it stands on disk."""
        return read_snapshot(self.store, self._snapshot).of(dataset_named(dataset).name)

    def answer(self, at: At, checked: Checked, params: Mapping[str, Value]) -> pl.DataFrame:
        """What a query gives, run where it was not asked before; a frame of the caller's own."""
        if not self._keep:
            return self.run(at, checked, params)
        asked = tuple((key, type(value), _plain(value)) for key, value in sorted(params.items()))
        datasets = sorted({dataset_of(table) for table in checked.tables})
        key = (checked.sql, asked, at.identity(datasets))
        return self._kept.of(key, lambda: self.run(at, checked, params)).clone()

    def _is_small(self, frame: pl.DataFrame) -> bool:
        return _size(frame) <= self._keep // 2

    def run(self, at: At, checked: Checked, params: Mapping[str, Value]) -> pl.DataFrame:
        """Run under the handle's clock, whole, as Polars."""
        with self._cursor(at, checked) as cursor:
            table = cursor.sql(checked.sql, params=dict(params) or None).to_arrow_table()
        try:
            # Without `rechunk` columns stay where the engine put them: a sixth less work.
            frame = pl.from_arrow(table, rechunk=False)
            assert isinstance(frame, pl.DataFrame)
            return frame
        except pl.exceptions.DuplicateError:
            twice = sorted({c for c in table.column_names if table.column_names.count(c) > 1})
            raise QueryError(
                f"query failed: {', '.join(twice[:5])} appears twice in the result; "
                "name each column once, or rename with AS"
            ) from None
        except pl.exceptions.PolarsError as error:
            raise QueryError(
                f"query failed: the result cannot be held ({_first_line(error)[:120]}); "
                "cast the column to a plainer type"
            ) from error

    @contextlib.contextmanager
    def stream(
        self,
        at: At,
        query: str,
        params: Mapping[str, Value] | None = None,
        rows: int = 65_536,
    ) -> Iterator[pa.RecordBatchReader]:
        """Batches of a result that is too large to hold; without a receipt."""
        checked = self.checked(query)
        at._refuse_closed(checked)
        _, damaged = at._without_damage(checked)
        if damaged:
            raise LakeError(f"{damaged[0]} is damaged, so its rows cannot be given")
        with self._cursor(at, checked) as cursor:
            relation = cursor.sql(checked.sql, params=dict(params or {}) or None)
            yield relation.to_arrow_reader(rows)

    def close(self) -> None:
        """Free the engine; handles made from it can no longer be used."""
        self._con.close()

    def _check(self, sql: str) -> Checked:
        with self._con.cursor() as cursor:
            return check(cursor, sql)

    @contextlib.contextmanager
    def _cursor(self, at: At, checked: Checked) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose schema holds the query's relations and whose variable is the clock."""
        schema = self._borrow(at, checked.tables)
        try:
            with self._con.cursor() as cursor:
                cursor.execute(f"SET schema = '{schema}'")
                cursor.execute(f"SET VARIABLE as_of = TIMESTAMPTZ '{iso(at.as_of)}'")
                yield cursor
        finally:
            with self._lock:
                self._in_use[schema] -= 1

    def _borrow(self, at: At, tables: frozenset[str]) -> str:
        """A schema with these relations over these files, made once and shared; the oldest go."""
        read = [(table, at._content(dataset_of(table))) for table in sorted(tables)]
        schema = "s" + sha256(repr((at.lens, read)).encode()).hexdigest()[:24]
        with self._lock:
            self._in_use[schema] = self._in_use.get(schema, 0) + 1
            if schema in self._schemas:
                self._schemas.move_to_end(schema)
                return schema
            try:
                self._make_schema(schema, at, tables)
            except BaseException:
                self._in_use[schema] -= 1
                raise
            self._schemas[schema] = set(tables)
            for old in list(self._schemas)[: max(0, len(self._schemas) - KEPT_SCHEMAS)]:
                if not self._in_use.get(old):
                    self._con.execute(f"DROP SCHEMA {old} CASCADE")
                    del self._schemas[old]
                    self._in_use.pop(old, None)
        return schema

    def _make_schema(self, schema: str, at: At, tables: frozenset[str]) -> None:
        self._con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        self._con.execute(f"CREATE SCHEMA {schema}")
        for table in tables:
            self._con.execute(f"CREATE VIEW {schema}.{name(table)} AS {view(at, table)}")


def view(at: At, table: str) -> str:
    """The SELECT behind a relation's name under this handle."""
    dataset = dataset_named(dataset_of(table))
    manifest, pin = at.manifests[dataset.name], at.pins.get(dataset.name)
    if at.all_vintages and table.endswith(KNOWN):
        return vintages_seen(dataset, at.db.store, manifest, at.mode, pin)
    if at.all_vintages or table.endswith(VINTAGES):
        return vintages(dataset, at.db.store, manifest, pin)
    if table.endswith(KNOWN):
        return known(dataset, at.db.store, manifest, at.mode, pin)
    return visible(dataset, at.db.store, manifest, at.mode, pin)


_ENGINE_SETTINGS = {
    "TimeZone": "'UTC'",
    "parquet_metadata_cache": "true",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "enable_logging": "false",
    "max_expression_depth": "250",
    "temp_directory": "''",
}


def _size(frame: pl.DataFrame) -> int:
    return int(frame.estimated_size()) + 1_024


def _plain(value: Value) -> object:
    """A parameter as part of a key."""
    return tuple(value) if isinstance(value, list) else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
