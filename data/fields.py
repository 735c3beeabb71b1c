"""Every shared column, defined once: name, type, unit and the values it may take.

Metadata keys: `about`, `unit`, `min`, `max`, `one_of` (values joined by a bar), `longest` (of a
text, in characters), `prose` (a text for people, with marks of direction where its script has
them), `quote` (a price whose sign depends on the asset class) and `left_out_by` (whose rows alone
may leave a value out).
"""

from __future__ import annotations

from typing import Literal, get_args

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
# Characters in a text: an id, a name or title, a list or an address, an article.
ID, TITLE, ADDRESS, ARTICLE = 200, 1000, 8000, 100_000
HIGHEST = 1e15  # what a price may be in any currency, hyperinflation included
Grade = Literal["native", "lagged", "snapshot", "current"]
GRADES: tuple[Grade, ...] = get_args(Grade)
# The source of what the team wrote itself; in an invented world it has a name of that world.
TEAM, TEAM_OF_DEMO = "team", "demo-team"
TEAM_SOURCES = (TEAM, TEAM_OF_DEMO)
DIMENSIONS = ("growth", "inflation", "labour", "external", "policy", "other")


def field(
    name: str,
    kind: pa.DataType,
    about: str,
    *,
    null: bool = False,
    **limits: str | float,
) -> pa.Field:
    """One column; `null=True` where a missing value is honest."""
    notes = {"about": about} | {key: str(value) for key, value in limits.items()}
    return pa.field(name, kind, nullable=null, metadata=notes)


def text(name: str, about: str, *, null: bool = False, **limits: str | float) -> pa.Field:
    """A text column; its length is bounded, by that of an id unless `longest` says more."""
    return field(name, pa.string(), about, null=null, **({"longest": ID} | limits))


def number(name: str, about: str, *, null: bool = True, **limits: str | float) -> pa.Field:
    """A double; finite always, and null where it is not known."""
    return field(name, pa.float64(), about, null=null, **limits)


def quote(name: str, about: str) -> pa.Field:
    """A price in the row's currency; whether it may be zero or less depends on its asset class."""
    return number(name, about, unit="currency", min=-HIGHEST, max=HIGHEST, quote=1)


def one_of(name: str, about: str, values: tuple[str, ...], *, null: bool = False) -> pa.Field:
    """A text column with a closed list of values."""
    return text(name, about, null=null, one_of="|".join(values))


SYMBOL = text("symbol", "global id of an instrument, e.g. binance:BTCUSDT")
SERIES_ID = text("series_id", "global id of a series, e.g. fred:GDPC1")
COMPANY = text("company", "permanent id of a company")
COUNTRY = text("country", "ISO 3166 alpha-3 code", null=True)
CURRENCY = text(
    "currency",
    "ISO 4217 code, or a minor unit such as GBp, ZAc, ILA: prices are never converted",
)
SOURCE = text("source", "the party it came from")
DATE = field("date", pa.date32(), "session date at the venue")
PERIOD = field("period", pa.date32(), "first day of the reference period")
EVENT_AT = field("event_at", INSTANT, "when it happened at the venue")
UNIT = text("unit", "unit of the value, spelled out with its scale")
YEAR = field("year", pa.int32(), "partition", min=1, max=9999)
MONTH = field("month", pa.int32(), "partition", min=1, max=12)
VENUE = text("venue", "ISO 10383 market code or an exchange's name")
ASSET_CLASSES = ("equity", "index", "etf", "fx", "crypto", "commodity", "rate")
# What is owned costs something; a spot price of a commodity and a rate may have any sign.
ABOVE_ZERO = ("equity", "index", "etf", "fx", "crypto")
ASSET_CLASS = one_of("asset_class", "kind of instrument", ASSET_CLASSES)
SYMBOLS = field("symbols", pa.list_(pa.string()), "instruments concerned", null=True, longest=ID)

KNOWN_AT = field("known_at", INSTANT, "first instant at which the public could know this row")
INGESTED_AT = field("ingested_at", INSTANT, "when this lake first had it")
SUPERSEDED_AT = field(
    "superseded_at", INSTANT, "first instant at which a later vintage is in view", null=True
)
VINTAGE_GRADE = one_of("vintage_grade", "how well known_at is known", GRADES)
BITEMPORAL = (KNOWN_AT, INGESTED_AT, SUPERSEDED_AT, VINTAGE_GRADE, SOURCE)
