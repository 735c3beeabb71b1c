"""Trades from the bus into points, and points against the rules; its place is kept in a file.

Killed anywhere, it goes on from its last checkpoint and tells the same again, which is stored once.
What the bus lost meanwhile it reads from the lake.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from analytics.book.holdings import last_prices, splits, splits_of
from analytics.book.live_pnl import marked, stakes
from analytics.live.active_rules import ActiveRule, rules_of
from analytics.live.live import TRADE, step
from analytics.live.live import LiveState as Live
from analytics.live.rules import HELD, LIVE, RuleWatch, fold
from data import streams
from data.bus import Bus, read_on
from data.bus.blocks import BusEntry, began_anew, missed, order, span_of
from data.clock import iso
from data.errors import BusError, WorkstationError
from data.query import Db
from data.state import positions
from data.state.db import State
from ingest.live.alerting import close_replaced, point_of, push, record
from ingest.live.checkpoint import Checkpoint, load, save
from ingest.live.feed import paced, said_every
from ingest.live.pauses import Pause, judged_points

READER = "monitor"
PAGE = 2_000
START = timedelta(minutes=7)  # of the bus, to fill windows that no checkpoint holds
RULES_EVERY = timedelta(seconds=2)
BOOK_EVERY = timedelta(minutes=1)
SAVED_EVERY = timedelta(seconds=1)
KEPT = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Monitor:
    """One reader of a venue's trades, and the producer of its points; `code` is the venue in the
    lake."""

    bus: Bus
    db: Db
    state: State
    venue: str
    code: str
    path: Path
    clock: Callable[[], datetime]
    position: str = ""
    live: Live = field(default_factory=Live)
    watches: dict[str, dict[str, RuleWatch]] = field(default_factory=dict)
    rules: list[ActiveRule] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)
    book: pl.DataFrame | None = None
    rows: int = 0
    missed: int = 0
    span: str | None = None
    fired: int = 0
    pauses: list[Pause] = field(default_factory=list)
    _turned: datetime | None = None
    _read: datetime | None = None
    _booked: datetime | None = None
    _saved: datetime | None = None
    _said: datetime | None = None
    _point_id: str = "0-0"
    _is_placed: bool = True

    def __post_init__(self) -> None:
        checkpoint = load(self.path)
        if checkpoint is None:
            self._is_placed = False
            start = int((self.clock() - START).timestamp() * 1000)
            checkpoint = Checkpoint(f"{start}-0")
        elif checkpoint.live.at:
            self._turned = datetime.fromtimestamp(checkpoint.live.at / 1e6, UTC)
        self.position, self.live = checkpoint.position, checkpoint.live
        self.watches = {
            version: dict(rule_watches) for version, rule_watches in checkpoint.watches.items()
        }

    @property
    def stream(self) -> str:
        """Where the trades come from."""
        return streams.ticks(self.venue)

    def step(self, wait_ms: int = 250) -> int:
        """Fold what the bus holds, or wait for it; gives how many points became whole."""
        now = self.clock()
        self._note_pause(now)
        self._refresh(now)
        entries = read_on(self.bus, self.stream, self.position, count=PAGE, block_ms=wait_ms)
        made = 0
        if entries:
            made = self._fold(entries)
        self._keep(self.clock())
        return made

    def _note_pause(self, now: datetime) -> None:
        """A long time since the last step: this program or the whole machine stood still."""
        pause = Pause(self._turned or now, now)
        if pause.is_long:
            log.info("paused since=%s until=%s", iso(pause.since), iso(now))
            self.pauses = [*(old for old in self.pauses if now - old.until < KEPT), pause]
        self._turned = now

    def _fold(self, entries: list[BusEntry]) -> int:
        frames = list(self._trades(entries))
        rows, made = [], 0
        if frames:
            self.live, points = step(self.live, pl.concat(frames, how="diagonal"))
            made = points.height
            self.rows += sum(frame.height for frame in frames)
            if made:
                rows = self._judge(points)
                self._publish(points)
        self.position = entries[-1].id
        if rows:
            self.fired += sum(word["kind"] == "fired" for word in rows)
            push(self.bus, rows, self.clock())
            self._save(self.clock())
        return made

    def _trades(self, entries: Iterable[BusEntry]) -> Iterable[pl.DataFrame]:
        """The trades of some entries; where the bus lost some, those of the lake come first."""
        for entry in entries:
            if gap := missed(self.position, entry):
                self.missed, self.span = self.missed + 1, span_of(gap)
                log.warning("stream=%s missed from=%s to=%s", self.stream, *gap)
            is_anew = self._is_placed and began_anew(self.position, entry)
            if gap or is_anew:
                yield self._from_lake()
            self.position, self._is_placed = entry.id, True
            if not entry.block.num_rows:
                continue
            frame = pl.DataFrame(entry.block)
            if lacking := set(TRADE) - {"side"} - set(frame.columns):
                log.warning("entry=%s lacks=%s", entry.id, ",".join(sorted(lacking)))
                continue
            try:
                yield _columns(frame)
            except pl.exceptions.PolarsError as error:
                log.warning("entry=%s unreadable=%s", entry.id, str(error).splitlines()[0])

    def _from_lake(self) -> pl.DataFrame:
        """What the lake has since the last point; trades that wait already are repetitions.

        In the order of the venue, not of arrival: a producer that began anew sent them later.
        """
        now = self.clock()
        since = max(datetime.fromtimestamp(self.live.at / 1e6, UTC), now - START)
        try:
            answer = (
                self.db.at(now)
                .within("ticks", since, now)
                .sql(
                    "SELECT symbol, event_at, trade_id, price, size, side, known_at FROM ticks "
                    "WHERE venue = $venue AND event_at > $since "
                    "ORDER BY event_at, symbol, trade_id",
                    venue=self.code,
                    since=since,
                )
            )
            return _columns(answer.frame)
        except WorkstationError as error:
            log.warning("stream=%s lake=%s", self.stream, error)
            return _columns(pl.DataFrame(schema=TRADE))

    def _judge(self, points: pl.DataFrame) -> list[dict[str, object]]:
        """What the rules tell of some points, kept in the state."""
        points = judged_points(points, self.pauses)
        if points.is_empty():
            return []
        frame = marked(points, self.book) if self.book is not None else None
        rows: list[dict[str, object]] = []
        for active in self.rules:
            seen = _seen(active, points, frame)
            if seen is None:
                continue
            version = active.rule.version
            before = self.watches.get(version, {})
            self.watches[version], events = fold(active.rule, before, seen.iter_rows(named=True))
            if events:
                rows += record(self.state, active, events, self.clock(), point_of(points))
        return rows

    def _publish(self, points: pl.DataFrame) -> None:
        """Points under ids that follow from them: said twice after a crash, they are there once."""
        name = f"{int(points['at'][-1].timestamp() * 1000)}-0"
        if order(name) <= order(self._point_id):
            return
        try:
            stream = streams.points(self.venue)
            self.bus.publish(stream, points.to_arrow(), entry_id=name)
            self._point_id = name
        except BusError as error:
            log.warning("points=%d not_pushed=%s", points.height, error)

    def _refresh(self, now: datetime) -> None:
        """Rules and positions as they are now; the last ones stand where the state is away."""
        if self._read is None or now - self._read >= RULES_EVERY:
            self._read = now
            try:
                self._take(*rules_of(self.state, LIVE | HELD, now), now)
            except WorkstationError as error:
                log.warning("rules=%s", error)
        if self._booked is None or now - self._booked >= BOOK_EVERY:
            self._booked = now
            try:
                self.book = self._stakes(now)
            except WorkstationError as error:
                log.warning("positions=%s", error)

    def _take(self, rules: list[ActiveRule], errors: dict[int, str], now: datetime) -> None:
        for number, why in errors.items():
            if self.errors.get(number) != why:
                log.warning("rule=%d unusable=%s", number, why)
        self.rules, self.errors = rules, errors
        names = {active.rule.version for active in rules}
        gone = {
            version: rule_watches
            for version, rule_watches in self.watches.items()
            if version not in names
        }
        for version, rule_watches in gone.items():
            close_replaced(self.state, version, rule_watches.values(), now)
            del self.watches[version]

    def _stakes(self, now: datetime) -> pl.DataFrame | None:
        lots = positions.held(self.state, as_of=now)
        if not lots:
            return None
        at = self.db.at(now)
        symbols = sorted({lot.draft.symbol for lot in lots})
        currencies = sorted({lot.draft.currency for lot in lots})
        prices = last_prices(at, symbols=symbols, currencies=currencies)
        through = splits_of(splits(at, symbols=symbols).frame)
        return stakes(lots, prices.frame, through, now.date())

    def _keep(self, now: datetime) -> None:
        if self._saved is None or now - self._saved >= SAVED_EVERY:
            self._save(now)
        if self._said is not None and now - self._said < said_every(self.bus):
            return
        self._said = now
        try:
            self.bus.note(self.stream, READER, self.facts(now))
            self.bus.trim(streams.points(self.venue), f"{int((now - KEPT).timestamp() * 1000)}-0")
        except BusError as error:
            log.warning("stream=%s bus_gone=%s", self.stream, error)

    def _save(self, now: datetime) -> None:
        save(self.path, Checkpoint(self.position, self.live, self.watches))
        self._saved = now

    def facts(self, now: datetime) -> dict[str, object]:
        """For the health of the path; `position` is the one of the checkpoint."""
        words: dict[str, dict[str, int]] = {}
        for version, rule_watches in self.watches.items():
            counts = words.setdefault(version.split(".")[0], {})
            for watch in rule_watches.values():
                word = "no data" if watch.is_silent else watch.word
                counts[word] = counts.get(word, 0) + 1
        return {
            "at": iso(now),
            "position": self.position,
            "rows": self.rows,
            "missed": self.missed,
            "span": self.span,
            "late": self.live.late,
            "refused": self.live.refused,
            "fired": self.fired,
            "rules": len(self.rules),
            "errors": {str(k): v for k, v in self.errors.items()},
            "watches": words,
            **paced(self.bus),
        }


def _seen(
    active: ActiveRule, points: pl.DataFrame, frame: pl.DataFrame | None
) -> pl.DataFrame | None:
    """The points that a rule judges, from the instant of its version on."""
    if active.rule.metric in LIVE:
        return points.filter(pl.col("at") >= active.since)
    if frame is None:
        return None
    mine = frame.filter(pl.col("portfolio") == active.rule.portfolio, pl.col("at") >= active.since)
    if active.rule.metric == "gain_share":
        return mine.filter(pl.col("symbol").is_not_null())
    return mine.filter(pl.col("symbol").is_null()).with_columns(
        pl.col("portfolio").alias("symbol"), pl.col("gain_base").alias("portfolio_gain")
    )


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """As `step` takes them, whatever the producer's own types are."""
    side = pl.col("side") if "side" in frame.columns else pl.lit(None, pl.String).alias("side")
    moments = {"event_at": pl.col("event_at").to_physical()}
    columns = [moments.get(name, pl.col(name)).cast(kind) for name, kind in TRADE.items()]
    if "known_at" in frame.columns:
        columns.append(pl.col("known_at").to_physical().cast(pl.Int64))
    return frame.with_columns(side).select(columns)
