"""Shares: factor returns, splits, dividends, a listing and sometimes a delisting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.sources.demo_world import regime
from ingest.sources.demo_world.calamity import FLASH
from ingest.sources.demo_world.draws import Floats, Ints, rounded
from ingest.sources.demo_world.factors import OWN_HABIT, Factors, clustered, shocks
from ingest.sources.demo_world.issuers import Issuer
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.panels import PricePanel, PricePath, printed
from ingest.sources.demo_world.sessions import VENUES, DemoVenue, sessions
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import day_number
from ingest.sources.demo_world.ties import (
    sectors_on_news,
    shares_on_currencies,
    shares_on_suppliers,
)

_DEAR, _CHEAP = 260.0, 2.5  # in dollars: what makes a board split its shares, or join them
_DYING_DAYS, _DYING_DRIFT = 90, -0.02


Ties = tuple[Sequence[Block], dict[str, Floats]]  # what is printed, and currencies in dollars


def equity_panels(
    spec: Spec, factors: Factors, issuers: Sequence[Issuer], ties: Ties
) -> Iterator[PricePanel]:
    """One panel per venue, in the order of the list of venues."""
    blocks, dollars = ties
    vol = np.array([issuer.own_vol for issuer in issuers])
    scale = regime.OWN_VOL[factors.states][:, None] * vol
    shock = shocks(spec.seed, [issuer.symbol for issuer in issuers], len(factors.days))
    own, sizes = clustered(shock, scale, OWN_HABIT)
    own = (
        own
        + shares_on_suppliers(spec, factors, issuers, own)
        + shares_on_currencies(spec, issuers, dollars)
    )
    for venue in VENUES.values():
        chosen = [at for at, issuer in enumerate(issuers) if issuer.venue.code == venue.code]
        if chosen:
            found = sessions(venue.calendar, spec.until)
            grid = np.ix_(np.searchsorted(factors.days, found.days), np.array(chosen))
            of_venue = [issuers[at] for at in chosen]
            rows = np.searchsorted(factors.days, found.days)
            sectors = factors.sectors[rows] + sectors_on_news(blocks, found.closes)
            shared = replace(
                factors,
                days=found.days,
                states=factors.states[rows],
                market=factors.market[rows],
                sectors=sectors,
            )
            yield _panel(spec, shared, of_venue, (own[grid], sizes[grid]))


def _panel(
    spec: Spec, factors: Factors, issuers: list[Issuer], own: tuple[Floats, Floats]
) -> PricePanel:
    venue = issuers[0].venue
    found = sessions(venue.calendar, spec.until)
    returns, sizes = _returns(factors, issuers, own)
    listed = _listed(found.days, issuers)
    yields = _ex_dates(found.days, issuers)
    price_returns = np.where(listed, returns - yields, 0.0)
    splits, close = _split(found.days, price_returns, issuers, venue)
    before = np.vstack([close[:1], close[:-1]])
    dividend = rounded(yields * before / splits, 4)
    path = PricePath(
        tuple(issuer.symbol for issuer in issuers),
        close,
        price_returns,
        sizes,
        listed,
        np.array([issuer.shares * 0.004 for issuer in issuers]),
    )
    decimals = np.full(len(issuers), venue.decimals)
    bars = printed(spec, path, decimals, _flash(found.days, venue))
    return PricePanel(
        "equity",
        venue,
        found,
        path.symbols,
        (venue.currency,) * len(issuers),
        listed,
        **bars,
        dividend=dividend,
        split=splits,
        leaves=np.array([issuer.delisted is not None for issuer in issuers]),
    )


def _returns(
    factors: Factors, issuers: list[Issuer], own: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """`factors` hold the sessions of the venue alone."""
    vol = np.array([issuer.own_vol for issuer in issuers])
    beta = np.array([issuer.beta for issuer in issuers])
    sector_beta = np.array([issuer.sector_beta for issuer in issuers])
    sector = [issuer.sector for issuer in issuers]
    returns = factors.market[:, None] * beta
    returns += factors.sectors[:, sector] * sector_beta
    # Half the variance comes back as drift, or two decades of noise would ruin most companies.
    returns += own[0] + 0.45 * vol * vol + 0.00004
    dying = np.array([issuer.delisted or 0 for issuer in issuers])
    returns += np.where(
        (dying > 0) & (factors.days[:, None] > dying - _DYING_DAYS), _DYING_DRIFT, 0.0
    )
    market_size = 0.008 * regime.MARKET_VOL[factors.states][:, None] * beta
    return np.clip(returns, -0.5, 0.8), own[1] + 0.5 * market_size


def _listed(days: Ints, issuers: list[Issuer]) -> NDArray[np.bool_]:
    first = np.array([issuer.listed for issuer in issuers])
    last = np.array([issuer.delisted or 10**6 for issuer in issuers])
    return (days[:, None] >= first) & (days[:, None] <= last)


def _ex_dates(days: Ints, issuers: list[Issuer]) -> Floats:
    """The part of the price that goes ex: four times a year in America, else twice."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    fresh = np.flatnonzero(np.diff(months, prepend=months[:1] - 1))
    out = np.zeros((len(days), len(issuers)))
    for column, issuer in enumerate(issuers):
        times = 4 if issuer.venue.country in ("USA", "CAN") else 2
        step = 12 // times
        due = fresh[(months[fresh] % step) == issuer.number % step] + 3 + issuer.number % 9
        # 1 % a quarter at most; the day is some sessions into the month.
        due = due[due < len(days)]
        due = due[days[due] > issuer.listed + 60]
        out[due, column] = round(issuer.dividend_yield / times, 6)
    return out


def _split(
    days: Ints, returns: Floats, issuers: list[Issuer], venue: DemoVenue
) -> tuple[Floats, Floats]:
    """Split ratios (1 where none) and raw closes: boards look at the price each quarter."""
    whole = np.array([issuer.price for issuer in issuers]) * np.cumprod(1.0 + returns, axis=0)
    ratios = np.ones_like(returns)
    divisor = np.ones(len(issuers))
    close = np.empty_like(whole)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    fresh = np.flatnonzero(np.diff(months, prepend=months[:1] - 1))
    looks = fresh[(months[fresh] % 3) == 1] + 9
    looks = looks[(looks > 0) & (looks < len(days))]
    start = 0
    for look in [*looks.tolist(), len(days)]:
        close[start:look] = whole[start:look] / divisor
        if look < len(days):
            price = whole[look - 1] / divisor / venue.level
            ratio = np.where(price > 3 * _DEAR, 10.0, np.where(price > _DEAR, 4.0, 1.0))
            ratio = np.where(price < _CHEAP, 0.1, ratio)
            active = days[look] > np.array([issuer.listed + 30 for issuer in issuers])
            gone = np.array([issuer.delisted or 10**6 for issuer in issuers])
            active &= days[look] < gone - 2 * _DYING_DAYS
            ratio = np.where(active, ratio, 1.0)
            ratios[look] = ratio
            divisor = divisor * ratio
        start = look
    return ratios, close


def _flash(days: Ints, venue: DemoVenue) -> Floats | None:
    """On the day of the flash crash American lows lie far below open and close."""
    if venue.country not in ("USA", "CAN"):
        return None
    hit = days == day_number(FLASH.day)
    return np.where(hit, 1.0 + FLASH.drop, 1.0)[:, None]
