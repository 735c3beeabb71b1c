"""Hold a table against its contract: what breaks it is refused whole, and said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import polars as pl
import pyarrow as pa

from data.contracts import Dataset
from data.errors import ContractError
from data.lake.plausible import SET_BY_LAKE, Test, foreign, tests_of

SAMPLES = 3
WIDTH = 60


def conform(
    dataset: Dataset,
    table: pa.Table | pl.DataFrame,
    *,
    workspace: str,
    now: datetime | None = None,
) -> pl.DataFrame:
    """The table with the contract's columns and types, sorted by partition, key and `known_at`.

    Columns that the lake itself sets are ignored if they are there; identical rows are folded.
    Where `now` is given, rows may not claim to be known long after it.
    """
    arrow = table.to_arrow() if isinstance(table, pl.DataFrame) else table
    _check_columns(dataset, arrow)
    arrow = arrow.drop_columns([name for name in SET_BY_LAKE if name in arrow.column_names])
    frame = pl.DataFrame(
        {
            column.name: _cast(dataset, column, arrow)
            for column in dataset.schema
            if column.name in arrow.column_names
        }
    )
    _check_calendar(dataset, frame)
    frame = _fill(dataset, frame)
    _check(dataset, frame, _value_tests(dataset))
    _check(dataset, frame, foreign(dataset, workspace))
    _check(dataset, frame, tests_of(dataset, now))
    return _unique(dataset, frame)


def key_order(dataset: Dataset) -> list[str]:
    """Key columns in the order of the file, so that one sort serves both where it can."""
    return [name for name in dataset.order if name in dataset.key]


def sorted_by(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Sorted; a frame that is in order already is given back as it is (a sort costs ten checks)."""
    nulls = any(frame[name].null_count() for name in columns)
    in_order = not nulls and not disordered(frame, columns)
    return frame if in_order else frame.sort(columns, nulls_last=True)


def disordered(frame: pl.DataFrame, columns: list[str]) -> bool:
    """Whether any row comes before its predecessor; nulls come last."""
    later: pl.Expr = pl.lit(False)
    for name in reversed(columns):
        this, before = pl.col(name), pl.col(name).shift(1)
        less = this < before
        if frame[name].null_count():
            first = pl.int_range(pl.len()) == 0
            less = less.fill_null(False) | (this.is_not_null() & before.is_null() & ~first)
        later = less | (this.eq_missing(before) & later)
    return bool(frame.select(later.fill_null(False).any()).item()) if frame.height else False


def _refuse(dataset: Dataset, column: str, problem: str, bad: pl.DataFrame) -> ContractError:
    shown = [name for name in (*dataset.key, "known_at", column) if name in bad.columns]
    head = bad.select(list(dict.fromkeys(shown))).head(SAMPLES)
    # Python has no datetime for an instant outside its calendar, so it is shown as None.
    rows = head.with_columns(
        pl.when(_in_calendar(name, head.schema[name])).then(pl.col(name)).alias(name)
        for name in head.columns
        if head.schema[name].is_temporal()
    ).to_dicts()
    sample = "; ".join(
        ", ".join(f"{name}={str(value)[:WIDTH]}" for name, value in row.items()) for row in rows
    )
    return ContractError(
        f"{dataset.name}.{column}: {bad.height} {'row' if bad.height == 1 else 'rows'} {problem}"
        f" (e.g. {sample}); the table was refused whole and the lake is as it was"
    )


def _check_columns(dataset: Dataset, table: pa.Table) -> None:
    known = dataset.schema.names
    if len(set(table.column_names)) != len(table.column_names):
        raise ContractError(f"{dataset.name}: a column appears twice in the table; keep one")
    if unknown := [name for name in table.column_names if name not in known]:
        raise ContractError(
            f"{dataset.name}: unknown columns {', '.join(unknown[:9])}; "
            f"expected {', '.join(name for name in known if name not in SET_BY_LAKE)}"
        )
    needed = [
        column.name
        for column in dataset.schema
        if not column.nullable and column.name not in (*dataset.derived, *SET_BY_LAKE)
    ]
    if missing := [name for name in needed if name not in table.column_names]:
        raise ContractError(f"{dataset.name}: required columns {', '.join(missing)} are missing")


def _cast(dataset: Dataset, column: pa.Field, table: pa.Table) -> pl.Series:
    values = table[column.name]
    if values.type == column.type:
        return pl.Series(column.name, values)
    try:
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            return pl.Series(column.name, _from_text(values, column.type))
        return pl.Series(column.name, _from_other(values, column.type))
    except (
        pa.ArrowInvalid,
        pa.ArrowNotImplementedError,
        pa.ArrowTypeError,
        duckdb.Error,
    ):
        pass
    bad = [row for row, value in enumerate(values) if not _castable(value, column.type)]
    frame = pl.DataFrame(pl.from_arrow(table.take(bad)))
    raise _refuse(dataset, column.name, f"of {len(values)} cannot be read as {column.type}", frame)


def _from_text(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Text as another type: ISO dates and instants (UTC unless they say), lists split at a bar."""
    words = values.cast(pa.string())
    if pa.types.is_list(kind):
        return pa.compute.split_pattern(words, "|")
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        target = "TIMESTAMPTZ" if pa.types.is_timestamp(kind) else "DATE"
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            con.register("words", pa.table({"word": words}))
            query = f"SELECT CAST(word AS {target}) AS word FROM words"  # noqa: S608 - two constants
            return con.sql(query).to_arrow_table()["word"].cast(kind)
    return words.cast(kind)


def _from_other(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A value of another type that means the same; a bare number is no date, and 7 no truth."""
    is_number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if pa.types.is_boolean(values.type) and not pa.types.is_boolean(kind):
        raise pa.ArrowInvalid("true and false are no numbers, dates or words")
    if is_number and pa.types.is_temporal(kind):
        raise pa.ArrowInvalid("a number says neither its unit nor its origin")
    cast = values.cast(kind)
    if (
        is_number
        and pa.types.is_boolean(kind)
        and not values.cast(pa.float64()).equals(cast.cast(pa.int8()).cast(pa.float64()))
    ):
        raise pa.ArrowInvalid("expected 0 or 1")
    return cast


def _castable(value: pa.Scalar, kind: pa.DataType) -> bool:
    if not value.is_valid:
        return True
    single = pa.chunked_array([[value.as_py()]], type=value.type)
    try:
        if pa.types.is_string(value.type) or pa.types.is_large_string(value.type):
            _from_text(single, kind)
        else:
            _from_other(single, kind)
    except (
        pa.ArrowInvalid,
        pa.ArrowNotImplementedError,
        pa.ArrowTypeError,
        duckdb.Error,
    ):
        return False
    return True


def _fill(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """Derived partition columns computed, absent optional ones null, all in stored order."""
    empty = pl.DataFrame(pl.from_arrow(dataset.schema.empty_table()))
    for name, (part, origin) in dataset.derived.items():
        computed = _PARTS[part](pl.col(origin)).cast(empty.schema[name]).alias(name)
        if name not in frame.columns:
            frame = frame.with_columns(computed)
            continue
        wrong = frame.filter(pl.col(name).ne_missing(computed))
        if wrong.height:
            raise _refuse(dataset, name, f"where it does not follow from {origin}", wrong)
    columns = [
        pl.col(column.name)
        if column.name in frame.columns
        else pl.lit(None, dtype=empty.schema[column.name]).alias(column.name)
        for column in dataset.schema
    ]
    return frame.select(columns)


_PARTS = {
    "year": lambda origin: origin.dt.year(),
    "month": lambda origin: origin.dt.month(),
    "date": lambda origin: origin.dt.date(),
    "segment": lambda origin: origin.dt.truncate("5m").dt.strftime("%H%M"),
}


def _check(dataset: Dataset, frame: pl.DataFrame, tests: Iterable[Test]) -> None:
    for column, problem, test in tests:
        if frame.select(test.any()).item():
            raise _refuse(dataset, column, problem, frame.filter(test))


def _value_tests(dataset: Dataset) -> Iterator[Test]:
    for column in dataset.schema:
        if column.name not in SET_BY_LAKE:
            for problem, test in _tests(column, is_key=column.name in dataset.key):
                yield column.name, problem, test


def _tests(column: pa.Field, *, is_key: bool) -> list[tuple[str, pl.Expr]]:
    """What may be wrong with a column, and the expression that finds it."""
    value = pl.col(column.name)
    limits = {key.decode(): text.decode() for key, text in (column.metadata or {}).items()}
    tests: list[tuple[str, pl.Expr]] = []
    if not column.nullable:
        tests.append(("without a value in a required column", value.is_null()))
    if pa.types.is_floating(column.type):
        tests.append(("with NaN or infinity", value.is_finite().not_()))
    if is_key and pa.types.is_string(column.type):
        tests.append(("with an empty text in the key", value == ""))
    if "min" in limits:
        tests.append((f"below {limits['min']}", value < float(limits["min"])))
    if "max" in limits:
        tests.append((f"above {limits['max']}", value > float(limits["max"])))
    if "one_of" in limits:
        allowed = limits["one_of"].split("|")
        tests.append((f"outside {', '.join(allowed)}", value.is_in(allowed).not_()))
    return tests


def _check_calendar(dataset: Dataset, frame: pl.DataFrame) -> None:
    """Engines hold instants that Python cannot (`infinity` is one); nobody could show them."""
    for name, kind in frame.schema.items():
        bad = frame.filter(_in_calendar(name, kind).not_()) if kind.is_temporal() else frame[:0]
        if bad.height:
            raise _refuse(dataset, name, "outside the years 1 to 9999", bad)


def _in_calendar(name: str, kind: pl.DataType) -> pl.Expr:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    unit = timedelta(days=1) if kind == pl.Date else timedelta(microseconds=1)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return pl.col(name).to_physical().is_between((first - epoch) // unit, (last - epoch) // unit)


def _unique(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """Sorted by partition and key; identical rows folded, contradicting ones refused."""
    order = [*dataset.partition_by, *key_order(dataset), "known_at"]
    frame = sorted_by(frame, list(dict.fromkeys(order)))
    same_key = same_as_before((*dataset.key, "known_at"))
    _check_homes(dataset, frame)
    twins = frame.select(same_key.any()).item() if frame.height else False
    if not twins or dataset.appended:
        return frame
    bad = frame.filter(same_key & ~same_as_before(dataset.values))
    if bad.height:
        raise _refuse(
            dataset,
            dataset.key[0],
            "contradicting another of the same table, key and known_at",
            bad,
        )
    return frame.filter(~same_key)


def _check_homes(dataset: Dataset, frame: pl.DataFrame) -> None:
    """All vintages of a fact lie in one partition; where its key does not say which, check."""
    free = [name for name in dataset.partition_by if name not in (*dataset.key, *dataset.derived)]
    if not free or dataset.appended:
        return
    several = pl.struct(free).n_unique() > 1
    if frame.group_by(dataset.key[0]).agg(several.alias("_")).select(pl.col("_").any()).item():
        bad = frame.filter(several.over(dataset.key))
        if bad.height:
            raise _refuse(dataset, free[0], "of facts that lie in two partitions at once", bad)


def same_as_before(columns: tuple[str, ...]) -> pl.Expr:
    """Whether a row equals the one before it in all these columns; null equals null."""
    first = pl.int_range(pl.len()) > 0
    return pl.all_horizontal(
        first, *(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in columns)
    )


def stamped(frame: pl.DataFrame, ingested_at: datetime) -> pl.DataFrame:
    """With the instant at which this lake took the rows in."""
    stamp = pl.lit(ingested_at).cast(pl.Datetime("us", "UTC"))
    return frame.with_columns(stamp.alias("ingested_at"))
