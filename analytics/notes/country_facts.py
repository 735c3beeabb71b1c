"""Facts of a country: its indicators, surprises, bias, regime and the releases that are due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from analytics.claims.judging.units import SCALED, SCALES
from analytics.claims.reading.dates import day_span, month_span, months_span, year_span
from analytics.claims.statement import Span
from analytics.core.catalogue import called
from analytics.core.periods import period_of
from analytics.macro.agenda import agenda, in_state
from analytics.macro.bias import bias
from analytics.macro.countries import country_profile
from analytics.macro.surprises import surprises
from analytics.notes.fact import DEVIATIONS, NUMBER, PERCENT, POINTS, Fact, MissingFact
from analytics.regimes.quadrants import STATES, jobless_rule, quadrants
from data.query import Answer, At
from data.vocabulary import named

RHYTHMS = ("monthly", "quarterly", "annual", "weekly", "irregular")
DAILY = ("yield_2y", "yield_10y")
SURPRISE_DAYS, RELEASE_DAYS, MOST_RELEASES, LEAST_IMPORTANCE = 60, 14, 8, 2
OLD_DAYS = {"daily": 10, "weekly": 30, "monthly": 120, "quarterly": 260, "annual": 1000}
# What an indicator is called beside its title; a longer name is read before a shorter one in it.
NICKNAMES: Mapping[str, tuple[str, ...]] = {
    "CPIYOY": ("inflation", "consumer price inflation", "CPI inflation", "headline inflation"),
    "cpi_inflation": ("inflation", "consumer price inflation", "CPI inflation"),
    "unemployment_rate": ("unemployment", "unemployment rate", "jobless rate"),
    "policy_rate": ("policy rate", "key rate"),
    "CORE": ("core inflation", "core consumer price inflation"),
    "PPI": ("producer price inflation", "producer prices"),
    "UNEMP": ("unemployment", "unemployment rate", "jobless rate"),
    "GDPG": ("GDP growth", "real GDP growth", "growth of real GDP"),
    "POLICY": ("policy rate", "key rate"),
    "PMI": ("manufacturing PMI", "purchasing managers' index for manufacturing"),
    "PMISERV": ("services PMI", "purchasing managers' index for services"),
    "WAGES": ("average earnings", "earnings growth", "wage growth"),
    "IP": ("industrial production",),
    "RETAIL": ("retail sales",),
    "EMPL": ("change in employment", "employment"),
    "yield_2y": ("Two-year yield", "2-year yield", "2-year par yield"),
    "yield_10y": ("Ten-year yield", "10-year yield", "10-year par yield"),
}
SIGNALS = {
    "strong against": "strongly negative",
    "mild against": "slightly negative",
    "neutral": "neutral",
    "mild for": "slightly positive",
    "strong for": "strongly positive",
    "insufficient": "insufficient",
}
FROM_BEFORE = (
    *("from the period before", "from the month before", "from the quarter before"),
    *("from the previous month", "from the previous period", "on the period before"),
)
EXPECTED = ("consensus", "expected", "expectation", "expectations")
SURPRISED = ("surprise", "surprised", *EXPECTED)


def country_facts(at: At, country: str, assets: Sequence[str]) -> Iterator[Fact | MissingFact]:
    """What is known of a country at the clock; the bias is that of some classes of assets."""
    profile = called(country_profile, at, country=country)
    names = profile.frame["name"].unique().to_list()
    name = names[0] if names else country
    if profile.frame.is_empty():
        yield MissingFact("macro", name, "Indicators", "no indicator is known at this time")
    else:
        yield from _levels(at, name, profile)
    yield from _surprises(at, name, country)
    yield from _bias(at, name, country, assets)
    yield from _regime(at, name, country)
    yield from _releases(at, name, country)


def period_span(period: Any, frequency: str | None) -> Span:
    """The days of a period of that frequency."""
    if frequency == "annual":
        return year_span(period.year)
    if frequency == "quarterly":
        return months_span(period.year, period.month, 3)
    if frequency == "monthly":
        return month_span(period.year, period.month)
    return day_span(period)


def plain_unit(value: float, unit: str) -> tuple[float, str, int]:
    """A value in the unit of a sentence, its scale taken in, and how many decimals are printed."""
    scaled = SCALED.match(unit)
    factor, rest = (SCALES[scaled[1].lower()], scaled[2]) if scaled else (1.0, unit)
    low = rest.lower()
    if low.startswith("percent of gdp"):
        return value, "% of GDP", 2
    if low.startswith(("percent", "%")):
        return value, PERCENT, 2
    if "us dollar" in low or low == "current usd":
        return value * factor, "USD", 0
    if low.startswith("person"):
        return value * factor, "persons", 0
    if "index" in low or low.startswith("points"):
        return value, NUMBER, 2
    if low.startswith("year"):
        return value, "years", 1
    return value * factor, rest.split(" at ")[0], 2 if factor == 1.0 else 0


def title_words(title: str, country: str, indicator: str | None) -> tuple[str, ...]:
    """How a text may call an indicator: by its name in the vocabulary, or by its source's title,
    in which the country stands before or behind it."""
    bare = re.sub(rf"^{re.escape(country)}:? |: {re.escape(country)}$", "", title)
    word = indicator or ""
    own = (named(word),) if named(word) != word else ()
    words = (
        *own,
        bare[:1].upper() + bare[1:],
        bare.split(",")[0],
        *NICKNAMES.get(word, ()),
    )
    if word in DAILY:  # "par yield: 10y" is no name for a sentence
        words = (*NICKNAMES[word], bare)
    return tuple(dict.fromkeys(words))


def _levels(at: At, name: str, profile: Answer) -> Iterator[Fact | MissingFact]:
    known = profile.frame.filter(
        pl.col("frequency").is_in(RHYTHMS) | pl.col("indicator").is_in(DAILY)
    ).sort("indicator")
    for row in known.to_dicts():
        words = title_words(row["title"], name, row["indicator"])
        old = OLD_DAYS.get(row["frequency"], 400)
        if row["value"] is None:
            yield MissingFact("macro", name, words[0], "no value is known at this time")
            continue
        if (at.as_of.date() - row["period"]).days > old:
            when = period_of(row["period"], row["frequency"])
            yield MissingFact("macro", name, words[0], f"the last value is of {when}, too old")
            continue
        value, unit, digits = plain_unit(row["value"], row["unit"])
        if "national currency" in unit:
            continue
        level = Fact(
            id=row["series_id"],
            role="macro",
            kind="level",
            subject=name,
            label=words[0],
            named_by=(words,),
            known_at=row["known_at"],
            source=row["source"],
            answer=profile,
            value=value,
            unit=unit,
            decimals=digits,
            period=period_span(row["period"], row["frequency"]),
            indicator=row["indicator"],
        )
        yield level
        if row["change"] is not None:
            yield _change(level, *plain_unit(row["change"], row["unit"]))


def _change(level: Fact, value: float, unit: str, digits: int) -> Fact:
    """The change from the period before; of a rate in points."""
    return replace(
        level,
        id=f"{level.id}/change",
        kind="change",
        indicator="",
        label=f"{level.label}, change from the period before",
        named_by=(level.named_by[0], FROM_BEFORE),
        value=value,
        unit=POINTS if unit in (PERCENT, "% of GDP") else unit,
        decimals=digits,
    )


def _surprises(at: At, name: str, country: str) -> Iterator[Fact | MissingFact]:
    since = at.as_of - timedelta(days=SURPRISE_DAYS)
    found = called(surprises, at, countries=[country], since=since)
    printed = found.frame.filter(
        pl.col("actual").is_not_null(),
        pl.col("consensus").is_not_null(),
        pl.col("importance").fill_null(1) >= LEAST_IMPORTANCE,
    )
    last = (
        printed.sort("released_at", "series_id").group_by("series_id", maintain_order=True).last()
    )
    if last.is_empty():
        reason = f"no release with a consensus in the last {SURPRISE_DAYS} days"
        yield MissingFact("macro", name, "Surprises", reason)
    for row in last.sort("series_id").to_dicts():
        yield from _surprise(found, row, name)


def _surprise(found: Answer, row: Mapping[str, Any], name: str) -> Iterator[Fact]:
    words = title_words(row["title"], name, row["indicator"])
    base: dict[str, Any] = {
        "role": "macro",
        "subject": name,
        "known_at": row["released_at"],
        "source": row["source"],
        "answer": found,
        "period": period_span(row["period"], row["frequency"]),
    }
    value, unit, digits = plain_unit(row["consensus"], row["unit"])
    yield Fact(
        id=f"{row['series_id']}/consensus",
        kind="level",
        label=f"{words[0]}, consensus",
        named_by=(EXPECTED, words),
        value=value,
        unit=unit,
        decimals=digits,
        **base,
    )
    value, unit, digits = plain_unit(row["surprise"], row["unit"])
    yield Fact(
        id=f"{row['series_id']}/surprise",
        kind="change",
        label=f"{words[0]}, surprise",
        named_by=(SURPRISED, words),
        value=value,
        unit=POINTS if unit in (PERCENT, "% of GDP") else unit,
        decimals=digits,
        **base,
    )
    if row["z"] is not None:
        yield Fact(
            id=f"{row['series_id']}/z",
            kind="change",
            label=f"{words[0]}, surprise in standard deviations, good news positive",
            named_by=(("z", "z-score", "scaled surprise"), words),
            value=row["z"],
            unit=DEVIATIONS,
            **base,
        )


def _bias(at: At, name: str, country: str, assets: Sequence[str]) -> Iterator[Fact | MissingFact]:
    found = called(bias, at, countries=[country])
    rows = found.frame.filter(pl.col("asset").is_in(list(assets))).to_dicts()
    if not rows:
        yield MissingFact("macro", name, "Bias", "no release is known for a bias")
    for row in rows:
        asset = row["asset"]
        base: dict[str, Any] = {
            "role": "macro",
            "subject": name,
            "known_at": row["cutoff"] or at.as_of,
            "source": "macro bias",
            "answer": found,
        }
        words = ("bias", "bias score", "macro bias", "macro signal", "signal")
        if row["score"] is not None:
            yield Fact(
                id=f"{country}/bias/{asset}",
                kind="level",
                label=f"Bias for {asset}, -100 to 100",
                named_by=(words, (asset,)),
                value=row["score"],
                decimals=1,
                **base,
            )
        label = row["label"] if row["label"] in SIGNALS else "insufficient"
        yield Fact(
            id=f"{country}/signal/{asset}",
            kind="state",
            label=f"Signal for {asset}",
            named_by=(words, (asset,)),
            text=SIGNALS[label],
            words=tuple(SIGNALS.values()),
            **base,
        )


def _regime(at: At, name: str, country: str) -> Iterator[Fact | MissingFact]:
    found = called(quadrants, at, country=country)
    rows = found.frame.filter(pl.col("quadrant").is_not_null()).sort("month").tail(1).to_dicts()
    if rows:
        row = rows[0]
        yield Fact(
            id=f"{country}/quadrant",
            role="macro",
            kind="state",
            subject=name,
            label="Regime",
            named_by=(("regime", "quadrant"),),
            known_at=row["known_at"],
            source="regime rule",
            answer=found,
            text=row["quadrant"],
            words=STATES,
            period=month_span(row["month"].year, row["month"].month),
        )
    else:
        yield MissingFact("macro", name, "Regime", "too little history of growth and inflation")
    found = called(jobless_rule, at, country=country)
    rows = found.frame.filter(pl.col("rise").is_not_null()).sort("month").tail(1).to_dicts()
    if rows:
        row = rows[0]
        yield Fact(
            id=f"{country}/sahm",
            role="macro",
            kind="level",
            subject=name,
            label="Sahm indicator",
            named_by=(("Sahm indicator", "Sahm rule"),),
            known_at=row["known_at"],
            source="Sahm rule",
            answer=found,
            value=row["rise"],
            unit=POINTS,
            period=month_span(row["month"].year, row["month"].month),
        )


def _releases(at: At, name: str, country: str) -> Iterator[Fact | MissingFact]:
    found = called(
        agenda, at, countries=[country], back=0, ahead=RELEASE_DAYS, importance=LEAST_IMPORTANCE
    )
    due = found.frame.filter(in_state("due"), pl.col("scheduled_at") > at.as_of)
    if due.is_empty():
        reason = f"none of importance is scheduled within {RELEASE_DAYS} days"
        yield MissingFact("macro", name, "Releases due", reason)
    for row in due.sort("scheduled_at", "series_id").head(MOST_RELEASES).to_dicts():
        moment: datetime = row["scheduled_at"]
        words = title_words(row["title"], name, row["indicator"])
        yield Fact(
            id=f"{row['series_id']}/due",
            role="macro",
            kind="date",
            subject=name,
            label=f"{words[0]}, next release",
            named_by=(("due", "scheduled", "next release"), words),
            known_at=row["known_at"],
            source=row["source"],
            answer=found,
            day=moment.date(),
            period=period_span(row["period"], row["frequency"]),
        )
