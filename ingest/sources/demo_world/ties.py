"""What drives what, and by how much: prices follow these ties, and `links` states them.

Strengths are in standard deviations: a move of one on the side of the cause, as far as it is its
own, moves the other side by so many after the lag. What a price follows is known when the price
is made, so that no close answers to a figure that came after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world.draws import Floats, Ints, uniforms
from ingest.sources.demo_world.factors import Factors
from ingest.sources.demo_world.geography import COUNTRIES
from ingest.sources.demo_world.issuers import SECTORS, Issuer
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.vintages import usual_surprise

# A sector by a surprise in American growth, or in the Federal Reserve's rate.
ON_GROWTH = (0.3, 0.4, 0.5, 0.5, 0.1, 0.1, 0.3, 0.4, 0.3, 0.05, 0.2)
ON_RATES = (-0.1, -0.1, -0.2, -0.3, -0.1, -0.05, 0.3, -0.3, -0.2, -0.3, -0.5)
# The dollar against every other currency by a surprise in the Federal Reserve's rate.
DOLLAR_ON_RATES = 0.3
# A sector by the good that it makes or eats, on the next weekday.
GOODS = {
    "demo:CRUDE-N": (0, 0.30),
    "demo:COPPER-N": (1, 0.25),
    "demo:GOLD-N": (1, 0.15),
    "demo:WHEAT-N": (4, -0.20),
    "demo:COFFEE-N": (4, -0.15),
}
GOODS_LAG_DAYS = 1
# From a supplier to its customer: four weeks, which are twenty weekdays.
SUPPLY_LAG_DAYS, _SUPPLY_LAG = 28, 20
# The size of an ordinary day, crises included.
SECTOR_SIZE, DOLLAR_SIZE = 0.0115, 0.006
_MARKET, _BESIDE = 0.0105, 0.0050  # of the world's index, and of a sector beside it


@dataclass(frozen=True, slots=True)
class Supply:
    """One company sells to another, by their numbers; known from the day `since` on."""

    supplier: int
    customer: int
    strength: float
    confidence: float
    since: int


@dataclass(frozen=True, slots=True)
class News:
    """First prints of one series and by how many usual surprises they were off."""

    known: Ints
    sizes: Floats


def supplies(spec: Spec, issuers: Sequence[Issuer]) -> list[Supply]:
    """A company has one or two suppliers of lower number: more issuers change none of these."""
    found: list[Supply] = []
    for issuer in issuers[1:]:
        luck = uniforms(spec.seed, f"supplies {issuer.company}", 4)
        for supplier in sorted({int(luck[0] * issuer.number), int(luck[1] * issuer.number)}):
            since = max(issuer.listed, issuers[supplier].listed) + 30
            if since > (issuers[supplier].delisted or 10**6):
                continue
            strength = round(0.08 + 0.12 * float(luck[2]), 3)
            confidence = round(0.5 + 0.4 * float(luck[3]), 2)
            found.append(Supply(supplier, issuer.number, strength, confidence, since))
    return found


def places(spec: Spec, issuer: Issuer) -> tuple[list[str], Floats]:
    """Home, three countries and a region with their usual shares of revenue, less than one."""
    luck = uniforms(spec.seed, f"places {issuer.company}", 8)
    others = [country.code for country in COUNTRIES[:20] if country.code != issuer.venue.country]
    start = int(luck[0] * len(others))
    abroad = [others[(start + step * 7) % len(others)] for step in range(3)]
    share = np.array(
        [
            0.35 + 0.3 * luck[1],
            0.04 + 0.06 * luck[2],
            0.03 + 0.05 * luck[3],
            0.02 + 0.04 * luck[4],
            0.05 + 0.06 * luck[5],
        ]
    )
    return [issuer.venue.country or "USA", *abroad, "Rest of Europe"], share


def ordinary(issuer: Issuer) -> float:
    """The size of an ordinary day of a share."""
    market, sector = issuer.beta * _MARKET, issuer.sector_beta * _BESIDE
    return float(np.sqrt(market * market + sector * sector + issuer.own_vol * issuer.own_vol))


def in_step(issuer: Issuer) -> float:
    """How closely a share goes with the index of its sector: their correlation."""
    together = issuer.beta * _MARKET * _MARKET + issuer.sector_beta * _BESIDE * _BESIDE
    return float(together / np.sqrt(_MARKET * _MARKET + _BESIDE * _BESIDE) / ordinary(issuer))


def news_of(blocks: Sequence[Block], code: str, country: str = "USA") -> News:
    """The first prints of an indicator of a country against what was expected of them."""
    block = next(block for block in blocks if block.indicator.code == code)
    row = [item.code for item in block.countries].index(country)
    first, known = block.made.values[row, :, 0], block.made.known[row, :, 0]
    return News(known, (first - block.consensus[row]) / usual_surprise(block.indicator))


def felt(news: News, closes: Ints) -> Floats:
    """By session, the surprises that came after the close before and not after its own."""
    at = np.searchsorted(closes, news.known)
    out = np.zeros(len(closes))
    inside = at < len(closes)
    # Several on one day add up, in the order of time.
    np.add.at(out, at[inside], news.sizes[inside])
    return out


def sectors_on_news(blocks: Sequence[Block], closes: Ints) -> Floats:
    """What each sector makes of the news of each session, [session, sector]."""
    growth = felt(news_of(blocks, "GDPG"), closes)[:, None] * np.array(ON_GROWTH)
    rates = felt(news_of(blocks, "POLICY"), closes)[:, None] * np.array(ON_RATES)
    return np.asarray(SECTOR_SIZE * (growth + rates))


def sectors_on_goods(factors: Factors, goods: PricePanel, sizes: dict[str, float]) -> Floats:
    """What each sector makes of the goods' moves of the weekday before, [weekday, sector]."""
    out = np.zeros((len(factors.days), len(SECTORS)))
    rows = np.searchsorted(factors.days, goods.sessions.days)
    for symbol, (sector, strength) in GOODS.items():
        close = goods.close[:, goods.symbols.index(symbol)]
        moves = np.zeros(len(factors.days))
        moves[rows[1:]] = close[1:] / close[:-1] - 1.0
        out[1:, sector] += strength * SECTOR_SIZE / sizes[symbol] * moves[:-1]
    return out


def shares_on_suppliers(
    spec: Spec, factors: Factors, issuers: Sequence[Issuer], own: Floats
) -> Floats:
    """What customers make of what befell their suppliers alone, [weekday, share]."""
    out = np.zeros_like(own)
    for tie in supplies(spec, issuers):
        supplier, customer = issuers[tie.supplier], issuers[tie.customer]
        ratio = tie.strength * ordinary(customer) / ordinary(supplier)
        moves = np.zeros(len(factors.days))
        moves[_SUPPLY_LAG:] = own[:-_SUPPLY_LAG, tie.supplier]
        before = factors.days - SUPPLY_LAG_DAYS
        alive = (before >= tie.since) & (before <= (supplier.delisted or 10**6))
        out[:, tie.customer] += ratio * np.where(alive, moves, 0.0)
    return out


def shares_on_currencies(
    spec: Spec, issuers: Sequence[Issuer], dollars: dict[str, Floats]
) -> Floats:
    """Revenue abroad is worth what its currency is, [weekday, share]."""
    moves = {code: np.diff(level, prepend=level[:1]) for code, level in dollars.items()}
    moves = {code: step / (dollars[code] - step) for code, step in moves.items()}
    money = {country.code: country.currency for country in COUNTRIES}
    still = np.zeros(len(dollars["USD"]))
    out = np.zeros((len(still), len(issuers)))
    for column, issuer in enumerate(issuers):
        home = moves.get(issuer.currency, still)
        for place, share in zip(*places(spec, issuer), strict=True):
            if money.get(place, issuer.currency) != issuer.currency:
                abroad = moves.get(money[place], still)
                out[:, column] += share * ((1.0 + abroad) / (1.0 + home) - 1.0)
    return out
