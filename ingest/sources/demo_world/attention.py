"""Daily page views: a weekly rhythm, and bursts when something happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from data.datasets.attention import ATTENTION
from ingest.sources.demo_world.calamity import CRASHES, FLASH
from ingest.sources.demo_world.draws import Floats, Ints, lognormals, rounded, uniforms
from ingest.sources.demo_world.events import Row
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, coded, day_number, days_of, instants

FIRST = date(2015, 7, 1)
TOPICS = ("bear market", "housing", "inflation", "interest rate", "layoffs", "recession")
_WEEK = np.array([1.10, 1.12, 1.10, 1.06, 0.98, 0.80, 0.84])
_MISSING = 0.004


def attention_table(
    spec: Spec, panels: Sequence[PricePanel], countries: Sequence[Country], events: Sequence[Row]
) -> pa.Table:
    """Views of the first issuers, of the countries and of a few topics, from July 2015."""
    if spec.until < FIRST:
        return assemble(ATTENTION, _columns([], np.zeros(0, np.int64), np.zeros((0, 0))), spec)
    days = np.arange(day_number(FIRST), day_number(spec.until) + 1, dtype=np.int64)
    bursts = _symbol_bursts(spec, panels, days)
    bursts |= {
        f"country:{country.code}": _country_burst(country, events, days) for country in countries
    }
    bursts |= {f"topic:{topic}": _calamity_burst(days) for topic in TOPICS}
    names = sorted(bursts)
    views = np.stack([_views(spec, name, days, bursts[name]) for name in names])
    return assemble(ATTENTION, _columns(names, days, views), spec)


def _columns(names: list[str], days: Ints, views: Floats) -> dict[str, pa.Array]:
    entity, day = np.nonzero(~np.isnan(views)) if len(names) else (days, days)
    return {
        "entity": coded(entity, names),
        "date": days_of(days[day]),
        "views": pa.array(views[entity, day] if len(names) else np.zeros(0)),
        "known_at": instants((days[day] + 1) * DAY_US + DAY_US // 4),
    }


def _views(spec: Spec, name: str, days: Ints, burst: Floats) -> Floats:
    luck = float(uniforms(spec.seed, f"views {name}", 1)[0])
    base = 200.0 + 9000.0 * luck * luck * luck
    mood = lognormals(spec.seed, f"daily views {name}", len(days))
    out = rounded(base * _WEEK[(days + 3) % 7] * (0.8 + 0.2 * mood) * burst, 0)
    out[uniforms(spec.seed, f"lost views {name}", len(days)) < _MISSING] = np.nan
    return out


def _fading(push: Floats) -> Floats:
    """Interest halves every day."""
    out = np.empty_like(push)
    level = 0.0
    for day, fresh in enumerate(push.tolist()):
        level = max(level * 0.5, fresh)
        out[day] = 1.0 + level
    return out


def _calamity_burst(days: Ints) -> Floats:
    push = np.zeros(len(days))
    for calamity in (*CRASHES, FLASH):
        push[days == day_number(calamity.day)] = 12.0
    return _fading(push)


def _symbol_bursts(spec: Spec, panels: Sequence[PricePanel], days: Ints) -> dict[str, Floats]:
    bursts: dict[str, Floats] = {}
    for panel in panels:
        take = max(1, spec.scale.watched // len(panels))
        for column in range(min(take, len(panel.symbols))):
            close = panel.close[:, column]
            change = np.zeros(len(close))
            change[1:] = np.abs(close[1:] / close[:-1] - 1.0)
            change[~panel.listed[:, column]] = 0.0
            if panel.split is not None:
                change[panel.split[:, column] != 1.0] = 0.1
            at = panel.sessions.days - days[0]
            push = np.zeros(len(days))
            keep = at >= 0
            push[at[keep]] = np.where(change > 0.04, 40.0 * np.minimum(change, 0.3), 0.0)[keep]
            bursts[panel.symbols[column]] = _fading(push)
    return bursts


def _country_burst(country: Country, events: Sequence[Row], days: Ints) -> Floats:
    push = np.zeros(len(days))
    for event in events:
        if event["kind"] == "rate_decision" and event["country"] == country.code:
            at = event["at"] // DAY_US - int(days[0])
            if at >= 0:
                push[at] = 0.5 + 3.0 * abs(event["magnitude"])
    for crash in CRASHES:
        push[days == day_number(crash.day)] = 4.0
    return _fading(push)
