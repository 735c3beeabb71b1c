"""DATASETS: the one list of what the lake can hold."""

from __future__ import annotations

from data.contracts import Dataset
from data.datasets.attention import ATTENTION
from data.datasets.bars import BARS
from data.datasets.companies import COMPANIES
from data.datasets.countries import COUNTRIES
from data.datasets.events import EVENTS
from data.datasets.expectations import EXPECTATIONS
from data.datasets.exposures import EXPOSURES
from data.datasets.filings import FILINGS
from data.datasets.fund_holdings import FUND_HOLDINGS
from data.datasets.fundamentals import FUNDAMENTALS
from data.datasets.instruments import INSTRUMENTS
from data.datasets.links import LINKS
from data.datasets.macro import MACRO
from data.datasets.news import NEWS
from data.datasets.prices import PRICES
from data.datasets.releases import RELEASES
from data.datasets.series import SERIES
from data.datasets.ticks import TICKS
from data.datasets.trade import TRADE
from data.datasets.trade_months import TRADE_MONTHS
from data.errors import ConfigError

_ALL = (
    INSTRUMENTS,
    PRICES,
    BARS,
    TICKS,
    SERIES,
    MACRO,
    RELEASES,
    EXPECTATIONS,
    COUNTRIES,
    TRADE,
    TRADE_MONTHS,
    COMPANIES,
    FILINGS,
    FUNDAMENTALS,
    EXPOSURES,
    FUND_HOLDINGS,
    ATTENTION,
    NEWS,
    EVENTS,
    LINKS,
)
DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}
IN_DEMO = tuple(one.name for one in _ALL if one.in_demo)


def dataset_named(name: str) -> Dataset:
    """The dataset of that name, or one sentence that lists the names there are."""
    try:
        return DATASETS[name]
    except KeyError:
        raise ConfigError(
            f"no dataset named {name[:60]!r}; there are {', '.join(sorted(DATASETS))}"
        ) from None
