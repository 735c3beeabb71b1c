"""The paths that are measured: our own code first, the peers' same work beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path as Folder

import polars as pl

from analytics.core.close_matrix import CloseMatrices
from analytics.live.ticks import ohlc, tick_window
from analytics.macro.vintages import latest, prices_with_macro
from analytics.markets.correlation import correlation
from analytics.markets.returns import heatmap, history
from analytics.markets.volatility import rolling_volatility
from data.query import At, Db
from scripts.benchmarks import peers
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant
from scripts.benchmarks.world import CURRENCIES, MACRO_SOURCES, Size, macro_name, tick_symbols

NOW = datetime(2025, 12, 31, tzinfo=UTC)
THEN = datetime(2025, 10, 15, 12, tzinfo=UTC)
LONG_AGO = datetime(2018, 6, 30, tzinfo=UTC)
HOUR = (datetime(2025, 12, 1, 15, tzinfo=UTC), datetime(2025, 12, 1, 16, tzinfo=UTC))
DAY = (datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 2, tzinfo=UTC))
FULL_SYMBOLS = 500


@dataclass(frozen=True, slots=True)
class Bench:
    """What every path is made from."""

    root: Folder
    size: Size
    db: Db
    duck: peers.Duck

    def symbols(self, count: int) -> list[str]:
        """Every other instrument of one kind."""
        per_class = self.size.symbols // 5
        return [f"bench:EQUITY{i:05d}" for i in range(0, per_class, 2)][:count]


def heatmap_path(bench: Bench) -> TimedPath:
    """All symbols, last close against 21 sessions ago, at a clock inside the year."""
    at = bench.db.at(THEN)
    since = THEN.date() - timedelta(days=47)
    paths = peers.files(at.within("prices", since, THEN.date()), "prices")
    columns = "sum(strlen(symbol)), max(date), sum(close), sum(split_ratio), sum(strlen(source))"
    floor = f"SELECT {columns}, max(known_at), max(superseded_at) FROM {{files}}"  # noqa: S608 - made of constants
    panels = CloseMatrices()
    return TimedPath(
        "heatmap",
        f"{bench.size.symbols:,} symbols, last close against 21 sessions before",
        (
            Variant(OURS, lambda: heatmap(at)),
            Variant("Polars", lambda: peers.polars_heatmap(at, paths, since, 21)),
            Variant("decode floor", lambda: bench.duck.frame(floor, paths), agrees=False),
            Variant("resident panel", lambda: panels.of(at).heatmap()),
        ),
        (Goal("Polars", 0.7), Goal("decode floor", 1.7)),
        key=("symbol", "source"),
        most_ms={"resident panel": 1.0},
    )


def history_path(bench: Bench) -> TimedPath:
    """One symbol, all years."""
    at = bench.db.at(THEN)
    symbol = bench.symbols(9)[-1]
    paths = peers.files(at.part("prices", asset_class="equity"), "prices")
    columns = ", ".join(peers.HISTORY)
    native = f"SELECT {columns} FROM prices WHERE symbol = $symbol AND {peers.clock(THEN)}"  # noqa: S608 - made of constants
    return TimedPath(
        "history",
        f"one symbol, {bench.size.years} years, raw and adjusted",
        (
            Variant(OURS, lambda: history(at, symbol=symbol, asset_class="equity")),
            Variant("Polars", lambda: peers.polars_history(at, paths, symbol)),
            Variant("native DuckDB table", lambda: bench.duck.frame(native, symbol=symbol)),
        ),
        (Goal("Polars", 0.8), Goal("native DuckDB table", 3.0)),
        key=("symbol", "source", "date"),
    )


def latest_path(bench: Bench) -> TimedPath:
    """All vintages as of a clock, delivered as a frame."""
    at = bench.db.at(LONG_AGO)
    paths = peers.files(at, "macro")
    ask = bench.duck.frame
    return TimedPath(
        "latest",
        f"latest vintage per series and period of {_rows(at, 'macro')} rows, as a frame",
        (
            Variant(OURS, lambda: latest(at)),
            Variant("decode floor", lambda: ask(_decode_macro(), paths), agrees=False),
            Variant("arg_max", lambda: ask(_arg_max(), paths)),
            Variant("QUALIFY", lambda: ask(_qualify(), paths)),
            Variant("Polars", lambda: peers.polars_latest(at, paths).collect()),
        ),
        (Goal("decode floor", 1.0, "cpu"), Goal("arg_max", 0.35), Goal("QUALIFY", 0.25)),
        key=("series_id", "source", "period"),
    )


def latest_sum_path(bench: Bench) -> TimedPath:
    """The same, looked at inside the engine: every column read, nothing handed over."""
    at = bench.db.at(LONG_AGO)
    paths = peers.files(at, "macro")
    ask = bench.duck.frame
    total = (
        "SELECT count(*) AS n, sum(value) AS v, max(period) AS p, max(known_at) AS k, "
        "CAST(sum(strlen(series_id)) AS BIGINT) AS s, CAST(sum(strlen(source)) AS BIGINT) AS o "
        "FROM"
    )
    ours = f"{total} macro WHERE NOT is_forecast"
    return TimedPath(
        "latest, summed",
        f"the same {_rows(at, 'macro')} rows, every column summed in the engine",
        (
            Variant(OURS, lambda: at.sql(ours)),
            Variant("decode floor", lambda: ask(_decode_macro(), paths), agrees=False),
            Variant("arg_max", lambda: ask(f"{total} ({_arg_max()})", paths)),
            Variant("QUALIFY", lambda: ask(f"{total} ({_qualify()})", paths)),
        ),
        (Goal("decode floor", 1.0, "cpu"), Goal("arg_max", 0.35), Goal("QUALIFY", 0.25)),
    )


def _decode_macro() -> str:
    return (
        "SELECT sum(strlen(series_id)), sum(strlen(source)), max(period), sum(value), "
        "max(known_at), max(superseded_at), bool_or(is_forecast) FROM {files}"
    )


def _arg_max() -> str:
    return (
        "SELECT series_id, source, period, arg_max(value, known_at) AS value, "  # noqa: S608 - made of constants
        "max(known_at) AS known_at FROM {files} "
        f"WHERE known_at <= TIMESTAMPTZ '{LONG_AGO:%F %T}' AND NOT is_forecast GROUP BY ALL"
    )


def _qualify() -> str:
    return (
        "SELECT series_id, source, period, value, known_at FROM {files} "  # noqa: S608 - made of constants
        f"WHERE known_at <= TIMESTAMPTZ '{LONG_AGO:%F %T}' AND NOT is_forecast QUALIFY "
        "row_number() OVER (PARTITION BY series_id, source, period ORDER BY known_at DESC) = 1"
    )


def asof_path(bench: Bench) -> TimedPath:
    """A year of all prices with the macro value known at each close."""
    at = bench.db.at(NOW)
    series = [macro_name(source, 7) for source in MACRO_SOURCES]
    span = (date(2025, 1, 1), date(2025, 12, 31))
    pairs = dict(zip(series, CURRENCIES, strict=True))
    paths = peers.files(at.within("prices", *span), "prices")
    macro = peers.files(at, "macro")

    def ours() -> object:
        return prices_with_macro(
            at, series=series, currencies=list(CURRENCIES), since=span[0], until=span[1]
        )

    def left() -> pl.LazyFrame:
        return peers.closes_known(at, paths, span, CURRENCIES)

    def said() -> pl.DataFrame:
        return peers.headlines(at, macro, series)

    row_level = _row_level_asof(pairs)
    return TimedPath(
        "prices ASOF macro",
        f"{bench.size.symbols * 252:,} closes with the value known at each of them",
        (
            Variant(OURS, ours),
            Variant(
                "NumPy searchsorted", lambda: peers.numpy_asof(left().collect(), said(), pairs)
            ),
            Variant(
                "row-level ASOF JOIN",
                lambda: bench.duck.frame(
                    row_level.replace("{macro}", f"read_parquet({macro!r})"), paths
                ),
            ),
            Variant("Polars join_asof", lambda: peers.polars_asof(left(), said(), pairs)),
        ),
        (Goal("NumPy searchsorted", 2.0), Goal("row-level ASOF JOIN", 0.2)),
        key=("symbol", "source", "date"),
    )


def _row_level_asof(pairs: dict[str, str]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN '{currency}'" for name, currency in pairs.items())
    names = ", ".join(f"'{name}'" for name in pairs)
    return f"""
        WITH prints AS (
            SELECT series_id, CASE series_id {cases} END AS currency, period, value, known_at,
                max(period) OVER (PARTITION BY series_id ORDER BY known_at, period
                    ROWS UNBOUNDED PRECEDING) AS newest
            FROM {{macro}} WHERE series_id IN ({names}) AND NOT is_forecast
        ), headlines AS (
            SELECT * FROM prints WHERE period = newest
            QUALIFY row_number() OVER (
                PARTITION BY series_id, known_at ORDER BY period DESC) = 1
        ), mended AS (
            SELECT symbol, source, date, min(known_at) AS first_known FROM {{files}}
            WHERE superseded_at <= TIMESTAMPTZ '{NOW:%F %T}' GROUP BY ALL
        ), closes AS (
            SELECT * REPLACE (least(known_at, first_known) AS known_at)
            FROM {{files}} LEFT JOIN mended USING (symbol, source, date) WHERE {peers.clock(NOW)}
        )
        SELECT symbol, source, date, close, closes.known_at, series_id, period, value,
            headlines.known_at AS macro_known_at
        FROM closes ASOF JOIN headlines
            ON closes.currency = headlines.currency AND closes.known_at >= headlines.known_at
    """  # noqa: S608 - made of constants


def volatility_path(bench: Bench) -> TimedPath:
    """Rolling volatility over five years."""
    at = bench.db.at(NOW)
    symbols = bench.symbols(FULL_SYMBOLS)
    since = date(2021, 1, 1)
    part = at.part("prices", asset_class="equity")
    paths = peers.files(part.within("prices", since, NOW.date()), "prices")
    return TimedPath(
        "rolling volatility",
        f"60 sessions, {len(symbols)} symbols, 5 years",
        (
            Variant(OURS, lambda: rolling_volatility(part, symbols=symbols, since=since)),
            Variant("Polars", lambda: peers.polars_volatility(at, paths, symbols, since)),
        ),
        (Goal("Polars", 0.85),),
        key=("symbol", "date"),
    )


def correlation_path(bench: Bench) -> TimedPath:
    """A matrix over two years."""
    at = bench.db.at(NOW)
    symbols = bench.symbols(100)
    since = date(2024, 1, 1)
    part = at.part("prices", asset_class="equity")
    paths = peers.files(part.within("prices", since, NOW.date()), "prices")
    return TimedPath(
        "correlation",
        f"{len(symbols)} symbols, 2 years",
        (
            Variant(OURS, lambda: correlation(part, symbols=symbols, since=since)),
            Variant("Polars", lambda: peers.polars_correlation(at, paths, symbols, since)),
        ),
        (Goal("Polars", 0.6),),
        key=("symbol", "other"),
    )


def replay_paths(bench: Bench) -> tuple[TimedPath, TimedPath]:
    """An hour of ticks of twenty symbols: until its first batch, and whole."""
    at = bench.db.at(NOW)
    symbols = tick_symbols()[1::10]
    start, end = HOUR
    listed = ", ".join(f"'{symbol}'" for symbol in symbols)
    paths = hour_files(at)
    window = (
        f"SELECT {', '.join(peers.TICKS)} FROM {{files}} WHERE known_at >= TIMESTAMPTZ "  # noqa: S608 - made of constants
        f"'{start:%F %T}' AND known_at < TIMESTAMPTZ '{end:%F %T}' AND symbol IN ({listed}) "
        "ORDER BY known_at, symbol, trade_id, venue"
    )

    def whole() -> pl.DataFrame:
        return pl.concat(list(tick_window(at, symbols, start=start, end=end)))

    def first() -> pl.DataFrame:
        return next(tick_window(at, symbols, start=start, end=end))

    ordered = Variant("ORDER BY over the window", lambda: bench.duck.frame(window, paths))
    polars = Variant("Polars", lambda: peers.polars_ticks(paths, NOW, symbols, HOUR))
    key = ("known_at", "symbol", "trade_id", "venue")
    return (
        TimedPath(
            "ticks, first batch",
            "an hour, 20 symbols, in order: until the first rows",
            (Variant(OURS, first), replace(ordered, agrees=False)),
            (Goal("ORDER BY over the window", 0.2),),
        ),
        TimedPath(
            "ticks, whole",
            "the same hour to its end",
            (Variant(OURS, whole), polars, ordered),
            (Goal("Polars", 0.6),),
            key=key,
        ),
    )


def hour_files(at: At) -> list[str]:
    """The twelve segments of the hour, as a careful user would list them."""
    return [
        path
        for path in peers.files(at.part("ticks", date=HOUR[0].date()), "ticks")
        if f"segment={HOUR[0]:%H}" in path
    ]


def ohlc_path(bench: Bench) -> TimedPath:
    """A day of trades to one-minute bars."""
    at = bench.db.at(NOW)
    paths = peers.files(at.part("ticks", date=DAY[0].date()), "ticks")
    return TimedPath(
        "ohlc",
        f"{bench.size.ticks_per_day:,} ticks to 1-minute bars",
        (
            Variant(OURS, lambda: ohlc(at, start=DAY[0], end=DAY[1])),
            Variant("Polars", lambda: peers.polars_ohlc(paths, NOW, in_file_order=False)),
            Variant(
                "Polars, file order",
                lambda: peers.polars_ohlc(paths, NOW, in_file_order=True),
                agrees=False,
            ),
            Variant("pandas", lambda: peers.pandas_ohlc(paths, NOW), agrees=False, is_slow=True),
        ),
        (Goal("Polars", 1.15), Goal("pandas", 0.2)),
        key=("venue", "symbol", "bar_at"),
    )


def _rows(at: At, dataset: str) -> str:
    return f"{at.manifests[dataset].rows:,}"


READS: dict[str, Callable[[Bench], TimedPath]] = {
    "heatmap": heatmap_path,
    "history": history_path,
    "latest": latest_path,
    "latest-summed": latest_sum_path,
    "asof": asof_path,
    "volatility": volatility_path,
    "correlation": correlation_path,
    "ticks-first": lambda bench: replay_paths(bench)[0],
    "ticks-whole": lambda bench: replay_paths(bench)[1],
    "ohlc": ohlc_path,
}
