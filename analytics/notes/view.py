"""The view of a note: buy, hold or sell by a stated rule, and the hypothesis by which it is scored.

The rule reads two facts: the trend of the prices and the signal of the macro bias. It is no
forecast that was fitted; its probability is a convention, and its record is what scores it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from analytics.core.catalogue import run
from analytics.notes.fact import NUMBER, PERCENT, Fact, FactPack
from data.query import At

View = Literal["buy", "hold", "sell"]
VIEWS: tuple[View, ...] = ("buy", "hold", "sell")
COUNTRY_VIEWS = ("positive", "neutral", "negative")
SESSIONS, BAND = 60, 5.0
SIDE, NEUTRAL = 0.05, 0.5
DAYS_A_SESSION = 1.6  # of the calendar, with room for holidays
TREND = {"upward": 1, "mixed": 0, "downward": -1}
SIGNAL = {
    "strongly negative": -1,
    "slightly negative": -1,
    "slightly positive": 1,
    "strongly positive": 1,
}
RULE = (
    "trend upward +1, downward −1; macro signal positive +1, negative −1; a sum above 0 is buy, "
    "below 0 sell, else hold"
)


@dataclass(frozen=True, slots=True)
class NoteHypothesis:
    """What a view claims, so that it can be settled on closes: a row of `hypothesis` to be.

    `resolution` says how: the total return of the instrument from the last close known at the clock
    over so many sessions, less that of the benchmark, above, below or within a band.
    """

    title: str
    statement: str
    resolution: dict[str, object]
    deadline: datetime
    probability: float


def view_facts(at: At, pack: FactPack) -> Iterator[Fact]:
    """The score by the rule, and the view that follows from it."""
    parts = [fact for fact in pack if fact.id.endswith("/trend")]
    parts += [fact for fact in pack if "/signal/" in fact.id][:1]
    known = [fact for fact in parts if fact.text in TREND | SIGNAL or fact.text == "neutral"]
    if pack.kind == "list" or not known:
        return
    score = sum((TREND | SIGNAL).get(fact.text, 0) for fact in known)
    names = COUNTRY_VIEWS if pack.kind == "country" else VIEWS
    word = names[0] if score > 0 else names[2] if score < 0 else names[1]
    base: dict[str, Any] = {
        "role": "view",
        "subject": pack.title,
        "known_at": max(fact.known_at for fact in known),
        "source": "rule",
        "answer": known[0].answer,
    }
    named = (("view", "recommendation", "rating", "stance"),)
    yield Fact("view", kind="state", label="View", named_by=named, text=word, words=names, **base)
    numbers = [("view/score", "Score of the rule", "score", float(score), NUMBER)]
    if pack.kind != "country":
        chance = 100 * probability_of(score)
        numbers.append(("view/probability", "Probability", "probability", chance, PERCENT))
    for name, label, called, value, unit in numbers:
        yield Fact(
            name,
            kind="level",
            label=label,
            named_by=((called,), (*named[0], "rule")),
            value=value,
            unit=unit,
            decimals=0,
            **base,
        )


def probability_of(score: float) -> float:
    """A half, and a twentieth more for each point of the rule on the side of the view."""
    return NEUTRAL + SIDE * abs(score)


def hypothesis_of(at: At, pack: FactPack) -> NoteHypothesis | None:
    """The hypothesis of a pack's view; none without a view or an instrument."""
    view, score = pack.get("view"), pack.get("view/score")
    if view is None or score is None or score.value is None or len(pack.symbols) != 1:
        return None
    symbol, close = pack.symbols[0], pack.get(f"{pack.symbols[0]}/close")
    if close is None or close.period is None:
        return None
    benchmark = _benchmark(at, symbol)
    against = f"that of {benchmark}" if benchmark else "zero"
    claims = {
        "buy": f"is above {against}",
        "sell": f"is below {against}",
        "hold": f"is within {BAND:g} percentage points of {against}",
    }
    relation = {"buy": "above", "sell": "below", "hold": "within"}[view.text]
    start = close.period.first
    resolution: dict[str, object] = {
        "rule": "relative total return",
        "symbol": symbol,
        "benchmark": benchmark,
        "from": start.isoformat(),
        "sessions": SESSIONS,
        "relation": relation,
        "band_pp": BAND if relation == "within" else 0.0,
        "prices": "closes with dividends, split-adjusted, as known at settlement",
    }
    return NoteHypothesis(
        title=f"{view.text.capitalize()} {pack.title}, {start:%d %b %Y}",
        statement=f"The total return of {pack.title} over the {SESSIONS} sessions after "
        f"{start:%d %b %Y} {claims[view.text]}.",
        resolution=resolution,
        deadline=at.as_of + timedelta(days=round(SESSIONS * DAYS_A_SESSION)),
        probability=probability_of(score.value),
    )


def _benchmark(at: At, symbol: str) -> str | None:
    """The world's stand-in; none where it is the instrument itself or the lake has none."""
    rows = dict(run(at, "stand_ins").frame.select("stands_for", "symbol").iter_rows())
    found = rows.get("")
    return None if found in (None, symbol) else str(found)
