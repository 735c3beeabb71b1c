"""Facts of an instrument's prices: close, averages, indicators, returns, volatility, drawdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from analytics.claims.reading.dates import day_span
from analytics.core.catalogue import called
from analytics.core.ranking import first_standing
from analytics.markets.instrument import drawdown
from analytics.markets.market import horizons
from analytics.markets.technicals import technicals
from analytics.markets.volatility import rolling_volatility
from analytics.markets.volatility_states import volatility_regime
from analytics.notes.fact import NUMBER, PERCENT, Fact, MissingFact
from data.query import Answer, At

STALE_DAYS = 10
MOVED = (
    *("return", "returned", "returns", "rose", "fell", "gained", "lost", "moved", "up", "down"),
    *("change", "changed", "rise", "fall", "gain", "loss", "climbed", "declined", "dropped"),
    *("added", "shed", "advanced", "slipped", "higher", "lower", "performance"),
)
HORIZON_WORDS: Mapping[str, tuple[str, ...]] = {
    "1d": ("one session", "1 session", "one day", "1 day", "on the day", "the last session"),
    "1w": ("five sessions", "5 sessions", "one week", "1 week", "a week", "the week"),
    "1m": ("21 sessions", "one month", "1 month", "a month", "the month", "the past month"),
    "3m": ("63 sessions", "three months", "3 months"),
    "6m": ("126 sessions", "six months", "6 months"),
    "1y": ("252 sessions", "one year", "1 year", "12 months", "twelve months", "a year"),
}
INDICATORS = (
    *("sma_20", "sma_50", "sma_200", "distance_50", "distance_200", "rsi", "macd", "bollinger"),
    *("high", "low"),
)
AVERAGES = (20, 50, 200)
LEVEL_UNITS = {"index": "points", "rate": PERCENT}
TRENDS = ("upward", "downward", "mixed")


@dataclass(frozen=True, slots=True)
class InstrumentName:
    """What a note needs to know of an instrument before it has any fact."""

    symbol: str
    name: str
    ticker: str
    asset_class: str
    country: str | None
    currency: str
    company: str | None


def average_words(window: int) -> tuple[str, ...]:
    """The names of a moving average."""
    return tuple(
        f"{window}-{step} {kind}"
        for step in ("session", "day")
        for kind in ("average", "moving average", "simple moving average")
    ) + (f"SMA {window}", f"SMA({window})", f"SMA{window}")


PRICE_COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("close", "Close", ("close", "closed", "closes", "closing price", "last price")),
    *((f"sma_{n}", f"{n}-session average", average_words(n)) for n in AVERAGES),
    ("bollinger_upper", "Upper Bollinger band", ("upper Bollinger band", "upper band")),
    ("bollinger_lower", "Lower Bollinger band", ("lower Bollinger band", "lower band")),
    ("high_252", "52-week high", ("52-week high", "252-session high", "highest close")),
    ("low_252", "52-week low", ("52-week low", "252-session low", "lowest close")),
    ("macd", "MACD", ("MACD", "MACD (12, 26, 9)", "MACD line")),
    ("macd_signal", "MACD signal", ("MACD signal", "signal line", "MACD signal line")),
    ("macd_histogram", "MACD histogram", ("MACD histogram", "histogram", "momentum")),
)
DISTANCES = {"high_252_distance": "high_252", "low_252_distance": "low_252"}
DISTANCES |= {f"distance_{n}": f"sma_{n}" for n in AVERAGES[1:]}


def price_facts(at: At, named: InstrumentName) -> Iterator[Fact | MissingFact]:
    """What is known of an instrument's prices at the clock; none where its last close is old."""
    found = called(technicals, at, symbol=named.symbol, indicators=list(INDICATORS))
    rows = found.frame.tail(1).to_dicts()
    if not rows:
        yield MissingFact("technicals", named.name, "Prices", "no close is known at this time")
        return
    last = rows[0]
    if (at.as_of.date() - last["date"]).days > STALE_DAYS:
        reason = f"the last close is of {last['date']:%d %b %Y}, too old for indicators"
        yield MissingFact("technicals", named.name, "Prices", reason)
        return
    facts = PriceFacts(named, last["date"], last["known_at"])
    yield from facts.indicators(last, found)
    yield from facts.trend(last, found)
    yield from facts.returns(called(horizons, at, symbols=[named.symbol]))
    if named.asset_class != "rate":
        yield from facts.risks(at)


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """Makes the facts of one instrument as of its last session."""

    named: InstrumentName
    session: date
    known_at: datetime

    def fact(
        self, name: str, label: str, called: tuple[str, ...], answer: Answer, **more: Any
    ) -> Fact:
        """A fact of the last session."""
        more.setdefault("named_by", (called,))
        return Fact(
            id=f"{self.named.symbol}/{name}",
            role="technicals",
            subject=self.named.name,
            label=label,
            known_at=self.known_at,
            source=self.named.symbol.split(":", 1)[0],
            answer=answer,
            period=day_span(self.session),
            **{"kind": "level", **more},
        )

    def lacks(self, label: str, reason: str) -> MissingFact:
        """What is missing of this instrument."""
        return MissingFact("technicals", self.named.name, label, reason)

    def indicators(self, last: Mapping[str, Any], found: Answer) -> Iterator[Fact | MissingFact]:
        """The indicators of the last session."""
        words_of = {name: (label, words) for name, label, words in PRICE_COLUMNS}
        unit = LEVEL_UNITS.get(self.named.asset_class, self.named.currency)
        digits = 2 if abs(last["close"]) >= 10 else 4
        for name, (label, words) in words_of.items():
            value = last[name]
            if value is None:
                yield self.lacks(label, "too few sessions")
                continue
            own = NUMBER if name.startswith("macd") else unit
            made = {"value": value, "unit": own, "decimals": digits}
            kind = "change" if name == "macd_histogram" else "level"
            yield self.fact(name, label, words, found, kind=kind, **made)
        for name, of in DISTANCES.items():
            if last[name] is not None:
                label, words = words_of[of]
                label = f"Distance from {label}"
                made = {"kind": "change", "value": 100 * last[name], "unit": PERCENT, "decimals": 1}
                yield self.fact(name, label, words, found, **made)
        if last["rsi_14"] is None:
            yield self.lacks("RSI (14)", "too few sessions, or no move in them")
        else:
            words = ("RSI", "RSI (14)", "RSI(14)", "14-session RSI", "14-day RSI")
            words += ("relative strength index",)
            yield self.fact("rsi_14", "RSI (14)", words, found, value=last["rsi_14"], decimals=1)

    def trend(self, last: Mapping[str, Any], found: Answer) -> Iterator[Fact | MissingFact]:
        """The trend: upward where close over 200 sessions' average and that of 50 over that of 200,
        downward where both are below, else mixed."""
        close, short, long = last["close"], last["sma_50"], last["sma_200"]
        if short is None or long is None:
            yield self.lacks("Trend", "fewer than 200 sessions")
            return
        signs = {close > long, short > long}
        word = "mixed" if len(signs) == 2 else TRENDS[0] if True in signs else TRENDS[1]
        yield self.fact("trend", "Trend", ("trend",), found, kind="state", text=word, words=TRENDS)

    def returns(self, found: Answer) -> Iterator[Fact | MissingFact]:
        """Total returns over six horizons; of a rate the changes of its level, in points."""
        rows = found.frame.filter(pl.col("date") == self.session).head(1).to_dicts()
        is_rate = self.named.asset_class == "rate"
        for key, words in HORIZON_WORDS.items():
            value = rows[0][f"{key}_change" if is_rate else key] if rows else None
            label = f"Change over {words[2 if key == '1d' else 1]}"
            if value is None:
                yield self.lacks(label, "too few sessions")
                continue
            made = {"value": value, "unit": "percentage points", "decimals": 2}
            if not is_rate:
                made = {"value": 100 * value, "unit": PERCENT, "decimals": 1}
            groups = (words, MOVED)
            yield self.fact(
                f"return_{key}", label, (), found, kind="change", named_by=groups, **made
            )

    def risks(self, at: At) -> Iterator[Fact | MissingFact]:
        """Volatility, its state, and how far the close lies below its highest."""
        symbol = self.named.symbol
        found = called(rolling_volatility, at, symbols=[symbol])
        words = (
            "60-session volatility",
            "60-day volatility",
            "annualised volatility",
            "volatility",
        )
        if (value := _last(found.frame, self.session, "volatility")) is not None:
            made = {"value": 100 * value, "unit": PERCENT, "decimals": 1}
            yield self.fact("volatility", "60-session volatility", words, found, **made)
        else:
            yield self.lacks("60-session volatility", "too few sessions")
        found = called(volatility_regime, at, symbol=symbol)
        if (state := _last(found.frame, self.session, "state")) is not None:
            words = ("volatility state", "volatility regime", "state of volatility", "volatility")
            made = {"kind": "state", "text": state, "words": ("low", "mid", "high")}
            yield self.fact("volatility_state", "Volatility state", words, found, **made)
        found = called(drawdown, at, symbol=symbol)
        frame = first_standing(found.frame)
        if (value := _last(frame, self.session, "value")) is not None:
            falls = ("drawdown", "drawdown from the peak")
            made = {"kind": "change", "value": 100 * value, "unit": PERCENT, "decimals": 1}
            yield self.fact("drawdown", "Drawdown from peak", falls, found, **made)


def _last(frame: pl.DataFrame, session: date, column: str) -> Any:
    rows = frame.filter(pl.col("date") == session)
    return rows[column].tail(1).to_list()[0] if rows.height else None
