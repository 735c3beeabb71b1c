"""What the market pages ask for: any horizon from memory, a matrix, and a list that is brought."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import date

import polars as pl

from analytics.home.overview import moves
from analytics.markets.correlation_map import correlation_map
from analytics.markets.market import market
from data.uploads.check import Meaning, Reading, check_list, marks_of
from data.uploads.columns import guess, tabulate
from data.uploads.reader import read_file
from scripts.benchmarks import peers
from scripts.benchmarks.paths import NOW, Bench
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant

ROWS = 10_000
READ_ALONE = """
import sys
import polars as pl
pl.read_csv(sys.stdin.buffer.read()).select("ticker").write_ipc(sys.stdout.buffer)
"""


def market_path(bench: Bench) -> TimedPath:
    """All instruments over 21 sessions with every measure, once the panel is there."""
    at = bench.db.at(NOW)
    market(at, sessions=1)  # the first look of a clock fills the panel
    return TimedPath(
        "market",
        f"{bench.size.symbols:,} symbols, any further horizon, nine measures",
        (
            Variant(OURS, lambda: market(at, sessions=21)),
            Variant(
                "one measure by query", lambda: moves(at, sessions=21, top=10**6), agrees=False
            ),
        ),
        (Goal("one measure by query", 0.5),),
        key=("symbol", "source"),
        most_ms={OURS: 500.0},
    )


def matrix_path(bench: Bench) -> TimedPath:
    """500 instruments, a year and the year before, with intervals, stars and order."""
    at = bench.db.at(NOW)
    symbols = bench.symbols(500)
    correlation_map(at, symbols=symbols)
    part = at.part("prices", asset_class="equity")
    since = date(2024, 1, 1)
    paths = peers.files(part.within("prices", since, NOW.date()), "prices")
    return TimedPath(
        "matrix",
        f"{len(symbols)} symbols x 2 years, clustered, from memory",
        (
            Variant(OURS, lambda: correlation_map(at, symbols=symbols)),
            Variant(
                "Polars, coefficients alone",
                lambda: peers.polars_correlation(at, paths, symbols, since),
                agrees=False,
            ),
        ),
        (Goal("Polars, coefficients alone", 1.0),),
        key=("symbol", "other"),
        most_ms={OURS: 300.0},
    )


def upload_path(bench: Bench) -> TimedPath:
    """A list of 10,000 rows read in its own process and checked; reading alone is the peer."""
    lines = [f"W{at},{at % 97 / 100:.2f},{at % 1000},a note" for at in range(ROWS)]
    payload = ("ticker,weight,quantity,note\n" + "\n".join(lines) + "\n").encode()
    meanings = {f"W{at}": [Meaning(f"bench:W{at}", f"W{at}")] for at in range(ROWS)}

    def ours() -> pl.DataFrame:
        table = tabulate(read_file(payload, "list.csv"))
        columns = guess(table)
        reading = Reading(columns, marks_of(table, columns, ("weight", "quantity")))
        verdicts = check_list(table, reading, meanings)
        return pl.DataFrame({"ticker": [verdict.word for verdict in verdicts]})

    def peer() -> pl.DataFrame:
        words = [sys.executable, "-c", READ_ALONE]
        done = subprocess.run(words, input=payload, capture_output=True, check=True)
        return pl.read_ipc(io.BytesIO(done.stdout))

    return TimedPath(
        "upload",
        f"{ROWS:,} rows read and checked, each in a process of its own",
        (Variant(OURS, ours), Variant("Polars, reading alone", peer)),
        (Goal("Polars, reading alone", 3.0),),
        key=("ticker",),
        most_ms={OURS: 3_000.0},
    )


READS: dict[str, Callable[[Bench], TimedPath]] = {
    "market": market_path,
    "matrix": matrix_path,
    "upload": upload_path,
}
