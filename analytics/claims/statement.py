"""What a draft states, in words that all parts of a check share: quantities as written, spans of
time, what a statement may speak of, and the statement put together of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Relation = Literal["=", "about", ">", "<", "just below", "multiple", "half", "flat"]
Direction = Literal["up", "down", "flat"]
Grain = Literal["day", "month", "quarter", "year", "span"]
Step = Literal["day", "week", "month", "quarter", "year"]
Language = Literal["en", "de", "fr", "es"]
SubjectKind = Literal["series", "instrument", "account", "none"]
Measure = Literal[
    "level",
    "close",
    "change",
    "percent change",
    "average",
    "sum",
    "ratio",
    "difference",
    "spread",
    "streak",
    "rank",
    "record",
    "since",
    "years",
    "crossing",
    "date",
    "direction",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as the draft writes it, in the place [start, end) of its text.

    `value` has the sign of a minus or of parentheses, and the scale of its words: 2.5k is 2500,
    `half` is half a unit of the last printed digit in the same scale: 50. `scale` is what both were
    multiplied by. `unit` is one of %, pp, bp, points, times, months, quarters, years, days,
    meetings, barrels, persons, a currency's code, or none; `share_of` is what a percentage is said
    to be of, such as GDP.
    """

    start: int
    end: int
    value: float
    half: float
    scale: float = 1.0
    unit: str | None = None
    share_of: str | None = None
    relation: Relation = "="
    is_signed: bool = False
    is_word: bool = False  # "doubled", "twelfth month in a row"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both counted; a month, quarter or year where it is one."""

    first: date
    last: date
    grain: Grain


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the draft, in [start, end), that name a span of time."""

    start: int
    end: int
    span: Span
    role: Literal["of", "since", "from", "to", "ago", "in years"] = "of"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement may be about: a series, an instrument, or an account of a company.

    `id` is a series id or a symbol; of an account the symbol of its company, with `concept`.
    `inverse` says that the draft quotes the pair the other way round.
    """

    kind: SubjectKind
    id: str
    source: str = ""
    title: str = ""
    unit: str = ""
    frequency: str = ""
    currency: str = ""
    concept: str | None = None
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim: the words that carry it, what it may be about, and what it says of that.

    Without a candidate the lake holds nothing of the kind; with several the words fit each of them.
    `period` is none where the draft names none: then the last one published is meant. `compare` is
    the period that a change, a sum or a rank is measured against. `direction` is what verbs say of
    the way there, the quantity's sign apart. `others` are the further subjects of a comparison, a
    rank or a spread, each with its own candidates. What a draft leaves to what is known: `back` is
    how many observations before the period the value is of ("from 3.0"), `ago` that it is compared
    with the one a year, quarter, month, week or day earlier.
    """

    start: int
    end: int
    measure: Measure
    candidates: tuple[Subject, ...]
    quantity: Quantity | None = None
    period: Span | None = None
    compare: Span | None = None
    direction: Direction | None = None
    is_negated: bool = False
    others: tuple[tuple[Subject, ...], ...] = ()
    back: int = 0
    ago: Step | None = None
    sense: Literal["high", "low"] | None = None  # of records, ranks and "highest since"
    is_open: bool = False  # what it is measured against is not said: wrong is no more than unclear
    is_current: bool = False  # without a period in a draft, which a value of long ago cannot be
    or_periods: tuple[Span | None, ...] = ()  # what it may be of as well, none being the last one
    doubt: str = ""  # words of the draft by which it says something else than can be judged
