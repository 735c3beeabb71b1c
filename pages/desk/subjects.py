"""What a rule is about: instruments, figures of countries, jobs, datasets, processes, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from analytics.formulas.values import formula_of
from analytics.live.rules import HELD, LIVE, OF_CLOSES, SCREENS
from data.datasets import DATASETS
from data.state import timetable
from data.state.alerts import Alert
from data.state.db import State
from data.vocabulary import named as indicator_name
from pages.desk import tables
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.resources import now
from pages.frame.run import current
from pages.screening.words import screen_words
from pages.search.directory import company_names, country_names, directory

ALL = "all countries"
PROCESSES = ("feed", "archive", "monitor")
OF_INSTRUMENTS = frozenset({*LIVE, *HELD, *OF_CLOSES})
OF_SCREENS = frozenset(SCREENS)
OF_COUNTRIES = frozenset({"published", "regime_turned"})
LISTED = frozenset({"job_failed", "late_hours", "silent_minutes"})


@dataclass(frozen=True, slots=True)
class CountryIndicators:
    """Which countries have which indicators, by code, and the names of the countries."""

    of: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]

    def first(self, country: str, indicators: Iterable[str]) -> list[str]:
        """The first of these indicators that a country has."""
        return [word for word in indicators if word in self.of.get(country, ())][:1]

    def symbols(self, country: str, indicators: Iterable[str]) -> list[str] | None:
        """The names of these figures in a rule; none for all figures of all countries."""
        wanted = list(indicators)
        if country == ALL and not wanted:
            return None
        codes = sorted(self.of) if country == ALL else [country]
        words = {code: wanted or self.of.get(code, ()) for code in codes}
        return [f"{code} {word}" for code, held in words.items() for word in held]


def figures() -> CountryIndicators:
    """From the directory, which the palette keeps; empty where it cannot be read."""
    try:
        listed = directory(current(), "series")
    except Exception as error:  # noqa: BLE001 - the form remains, without these choices
        explain(error, "directory")
        return CountryIndicators({}, {})
    names = country_names()
    series = listed.select(pl.col("more").str.split(" ").list.first().alias("country"), "code")
    grouped = (
        series.filter(pl.col("country").is_in(list(names)))
        .unique()
        .sort("country", "code")
        .group_by("country", maintain_order=True)
        .agg("code")
    )
    return CountryIndicators({row[0]: tuple(row[1]) for row in grouped.iter_rows()}, names)


def names_for(metrics: Iterable[object]) -> Mapping[str, str]:
    """Country codes with their names, where one of these metrics is about countries or screens,
    and companies' ids with theirs, where one is about screens."""
    found = set(metrics)
    if OF_SCREENS.isdisjoint(found):
        return country_names() if OF_COUNTRIES.intersection(found) else {}
    return {**country_names(), **company_names()}


def alert_rows(found: Iterable[Alert]) -> list[dict[str, Any]]:
    """Recorded alerts as rows of the table of alerts."""
    recorded = list(found)
    names = names_for(alert.firing.metric for alert in recorded)
    return [
        {
            "at": alert.firing.known_at,
            "word": alert.condition,
            "about": subject(alert.firing.metric, alert.firing.symbol, names),
            "rule": str(alert.firing.context.get("rule", "")),
            "metric": alert.firing.metric,
            "value": alert.firing.trigger_value,
            "trigger": alert.firing.threshold,
        }
        for alert in recorded
    ]


def scope(definition: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a rule applies to, in words."""
    metric = str(definition.get("metric"))
    about = [subject(metric, symbol, names) for symbol in definition.get("symbols") or ()]
    parts = [
        screen_words(str(definition["screen"]), names) if definition.get("screen") else "",
        f"list {definition['watchlist']}" if definition.get("watchlist") else "",
        f"portfolio {definition['portfolio']}" if definition.get("portfolio") else "",
        ", ".join(item["text"] if isinstance(item, dict) else item for item in about),
    ]
    everything = "all instruments" if metric in OF_INSTRUMENTS else "all"
    return " · ".join(filter(None, parts)) or everything


def choices(state: State, metric: str) -> list[str]:
    """What a metric with a closed list of subjects can be about."""
    if metric == "late_hours":
        return sorted(DATASETS)
    if metric == "silent_minutes":
        return list(PROCESSES)
    said = timetable.posted(state, as_of=now())
    return sorted(line.name for line in said.table.jobs) if said else []


def subject(metric: str, symbol: str, names: Mapping[str, str]) -> str | dict[str, str]:
    """The subject of an alert by its name, with the page that shows more of it."""
    if metric in OF_INSTRUMENTS:
        return tables.named(symbol)
    if metric in OF_COUNTRIES:
        country, _, word = symbol.partition(" ")
        name = names.get(country, country)
        text = f"{name}: {indicator_name(word)}" if word else name
        return {"text": text, "to": address("countries", id=country)}
    if metric in OF_SCREENS:
        return {"text": names.get(symbol, symbol), "to": address("company", id=symbol)}
    if metric == "formula" and (shown := formula_of(symbol)) is not None:
        return {"text": shown, "to": address("instrument", f=shown)}
    if metric == "job_failed":
        return {"text": symbol, "to": address("jobs", job=symbol)}
    if metric == "late_hours":
        return {"text": symbol, "to": address("data", dataset=symbol)}
    return symbol


def pick_listed(state: State, metric: str, key: str) -> list[str] | None:
    """Jobs, datasets or processes; none for all of them."""
    before = st.session_state.get(f"ar_subjects_{key}", ())
    options = list(dict.fromkeys((*choices(state, metric), *before)))
    label = {"job_failed": "Jobs", "late_hours": "Datasets", "silent_minutes": "Processes"}[metric]
    chosen = st.multiselect(
        label, options, key=f"ar_subjects_{key}", placeholder="empty: all", width=420
    )
    return chosen or None


def pick_figures(key: str, held: CountryIndicators) -> list[str] | None:
    """A country and its indicators."""
    countries = sorted(held.of, key=lambda code: held.names[code])
    before = st.session_state.get(f"ar_country_{key}", ALL)
    if before not in (ALL, *countries):
        countries.append(before)  # a rule may name a country of which nothing is known yet
    country = st.selectbox(
        "Country",
        [ALL, *countries],
        key=f"ar_country_{key}",
        format_func=lambda code: held.names.get(code, code),
        width=220,
    )
    known = held.of.get(country) or sorted({word for of in held.of.values() for word in of})
    words = list(dict.fromkeys((*known, *st.session_state.get(f"ar_indicators_{key}", ()))))
    chosen = st.multiselect(
        "Indicators",
        words,
        key=f"ar_indicators_{key}",
        format_func=indicator_name,
        placeholder="empty: all",
        width=420,
    )
    return held.symbols(country, chosen)
