"""Indices, commodities, currencies and coins: the panels that are not shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.sources.demo_world import regime
from ingest.sources.demo_world.draws import Floats, uniforms
from ingest.sources.demo_world.factors import (
    CALM_HABIT,
    MARKET_DAILY,
    OWN_HABIT,
    Factors,
    Habit,
    clustered,
    reverting,
    shocks,
    states_of,
)
from ingest.sources.demo_world.listings import Coin, Commodity, Index, Pair, dollar_worth
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.panels import PricePanel, PricePath, printed
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.sessions import VENUES, sessions
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.ties import (
    DOLLAR_ON_RATES,
    DOLLAR_SIZE,
    felt,
    news_of,
    sectors_on_news,
)

_INFLATION_PULL = np.array([3.0, 0.5, 4.0, -2.5, -18.0]) * 1e-4  # commodities, daily, by state
_FLIGHT = np.array([0.2, 0.3, -0.4, -0.3, -3.0]) * 1e-4  # risky currencies, daily, by state
_FAMILY_DAILY, _ON_MARKET = 0.009, 0.25  # what goods share with their family and with shares
_COIN_PULL = np.array([12.0, 14.0, -4.0, -2.0, -60.0]) * 1e-4


def index_panel(
    spec: Spec, factors: Factors, indices: Sequence[Index], blocks: Sequence[Block]
) -> PricePanel:
    """The world's index and one per sector, on the sessions of New York."""
    venue = VENUES["XNYS"]
    found = sessions(venue.calendar, spec.until)
    rows = np.searchsorted(factors.days, found.days)
    sectors = factors.sectors[rows] + sectors_on_news(blocks, found.closes)
    columns = [
        factors.market[rows] + (sectors[:, index.sector] if index.sector is not None else 0.0)
        for index in indices
    ]
    returns = np.column_stack(columns)
    close: Floats = np.asarray(1000.0 * np.cumprod(1.0 + returns, axis=0))
    sizes = np.repeat(0.008 * regime.MARKET_VOL[factors.states[rows]][:, None], len(indices), 1)
    path = _path([index.symbol for index in indices], close, returns, sizes, 2e8)
    bars = printed(spec, path, np.full(len(indices), 2))
    return PricePanel(
        "index", venue, found, path.symbols, ("USD",) * len(indices), path.listed, **bars
    )


def commodity_sizes(commodities: Sequence[Commodity]) -> dict[str, float]:
    """The size of an ordinary day of each good in an ordinary state."""
    shared = _FAMILY_DAILY**2 + (_ON_MARKET * MARKET_DAILY) ** 2
    return {good.symbol: float(np.sqrt(good.vol**2 + shared)) for good in commodities}


def commodity_panel(spec: Spec, factors: Factors, commodities: Sequence[Commodity]) -> PricePanel:
    """Futures that follow inflation, fall in crises and share their family's shocks."""
    venue = VENUES["XCME"]
    found = sessions(venue.calendar, spec.until)
    rows = np.searchsorted(factors.days, found.days)
    families = sorted({commodity.family for commodity in commodities})
    names = [f"family {family}" for family in families]
    vol = np.array([commodity.vol for commodity in commodities])
    both = np.concatenate([vol, np.full(len(names), _FAMILY_DAILY)])
    symbols = [commodity.symbol for commodity in commodities]
    drawn, sizes = _own(spec, [*symbols, *names], both, factors.states, OWN_HABIT)
    own, shared, sizes = drawn[:, : len(vol)], drawn[:, len(vol) :], sizes[:, : len(vol)]
    member = [families.index(commodity.family) for commodity in commodities]
    pull = _INFLATION_PULL[factors.states][:, None]
    wish = (own + shared[:, member] + pull + _ON_MARKET * factors.market[:, None])[rows]
    start = np.array([commodity.price for commodity in commodities])
    close, returns = reverting(np.clip(wish, -0.3, 0.3), start, 0.0008)
    path = _path(symbols, close, returns, sizes[rows] + 0.004, 9e4)
    decimals = np.array([commodity.decimals for commodity in commodities])
    bars = printed(spec, path, decimals)
    currencies = ("USD",) * len(commodities)
    return PricePanel("commodity", venue, found, path.symbols, currencies, path.listed, **bars)


def pair_panel(
    spec: Spec, factors: Factors, pairs: Sequence[Pair], levels: dict[str, Floats]
) -> PricePanel:
    """Currency pairs out of one dollar path per currency, so that crosses agree."""
    venue = VENUES["FX"]
    found = sessions(venue.calendar, spec.until)
    close = np.column_stack([levels[pair.base] / levels[pair.quote] for pair in pairs])
    before = np.vstack([close[:1], close[:-1]])
    returns = close / before - 1.0
    scale = regime.OWN_VOL[factors.states][:, None] * 0.006
    sizes = np.repeat(scale, len(pairs), axis=1)
    path = _path([pair.symbol for pair in pairs], close, returns, sizes, 4e6)
    bars = printed(spec, path, np.array([pair.decimals for pair in pairs]))
    quotes = tuple(pair.quote for pair in pairs)
    return PricePanel("fx", venue, found, path.symbols, quotes, path.listed, **bars)


def dollar_paths(spec: Spec, factors: Factors, blocks: Sequence[Block]) -> dict[str, Floats]:
    """What one unit of each currency is worth in dollars, by weekday."""
    worth = dollar_worth()
    names = [name for name in sorted(worth) if name != "USD"]
    vol = np.full(len(names), 0.0052)
    own, _ = _own(spec, [f"fx {name}" for name in names], vol, factors.states, CALM_HABIT)
    luck = [float(uniforms(spec.seed, f"currency {name}", 1)[0]) for name in names]
    risk = np.array(luck) * 1.6 - 0.3
    pull = (_FLIGHT[factors.states] + 0.10 * factors.market)[:, None] * risk
    closes = sessions(VENUES["FX"].calendar, spec.until).closes
    news = DOLLAR_ON_RATES * DOLLAR_SIZE * felt(news_of(blocks, "POLICY"), closes)
    returns = np.clip(own + pull - 0.00003 * risk - news[:, None], -0.15, 0.15)
    start = np.array([worth[name] for name in names])
    levels, _ = reverting(returns, start, 0.0012)
    paths = {name: levels[:, column] for column, name in enumerate(names)}
    paths["USD"] = np.ones(len(factors.days))
    return paths


def coin_panel(spec: Spec, factors: Factors, story: Story, coins: Sequence[Coin]) -> PricePanel:
    """Coins that trade every day of the week and share a wild factor of their own."""
    venue = VENUES["DEMOCOIN"]
    found = sessions(venue.calendar, spec.until)
    states = states_of(story, found.days)
    vol = np.array([coin.vol for coin in coins])
    names = [*(coin.symbol for coin in coins), "coins"]
    drawn, sizes = _own(spec, names, np.append(vol, 0.024), states, OWN_HABIT)
    own, shared, sizes = drawn[:, :-1], drawn[:, -1:], sizes[:, :-1]
    market = np.zeros(len(found.days))
    market[np.searchsorted(found.days, factors.days)] = factors.market
    returns = own + shared + _COIN_PULL[states][:, None] + 0.8 * market[:, None]
    returns = np.clip(returns + 0.5 * (vol * vol + 0.024 * 0.024), -0.45, 0.8)
    listed = found.days[:, None] >= np.array([coin.listed for coin in coins])
    returns = np.where(listed, returns, 0.0)
    close = np.array([coin.price for coin in coins]) * np.cumprod(1.0 + returns, axis=0)
    path = PricePath(
        tuple(coin.symbol for coin in coins),
        close,
        returns,
        sizes + 0.01,
        listed,
        np.array([coin.turnover for coin in coins]),
    )
    decimals = np.array([coin.decimals for coin in coins])
    bars = printed(spec, path, decimals)
    return PricePanel("crypto", venue, found, path.symbols, ("USD",) * len(coins), listed, **bars)


def _own(
    spec: Spec, names: list[str], vol: Floats, states: np.ndarray, habit: Habit
) -> tuple[Floats, Floats]:
    scale = regime.OWN_VOL[states][:, None] * vol
    return clustered(shocks(spec.seed, names, len(states)), scale, habit)


def _path(
    symbols: list[str], close: Floats, returns: Floats, sizes: Floats, turnover: float
) -> PricePath:
    listed = np.ones(close.shape, dtype=bool)
    return PricePath(tuple(symbols), close, returns, sizes, listed, np.full(len(symbols), turnover))
