"""What the live desk knows of each instrument: trades go in block by block, points come out.

A point is the last trade at or before an instant of a grid of 500 ms. It is whole once the venue's
time has run half a second further; what comes later still is late, counted, and changes no point.
(The methods' two seconds would leave no room for an alert within two seconds of its trade; what is
late stays in the archive either way.) `step` is pure and blind to how trades were cut into blocks:
live and replay give the same points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analytics.core.catalogue import run
from analytics.core.closes import Floats
from analytics.live.ticks import ARRIVAL, last_trades
from data.errors import ConfigError
from data.lake.conform import sorted_by
from data.query import Answer, At

GRID_US, WATERMARK_US, STALE_US = 500_000, 500_000, 5_000_000
AHEAD_US = 5_000_000  # a venue's clock further ahead than this is not believed
SLOW_US = 5_000_000  # the grid of the longer windows
POINTS, LIVELY = 60, 10  # half seconds of a window, and how many must have traded
CHUNK = 256  # points that are worked on at once: a bound on memory, not on the answer
MOST = timedelta(hours=6)
Ints = npt.NDArray[np.int64]
SIDES = ("buy", "sell")
INSTANT = pl.Datetime("us", "UTC")
TRADE = {
    "symbol": pl.String,
    "event_at": pl.Int64,
    "trade_id": pl.Int64,
    "price": pl.Float64,
    "size": pl.Float64,
    "side": pl.String,
}
QUICK = (
    "price",
    "age_ms",
    "log_return",
    "volatility",
    "drawdown",
    "max_drawdown",
    "vwap",
    "volume",
    "return_z",
    "volume_z",
    "spread",
)
SLOW = ("volatility_5m", "max_drawdown_5m")
MEASURES = (*QUICK, *SLOW)


def _ints() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TradeColumns:
    """Trades as columns: `code` is the row of the instrument, `side` 1 for bought, 2 for sold.

    `known` is the arrival, or the venue's time where the block has none.
    """

    code: Ints = field(default_factory=_ints)
    event: Ints = field(default_factory=_ints)
    number: Ints = field(default_factory=_ints)
    price: Floats = field(default_factory=lambda: np.empty(0))
    size: Floats = field(default_factory=lambda: np.empty(0))
    side: Ints = field(default_factory=_ints)
    known: Ints = field(default_factory=_ints)

    def __len__(self) -> int:
        return len(self.code)

    def at(self, which: npt.NDArray[Any]) -> TradeColumns:
        """Those of a mask, or in the order of some places."""
        return TradeColumns(*(getattr(self, item.name)[which] for item in fields(self)))

    def of(self, mask: npt.NDArray[np.bool_]) -> TradeColumns:
        """Those of a mask, mostly all of them."""
        return self if mask.all() else self.at(mask)

    def then(self, later: TradeColumns) -> TradeColumns:
        """These and later ones."""
        if not len(self):
            return later
        pairs = ((getattr(self, item.name), getattr(later, item.name)) for item in fields(self))
        return TradeColumns(*(np.concatenate(pair) for pair in pairs))

    def distinct(self) -> TradeColumns:
        """The first of each number of an instrument."""
        turn = _by_code(self.code, self.number)
        code, number = self.code[turn], self.number[turn]
        again = np.flatnonzero((code[1:] == code[:-1]) & (number[1:] == number[:-1])) + 1
        if not len(again):
            return self
        values = np.ones(len(self), dtype=bool)
        values[turn[again]] = False
        return self.at(values)


def _by_code(code: Ints, then: Ints) -> Ints:
    """The order by instrument, then by another column, then as they came.

    Mostly the other column rises by itself: then the first sort, which is the fast one, will do.
    """
    is_small = bool(len(code)) and int(code.max()) < 2**15
    turn = np.argsort(code.astype(np.int16) if is_small else code, kind="stable")
    sorted_, other = code[turn], then[turn]
    falls = (other[1:] < other[:-1]) & (sorted_[1:] == sorted_[:-1])
    return np.lexsort((then, code)) if falls.any() else turn


def _nothing(rows: int = 0) -> Floats:
    return np.full((rows, POINTS), np.nan)


@dataclass(frozen=True, slots=True)
class LiveState:
    """All that the next block needs: windows oldest first, and trades whose point is not whole.

    `at` is the last whole instant and `newest` the venue's time, in microseconds; `late`, `refused`
    and `repeated` count what entered no point.
    """

    symbols: tuple[str, ...] = ()
    at: int = 0
    newest: int = 0
    waiting: TradeColumns = field(default_factory=TradeColumns)
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


def step(state: LiveState, block: pl.DataFrame) -> tuple[LiveState, pl.DataFrame]:
    """The state after a block of trades in the order of their arrival, and the points made whole.

    Refused are a price that is not above zero, and a time of the venue well after the arrival
    (`known_at`, where the block has it). A trade whose id waits already is a repetition.
    """
    state, sound = _read(state, block)
    timely, reached = _timely(state, sound)
    newest = int(reached[-1]) if len(reached) else state.newest
    both = state.waiting.then(timely)
    known = both.distinct()
    after = replace(
        state,
        newest=newest,
        late=state.late + len(sound) - len(timely),
        repeated=state.repeated + len(both) - len(known),
    )
    whole = (newest - state.watermark) // GRID_US * GRID_US
    if not after.at and len(timely):
        # As if each block were one trade: what counts is the first that arrived.
        first = int(timely.event[0])
        after = replace(after, at=(first - state.watermark) // GRID_US * GRID_US)
    if not after.at or whole <= after.at:
        return replace(after, waiting=known), _frame([], after.symbols)
    is_ready = known.event <= whole
    ready, waiting = known.of(is_ready), known.of(~is_ready)
    parts = []
    for begin in range(after.at, whole, CHUNK * GRID_US):
        end = min(begin + CHUNK * GRID_US, whole)
        after, (instants, found) = _points(after, ready, begin, end)
        # A point is known once the trade is here that makes it whole.
        made = np.searchsorted(reached, instants + state.watermark)
        parts.append((instants, sound.known[made], found))
    return replace(after, at=whole, waiting=waiting), _frame(parts, after.symbols)


def live_metrics(
    at: At, *, symbols: list[str], start: datetime, end: datetime, carried: bool = False
) -> Answer:
    """The points of some instruments over the archive, as the monitor folds them live.

    Per half second: price and its age, log return, its deviation over 60 points, drawdown and the
    deepest within them, volume and its price, and how unusual the last return and volume are.
    `carried` begins with the last trade of each in the two hours before, as after a silence.
    """
    if end - start > MOST:
        raise ConfigError(f"a window of {end - start}: expected at most {MOST}")
    span = at.within("ticks", start - MOST, end + MOST)  # the venue's time may differ from arrival
    answer = run(span, "parts/tick_window", symbols=symbols, start=start, end=end)
    rows = answer.frame
    if carried:
        before = last_trades(at, symbols=symbols, before=start)
        answer = answer.join(before, rows, "trades")
        rows = pl.concat([before.frame.sort(ARRIVAL), rows])
    # By one key first: that is fast, and mostly puts all of them in order.
    trades = sorted_by(rows.sort("known_at", maintain_order=True), ARRIVAL)
    _, points = step(LiveState(), trades.with_columns(pl.col("event_at").to_physical()))
    return answer.derive(points, "trades folded into half seconds, in the order of their arrival")


def _read(state: LiveState, block: pl.DataFrame) -> tuple[LiveState, TradeColumns]:
    """The trades that can be believed, by the row of their instrument, in the order of arrival."""
    whole, block = block.height, _without_nulls(block)
    names = block["symbol"].cast(pl.String).to_arrow().dictionary_encode()
    state = _grown(state, names.dictionary.to_pylist())
    event = block["event_at"].to_physical().cast(pl.Int64).to_numpy()
    price = block["price"].cast(pl.Float64).to_numpy()
    side = np.zeros(block.height, dtype=np.int64)
    if "side" in block.columns:
        words = block["side"].cast(pl.String).fill_null("").to_arrow().dictionary_encode()
        side = _coded(words, {word: code for code, word in enumerate(SIDES, 1)})
    rows = {name: row for row, name in enumerate(state.symbols)}
    known = event
    if "known_at" in block.columns:
        known = block["known_at"].to_physical().cast(pl.Int64).to_numpy()
    trades = TradeColumns(
        _coded(names, rows),
        event,
        block["trade_id"].cast(pl.Int64).to_numpy(),
        price,
        block["size"].cast(pl.Float64).to_numpy(),
        side,
        known,
    )
    sound = trades.of(np.isfinite(price) & (price > 0) & (event <= known + AHEAD_US))
    return replace(state, refused=state.refused + whole - len(sound)), sound


def _without_nulls(block: pl.DataFrame) -> pl.DataFrame:
    """Without rows that lack what every trade has."""
    lacking = [name for name in TRADE if name != "side" and block[name].null_count()]
    return block.drop_nulls(lacking) if lacking else block


def _coded(texts: pa.DictionaryArray, codes: Mapping[str, int]) -> Ints:
    """A number for each text; nought for one that has none."""
    found = [codes.get(text, 0) for text in texts.dictionary.to_pylist()]
    codes_of: Ints = np.array([*found, 0], dtype=np.int64)
    places: Ints = texts.indices.to_numpy(zero_copy_only=False)
    return codes_of[places]


def _timely(state: LiveState, trades: TradeColumns) -> tuple[TradeColumns, Ints]:
    """Trades that came before their point was whole, judged one by one as they arrived.

    And how far the venue's time had run with each of all.
    """
    reached = np.maximum.accumulate(np.concatenate([[state.newest], trades.event]))
    whole = (reached[:-1] - state.watermark) // GRID_US * GRID_US
    return trades.of(trades.event > whole), reached[1:]


def _grown(state: LiveState, symbols: Sequence[str]) -> LiveState:
    """With a row for each instrument that was not seen before."""
    seen = set(state.symbols)
    new = [name for name in symbols if name not in seen]
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


Part = tuple[Ints, Ints, dict[str, Floats]]


def _points(
    state: LiveState, ready: TradeColumns, begin: int, end: int
) -> tuple[LiveState, tuple[Ints, dict[str, Floats]]]:
    """The points after `begin` up to `end`, and the state with their windows."""
    instants = np.arange(begin + GRID_US, end + 1, GRID_US)
    rows, count = len(state.symbols), len(instants)
    part = ready.of((ready.event > begin) & (ready.event <= end))
    # Stable: of trades at one instant the last to arrive counts.
    part = part.at(_by_code(part.code, part.event))
    event, paid, size = part.event, part.price, part.size
    place = part.code * count + np.searchsorted(instants, event, side="left")
    bought, sold = part.side == 1, part.side == 2
    prices = _carried(place, paid, state.price, count)
    traded = _carried(place, event.astype(np.float64), state.traded_at.astype(np.float64), count)
    buys = _carried(place[bought], paid[bought], state.bought, count)
    sells = _carried(place[sold], paid[sold], state.sold, count)
    volumes, turnovers = (
        # Of nothing, whole numbers come back.
        np.bincount(place, weights, rows * count).astype(np.float64).reshape(rows, count)
        for weights in (size, size * paid)
    )
    ages = instants - traded
    unborn = np.isnan(prices)  # before its first trade an instrument has no volume either
    ages[unborn] = volumes[unborn] = turnovers[unborn] = np.nan
    windows = (state.prices, state.volumes, state.turnovers)
    found = zip(windows, (prices, volumes, turnovers), strict=True)
    wide = [np.concatenate(pair, axis=1) for pair in found]
    slow, slower = _slow(state.slow, prices, instants)
    waited = np.concatenate([(begin - state.traded_at)[:, None], ages[:, :-1]], axis=1)
    measures = _measured(wide, ages) | slower | {"spread": (buys - sells) / prices}
    # A return that spans a silence is no move of half a second.
    measures["return_z"] = np.where(waited > STALE_US, np.nan, measures["return_z"])
    after = replace(
        state,
        price=prices[:, -1],
        bought=buys[:, -1],
        sold=sells[:, -1],
        traded_at=traded[:, -1].astype(np.int64),
        prices=wide[0][:, -POINTS:],
        volumes=wide[1][:, -POINTS:],
        turnovers=wide[2][:, -POINTS:],
        slow=slow,
    )
    return after, (instants, measures)


def _carried(place: Ints, values: Floats, known: Floats, count: int) -> Floats:
    """The last value at or before each instant, by instrument; before the first, what was known.

    `place` is the cell of each value in a grid of instruments and instants, and rises.
    """
    cells = np.full(len(known) * count, -1)
    ends = np.flatnonzero(np.diff(place, append=-1))
    cells[place[ends]] = ends
    latest = np.maximum.accumulate(cells.reshape(len(known), count), axis=1)
    held = np.concatenate([values, [np.nan]])[latest]
    return np.where(latest >= 0, held, known[:, None])


def _slow(values: Floats, prices: Floats, instants: Ints) -> tuple[Floats, dict[str, Floats]]:
    """Deviation and deepest fall over five minutes, from a point each five seconds.

    Between two such points the values of the earlier one stand.
    """
    marks = np.flatnonzero(instants % SLOW_US == 0)
    wide = np.concatenate([values, prices[:, marks]], axis=1)
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
    # What hardly trades has no usual size of a move: its first trade would be a wonder.
    is_lively = (traded > 0).sum(axis=2) >= LIVELY
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
            "return_z": np.where(is_lively, _unusual(moves), np.nan),
            "volume_z": np.where(is_lively, _unusual(traded), np.nan),
        }


def _unusual(window: Floats) -> Floats:
    """The last value of each window in deviations of those before it; none where they are alike."""
    past = window[:, :, :-1]
    deviation = past.std(axis=2, ddof=1)
    return np.where(deviation > 0, (window[:, :, -1] - past.mean(axis=2)) / deviation, np.nan)


def _frame(parts: list[Part], symbols: tuple[str, ...]) -> pl.DataFrame:
    """Points in order of their instant and symbol, those of an instrument from its first trade."""
    names = pl.Series("symbol", list(symbols), dtype=pl.String)
    order = names.arg_sort().to_numpy()
    return pl.concat([_empty(), *(_of_part(part, names, order) for part in parts)])


def _empty() -> pl.DataFrame:
    schema = {"at": INSTANT, "symbol": pl.String(), "known_at": INSTANT}
    measures = dict.fromkeys(MEASURES, pl.Float64())
    return pl.DataFrame(schema=schema | measures | {"is_stale": pl.Boolean()})


def _of_part(part: Part, names: pl.Series, order: Ints) -> pl.DataFrame:
    instants, known, found = part
    born = ~np.isnan(found["price"][order].T.ravel())
    columns = {name: found[name][order].T.ravel()[born] for name in MEASURES}
    return pl.DataFrame(
        {
            "at": pl.Series(np.repeat(instants, len(order))[born]).cast(INSTANT),
            "symbol": names.gather(np.tile(order, len(instants))[born]),
            "known_at": pl.Series(np.repeat(known, len(order))[born]).cast(INSTANT),
            **{name: pl.Series(values, nan_to_null=True) for name, values in columns.items()},
            "is_stale": columns["age_ms"] > STALE_US / 1_000,
        }
    )
