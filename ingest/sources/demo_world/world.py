"""The whole world, dataset by dataset, and the hidden truth that only tests may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa

from data.datasets.ticks import TICKS
from ingest.sources.demo_world import regime
from ingest.sources.demo_world.archive import archived_macro, archived_prices, archived_series
from ingest.sources.demo_world.attention import attention_table
from ingest.sources.demo_world.catalogue import instrument_table
from ingest.sources.demo_world.curves import curve_macro, curve_series
from ingest.sources.demo_world.economy import Economy, live
from ingest.sources.demo_world.equities import equity_panels
from ingest.sources.demo_world.events import event_rows, event_table
from ingest.sources.demo_world.factors import market_factors
from ingest.sources.demo_world.filings import company_table, exposure_table, fundamental_table
from ingest.sources.demo_world.geography import countries_of
from ingest.sources.demo_world.holdings import holding_table
from ingest.sources.demo_world.intraday import MINUTE_US, bar_table, minutes
from ingest.sources.demo_world.issuers import Issuer, issuers_of
from ingest.sources.demo_world.linking import link_table
from ingest.sources.demo_world.listings import coins_of, commodities_of, indices_of, pairs_of
from ingest.sources.demo_world.macro import country_table, macro_table, series_table
from ingest.sources.demo_world.measured import Block, measure
from ingest.sources.demo_world.news import news_table
from ingest.sources.demo_world.others import (
    coin_panel,
    commodity_panel,
    commodity_sizes,
    dollar_paths,
    index_panel,
    pair_panel,
)
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.prices import price_tables
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.releases import release_table
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.statements import keep_books
from ingest.sources.demo_world.submissions import filing_table
from ingest.sources.demo_world.tape import Quote, tick_table, trades_of_minute
from ingest.sources.demo_world.ties import sectors_on_goods
from ingest.sources.demo_world.trade import trade_flows, trade_table
from ingest.sources.demo_world.trade_months import trade_months_table

TICK_RATE = 1.5  # archived trades a second and symbol


@dataclass(frozen=True, slots=True)
class World:
    """The hidden story, and what was measured of it."""

    spec: Spec
    story: Story
    economy: Economy
    issuers: tuple[Issuer, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Markets:
    """What was quoted: shares by venue; indices, commodities, currencies and coins."""

    shares: tuple[PricePanel, ...]
    others: tuple[PricePanel, ...]

    @property
    def coins(self) -> PricePanel:
        """The panel of the coins."""
        return self.others[-1]


def make_world(spec: Spec) -> World:
    """Draw the story, every economy and all its statistics."""
    story = regime.tell(spec)
    economy = live(spec, story, countries_of(spec))
    return World(spec, story, economy, issuers_of(spec), tuple(measure(spec, economy)))


def make_markets(world: World) -> Markets:
    """Draw every price."""
    spec = world.spec
    factors = market_factors(spec, world.story)
    listed = commodities_of(spec)
    goods = commodity_panel(spec, factors, listed)
    led = sectors_on_goods(factors, goods, commodity_sizes(listed))
    factors = replace(factors, sectors=factors.sectors + led)
    dollars = dollar_paths(spec, factors, world.blocks)
    others = (
        index_panel(spec, factors, indices_of(), world.blocks),
        goods,
        pair_panel(spec, factors, pairs_of(spec), dollars),
        coin_panel(spec, factors, world.story, coins_of(spec)),
    )
    ties = (world.blocks, dollars)
    return Markets(tuple(equity_panels(spec, factors, world.issuers, ties)), others)


def tables(world: World) -> Iterator[tuple[str, pa.Table]]:
    """Every table in the order in which it is drawn; prices come in several.

    Markets are drawn half-way, so that a writer has something to write meanwhile.
    """
    yield from _reported(world)
    yield from _traded(world, make_markets(world))


def _reported(world: World) -> Iterator[tuple[str, pa.Table]]:
    """What statisticians, customs and companies say."""
    spec, issuers, countries = world.spec, world.issuers, world.economy.countries
    yield "countries", country_table(spec, countries)
    yield "series", series_table(spec, world.blocks)
    yield "series", archived_series(spec, countries)
    yield "series", curve_series(spec)
    yield "macro", macro_table(spec, world.blocks)
    yield "macro", archived_macro(spec, countries, world.blocks)
    yield "macro", curve_macro(spec, world.economy)
    yield "releases", release_table(spec, world.blocks)
    yield "instruments", instrument_table(spec, issuers)
    yield "companies", company_table(spec, issuers)
    accounts = keep_books(spec, world.story, issuers)
    yield "fundamentals", fundamental_table(spec, issuers, accounts)
    yield "filings", filing_table(spec, issuers, accounts)
    yield "exposures", exposure_table(spec, issuers, accounts)
    traded = trade_flows(spec, world.economy)
    yield "trade", trade_table(spec, world.economy, traded)
    yield "trade_months", trade_months_table(spec, world.economy, traded)
    yield "links", link_table(spec, issuers, countries)


def _traded(world: World, markets: Markets) -> Iterator[tuple[str, pa.Table]]:
    """What venues print, and what people make of it."""
    spec, countries = world.spec, world.economy.countries
    events = event_rows(spec, world.issuers, markets.shares, world.blocks)
    for group in (markets.shares, *((panel,) for panel in markets.others)):
        for table in price_tables(spec, group):
            yield "prices", table
    yield "prices", pa.concat_tables(archived_prices(spec, markets.shares[0]))
    yield "fund_holdings", holding_table(spec, world.issuers, markets.shares)
    yield "events", event_table(spec, events)
    yield "attention", attention_table(spec, markets.shares, countries, events)
    yield "news", news_table(spec, world.blocks, events)
    yield "bars", bar_table(spec, [*markets.shares, *markets.others])
    yield "ticks", archived_ticks(spec, markets.coins)


def archived_ticks(spec: Spec, coins: PricePanel) -> pa.Table:
    """The last minutes of the last day, along the minute bars of that day."""
    count = min(spec.scale.minute_symbols, 6)
    session = len(coins.sessions.days) - 1
    chosen = [
        Quote(coins.symbols[at], float(coins.close[-1, at]), int(coins.decimals[at]))
        for at in range(count)
    ]
    made = [minutes(spec, coins, session, at) for at in range(count)]
    parts = []
    for at in range(1440 - spec.scale.tick_minutes, 1440):
        minute = int(coins.sessions.opens[session]) // MINUTE_US + at
        ends = [(float(item.open[at]), float(item.close[at])) for item in made]
        trades = trades_of_minute(spec.seed, chosen, minute, TICK_RATE, ends)
        parts.append(tick_table(chosen, trades))
    table = pa.concat_tables(parts)
    micros = table.column("known_at").cast(pa.int64()).to_numpy()
    table = table.filter(pa.array(micros < spec.end_us))
    return table.sort_by([(name, "ascending") for name in TICKS.order])


def truth(world: World) -> dict[str, pl.DataFrame]:
    """The hidden states, by month and by day, up to `until`."""
    spec, story = world.spec, world.story
    factors = market_factors(spec, story)
    count = story.month_index(spec.until.year, spec.until.month) + 1
    months = pl.DataFrame(
        {
            "month": [regime.month_at(at) for at in range(count)],
            "state": [regime.STATES[state] for state in story.states[:count].tolist()],
            "growth": story.growth[:count],
            "inflation": story.inflation[:count],
        }
    )
    days = pl.DataFrame(
        {
            "date": pl.Series(factors.days.astype(np.int32)).cast(pl.Date),
            "state": [regime.STATES[state] for state in factors.states.tolist()],
            "market": factors.market,
        }
    )
    return {"regimes": months, "market": days}
