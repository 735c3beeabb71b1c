"""Invented companies and their listings; no name may be taken for a real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.sources.demo_world.draws import uniforms
from ingest.sources.demo_world.sessions import DemoVenue, venue_of_issuer
from ingest.sources.demo_world.spec import FIRST_DAY, Spec
from ingest.sources.demo_world.tables import day_number

SECTORS = (
    *("Energy", "Materials", "Industrials", "Consumer Discretionary", "Consumer Staples"),
    *("Health Care", "Financials", "Information Technology", "Communication Services"),
    *("Utilities", "Real Estate"),
)
_NOUNS = (
    ("Petroleum", "Oilfields", "Gasworks", "Drilling"),
    ("Mining", "Chemicals", "Quarries", "Timber"),
    ("Industries", "Machinery", "Railways", "Aeronautics"),
    ("Motors", "Outfitters", "Hotels", "Bazaar"),
    ("Foods", "Breweries", "Grocers", "Soapworks"),
    ("Pharma", "Clinics", "Biologics", "Implants"),
    ("Bank", "Assurance", "Trust", "Capital"),
    ("Software", "Semiconductors", "Computing", "Robotics"),
    ("Telegraph", "Media", "Broadcasting", "Games"),
    ("Power", "Waterworks", "Grid", "Heat"),
    ("Estates", "Warehouses", "Arcades", "Towers"),
)
_HEADS = (
    *("Fict", "Nowher", "Imagin", "Mock", "Never", "Sham", "Fabul", "Dream"),
    *("Phantom", "Whims", "Unreal", "Madeup", "Storyb", "Myth", "Papier"),
)
_TAILS = ("or", "e", "holm", "well", "ania")
DELISTED = {0: date(2009, 3, 13), 5: date(2016, 6, 24), 11: date(2021, 9, 17)}
RECYCLED = {3: 0}  # the fourth issuer listed later under the ticker of the first
RECYCLED_ON = date(2013, 4, 2)
RENAMED = {7: date(2017, 5, 2)}
RESTATED = {2: (2015, 2), 9: (2019, 3)}  # the quarter that was first told too well
UNBALANCED = {7: (2016, 3)}  # the quarter whose liabilities were first mistyped
LATE = {2: (2018, 1), 4: (2016, 4)}  # the quarter that was filed weeks after it was due
EVENING = {8: (2017, 2)}  # the report that was accepted in the evening
_VETERANS = {*DELISTED, *RENAMED, *RESTATED}  # listed from the first day, so that all this happens
PENCE = {"GBp": "GBP", "ZAc": "ZAR"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """One company with one listing; `listed` and `delisted` are days since 1970."""

    number: int
    symbol: str
    ticker: str
    name: str
    company: str
    sector: int
    industry: str
    venue: DemoVenue
    listed: int
    delisted: int | None
    beta: float
    sector_beta: float
    own_vol: float
    price: float
    dividend_yield: float
    shares: float

    @property
    def currency(self) -> str:
        """The currency of its accounts, never a minor unit."""
        return PENCE.get(self.venue.currency, self.venue.currency)


def issuers_of(spec: Spec) -> tuple[Issuer, ...]:
    """The first issuers of the world, as many as the scale has."""
    taken: dict[str, int] = {}
    return tuple(_issuer(spec, number, taken) for number in range(spec.scale.issuers))


def _issuer(spec: Spec, number: int, taken: dict[str, int]) -> Issuer:
    luck = uniforms(spec.seed, f"issuer {number}", 10)
    name, industry = _name(number)
    ticker, symbol = _ticker(number, name, taken)
    venue = venue_of_issuer(number)
    payer = luck[5] < 0.6
    return Issuer(
        number=number,
        symbol=symbol,
        ticker=ticker,
        name=name,
        company=f"demo:co-{number + 1:04d}",
        sector=number % 11,
        industry=industry,
        venue=venue,
        listed=_listed(number, luck[0], luck[1]),
        delisted=day_number(DELISTED[number]) if number in DELISTED else None,
        beta=0.55 + 0.9 * luck[2],
        sector_beta=0.6 + 0.8 * luck[3],
        own_vol=0.009 + 0.011 * luck[4],
        price=float(round((12 + 80 * luck[6]) * venue.level, 2)),
        dividend_yield=0.01 + 0.035 * luck[7] if payer else 0.0,
        shares=float(round(20 + 1500 * luck[8] * luck[9]) * 1_000_000),
    )


def _listed(number: int, chance: float, when: float) -> int:
    if number in RECYCLED:
        return day_number(RECYCLED_ON)
    if chance < 0.55 or number in _VETERANS:
        return day_number(FIRST_DAY)
    return day_number(FIRST_DAY) + int(when * 18 * 365)


def _name(number: int) -> tuple[str, str]:
    turn = number // 11
    stems = len(_HEADS) * len(_TAILS)
    stem = turn % stems
    noun = _NOUNS[number % 11][(turn // stems + stem) % 4]
    word = _HEADS[stem % len(_HEADS)] + _TAILS[stem // len(_HEADS)]
    return f"{word} {noun}", noun


def _ticker(number: int, name: str, taken: dict[str, int]) -> tuple[str, str]:
    if number in RECYCLED:
        ticker = next(word for word, owner in taken.items() if owner == RECYCLED[number])
        return ticker, f"demo:{ticker}.2"
    word, noun = name.upper().split()
    ticker = word[:2] + word[-1] + noun[0]
    extra = 0
    while ticker in taken:
        extra += 1
        ticker = f"{word[:2]}{noun[0]}{extra}"
    taken[ticker] = number
    return ticker, f"demo:{ticker}"
