"""A broker's file of ten thousand trades: read and judged, with the positions that it leads to.

What each ticker means is handed in: finding it in the lake is a path of its own. What a browser
shows of it is measured by `python -m tests.bench_web`.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from data.uploads.check import Meaning, Reading, marks_of, words_of
from data.uploads.columns import guess, tabulate
from data.uploads.matching import TradeVerdict
from data.uploads.outcome import positions_after
from data.uploads.plan import NUMERIC, TRADE_ROLES
from data.uploads.reader import read_file
from data.uploads.trades import Book, check_trades
from scripts.benchmarks.report import Row

NAME = "import"
COUNT = 10_000
MOST_MS = 2_000.0
START = datetime(2020, 1, 2, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PRICES = {f"SYM{number}": 20.0 + 7 * number for number in range(50)}
HEAD = "Trade ID,Trade Date,Ticker,Side,Quantity,Price,Currency,Fee,Amount,Status"


def rows(rounds: int) -> list[Row]:
    """One row: the time from the bytes of the file to the positions."""
    payload = trades_file()
    accepted = sum(verdict.status == "accepted" for verdict in judged(payload))
    if accepted != COUNT:
        raise AssertionError(f"{accepted:,} of {COUNT:,} trades were accepted")
    times = _times(lambda: positions_after(judged(payload), ()), rounds)
    return [_row(f"{COUNT:,} trades read and judged", times)]


def trades_file(starts: Mapping[str, float] = PRICES) -> bytes:
    """Purchases and sales of instruments from these prices on, none of more than is held."""
    made = random.Random(7)
    counts, prices, at = dict.fromkeys(starts, 0), dict(starts), START
    lines = [HEAD]
    for number in range(COUNT):
        symbol = made.choice(list(prices))
        at += timedelta(minutes=made.randint(1, 300))
        prices[symbol] *= 1 + made.uniform(-0.002, 0.002)
        sells = counts[symbol] > 20 and made.random() < 0.45
        size, price = made.randint(1, 20), round(prices[symbol], 2)
        counts[symbol] += -size if sells else size
        money = round(size * price * (1 if sells else -1), 2)
        lines.append(
            f"T{number},{at:%Y-%m-%d %H:%M:%S},{symbol},{'Sell' if sells else 'Buy'},{size},"
            f"{price},USD,{made.randint(0, 200) / 100},{money},Filled"
        )
    return "\n".join(lines).encode()


def judged(payload: bytes) -> list[TradeVerdict]:
    """The file from its bytes to a verdict for each row, as the page does it."""
    found = tabulate(read_file(payload, "trades.csv"))
    columns = guess(found, TRADE_ROLES)
    reading = Reading(columns, marks_of(found, columns, NUMERIC), is_complete=True)
    meanings = {word: [Meaning(word, word, currency="USD")] for word in words_of(found, columns)}
    return check_trades(found, reading, meanings, Book("p", (), frozenset(), NOW))


def _times(work: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    wall, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), _cpu_s()
        work()
        wall.append((time.perf_counter() - start) * 1e3)
        cpu.append((_cpu_s() - used) * 1e3)
    return wall, cpu


def _cpu_s() -> float:
    """Processor time so far, that of the process which reads files included."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _row(variant: str, times: tuple[list[float], list[float]]) -> Row:
    wall, cpu = times
    middle = statistics.median(wall)
    verdict = "met" if middle <= MOST_MS else "met at min" if min(wall) <= MOST_MS else "missed"
    shown = (f"{middle:,.0f}", f"{min(wall):,.0f}", f"{statistics.median(cpu):,.0f}")
    return (NAME, variant, *shown, *("",) * 3, f"<= {MOST_MS:,.0f} ms", verdict, "")
