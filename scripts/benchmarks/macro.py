"""What the macro pages ask: the vintages of a dashboard's two hundred series."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from analytics.macro.vintages import latest
from scripts.benchmarks import peers
from scripts.benchmarks.paths import LONG_AGO, Bench
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant
from scripts.benchmarks.world import MACRO_SOURCES, macro_name

SHOWN = 200
MOST_MS = 300.0


def dashboard_path(bench: Bench) -> TimedPath:
    """The last vintage of all periods of two hundred series, at a clock of years ago."""
    at = bench.db.at(LONG_AGO)
    share = min(bench.size.series, SHOWN) // len(MACRO_SOURCES)
    step = bench.size.series // len(MACRO_SOURCES) // share
    names = [macro_name(source, step * i) for source in MACRO_SOURCES for i in range(share)]
    paths = peers.files(at, "macro")
    clock = datetime.strftime(LONG_AGO.astimezone(UTC), "%F %T")
    listed = ", ".join(f"'{name}'" for name in names)
    qualify = (
        "SELECT series_id, source, period, value, known_at FROM {files} "  # noqa: S608 - made of constants
        f"WHERE series_id IN ({listed}) AND known_at <= TIMESTAMPTZ '{clock}' AND NOT is_forecast "
        "QUALIFY row_number() OVER (PARTITION BY series_id, source, period "
        "ORDER BY known_at DESC) = 1"
    )
    ask = bench.duck.frame

    def polars() -> pl.DataFrame:
        return peers.polars_latest(at, paths).filter(pl.col("series_id").is_in(names)).collect()

    return TimedPath(
        "dashboard",
        f"latest vintages of {len(names)} series among {bench.size.series:,}",
        (
            Variant(OURS, lambda: latest(at, series=names)),
            Variant("QUALIFY", lambda: ask(qualify, paths)),
            Variant("Polars", polars),
        ),
        (Goal("QUALIFY", 1.0),),
        key=("series_id", "source", "period"),
        most_ms={OURS: MOST_MS},
    )


READS: dict[str, Callable[[Bench], TimedPath]] = {"dashboard": dashboard_path}
