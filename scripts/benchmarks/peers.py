"""The same work done with other tools on the same files: the one place that calls them by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import redis

from data.clock import iso
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.query import At

OHLC = ("open", "high", "low", "close")


def files(at: At, dataset: str) -> list[str]:
    """The files that a handle reads, for tools that take a list."""
    root = at.db.root / dataset
    return [str(root / entry.file) for entry in at.manifests[dataset].files]


def visible(paths: Sequence[str], as_of: datetime) -> pl.LazyFrame:
    """The clock's filter in Polars."""
    gone = pl.col("superseded_at")
    return pl.scan_parquet(list(paths), hive_partitioning=False).filter(
        pl.col("known_at") <= as_of, gone.is_null() | (gone > as_of)
    )


Config = dict[str, str | bool | int | float | list[str]]


class Duck:
    """Plain DuckDB beside the house: floors, naive forms, and a native table of the same rows."""

    def __init__(self, native: Path, prices: Sequence[str], *, threads: int) -> None:
        if not native.exists():
            _make_native(native, prices)
        config: Config = {"threads": threads, "memory_limit": "4GB"}
        self._con = duckdb.connect(native, read_only=True, config=config)
        self._con.execute("SET parquet_metadata_cache = true")
        self._con.execute("SET TimeZone = 'UTC'")

    def frame(self, sql: str, paths: Sequence[str] = (), **params: object) -> pl.DataFrame:
        """Run a query in which `{files}` stands for these files."""
        text = sql.replace("{files}", _read(paths))
        found: pl.DataFrame = self._con.sql(text, params=params or None).pl()
        return found


def _read(paths: Sequence[str]) -> str:
    listed = ", ".join(f"'{path}'" for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _make_native(native: Path, prices: Sequence[str]) -> None:
    """Copy the prices into a table of DuckDB's own format, in the same order; once."""
    making = native.with_suffix(".making")
    making.unlink(missing_ok=True)
    with duckdb.connect(making) as con:
        con.execute(
            f"CREATE TABLE prices AS SELECT * FROM {_read(prices)} "  # noqa: S608 - our own files
            "ORDER BY asset_class, symbol, date"
        )
    making.replace(native)


def clock(as_of: datetime) -> str:
    """The clock's filter in SQL."""
    instant = f"TIMESTAMPTZ '{iso(as_of)}'"
    return f"known_at <= {instant} AND (superseded_at IS NULL OR superseded_at > {instant})"


def polars_heatmap(at: At, paths: Sequence[str], since: date, sessions: int) -> pl.DataFrame:
    """Sorted inside each group, which is the fastest form that needs no order of the files."""
    split = pl.col("split_ratio")
    taken = pl.when(split > 0).then(split).otherwise(1.0)
    return (
        visible(paths, at.as_of)
        .filter(pl.col("date") >= since, pl.col("close").is_not_null())
        .group_by("symbol", "source", "asset_class")
        .agg(
            pl.col("date").sort_by("date").tail(sessions + 1).alias("dates"),
            pl.col("close").sort_by("date").tail(sessions + 1).alias("closes"),
            taken.sort_by("date").tail(sessions).product().alias("ratio"),
        )
        .with_columns(
            pl.col("dates").list.last().alias("date"),
            pl.col("closes").list.last().alias("close"),
            pl.col("dates").list.get(-sessions - 1, null_on_oob=True).alias("base_date"),
            pl.col("closes").list.get(-sessions - 1, null_on_oob=True) / pl.col("ratio"),
        )
        .with_columns((pl.col("close") / pl.col("closes") - 1).alias("return"))
        .select("symbol", "source", "asset_class", "date", "close", "base_date", "return")
        .sort("symbol", "source")
        .collect()
    )


def polars_history(at: At, paths: Sequence[str], symbol: str) -> pl.DataFrame:
    """One symbol, raw and adjusted."""
    split = pl.col("split_ratio")
    factor = pl.when(split > 0).then(split).otherwise(1.0).shift(-1, fill_value=1.0)
    return (
        visible(paths, at.as_of)
        .filter(pl.col("symbol") == symbol)
        .select(HISTORY)
        .sort("source", "date")
        .with_columns(factor.cum_prod(reverse=True).alias("split_factor"))
        .with_columns(
            *((pl.col(n) / pl.col("split_factor")).alias(f"adjusted_{n}") for n in OHLC),
            (pl.col("volume") * pl.col("split_factor")).alias("adjusted_volume"),
        )
        .collect()
    )


HISTORY = ["symbol", "source", "date", *OHLC, "volume", "dividend", "split_ratio", "currency"]
HISTORY += ["known_at"]


def polars_latest(at: At, paths: Sequence[str]) -> pl.LazyFrame:
    """The clock's filter over the macro files."""
    return (
        visible(paths, at.as_of)
        .filter(~pl.col("is_forecast"))
        .select("series_id", "source", "period", "value", "known_at")
    )


def headlines(at: At, paths: Sequence[str], series: Sequence[str]) -> pl.DataFrame:
    """What each series said at each instant."""
    return (
        pl.scan_parquet(list(paths), hive_partitioning=False)
        .filter(
            pl.col("known_at") <= at.as_of,
            pl.col("series_id").is_in(list(series)),
            ~pl.col("is_forecast"),
        )
        .select("series_id", "period", "value", pl.col("known_at").alias("macro_known_at"))
        .sort("series_id", "macro_known_at", "period")
        .filter(pl.col("period") == pl.col("period").cum_max().over("series_id"))
        .unique(["series_id", "macro_known_at"], keep="last", maintain_order=True)
        .collect()
    )


def closes_known(
    at: At, paths: Sequence[str], span: tuple[date, date], currencies: Sequence[str]
) -> pl.LazyFrame:
    """The left side of the join with macro, each close known when its session first was."""
    key = ["symbol", "source", "date"]
    mended = (
        pl.scan_parquet(list(paths), hive_partitioning=False)
        .filter(pl.col("superseded_at") <= at.as_of, pl.col("date").is_between(*span))
        .group_by(key)
        .agg(pl.col("known_at").min().alias("first_known"))
    )
    return (
        visible(paths, at.as_of)
        .filter(pl.col("date").is_between(*span), pl.col("currency").is_in(list(currencies)))
        .join(mended, on=key, how="left", maintain_order="left")
        .with_columns(pl.min_horizontal("known_at", "first_known").alias("known_at"))
        .select(*key, "close", "known_at", "currency")
    )


def numpy_asof(left: pl.DataFrame, said: pl.DataFrame, pairs: dict[str, str]) -> pl.DataFrame:
    """`searchsorted` per currency; every instant here has a print before it."""
    known = left["known_at"].to_physical().to_numpy()
    prints = said["macro_known_at"].to_physical().to_numpy()
    found = np.zeros(left.height, dtype=np.int64)
    for series, currency in pairs.items():
        rows = np.flatnonzero((left["currency"] == currency).to_numpy())
        mine = np.flatnonzero((said["series_id"] == series).to_numpy())
        found[rows] = mine[np.searchsorted(prints[mine], known[rows], side="right") - 1]
    return left.drop("currency").hstack(said[found])


def polars_asof(left: pl.LazyFrame, said: pl.DataFrame, pairs: dict[str, str]) -> pl.DataFrame:
    """Polars' own join, by series."""
    names = pl.LazyFrame({"series_id": list(pairs), "currency": list(pairs.values())})
    return (
        left.join(names, on="currency")
        .sort("known_at")
        .join_asof(
            said.lazy().sort("macro_known_at"),
            left_on="known_at",
            right_on="macro_known_at",
            by="series_id",
            coalesce=False,
            check_sortedness=False,
        )
        .drop("currency")
        .collect()
    )


def _closes(at: At, paths: Sequence[str], symbols: Sequence[str], since: date) -> pl.LazyFrame:
    split = pl.col("split_ratio")
    return (
        visible(paths, at.as_of)
        .filter(
            pl.col("date") >= since,
            pl.col("symbol").is_in(list(symbols)),
            pl.col("close").is_not_null(),
        )
        .select(
            "symbol",
            "date",
            "close",
            pl.when(split > 0).then(split).otherwise(1.0).alias("split"),
        )
        .sort("symbol", "date")
    )


def polars_volatility(
    at: At, paths: Sequence[str], symbols: Sequence[str], since: date
) -> pl.DataFrame:
    """Polars' rolling expression."""
    step = pl.col("close") * pl.col("split") / pl.col("close").shift(1).over("symbol")
    return (
        _closes(at, paths, symbols, since)
        .with_columns(step.log().alias("step"))
        .with_columns(
            (pl.col("step").rolling_std(60).over("symbol") * 252**0.5).alias("volatility")
        )
        .select("symbol", "date", "close", "volatility")
        .collect()
    )


def polars_correlation(
    at: At, paths: Sequence[str], symbols: Sequence[str], since: date
) -> pl.DataFrame:
    """Pivot, common dates, differences, Polars' own `corr`."""
    adjusted = pl.col("close") * pl.col("split").cum_prod().over("symbol")
    wide = (
        _closes(at, paths, symbols, since)
        .select("symbol", "date", adjusted.alias("price"))
        .collect()
        .pivot(on="symbol", index="date", values="price")
        .drop_nulls()
        .sort("date")
        .drop("date")
    )
    matrix = wide.with_columns(pl.all().log().diff())[1:].corr()
    return (
        matrix.with_columns(pl.Series("symbol", matrix.columns))
        .unpivot(index="symbol", variable_name="other", value_name="correlation")
        .sort("symbol", "other")
    )


def polars_ticks(
    paths: Sequence[str], as_of: datetime, symbols: Sequence[str], span: tuple[datetime, datetime]
) -> pl.DataFrame:
    """A window, read whole and sorted."""
    return (
        pl.scan_parquet(list(paths), hive_partitioning=False)
        .filter(
            pl.col("known_at") <= as_of,
            pl.col("known_at") >= span[0],
            pl.col("known_at") < span[1],
            pl.col("symbol").is_in(list(symbols)),
        )
        .select(TICKS)
        .sort("known_at", "symbol", "trade_id", "venue")
        .collect()
    )


TICKS = ["known_at", "symbol", "event_at", "trade_id", "price", "size", "side", "venue"]


def polars_ohlc(paths: Sequence[str], as_of: datetime, *, in_file_order: bool) -> pl.DataFrame:
    """Bars by first and last: of the file's order, or sorted inside each group as ours are."""
    price = pl.col("price")
    ordered = price if in_file_order else price.sort_by("event_at", "trade_id")
    return (
        pl.scan_parquet(list(paths), hive_partitioning=False)
        .filter(pl.col("known_at") <= as_of)
        .group_by("venue", "symbol", pl.col("event_at").dt.truncate("1m").alias("bar_at"))
        .agg(
            ordered.first().alias("open"),
            price.max().alias("high"),
            price.min().alias("low"),
            ordered.last().alias("close"),
            pl.col("size").sum().alias("volume"),
            pl.len().alias("trades"),
        )
        .sort("venue", "symbol", "bar_at")
        .collect()
    )


def pandas_ohlc(paths: Sequence[str], as_of: datetime) -> pl.DataFrame:
    """Bars in pandas, with first and last by the file's order."""
    import pandas as pd  # only here: it would count in the memory of every other path

    columns = ["venue", "symbol", "event_at", "price", "size", "known_at"]
    table = pd.concat([pd.read_parquet(path, columns=columns) for path in paths])
    table = table[table["known_at"] <= as_of]
    table["bar_at"] = table["event_at"].dt.floor("min")
    grouped = table.groupby(["venue", "symbol", "bar_at"], sort=True)
    bars = grouped["price"].agg(["first", "max", "min", "last", "count"])
    bars.columns = pd.Index(["open", "high", "low", "close", "trades"])
    bars["volume"] = grouped["size"].sum()
    return pl.DataFrame(bars.reset_index())


def polars_rewrite(root: Path, new: pl.DataFrame, written: Path) -> pl.DataFrame:
    """The same upsert as a lazy plan that Polars streams into the new file."""
    manifest = read_manifest(DiskStore(root), "prices")
    old = pl.scan_parquet(root / "prices" / manifest.files[0].file, hive_partitioning=False)
    columns = old.collect_schema().names()
    key = ["symbol", "date", "source"]
    rows = pl.concat([old, new.lazy().select(columns)]).sort(*key, "known_at")
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in key)
    later = pl.when(same).then(pl.col("known_at").shift(-1)).alias("superseded_at")
    plan = rows.with_columns(later)
    plan.sink_parquet(written, compression="lz4", row_group_size=32_768, statistics=True)
    return pl.DataFrame()


def redis_ticks(path: str, count: int) -> None:
    """An entry for each trade, a thousand in a pipeline."""
    client = redis.Redis(unix_socket_path=path)
    for begin in range(0, count, 1_000):
        pipe = client.pipeline(transaction=False)
        for number in range(begin, begin + 1_000):
            pipe.xadd("peer", {"s": "demo:S01USD", "t": number, "p": 100.25, "q": 1.0})
        pipe.execute()
    client.delete("peer")
    client.close()


def numpy_windows(tape: pl.DataFrame, points: int) -> float:
    """Deviation and deepest fall of the last points of an instrument, anew at every trade."""
    rings: dict[str, np.ndarray] = {}
    last = 0.0
    for symbol, price in tape.select("symbol", "price").iter_rows():
        ring = rings.setdefault(symbol, np.full(points, price))
        ring[:-1] = ring[1:]
        ring[-1] = price
        moves = np.diff(np.log(ring))
        last = float(moves.std(ddof=1)) + float((ring / np.maximum.accumulate(ring) - 1).min())
    return last
