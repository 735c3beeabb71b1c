"""SOURCES: the one list of the parties we pull from."""

from __future__ import annotations

from data.errors import ConfigError
from ingest.jobs import Source
from ingest.sources import (
    alpha_vantage,
    bea,
    binance,
    bis,
    bls,
    boe,
    boj,
    central_bank_rss,
    coingecko,
    comtrade,
    countries,
    demo,
    ecb,
    eia,
    eurostat,
    exchangerate_host,
    frankfurter,
    fred,
    imf,
    marketstack,
    oecd,
    openexchangerates,
    pink_sheet,
    release_calendars,
    sec_13f,
    sec_edgar,
    stooq,
    us_treasury,
    worldbank,
    yahoo_chart,
)

_ALL: tuple[Source, ...] = (
    alpha_vantage.SOURCE,
    bea.SOURCE,
    binance.SOURCE,
    bis.SOURCE,
    bls.SOURCE,
    boe.SOURCE,
    boj.SOURCE,
    central_bank_rss.SOURCE,
    coingecko.SOURCE,
    comtrade.SOURCE,
    countries.SOURCE,
    demo.SOURCE,
    ecb.SOURCE,
    eia.SOURCE,
    eurostat.SOURCE,
    exchangerate_host.SOURCE,
    frankfurter.SOURCE,
    fred.SOURCE,
    imf.SOURCE,
    marketstack.SOURCE,
    oecd.SOURCE,
    openexchangerates.SOURCE,
    pink_sheet.SOURCE,
    release_calendars.SOURCE,
    sec_13f.SOURCE,
    sec_edgar.SOURCE,
    stooq.SOURCE,
    us_treasury.SOURCE,
    worldbank.SOURCE,
    yahoo_chart.SOURCE,
)
SOURCES: dict[str, Source] = {source.name: source for source in _ALL}


def source_named(name: str) -> Source:
    """The source of that name, or one sentence that lists the names there are."""
    try:
        return SOURCES[name]
    except KeyError:
        names = ", ".join(sorted(SOURCES))
        raise ConfigError(f"no source named {name[:60]!r}; there are {names}") from None
