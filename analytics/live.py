"""What the live desk knows of each instrument: trades go in block by block, points come out.

A point is the last trade at or before an instant of a grid of 500 ms. It is whole once the venue's
time has run half a second further; what comes later still is late, counted, and changes no point.
(The methods' two seconds would leave no room for an alert within two seconds of its trade; what is
late stays in the archive either way.) `step` is pure and blind to how trades were cut into blocks:
live and replay give the same points.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.catalogue import run
from analytics.closes import Floats
from analytics.ticks import ARRIVAL
from data.conform import sorted_by
from data.errors import ConfigError
from data.query import Answer, At

GRID_US, WATERMARK_US, STALE_US = 500_000, 500_000, 5_000_000
AHEAD_US = 5_000_000  # a venue's clock further ahead than this is not believed
SLOW_US = 5_000_000  # the grid of the longer windows
POINTS = 60
CHUNK = 256  # points that are worked on at once: a bound on memory, not on the answer
MOST = timedelta(hours=6)
TRADE = {"symbol": pl.String, "event_at": pl.Int64, "trade_id": pl.Int64, "price": pl.Float64,
         "size": pl.Float64, "side": pl.String}  # fmt: skip
QUICK = ("price", "age_ms", "log_return", "volatility", "drawdown", "max_drawdown", "vwap",
         "volume", "return_z", "volume_z", "spread")  # fmt: skip
SLOW = ("volatility_5m", "max_drawdown_5m")
MEASURES = (*QUICK, *SLOW)
Ints = npt.NDArray[np.int64]


def _nothing(rows: int = 0) -> Floats:
    return np.full((rows, POINTS), np.nan)


@dataclass(frozen=True, slots=True)
class State:
    """All that the next block needs: windows oldest first, and trades whose point is not whole.

    `at` is the last whole instant and `newest` the venue's time, in microseconds; `late`, `refused`
    and `repeated` count what entered no point.
    """

    symbols: tuple[str, ...] = ()
    at: int = 0
    newest: int = 0
    waiting: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TRADE))
    price: Floats = field(default_factory=lambda: np.empty(0))
    traded_at: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    prices: Floats = field(default_factory=_nothing)
    volumes: Floats = field(default_factory=_nothing)
    turnovers: Floats = field(default_factory=_nothing)
    slow: Floats = field(default_factory=_nothing)
    bought: Floats = field(default_factory=lambda: np.empty(0))
    sold: Floats = field(default_factory=lambda: np.empty(0))
    late: int = 0
    refused: int = 0
    repeated: int = 0
    watermark: int = WATERMARK_US


def step(state: State, block: pl.DataFrame) -> tuple[State, pl.DataFrame]:
    """The state after a block of trades in the order of their arrival, and the points made whole.

    Refused are a price that is not above zero, and a time of the venue well after the arrival
    (`known_at`, where the block has it). A trade whose id waits already is a repetition.
    """
    sound = _sound(block)
    timely, newest = _timely(state, sound)
    both = pl.concat([state.waiting, timely])
    known = both.unique(["symbol", "trade_id"], keep="first", maintain_order=True)
    after = _grown(replace(
        state,
        newest=newest,
        late=state.late + sound.height - timely.height,
        refused=state.refused + block.height - sound.height,
        repeated=state.repeated + both.height - known.height,
    ), timely["symbol"])  # fmt: skip
    whole = (newest - state.watermark) // GRID_US * GRID_US
    if not after.at and timely.height:
        # As if each block were one trade: what counts is the first that arrived.
        first = timely["event_at"][0]
        after = replace(after, at=(first - state.watermark) // GRID_US * GRID_US)
    if not after.at or whole <= after.at:
        return replace(after, waiting=known), _frame([], after.symbols)
    ready = known.filter(pl.col("event_at") <= whole)
    waiting = known.filter(pl.col("event_at") > whole)
    parts = []
    for begin in range(after.at, whole, CHUNK * GRID_US):
        end = min(begin + CHUNK * GRID_US, whole)
        after, part = _points(after, ready, begin, end)
        parts.append(part)
    return replace(after, at=whole, waiting=waiting), _frame(parts, after.symbols)


def live_metrics(at: At, *, symbols: list[str], start: datetime, end: datetime) -> Answer:
    """The points of some instruments over the archive, as the monitor folds them live.

    Per half second: price and its age, log return, its deviation over 60 points, drawdown and the
    deepest within them, volume and its price, and how unusual the last return and volume are.
    """
    if end - start > MOST:
        raise ConfigError(f"a window of {end - start}: expected at most {MOST}")
    span = at.within("ticks", start - MOST, end + MOST)  # the venue's time may differ from arrival
    answer = run(span, "parts/tick_window", symbols=symbols, start=start, end=end)
    trades = sorted_by(answer.frame, ARRIVAL).with_columns(pl.col("event_at").to_physical())
    _, points = step(State(), trades)
    return answer.derive(points, "trades folded into half seconds, in the order of their arrival")


def _sound(block: pl.DataFrame) -> pl.DataFrame:
    """The trades that can be believed, in the columns of the fold."""
    sides = [] if "side" in block.columns else [pl.lit(None, pl.String).alias("side")]
    trades = block.with_columns(sides).select(
        pl.col(name).cast(kind) for name, kind in TRADE.items()
    )
    sane = pl.col("price").is_finite() & (pl.col("price") > 0)
    if "known_at" in block.columns:
        limit = (block["known_at"].cast(pl.Int64) + AHEAD_US).alias("limit")
        sane &= pl.col("event_at") <= limit
    return trades.filter(sane)


def _timely(state: State, trades: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Trades that came before their point was whole, judged one by one as they arrived."""
    if trades.is_empty():
        return trades, state.newest
    event = trades["event_at"].to_numpy()
    newest = np.maximum.accumulate(np.concatenate([[state.newest], event]))
    whole = (newest[:-1] - state.watermark) // GRID_US * GRID_US
    return trades.filter(pl.Series(event > whole)), int(newest[-1])


def _grown(state: State, symbols: pl.Series) -> State:
    """With a row for each instrument that was not seen before."""
    seen = set(state.symbols)
    new = [name for name in symbols.unique(maintain_order=True) if name not in seen]
    if not new:
        return state
    more = len(new)
    return replace(
        state,
        symbols=(*state.symbols, *new),
        price=np.concatenate([state.price, np.full(more, np.nan)]),
        traded_at=np.concatenate([state.traded_at, np.zeros(more, dtype=np.int64)]),
        prices=np.concatenate([state.prices, _nothing(more)]),
        volumes=np.concatenate([state.volumes, _nothing(more)]),
        turnovers=np.concatenate([state.turnovers, _nothing(more)]),
        slow=np.concatenate([state.slow, _nothing(more)]),
        bought=np.concatenate([state.bought, np.full(more, np.nan)]),
        sold=np.concatenate([state.sold, np.full(more, np.nan)]),
    )


Part = tuple[Ints, dict[str, Floats]]


def _points(state: State, ready: pl.DataFrame, begin: int, end: int) -> tuple[State, Part]:
    """The points after `begin` up to `end`, and the state with their windows."""
    instants = np.arange(begin + GRID_US, end + 1, GRID_US)
    rows = len(state.symbols)
    part = ready.filter(pl.col("event_at") > begin, pl.col("event_at") <= end)
    mine = part.partition_by("symbol", as_dict=True, maintain_order=True)
    last = [state.price.copy(), state.bought.copy(), state.sold.copy()]
    traded = state.traded_at.copy()
    seen = [np.empty((rows, len(instants))) for _ in last]
    ages = np.empty((rows, len(instants)))
    volumes, turnovers = np.zeros_like(ages), np.zeros_like(ages)
    for row, name in enumerate(state.symbols):
        held = mine.get((name,))
        if held is None:
            for values, known in zip(seen, last, strict=True):
                values[row] = known[row]
            ages[row] = instants - traded[row]
            continue
        # Stable: of trades at one instant the last to arrive counts.
        held = held.sort("event_at", maintain_order=True)
        event, paid, size = (held[n].to_numpy() for n in ("event_at", "price", "size"))
        of = [np.ones(len(event), dtype=bool)]
        of += [(held["side"] == side).fill_null(False).to_numpy() for side in ("buy", "sell")]
        for values, known, chosen in zip(seen, last, of, strict=True):
            values[row], known[row] = _carried(event[chosen], paid[chosen], instants, known[row])
        ages[row], traded[row] = _age(event, instants, traded[row])
        slot = np.searchsorted(instants, event, side="left")
        np.add.at(volumes[row], slot, size)
        np.add.at(turnovers[row], slot, size * paid)
    unborn = np.isnan(seen[0])  # before its first trade an instrument has no volume either
    ages[unborn] = volumes[unborn] = turnovers[unborn] = np.nan
    before = (state.prices, state.volumes, state.turnovers)
    wide = [np.concatenate(pair, axis=1)
            for pair in zip(before, (seen[0], volumes, turnovers), strict=True)]  # fmt: skip
    slow, slower = _slow(state.slow, seen[0], instants)
    found = _measured(wide, ages) | slower | {"spread": (seen[1] - seen[2]) / seen[0]}
    kept = [one[:, -POINTS:] for one in wide]
    after = replace(state, price=last[0], bought=last[1], sold=last[2], traded_at=traded,
                    prices=kept[0], volumes=kept[1], turnovers=kept[2], slow=slow)  # fmt: skip
    return after, (instants, found)


def _carried(event: Ints, paid: Floats, instants: Ints, known: float) -> tuple[Floats, float]:
    """The last price at or before each instant, and the last of all."""
    if not len(event):
        return np.full(len(instants), known), known
    place = np.searchsorted(event, instants, side="right") - 1
    return np.where(place >= 0, paid[place], known), float(paid[-1])


def _age(event: Ints, instants: Ints, known: int) -> tuple[Floats, int]:
    """How old the last trade is at each instant, in microseconds, and when it was."""
    place = np.searchsorted(event, instants, side="right") - 1
    ages = instants - np.where(place >= 0, event[place], known)
    return ages.astype(np.float64), int(event[-1])


def _slow(held: Floats, prices: Floats, instants: Ints) -> tuple[Floats, dict[str, Floats]]:
    """Deviation and deepest fall over five minutes, from a point each five seconds.

    Between two such points the values of the earlier one stand.
    """
    marks = np.flatnonzero(instants % SLOW_US == 0)
    wide = np.concatenate([held, prices[:, marks]], axis=1)
    window = np.lib.stride_tricks.sliding_window_view(wide, POINTS, axis=1)
    moves = np.diff(np.log(window), axis=2)
    falls = window / np.maximum.accumulate(window, axis=2) - 1
    # The first window is what was held before; each mark opens the next one.
    place = np.searchsorted(marks, np.arange(len(instants)), side="right")
    found = (moves.std(axis=2, ddof=1)[:, place], falls.min(axis=2)[:, place])
    return wide[:, -POINTS:], dict(zip(SLOW, found, strict=True))


def _measured(wide: list[Floats], ages: Floats) -> dict[str, Floats]:
    """Every measure at each new point; null until its window is full."""
    prices, volumes, turnovers = wide
    returns = np.diff(np.log(prices), axis=1)
    window = np.lib.stride_tricks.sliding_window_view(prices, POINTS, axis=1)[:, 1:]
    moves = np.lib.stride_tricks.sliding_window_view(returns, POINTS - 1, axis=1)[:, 1:]
    traded = np.lib.stride_tricks.sliding_window_view(volumes, POINTS, axis=1)[:, 1:]
    paid = np.lib.stride_tricks.sliding_window_view(turnovers, POINTS, axis=1)[:, 1:]
    peaks = np.maximum.accumulate(window, axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.nansum(traded, axis=2)
        return {
            "price": window[:, :, -1],
            "age_ms": ages / 1_000,
            "log_return": moves[:, :, -1],
            "volatility": moves.std(axis=2, ddof=1),
            "drawdown": window[:, :, -1] / peaks[:, :, -1] - 1,
            "max_drawdown": (window / peaks - 1).min(axis=2),
            "vwap": np.where(total > 0, np.nansum(paid, axis=2) / total, np.nan),
            "volume": traded[:, :, -1],
            "return_z": _unusual(moves),
            "volume_z": _unusual(traded),
        }


def _unusual(window: Floats) -> Floats:
    """The last value of each window in deviations of those before it; none where they are alike."""
    past = window[:, :, :-1]
    deviation = past.std(axis=2, ddof=1)
    return np.where(deviation > 0, (window[:, :, -1] - past.mean(axis=2)) / deviation, np.nan)


def _frame(parts: list[Part], symbols: tuple[str, ...]) -> pl.DataFrame:
    """Points in order of their instant and symbol, those of an instrument from its first trade."""
    names = pl.Series("symbol", list(symbols), dtype=pl.String)
    return pl.concat([_empty(), *(_of_part(part, names) for part in parts)]).sort("at", "symbol")


def _empty() -> pl.DataFrame:
    schema = {"at": pl.Datetime("us", "UTC"), "symbol": pl.String()}
    measures = dict.fromkeys(MEASURES, pl.Float64())
    return pl.DataFrame(schema=schema | measures | {"is_stale": pl.Boolean()})


def _of_part(part: Part, names: pl.Series) -> pl.DataFrame:
    instants, found = part
    count = len(instants)
    columns = {name: found[name].ravel() for name in MEASURES}
    frame = pl.DataFrame({
        "at": np.tile(instants, names.len()),
        "symbol": names.gather(np.repeat(np.arange(names.len()), count)),
        **columns,
    })  # fmt: skip
    return frame.filter(pl.col("price").is_not_nan()).with_columns(
        pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC"),
        pl.col(MEASURES).fill_nan(None),
        (pl.col("age_ms") > STALE_US / 1_000).alias("is_stale"),
    )
