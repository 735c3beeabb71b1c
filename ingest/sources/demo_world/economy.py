"""The true course of every country, month by month, before anybody measures it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world.draws import Floats, Ints, autoregress, normal_rows
from ingest.sources.demo_world.geography import Country, traits
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.spec import Spec


@dataclass(frozen=True, slots=True)
class Economy:
    """[country, month] from January 2003: gaps and yearly rates in percent."""

    countries: tuple[Country, ...]
    trend: Floats
    target: Floats
    growth: Floats
    prices: Floats
    policy: Floats
    people: Floats  # millions, one per country


def live(spec: Spec, story: Story, countries: tuple[Country, ...]) -> Economy:
    """How each country takes part in the world's story, with ups and downs of its own."""
    poor = np.array([0.0 if country.income == "High income" else 1.0 for country in countries])
    trend = 1.0 + 1.5 * traits(spec, countries, "trend") + 2.2 * poor
    target = 2.0 + poor * (1.0 + 4.0 * traits(spec, countries, "target"))
    part = (0.6 + 0.7 * traits(spec, countries, "part"))[:, None]
    own = autoregress(0.10 * _shocks(spec, countries, "growth", story.months), 0.88)
    growth = story.growth * part + own
    own = autoregress(0.07 * _shocks(spec, countries, "prices", story.months), 0.93)
    prices = target[:, None] * (1.0 + 0.45 * story.inflation * part) + own
    wanted = 0.6 + prices + 0.6 * (prices - target[:, None]) + 1.1 * growth
    policy = np.maximum(autoregress(0.08 * wanted, 0.92, 3.0), 0.0)
    size = np.array([country.size for country in countries])
    people = np.round(size / (12.0 + 45.0 * (1.0 - 0.8 * poor)), 2) + 1.0
    return Economy(countries, trend, target, growth, prices, policy, people)


def _shocks(spec: Spec, countries: tuple[Country, ...], what: str, count: int) -> Floats:
    return normal_rows(spec.seed, [f"{what} of {country.code}" for country in countries], count)


def level(rates: Floats, start: Floats | float) -> Floats:
    """A level that grows by percentages."""
    return np.asarray(start * np.cumprod(1.0 + rates / 100.0, axis=-1))


def _from_2005(values: Floats, first: int) -> Floats:
    """An index that stands at 100 in the first period of 2005."""
    return 100.0 * values / values[:, first : first + 1]


def mean_by(values: Floats, groups: Ints) -> Floats:
    """Means of months by group, each summed in the order of time."""
    count = int(groups.max()) + 1
    total, members = np.zeros((len(values), count)), np.zeros(count)
    for at, group in enumerate(groups):
        total[:, group] += values[:, at]
        members[group] += 1.0
    return total / members


def monthly_truth(spec: Spec, economy: Economy) -> dict[str, Floats]:
    """Every monthly indicator, [country, month]; `GDP`, `HOUSE` and the like come later."""
    e, months = economy, economy.growth.shape[1]
    size = np.array([country.size for country in e.countries])[:, None]
    trend, target = e.trend[:, None], e.target[:, None]

    def eps(what: str) -> Floats:
        return _shocks(spec, e.countries, what, months)

    season = np.array([-0.3, 0.2, 0.3, 0.2, 0.1, 0.0, -0.2, 0.0, 0.1, 0.1, -0.2, -0.3])
    monthly = e.prices / 12.0 + season[np.arange(months) % 12] + 0.10 * eps("cpi")
    cpi = level(monthly, 100.0)
    yearly = np.zeros_like(cpi)
    yearly[:, 12:] = 100.0 * (cpi[:, 12:] / cpi[:, :-12] - 1.0)
    rest = 4.0 + 2.0 * traits(spec, e.countries, "rest")[:, None]
    unemployed = rest + autoregress(-0.13 * e.growth + 0.04 * eps("unemp"), 0.95)
    force = 500.0 * e.people[:, None]
    share = 0.006 + 0.014 * traits(spec, e.countries, "open")[:, None]
    trade = (trend + 3.0 + 8.0 * e.growth) / 12.0
    lean = 0.85 + 0.3 * traits(spec, e.countries, "lean")[:, None]
    out = {
        "CPI": cpi,
        "CPIYOY": yearly,
        "CORE": autoregress(0.15 * e.prices, 0.85, 2.5) + 0.08 * eps("core"),
        "PPI": target + 2.2 * (e.prices - target) + 0.4 * eps("ppi"),
        "WAGES": 0.9 * e.prices + 1.0 + 0.4 * e.growth + 0.2 * eps("wages"),
        "UNEMP": np.maximum(unemployed, 0.8),
        "EMPL": force * (0.0009 + 0.0011 * e.growth + 0.0003 * eps("empl")),
        "IP": level((0.6 * trend + 5.0 * e.growth) / 12.0 + 0.5 * eps("ip"), 100.0),
        "RETAIL": (trend + e.prices + 2.0 * e.growth) / 12.0 + 0.5 * eps("retail"),
        "PMI": np.clip(50.8 + 3.6 * e.growth + 0.7 * eps("pmi"), 25.0, 68.0),
        "PMISERV": np.clip(51.8 + 2.9 * e.growth + 0.7 * eps("pmiserv"), 22.0, 68.0),
        "CONF": np.clip(100.0 + 4.5 * e.growth + 1.2 * eps("conf"), 55.0, 130.0),
        "EXPORTS": size * share * level(trade + 1.2 * eps("exports"), 1.0),
        "IMPORTS": size * share * lean * level(trade + 1.2 * eps("imports"), 1.0),
        "Y10": 0.55 * e.policy + 0.45 * (target + 1.6) + 0.5 + 0.12 * eps("y10"),
        "M2": 4.0 + 0.8 * e.prices - 0.6 * e.growth + 0.5 * eps("m2"),
    }
    return out | {code: _from_2005(out[code], 24) for code in ("CPI", "IP")}


def quarterly_truth(spec: Spec, economy: Economy) -> dict[str, Floats]:
    """[country, quarter] from the first quarter of 2003."""
    e = economy
    quarters = np.arange(e.growth.shape[1]) // 3
    growth, prices = mean_by(e.growth, quarters), mean_by(e.prices, quarters)
    count = growth.shape[1]

    def eps(what: str) -> Floats:
        return _shocks(spec, e.countries, what, count)

    size = np.array([country.size for country in e.countries])[:, None]
    rate = (e.trend[:, None] + 2.4 * growth) / 4.0 + 0.20 * eps("gdp")
    surplus = 8.0 * traits(spec, e.countries, "surplus")[:, None] - 4.0
    house = level((prices + e.trend[:, None] + 4.0 * growth) / 4.0 + 0.6 * eps("house"), 100.0)
    return {
        "GDPG": rate,
        "GDP": level(rate, size * 0.9),
        "CA": surplus + autoregress(0.4 * eps("ca"), 0.9),
        "CREDIT": 4.0 + e.trend[:, None] + 2.5 * growth + 0.6 * eps("credit"),
        "HOUSE": _from_2005(house, 8),
    }


def annual_truth(spec: Spec, economy: Economy) -> dict[str, Floats]:
    """[country, year] from 2003."""
    e = economy
    growth = mean_by(e.growth, np.arange(e.growth.shape[1]) // 12)
    eps = _shocks(spec, e.countries, "budget", growth.shape[1])
    balance = -2.2 + 1.5 * growth + 0.5 * eps
    start = 30.0 + 50.0 * traits(spec, e.countries, "debt")[:, None]
    debt = np.maximum(start + np.cumsum(-balance - 2.0, axis=1), 8.0)
    births = 0.2 + 1.0 * traits(spec, e.countries, "births")[:, None]
    people = level(np.repeat(births, growth.shape[1], axis=1), e.people[:, None])
    return {"DEFICIT": balance, "DEBT": debt, "POP": people}
