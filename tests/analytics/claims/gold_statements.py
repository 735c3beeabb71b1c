"""Statements as the gold set marks them, put together from its fields without reading any text.

What a field does not carry stands in `READ`: the sense of a superlative, marks, spans of weeks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from analytics.claims.judging.observations import period_end
from analytics.claims.statement import Measure, Quantity, Span, Statement, Subject
from analytics.core.money import pair_of
from data.query import At
from tests.golden import gold

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
HOME = {"USA": "USD", "DEU": "EUR", "FRA": "EUR"}
MEASURES = set(Measure.__args__)
COUNTS = ("months", "quarters", "meetings", "years", "times")


def year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31), "year")


def month(number: int, of: int) -> Span:
    return Span(date(number, of, 1), period_end(date(number, of, 1), "monthly"), "month")


def span(first: date, last: date) -> Span:
    return Span(first, last, "span")


def quantity(value: float, unit: str | None = None, **more: Any) -> Quantity:
    return Quantity(0, 0, value, more.pop("half", 0.0), unit=unit, **more)


HIGH, LOW = {"sense": "high"}, {"sense": "low"}
READ: dict[tuple[str, str], dict[str, Any]] = {
    ("april-2020", "c"): HIGH | {"quantity": quantity(2, "years", relation="just below")},
    ("april-2020", "f"): {
        "quantity": quantity(50, relation="<"),
        "compare": span(date(2020, 2, 1), date(2020, 3, 31)),
    },
    ("april-2020", "k"): HIGH | {"direction": "down"},
    ("april-2020", "m"): {
        "direction": "down",
        "quantity": quantity(0.5, "%"),
        "compare": year(2016),
    },
    ("china-2024-06-18", "s"): HIGH,
    ("crude-2023-07-22", "c"): HIGH | {"compare": month(2023, 4)},
    ("de-2024-06-21", "j"): {"direction": "up"},
    ("equities-2024-06-19", "a"): HIGH,
    ("equities-2024-06-19", "h"): HIGH | {"compare": year(2024)},
    ("equities-2024-06-19", "k"): LOW,
    ("equities-2024-06-19", "l"): LOW,
    ("es-2024-06-12", "f"): HIGH | {"compare": month(2024, 2)},
    ("fr-2024-06-17", "c"): HIGH | {"compare": month(2018, 1)},
    ("fr-2024-06-25", "i"): HIGH,
    ("fr-2024-06-25", "j"): {
        "measure": "direction",
        "quantity": None,
        "direction": "up",
        "is_negated": True,
    },
    ("germany-2023-11-21", "e"): HIGH | {"compare": month(2022, 4)},
    ("germany-2024-06-18", "n"): LOW,
    ("germany-2024-06-18", "q"): {
        "quantity": quantity(3, "%", relation="<"),
        "compare": month(2023, 9),
        "is_negated": True,
    },
    ("headlines-2024-06-14", "d"): LOW | {"compare": year(2016)},
    ("japan-2024-06-26", "c"): HIGH | {"direction": "up", "quantity": quantity(2, "years")},
    ("japan-2024-06-26", "d"): {
        "measure": "direction",
        "quantity": None,
        "direction": "down",
        "is_negated": True,
    },
    ("japan-2024-06-26", "i"): {"direction": "down"},
    ("long-view-2024-06-28", "d"): HIGH,
    ("long-view-2024-06-28", "e"): HIGH,
    ("long-view-2024-06-28", "k"): {"direction": "down", "quantity": quantity(2, "USD")},
    ("long-view-2024-06-28", "m"): HIGH | {"direction": "down"},
    ("long-view-2024-06-28", "p"): LOW | {"compare": year(2012)},
    ("mixed-2024-06-21", "p"): HIGH | {"quantity": quantity(6, "years")},
    ("ranks-2024-06-19", "a"): HIGH,
    ("ranks-2024-06-19", "b"): HIGH | {"quantity": quantity(2)},
    ("ranks-2024-06-19", "c"): LOW,
    ("ranks-2024-06-19", "i"): {"quantity": quantity(50, relation=">")},
    ("ranks-2024-06-19", "m"): {"period": span(date(2024, 1, 1), date(2024, 5, 31))},
    ("notes-2024-02-20", "d"): {"direction": "down"},
    ("traps-2024-06-20", "g"): {"direction": "down"},
    ("uk-2016-07-15", "d"): {
        "quantity": quantity(7.1, "%", half=0.05),
        "compare": month(2016, 3),
    },
    ("uk-2016-07-15", "h"): {"direction": "down"},
    ("uk-2024-06-07", "c"): HIGH | {"compare": month(2019, 8)},
    ("us-2023-11-20", "m"): {
        "quantity": quantity(50, relation=">"),
        "is_negated": True,
        "period": span(date(2023, 9, 1), date(2023, 10, 31)),
        "compare": None,
    },
    ("us-2023-11-20", "o"): {"direction": "down", "compare": year(2020)},
    ("us-week-2024-06-14", "d"): {"direction": "up"},
    ("us-week-2024-06-21", "c"): {"direction": "down"},
    ("us-week-2024-06-21", "g"): {"direction": "down"},
    ("us-week-2024-06-21", "k"): {"period": span(date(2024, 5, 13), date(2024, 6, 9))},
    ("us-week-2024-06-21", "o"): {
        "quantity": quantity(50, relation="<"),
        "compare": span(date(2023, 9, 1), date(2024, 5, 31)),
    },
}
# Of a comparison with all the others the one that is compared with.
AGAINST = {("germany-2024-06-18", "m"): ("demo:CPIYOY:CHN", "demo:CPIYOY:DEU")}


class GoldStatements:
    """Statements of the gold set, with what the lake says of their subjects."""

    def __init__(self, at: At) -> None:
        series = at.sql("SELECT series_id, source, title, unit, frequency FROM series ORDER BY ALL")
        pairs = at.sql(
            "SELECT symbol, source, name, asset_class, currency FROM instruments ORDER BY ALL"
        )
        self.series = {row[0]: row for row in series.frame.iter_rows()}
        self.instruments = {row[0]: row for row in pairs.frame.iter_rows()}

    def subject(self, name: str, claim: dict[str, Any]) -> Subject:
        """A candidate, described as the lake describes it."""
        if name in self.series:
            _, source, title, unit, frequency = self.series[name]
            return Subject("series", name, source, title, unit, frequency)
        if name in self.instruments:
            _, source, title, kind, currency = self.instruments[name]
            is_inverse = claim["kind"] == "inverse quote"
            if is_inverse and (pair := pair_of(name)):
                currency = pair[0]
            unit = "points" if kind == "index" else currency
            money = "" if kind == "index" else currency
            return Subject(
                "instrument", name, source, title, unit, "daily", money, inverse=is_inverse
            )
        concept = claim.get("concept") or claim["measure"]
        return Subject("account", name, title=concept, concept=concept)

    def of(self, draft: gold.GoldDraft, claim: dict[str, Any]) -> Statement:
        """One claim as a statement."""
        names = [(self.subject(name, claim),) for name in claim["subject"]]
        measure = claim["measure"] if claim["measure"] in MEASURES else "level"
        candidates, others = (names[0] if names else ()), tuple(names[1:])
        if claim["verdict"] == "ambiguous":
            candidates, others = tuple(one for (one,) in names), ()
        if measure == "rank" and len(names) > 1:
            own = claim["stated"]
            candidates = (self.subject(own, claim),)
            others = tuple(one for one in names if one[0].id != own)
        if claim["measure"] == "gross margin":
            measure = "ratio"
            others = ((self.subject(claim["subject"][0], claim | {"concept": "Revenues"}),),)
        found = Statement(
            *claim["span"],
            measure,
            candidates,
            self.quantity(claim),
            _span(claim.get("period")),
            _span(claim.get("compare")),
            claim.get("direction"),
            others=others,
        )
        if claim["kind"] == "direction":
            found = replace(found, measure="direction", direction=claim["stated"])
        if pair := AGAINST.get((draft.name, claim["id"])):
            own, other = (self.subject(name, claim) for name in pair)
            found = replace(
                found,
                measure="difference",
                candidates=(own,),
                others=((other,),),
                quantity=quantity(0, relation=">"),
            )
        return replace(found, **READ.get((draft.name, claim["id"]), {}))

    def quantity(self, claim: dict[str, Any]) -> Quantity | None:
        """The number as the draft has it: 43,000 where the gold set has 43 thousand."""
        stated = claim["stated"]
        if isinstance(stated, bool | str):
            return None
        unit, scale = claim.get("unit"), 1.0
        share = None
        word, _, rest = (unit or "").partition(" ")
        if word in SCALES:
            scale, unit = SCALES[word], rest
        if unit == "% of GDP":
            unit, share = "%", "GDP"
        if unit is not None:
            if "national currency" in unit:
                unit = HOME[claim["subject"][0][-3:]]
            unit = {"US dollars": "USD", "index": None, "USD per share": "USD"}.get(unit, unit)
        return Quantity(
            0,
            0,
            stated * scale,
            claim.get("tolerance", 0.0) * scale,
            scale,
            unit,
            share,
            claim.get("relation", "="),
            is_signed=stated < 0 and "direction" not in claim,
        )


def _span(text: str | None) -> Span | None:
    if text is None:
        return None
    first, _, last = text.partition("/")
    if last:
        days = date.fromisoformat(first), date.fromisoformat(last)
        length = (days[1] - days[0]) // timedelta(days=1)
        return Span(*days, "day" if not length else "quarter" if length < 100 else "year")
    if len(text) == 10:
        return Span(date.fromisoformat(text), date.fromisoformat(text), "day")
    number, _, part = text.partition("-")
    if not part:
        return year(int(number))
    if part.startswith("Q"):
        start = date(int(number), 3 * int(part[1]) - 2, 1)
        return Span(start, period_end(start, "quarterly"), "quarter")
    return month(int(number), int(part))
