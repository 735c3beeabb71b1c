"""The whole world, dataset by dataset, and the hidden truth that only tests may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from data.datasets.ticks import TICKS
from ingest.sources.demo_world import regime
from ingest.sources.demo_world.attention import attention_table
from ingest.sources.demo_world.catalogue import instrument_table
from ingest.sources.demo_world.economy import Economy, live
from ingest.sources.demo_world.equities import equity_panels
from ingest.sources.demo_world.events import event_rows, event_table
from ingest.sources.demo_world.factors import Factors, market_factors
from ingest.sources.demo_world.filings import company_table, exposure_table, fundamental_table
from ingest.sources.demo_world.geography import countries_of
from ingest.sources.demo_world.intraday import MINUTE_US, bar_table, minutes
from ingest.sources.demo_world.issuers import Issuer, issuers_of
from ingest.sources.demo_world.linking import link_table
from ingest.sources.demo_world.listings import coins_of, commodities_of, indices_of, pairs_of
from ingest.sources.demo_world.macro import country_table, macro_table, series_table
from ingest.sources.demo_world.measured import Block, measure
from ingest.sources.demo_world.news import news_table
from ingest.sources.demo_world.others import coin_panel, commodity_panel, index_panel, pair_panel
from ingest.sources.demo_world.panels import Panel
from ingest.sources.demo_world.prices import price_tables
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.releases import release_table
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.statements import keep_books
from ingest.sources.demo_world.tape import Quote, tick_table, trades_of_minute
from ingest.sources.demo_world.trade import trade_table

TICK_RATE = 1.5  # archived trades a second and symbol


@dataclass(frozen=True, slots=True)
class World:
    """What has to be drawn before tables can be written."""

    spec: Spec
    story: Story
    economy: Economy
    factors: Factors
    issuers: tuple[Issuer, ...]
    shares: tuple[Panel, ...]
    others: tuple[Panel, ...]
    blocks: tuple[Block, ...]


def make_world(spec: Spec) -> World:
    """Draw everything of one world."""
    story = regime.tell(spec)
    economy = live(spec, story, countries_of(spec))
    factors = market_factors(spec, story)
    issuers = issuers_of(spec)
    others = (
        index_panel(spec, factors, indices_of()),
        commodity_panel(spec, factors, commodities_of(spec)),
        pair_panel(spec, factors, pairs_of(spec)),
        coin_panel(spec, factors, story, coins_of(spec)),
    )
    shares = tuple(equity_panels(spec, factors, issuers))
    blocks = tuple(measure(spec, economy))
    return World(spec, story, economy, factors, issuers, shares, others, blocks)


def tables(world: World) -> Iterator[tuple[str, pa.Table]]:
    """Every table in the order in which it should be written; prices come in several."""
    spec, countries = world.spec, world.economy.countries
    events = event_rows(spec, world.issuers, world.shares, world.blocks)
    yield "countries", country_table(spec, countries)
    yield "instruments", instrument_table(spec, world.issuers)
    yield "companies", company_table(spec, world.issuers)
    yield "series", series_table(spec, world.blocks)
    yield "events", event_table(spec, events)
    for group in (world.shares, *((panel,) for panel in world.others)):
        for table in price_tables(spec, group):
            yield "prices", table
    yield "macro", macro_table(spec, world.blocks)
    yield "releases", release_table(spec, world.blocks)
    yield "trade", trade_table(spec, world.economy)
    accounts = keep_books(spec, world.story, world.issuers)
    yield "fundamentals", fundamental_table(spec, world.issuers, accounts)
    yield "exposures", exposure_table(spec, world.issuers, accounts)
    yield "links", link_table(spec, world.issuers, countries)
    yield "attention", attention_table(spec, world.shares, countries, events)
    yield "news", news_table(spec, world.blocks, events)
    yield "bars", bar_table(spec, [*world.shares, *world.others])
    yield "ticks", archived_ticks(world)


def quotes(world: World) -> list[Quote]:
    """The coins that tick, at their last close."""
    panel = world.others[-1]
    count = min(world.spec.scale.minute_symbols, 6)
    return [
        Quote(panel.symbols[column], float(panel.close[-1, column]), int(panel.decimals[column]))
        for column in range(count)
    ]


def archived_ticks(world: World) -> pa.Table:
    """The last minutes of the last day, along the minute bars of that day."""
    spec, panel = world.spec, world.others[-1]
    chosen = quotes(world)
    session = len(panel.sessions.days) - 1
    made = [minutes(spec, panel, session, panel.symbols.index(one.symbol)) for one in chosen]
    parts = []
    first = 1440 - spec.scale.tick_minutes
    for at in range(first, 1440):
        minute = int(panel.sessions.opens[session]) // MINUTE_US + at
        ends = [(float(one.open[at]), float(one.close[at])) for one in made]
        trades = trades_of_minute(spec.seed, chosen, minute, TICK_RATE, ends)
        parts.append(tick_table(chosen, trades))
    table = pa.concat_tables(parts)
    micros = table.column("known_at").cast(pa.int64()).to_numpy()
    table = table.filter(pa.array(micros < spec.end_us))
    return table.sort_by([(name, "ascending") for name in TICKS.order])


def truth(world: World) -> dict[str, pl.DataFrame]:
    """The hidden states, by month and by day, up to `until`."""
    spec, story = world.spec, world.story
    count = story.month_index(spec.until.year, spec.until.month) + 1
    months = pl.DataFrame({
        "month": [regime.month_at(at) for at in range(count)],
        "state": [regime.STATES[state] for state in story.states[:count].tolist()],
        "growth": story.growth[:count],
        "inflation": story.inflation[:count],
    })  # fmt: skip
    days = pl.DataFrame({
        "date": pl.Series(world.factors.days.astype(np.int32)).cast(pl.Date),
        "state": [regime.STATES[state] for state in world.factors.states.tolist()],
        "market": world.factors.market,
    })  # fmt: skip
    return {"regimes": months, "market": days}
