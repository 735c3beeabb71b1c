"""Which series, instruments or accounts a statement may be about, by the names in its reach.

Several that fit equally well are all given: which one is meant is the writer's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from analytics.claims.naming.directory import SeriesName, SubjectDirectory
from analytics.claims.naming.names import Idea, ideas
from analytics.claims.naming.subjects import Named
from analytics.claims.statement import Grain, Subject
from data.vocabulary import meaning

TEN_YEARS = "10y"
TOPICS = ("indicator", "instrument", "company", "concept", "pair")
# Which kinds of series a quantity of a unit is of first; an amount of money has a currency's code.
FITTING: Mapping[str, tuple[str, ...]] = {
    "%": ("percent",),
    "pp": ("percent",),
    "bp": ("percent",),
    "points": ("index", "percent"),
    "persons": ("count",),
}
MONEY = ("money", "rate")
# Which frequencies tell of a period, the best first.
FREQUENCIES: Mapping[str, tuple[str, ...]] = {
    "day": ("daily", "irregular"),
    "month": ("monthly", "irregular", "daily", "weekly"),
    "quarter": ("quarterly", "monthly", "irregular", "daily", "weekly"),
    "year": ("annual", "quarterly", "monthly", "irregular", "daily", "weekly"),
}
FINEST = ("irregular", "daily", "weekly", "monthly", "quarterly", "annual")


# Who publishes what several sources have: "the ECB's reference rate".
PUBLISHERS = {
    "ecb": re.compile(
        r"\b(?:ECB|EZB|BCE)(?:['’]s)?\b[^.;]{0,40}?\b(?:reference|Referenz|référence)"
    ),
    "imf": re.compile(r"\b(?:IMF|IWF|FMI)\b"),
    "worldbank": re.compile(r"\bWorld Bank\b|\bWeltbank\b|\bBanque mondiale\b|\bBanco Mundial\b"),
}


def of_publisher(subjects: tuple[Subject, ...], words: str) -> tuple[Subject, ...]:
    """Those of the source that a sentence names, where it has one of them."""
    for source, pattern in PUBLISHERS.items():
        own = tuple(one for one in subjects if one.source == source)
        if own and len(subjects) > 1 and pattern.search(words):
            return own
    return subjects


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a statement may be about: `found` with its subjects, `absent` where the words name
    something that the lake does not hold, `unnamed` where they name nothing. `otherwise` are the
    same words' meanings in another unit: GDP is a growth rate, or an amount."""

    subjects: tuple[Subject, ...]
    state: Literal["found", "absent", "unnamed"]
    otherwise: tuple[Subject, ...] = ()


def candidates(
    names: Sequence[Named],
    directory: SubjectDirectory,
    *,
    unit: str | None = None,
    grain: Grain | None = None,
) -> Candidates:
    """What a statement with these names in its reach may be about.

    `unit` is that of its quantity, as in `Quantity`; `grain` that of the period it names.
    """
    kept = _surest(names)
    kinds = {name.kind for name in kept}
    if "concept" in kinds and (owned := _companies(kept, directory)) is not None:
        return _accounts(kept, owned, directory)
    subjects: list[Subject] = []
    otherwise: list[Subject] = []
    is_named = bool(kinds & {"indicator", "instrument", "company", "pair", "tenor"})
    if kinds & {"indicator", "tenor"}:
        some, others = _series(kept, directory, unit, grain)
        subjects += some
        otherwise += others
    symbols = [one for name in kept if name.kind == "instrument" for one in name.ids]
    subjects += [directory.instruments[one] for one in dict.fromkeys(symbols)]
    for name in kept:
        if name.kind == "pair":
            subjects += _pair(directory, name.ids[0], name.ids[1])
    if not is_named and "currency" in kinds:
        money = _currencies(kept, directory, unit)
        is_named, subjects = money is not None, list(money or ())
    once = tuple(dict.fromkeys(subjects))
    state: Literal["found", "absent", "unnamed"] = "found" if once else "absent"
    return Candidates(once, state if is_named else "unnamed", tuple(dict.fromkeys(otherwise)))


def _surest(names: Sequence[Named]) -> list[Named]:
    """Without what is weak where something surer of its sort is there."""
    owned = any(name.kind in ("instrument", "company") for name in names)
    topics = [name for name in names if name.kind in TOPICS and not name.is_weak]
    money = {name.ids for name in names if name.kind == "currency" and name.role != "unit"}
    has_topic = len(money) > 1 or any(name.kind != "concept" or owned for name in topics)
    has_place = any(name.kind == "country" and not name.is_weak for name in names)
    return [
        name
        for name in names
        if not name.is_weak or not (has_place if name.kind == "country" else has_topic)
    ]


def _companies(names: Iterable[Named], directory: SubjectDirectory) -> list[str] | None:
    """The companies that are named; none where no company is, an empty list for an unknown one."""
    named = [name for name in names if name.kind in ("instrument", "company")]
    found = [directory.companies.get(one) for name in named for one in name.ids]
    some = [company for company in dict.fromkeys(found) if company]
    is_unknown = bool(named) and not any(name.ids for name in named)
    return some if some or is_unknown else None


def _accounts(
    names: Iterable[Named], owned: Sequence[str], directory: SubjectDirectory
) -> Candidates:
    concepts = [one for name in names if name.kind == "concept" for one in name.ids]
    found = [
        replace(directory.company_subjects[company], concept=concept)
        for company in owned
        if company in directory.company_subjects
        for concept in dict.fromkeys(concepts)
        if concept in directory.accounts.get(company, ())
    ]
    return Candidates(tuple(found), "found" if found else "absent")


def _series(
    names: Sequence[Named], directory: SubjectDirectory, unit: str | None, grain: Grain | None
) -> tuple[list[Subject], list[Subject]]:
    """Series of the named indicators in the named countries; without one in every country."""
    tenors = [one for name in names if name.kind == "tenor" for one in name.ids]
    parts = {one for name in names if name.kind == "part" for one in name.ids}
    named = [name for name in names if name.kind == "indicator"]
    if not named and tenors:
        named = [Named(0, 0, "indicator", (), "government_yield")]
    countries = [one for name in names if name.kind == "country" for one in name.ids]
    found: list[Subject] = []
    otherwise: list[Subject] = []
    for name in named:
        idea = _narrowed(ideas()[name.idea], named, parts)
        for country in _places(idea, countries, directory, tenors):
            tiers = [_shown(directory, words, country, grain) for words in _tiers(idea, tenors)]
            if idea.each and grain:
                tiers = [_best(tier, grain) for tier in tiers]
            fits = _fitting(tiers, unit, grain)
            if fits:
                found += [one.subject for one in fits[0]]
                otherwise += [one.subject for tier in fits[1:] for one in tier]
    if grain and any(_tells(one, grain) for one in found):
        found = [one for one in found if _tells(one, grain)]
    return found, otherwise


def _tells(subject: Subject, grain: Grain) -> bool:
    return subject.frequency in FREQUENCIES.get(grain, FINEST)


def _narrowed(idea: Idea, named: Sequence[Named], parts: set[str]) -> Idea:
    """Manufacturing or services tells which index is meant, and exports which balance."""
    both = ideas()["pmi"]
    if parts and set(idea.words) <= set(both.words):
        kept = parts if idea == both else parts | set(idea.words)
        return replace(both, tiers=(tuple(word for word in both.words if word in kept),))
    trades = {name.idea for name in named} & {"exports", "imports", "trade"}
    return ideas()["trade_balance"] if idea.key == "balance" and trades else idea


def _places(
    idea: Idea, countries: Sequence[str], directory: SubjectDirectory, tenors: Sequence[str]
) -> list[str | None]:
    if idea.places:
        return list(idea.places)
    if countries:
        return list(dict.fromkeys(countries))
    words = [word for part in idea.words for word in _words(part, tenors)]
    there = {one.country for word in words for one in directory.series.get(word, ())}
    return sorted(there, key=lambda country: country or "")


def _words(word: str, tenors: Sequence[str]) -> list[str]:
    """The word with the maturities that are named; ten years where none is."""
    wanted = list(dict.fromkeys(tenors)) or [TEN_YEARS]
    if word == "Y10":
        return [word] if TEN_YEARS in wanted else []
    return [word.replace("*", tenor) for tenor in wanted] if "*" in word else [word]


def _tiers(idea: Idea, tenors: Sequence[str]) -> list[list[str]]:
    return [[word for part in tier for word in _words(part, tenors)] for tier in idea.tiers]


def _shown(
    directory: SubjectDirectory, words: Iterable[str], country: str | None, grain: Grain | None
) -> list[SeriesName]:
    """Of every word the series of a country that is shown, by its period and then the ranking."""
    found: list[SeriesName] = []
    for word in words:
        there = [one for one in directory.series.get(word, ()) if one.country == country]
        if there:
            found.append(min(there, key=lambda one: (_order(one, grain), one.rank)))
    return found


def _best(series: Sequence[SeriesName], grain: Grain) -> list[SeriesName]:
    """Those that tell best of a period."""
    best = min((_order(one, grain) for one in series), default=0)
    return [one for one in series if _order(one, grain) == best]


def _order(series: SeriesName, grain: Grain | None) -> int:
    wanted = FREQUENCIES.get(grain or "", FINEST)
    frequency = series.subject.frequency
    return wanted.index(frequency) if frequency in wanted else len(wanted)


def _fitting(
    tiers: Iterable[list[SeriesName]], unit: str | None, grain: Grain | None
) -> list[list[SeriesName]]:
    """Tiers that have a series, those first whose kind fits the unit; of an amount of a year those
    of years, since it cannot be told of its quarters whether they add up."""
    there = [tier for tier in tiers if tier]
    if unit is None:
        return there
    kinds = FITTING.get(unit, MONEY if len(unit) == 3 and unit.isupper() else ())
    is_of_year = grain == "year" and kinds == MONEY
    return sorted(
        there,
        key=lambda tier: (
            _kind(tier[0].indicator) not in kinds,
            is_of_year and tier[0].subject.frequency != "annual",
        ),
    )


def _kind(word: str) -> str:
    found = meaning(word)
    return found.unit if found else ""


def _pair(directory: SubjectDirectory, base: str, quote: str) -> list[Subject]:
    """The instruments of a pair; quoted the other way round where only that is there."""
    straight = directory.pairs.get((base, quote), ())
    if straight:
        return [directory.instruments[symbol] for symbol in straight]
    turned = directory.pairs.get((quote, base), ())
    return [
        replace(directory.instruments[symbol], inverse=True, currency=quote, unit=quote)
        for symbol in turned
    ]


def _currencies(
    names: Sequence[Named], directory: SubjectDirectory, unit: str | None
) -> list[Subject] | None:
    """Pairs of the named currencies; every pair of one that is named alone; none for units only.

    A unit says what the price is in, `per` of what one is priced, `against` what it is set
    against; else what is named first is priced in the other one.
    """
    money = [name for name in names if name.kind == "currency"]
    spoken = [name for name in money if name.role != "unit"]
    if not spoken:
        return None
    units = [unit] if unit and len(unit) == 3 and unit.isupper() else []
    units += [name.ids[0] for name in money if name.role == "unit"]
    per = [name.ids[0] for name in spoken if name.role == "per"]
    plainly = [name.ids[0] for name in spoken if not name.role]
    against = [name.ids[0] for name in spoken if name.role == "against"]
    sides = list(dict.fromkeys([*per, *plainly, *against]))
    if len(sides) == 1:
        priced = [one for one in dict.fromkeys(units) if one != sides[0]]
        if priced:
            return _pair(directory, sides[0], priced[0])
        return _every_pair(directory, sides[0])
    if units and units[0] in sides and units[0] not in per:
        sides = [*(one for one in sides if one != units[0]), units[0]]
    return [one for quote in sides[1:] for one in _pair(directory, sides[0], quote)]


def _every_pair(directory: SubjectDirectory, currency: str) -> list[Subject]:
    others = {
        (set(pair) - {currency}).pop()
        for pair in directory.pairs
        if currency in pair and len(set(pair)) > 1
    }
    return [one for other in sorted(others) for one in _pair(directory, currency, other)]
