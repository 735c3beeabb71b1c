"""Alert rules over the points of the live desk: when one fires, holds, ends and fires again.

Pure: states and points in, states and events out, the same live, in replay and in rehearsal. Time
is the points' own; nothing here knows what the clock on the wall says. One alert per episode.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import polars as pl

from analytics.companies.screen_text import ScreenText
from analytics.formulas.values import formula_of, formula_symbol
from analytics.live.live import live_metrics
from data.clock import iso
from data.errors import ConfigError
from data.query import Answer, At

Watching = Literal["waiting", "normal", "pending", "firing", "recovering"]
Told = Literal["fired", "ended", "no data", "data again"]
RuleSide = Literal["above", "below"]
LONGEST_S = 30 * 86_400
SILENT = timedelta(milliseconds=2_500)  # five points
SIDES: tuple[RuleSide, ...] = get_args(RuleSide)
# What a rule may watch: points of the live desk, what is held, or what the lake says after a
# refresh.
LIVE: dict[str, str] = {
    "price": "last price",
    "age_ms": "milliseconds since the last trade",
    "log_return": "log return of half a second",
    "volatility": "deviation of log returns over 60 points (30 s), per half second",
    "drawdown": "price against the highest of 30 s, a share",
    "max_drawdown": "max drawdown within 30 s, a share",
    "vwap": "volume-weighted price of 30 s",
    "volume": "traded in half a second",
    "return_z": "last return in deviations of 30 s; none where hardly anything traded",
    "volume_z": "last volume in deviations of 30 s, likewise",
    "spread": "last bought above last sold, a share of the price",
    "volatility_5m": "deviation of log returns of 5 s over five minutes",
    "max_drawdown_5m": "max drawdown within five minutes, a share",
}
HELD: dict[str, str] = {
    "gain_share": "unrealised gain of a position, a share of its cost",
    "portfolio_gain": "unrealised gain of a portfolio, in its base currency",
}
LAKE: dict[str, str] = {
    "bias": "score of a currency or country, -1 to 1",
    "surprise": "surprise index of a country and dimension",
    "regime_turned": "1 in the week after a country's quadrant turned, else 0",
    "heat": "last daily move in deviations of the sixty before",
    "late_hours": "hours by which a dataset is late",
    "budget_used": "share of a source's quota that is used",
    "daily_move": "last close against the close before it, a share",
    "from_high": "last close against the highest of 252 sessions, a share; 0 is a new high",
    "from_low": "last close against the lowest of 252 sessions, a share; 0 is a new low",
    "published": "1 in the 20 hours after a new figure of an indicator was published, else 0",
    "formula": "last value of a formula over instruments and series, in its own unit",
    "job_failed": "1 while the last run of a job has failed, else 0",
    "silent_minutes": "minutes since a process of the live desk last reported",
}
SCREENS: dict[str, str] = {
    "screen_entered": "1 while a company is in a screen that it was not in before, else 0",
    "screen_left": "1 while a company is out of a screen that it was in before, else 0",
}
METRICS = LIVE | HELD | LAKE | SCREENS
# How a metric is called where it is shown, and its unit; `%` is of a share.
NAMES: dict[str, tuple[str, str]] = {
    "price": ("Last price", ""),
    "age_ms": ("Time since last trade", "ms"),
    "log_return": ("Return, half a second", "%"),
    "volatility": ("Volatility, 30 s", "%"),
    "drawdown": ("Drawdown, 30 s", "%"),
    "max_drawdown": ("Max drawdown, 30 s", "%"),
    "vwap": ("VWAP, 30 s", ""),
    "volume": ("Volume, half a second", ""),
    "return_z": ("Return z-score", "σ"),
    "volume_z": ("Volume z-score", "σ"),
    "spread": ("Buy–sell gap", "%"),
    "volatility_5m": ("Volatility, 5 min", "%"),
    "max_drawdown_5m": ("Max drawdown, 5 min", "%"),
    "gain_share": ("Gain of a position", "%"),
    "portfolio_gain": ("Gain of a portfolio", "base currency"),
    "bias": ("Bias score", ""),
    "surprise": ("Surprise index", "σ"),
    "regime_turned": ("Regime change", ""),
    "heat": ("Daily move in σ (60d)", "σ"),
    "late_hours": ("Dataset late", "h"),
    "budget_used": ("Quota used", "%"),
    "daily_move": ("Daily move", "%"),
    "from_high": ("Distance to 52-week high", "%"),
    "from_low": ("Distance to 52-week low", "%"),
    "published": ("New figure published", ""),
    "formula": ("Formula", ""),
    "job_failed": ("Job failed", ""),
    "silent_minutes": ("Process silent", "min"),
    "screen_entered": ("Company enters a screen", ""),
    "screen_left": ("Company leaves a screen", ""),
}
# Metrics that are 1 while something is so, else 0; and those whose points are of an instrument.
FLAGS = frozenset({"regime_turned", "published", "job_failed", *SCREENS})
OF_CLOSES = frozenset({"heat", "daily_move", "from_high", "from_low"})
# How far back a value has to come before the rule may fire again, a share of the trigger: a level
# turns within a hundredth, a deviation or a share moves by tenths.
# A distance to an extreme turns a hundredth further off, since its trigger may be nought.
LEVELS = frozenset({"price", "vwap"})
DISTANCES = frozenset({"from_high", "from_low"})
BAND_OF_LEVEL, BAND = 0.01, 0.1
SCHEMA = {
    "kind": pl.String(),
    "id": pl.String(),
    "symbol": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "metric": pl.String(),
    "trigger": pl.Float64(),
    "value": pl.Float64(),
    "since": pl.Datetime("us", "UTC"),
    "worst": pl.Float64(),
    "known_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched: a metric beyond a trigger for `hold`; it ends at `rearm`, then rests.

    `rearm` must lie on the near side of the trigger; `with_rearm` writes out where by default.
    """

    metric: str
    side: RuleSide
    trigger: float
    rearm: float
    hold: timedelta = timedelta(0)
    cooldown: timedelta = timedelta(seconds=60)
    symbols: frozenset[str] | None = None  # none: all of them
    version: str = "1"
    watchlist: str | None = None
    portfolio: str | None = None
    screen: str | None = None

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ConfigError(f"metric {self.metric[:40]!r}: expected one of {', '.join(METRICS)}")
        if self.metric in HELD and not self.portfolio:
            raise ConfigError(f"metric {self.metric!r} is about a portfolio: name one")
        if self.metric == "formula":
            check_formulas(self)
        if self.metric in SCREENS:
            check_screen(self.screen)
        read_side(self.side)
        if not (math.isfinite(self.trigger) and math.isfinite(self.rearm)):
            raise ConfigError("a trigger and a re-arm level are finite numbers")
        if self.ends(self.trigger):
            raise ConfigError(
                f"re-arm level {self.rearm:g} lies beyond the trigger {self.trigger:g}: the rule "
                "would end where it fires"
            )
        if self.hold < timedelta(0) or self.cooldown < timedelta(0):
            raise ConfigError("a duration is not below nought")

    def meets(self, value: float) -> bool:
        """Whether a value is beyond the trigger, or on it."""
        return value >= self.trigger if self.side == "above" else value <= self.trigger

    def ends(self, value: float) -> bool:
        """Whether a value is back beyond the re-arm level."""
        return value < self.rearm if self.side == "above" else value > self.rearm

    def worse(self, one: float, other: float) -> float:
        """The value further beyond the trigger."""
        return max(one, other) if self.side == "above" else min(one, other)


@dataclass(frozen=True, slots=True)
class RuleWatch:
    """Where a rule stands for one instrument."""

    word: Watching = "waiting"
    since: datetime | None = None
    fired_at: datetime | None = None
    id: str = ""
    worst: float = 0.0
    silent_since: datetime | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is told: an alert's begin or end, or that its metric is missing.

    `known_at` is when its point was whole, where the points say so.
    """

    kind: Told
    id: str
    symbol: str
    at: datetime
    value: float | None
    since: datetime | None
    worst: float | None = None
    known_at: datetime | None = None


Watches = Mapping[str, RuleWatch]


def check_formulas(rule: Rule) -> None:
    """A ConfigError where a rule on formulas names none, or one that cannot be read."""
    if not rule.symbols and not rule.watchlist:
        raise ConfigError("a rule on a formula needs one: name it, such as =GOLD/SILVER")
    for symbol in sorted(rule.symbols or ()):
        if formula_of(symbol) is None and not rule.watchlist:
            raise ConfigError(f"{symbol[:40]!r} is no formula: a formula begins with =")
        if formula_of(symbol) is not None:
            formula_symbol(symbol)


def check_screen(text: str | None) -> None:
    """A ConfigError where a rule on a screen has none, or one that cannot be read."""
    if not text:
        raise ConfigError("a rule on a screen needs one, as in sector:Energy;pe:..15")
    ScreenText.read(text)


def fold(
    rule: Rule, watches: Watches, points: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, RuleWatch], list[Event]]:
    """The watches of a rule after these points, in the order of their instants, and its events."""
    after, events = dict(watches), list[Event]()
    for point in points:
        symbol = point["symbol"]
        if rule.symbols is not None and symbol not in rule.symbols:
            continue
        is_old = point["is_stale"] and rule.metric != "age_ms"  # an age is never too old
        value = None if is_old else point[rule.metric]
        watch = after.get(symbol, RuleWatch())
        if value is None:
            after[symbol], told = _missing(rule, watch, symbol, point["at"])
        else:
            after[symbol], told = _seen(rule, watch, symbol, (point["at"], value))
        known = point.get("known_at")
        events += [replace(item, known_at=known) for item in told] if known else told
    return after, events


def rule_rehearsal(  # noqa: PLR0913 - what a rule says, and over which trades
    at: At,
    *,
    metric: str,
    trigger: float,
    symbols: list[str],
    start: datetime,
    end: datetime,
    side: str = "above",
    rearm: float | None = None,
    hold_s: float = 0.0,
    cooldown_s: float = 60.0,
) -> Answer:
    """What a rule would have told over the archive: every begin and end, and where data failed.

    The same fold as live; `worst` is the furthest value of an episode, known at its end. Without
    `rearm` an episode ends a hundredth short of a price, a tenth short of all else.
    """
    rule = Rule(
        metric,
        read_side(side),
        trigger,
        default_rearm(metric, side, trigger) if rearm is None else rearm,
        timedelta(seconds=hold_s),
        timedelta(seconds=cooldown_s),
    )
    answer = live_metrics(at, symbols=symbols, start=start, end=end)
    _, events = fold(rule, {}, answer.frame.iter_rows(named=True))
    rows = [asdict(event) | {"metric": rule.metric, "trigger": rule.trigger} for event in events]
    frame = pl.DataFrame(rows, schema=SCHEMA).sort("at", "symbol", maintain_order=True)
    return answer.derive(frame, f"{metric} {side} {trigger:g}, ended at {rule.rearm:g}")


def read_rule(definition: Mapping[str, object], version: str) -> Rule:
    """A rule from its document; a ConfigError says what is missing or odd.

    A document that says no `rearm` is one from before the band had to be written out: it ends half
    way back to nought, as it did when it was made.
    """
    known = {*_NUMBERS, *_TEXTS, "symbols"}
    if odd := sorted(set(definition) - known):
        raise ConfigError(f"a rule has no {odd[0][:40]!r}; it has {', '.join(sorted(known))}")
    numbers = {name: _number(definition, name) for name in _NUMBERS}
    texts = {name: _text(definition, name) for name in _TEXTS}
    trigger, rearm = numbers["trigger"], numbers["rearm"]
    if trigger is None or not texts["metric"]:
        raise ConfigError("a rule needs a metric and a trigger")
    symbols = definition.get("symbols") or None
    if symbols is not None and not (
        isinstance(symbols, list | tuple) and all(isinstance(item, str) for item in symbols)
    ):
        raise ConfigError("the symbols of a rule are a list of texts")
    return Rule(
        texts["metric"],
        read_side(texts["side"] or "above"),
        trigger,
        trigger / 2 if rearm is None else rearm,
        timedelta(seconds=numbers["hold_s"] or 0.0),
        timedelta(seconds=60.0 if numbers["cooldown_s"] is None else numbers["cooldown_s"]),
        None if symbols is None else frozenset(_subjects(texts["metric"], symbols)),
        version,
        texts["watchlist"],
        texts["portfolio"],
        texts["screen"],
    )


def _subjects(metric: str, symbols: Iterable[str]) -> list[str]:
    """Ids as they are, formulas however spaced in the one way in which their values are named."""
    if metric != "formula":
        return list(symbols)
    return [item if formula_of(item) is None else formula_symbol(item) for item in symbols]


def read_side(word: str) -> RuleSide:
    """On which side of its trigger a value meets a rule."""
    for side in SIDES:
        if word == side:
            return side
    raise ConfigError(f"side {word[:40]!r}: expected above or below")


def with_rearm(definition: Mapping[str, object]) -> dict[str, object]:
    """A new rule's document with its re-arm level written out; what is odd in it stays odd."""
    if definition.get("rearm") is not None or _number(definition, "trigger") is None:
        return dict(definition)
    metric, side = _text(definition, "metric") or "", _text(definition, "side") or "above"
    return {**definition, "rearm": default_rearm(metric, side, _number(definition, "trigger") or 0)}


def default_rearm(metric: str, side: str, trigger: float) -> float:
    """Where a new rule ends unless it says so: a band within the trigger, by kind of metric."""
    band = abs(trigger) * (BAND_OF_LEVEL if metric in LEVELS else BAND)
    if metric in DISTANCES:
        band = BAND_OF_LEVEL
    return trigger - band if side == "above" else trigger + band


_NUMBERS = ("trigger", "rearm", "hold_s", "cooldown_s")
_TEXTS = ("metric", "side", "watchlist", "portfolio", "screen")


def _number(definition: Mapping[str, object], name: str) -> float | None:
    value = definition.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{name} of a rule: expected a number, found {str(value)[:40]!r}")
    if name in ("hold_s", "cooldown_s") and not 0 <= value <= LONGEST_S:
        raise ConfigError(f"{name} of a rule: expected 0 to {LONGEST_S} seconds, found {value:g}")
    return float(value)


def _text(definition: Mapping[str, object], name: str) -> str | None:
    value = definition.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ConfigError(f"{name} of a rule: expected a text, found {str(value)[:40]!r}")
    return value


def alert_id(rule: Rule, symbol: str, at: datetime) -> str:
    """The same for the same rule, instrument and instant, on every machine."""
    text = f"{rule.version} {rule.metric} {rule.side} {rule.trigger!r} {symbol} {iso(at)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _missing(
    rule: Rule, watch: RuleWatch, symbol: str, at: datetime
) -> tuple[RuleWatch, list[Event]]:
    """Nothing is decided without a value; after five points it is said, once."""
    if watch.word == "waiting" or watch.is_silent:
        return watch, []
    if watch.silent_since is None:
        return replace(watch, silent_since=at), []
    if at - watch.silent_since < SILENT:
        return watch, []
    silent = replace(watch, is_silent=True)
    return silent, [Event("no data", _open(watch), symbol, at, None, watch.silent_since)]


def _open(watch: RuleWatch) -> str:
    """The alert that goes on, if one does."""
    return watch.id if watch.word == "firing" else ""


def _seen(
    rule: Rule, watch: RuleWatch, symbol: str, seen: tuple[datetime, float]
) -> tuple[RuleWatch, list[Event]]:
    at, value = seen
    events: list[Event] = []
    if watch.is_silent:
        events.append(Event("data again", _open(watch), symbol, at, value, watch.silent_since))
    now = replace(watch, silent_since=None, is_silent=False)
    if now.word == "firing":
        now, told = _firing(rule, now, symbol, seen)
        return now, events + told
    if now.word == "recovering" and now.fired_at and at - now.fired_at < rule.cooldown:
        return now, events
    if not rule.meets(value):
        return replace(now, word="normal", since=None), events
    since = now.since if now.word == "pending" and now.since else at
    if at - since < rule.hold:
        return replace(now, word="pending", since=since), events
    number = alert_id(rule, symbol, at)
    fired = replace(now, word="firing", since=since, fired_at=at, id=number, worst=value)
    return fired, [*events, Event("fired", number, symbol, at, value, since)]


def _firing(
    rule: Rule, watch: RuleWatch, symbol: str, seen: tuple[datetime, float]
) -> tuple[RuleWatch, list[Event]]:
    at, value = seen
    if not rule.ends(value):
        return replace(watch, worst=rule.worse(watch.worst, value)), []
    ended = Event("ended", watch.id, symbol, at, value, watch.fired_at, watch.worst)
    return replace(watch, word="recovering", since=None), [ended]
