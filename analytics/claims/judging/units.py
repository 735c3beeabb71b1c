"""Units of the lake and of drafts as what they count, and how many of it one stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analytics.claims.statement import Quantity, Subject
from analytics.core.money import in_major

PERCENT, OF_GDP, INDEX, TIMES = "%", "% of GDP", "index", "times"
NATIONAL = "national currency"
MONEY = re.compile(r"[A-Z]{3}")
PRICES = re.compile(r"^(?:current|constant|chained)(?:\s+\(?\d{4}\)?)?\s+(?=[A-Z]{3}\b)")
SCALES = {
    **{"hundred": 1e2, "thousand": 1e3, "thousands of": 1e3, "million": 1e6, "millions of": 1e6},
    **{"billion": 1e9, "billions of": 1e9, "trillion": 1e12, "trillions of": 1e12},
}
SCALED = re.compile(rf"({'|'.join(sorted(SCALES, key=len, reverse=True))})\s+(.*)", re.I)
# How a unit's text begins once its scale is taken off, and what it counts; the first that fits.
MEASURES = (
    ("percent of gdp", OF_GDP, 1.0),
    ("% of gdp", OF_GDP, 1.0),
    ("percentage point", PERCENT, 1.0),
    ("percent", PERCENT, 1.0),
    ("%", PERCENT, 1.0),
    ("basis point", PERCENT, 0.01),
    ("index", INDEX, 1.0),
    ("diffusion index", INDEX, 1.0),
    ("points", INDEX, 1.0),
    ("us dollar", "USD", 1.0),
    ("u.s. dollar", "USD", 1.0),
    ("dollar", "USD", 1.0),
    ("chained", "USD", 1.0),
    ("euro", "EUR", 1.0),
    ("pound", "GBP", 1.0),
    ("yen", "JPY", 1.0),
    ("units of national currency", NATIONAL, 1.0),
    ("national currency", NATIONAL, 1.0),
    ("person", "persons", 1.0),
    ("people", "persons", 1.0),
    ("barrel", "barrels", 1.0),
    ("unit", "units", 1.0),
    ("year", "years", 1.0),
    ("ratio", TIMES, 1.0),
)
# What a draft may write, in the same measures; money apart.
WRITTEN = {
    **{"%": (PERCENT, 1.0), "pp": (PERCENT, 1.0), "bp": (PERCENT, 0.01), "times": (TIMES, 1.0)},
    **{"points": (INDEX, 1.0), "index": (INDEX, 1.0)},
}
SPOKEN = {"%": "%", "pp": "percentage points", "bp": "basis points", "points": "points"}


@dataclass(frozen=True, slots=True)
class ClaimUnit:
    """What a number counts, and how many of it one stands for; `text` as its source writes it."""

    measure: str
    factor: float
    text: str

    @property
    def is_rate(self) -> bool:
        """Whether changes of it are in points."""
        return self.measure in (PERCENT, OF_GDP)

    @property
    def is_money(self) -> bool:
        """Whether it is an amount in a currency."""
        return self.measure == NATIONAL or MONEY.fullmatch(self.measure) is not None


def unit_of(text: str, currency: str | None = None) -> ClaimUnit:
    """A unit as the lake writes it; `currency` is what a national currency is."""
    rest, scale = text.strip(), 1.0
    if scaled := SCALED.match(rest):
        scale, rest = SCALES[scaled[1].lower()], scaled[2]
    rest = PRICES.sub("", rest)
    word = rest.split(" per share")[0]
    major, part = in_major(word)
    if MONEY.match(major) and (len(major) == 3 or major[3] == " "):
        return ClaimUnit(major[:3], scale * part, text)
    low = rest.lower()
    for begins, measure, factor in MEASURES:
        if low.startswith(begins):
            return ClaimUnit(_money(measure, currency), scale * factor, text)
    return ClaimUnit(low or "number", scale, text)


def _money(measure: str, currency: str | None) -> str:
    return currency if measure == NATIONAL and currency else measure


def written_unit(quantity: Quantity) -> ClaimUnit | None:
    """The unit of a draft's number, whose scale is taken in already; none where it has none."""
    unit = quantity.unit
    if unit is None:
        return None
    if unit == "%" and (quantity.share_of or "").upper() == "GDP":
        return ClaimUnit(OF_GDP, 1.0, "% of GDP")
    if unit in WRITTEN:
        measure, factor = WRITTEN[unit]
        return ClaimUnit(measure, factor, SPOKEN.get(unit, unit))
    major, part = in_major(unit)
    return ClaimUnit(major, part, unit)


def same_measure(draft: ClaimUnit, lake: ClaimUnit) -> bool:
    """Whether two units count the same; a share of GDP may be written as a percentage alone."""
    if draft.measure == PERCENT and draft.text != SPOKEN["bp"] and lake.measure == OF_GDP:
        return True
    if lake.measure == NATIONAL:
        return MONEY.fullmatch(draft.measure) is not None
    return draft.measure == lake.measure


def readings(quantity: Quantity, lake: ClaimUnit) -> list[float]:
    """By what a value of the lake is multiplied to stand in the draft's unit: none where the two
    do not go together, two where the number has no unit and may be in that of the lake."""
    draft = written_unit(quantity)
    if draft is None:
        own = [1.0] if quantity.scale == 1.0 and lake.factor != 1.0 else []
        return [lake.factor, *own]
    return [lake.factor / draft.factor] if same_measure(draft, lake) else []


def is_possible(quantity: Quantity | None, measure: str, subject: Subject) -> bool:
    """Whether a subject can have a value of the kind that is stated, told by its unit alone."""
    draft = None if quantity is None else written_unit(quantity)
    lake = _unit_of_subject(subject)
    if draft is None or lake is None or measure not in ("level", "close", "average", "sum"):
        return True
    return same_measure(draft, lake)


def _unit_of_subject(subject: Subject) -> ClaimUnit | None:
    text = subject.currency or subject.unit if subject.kind == "instrument" else subject.unit
    return unit_of(text, subject.currency or None) if text else None
