"""Revenue by place out of the facts of a report: nothing twice, and what is missing is named.

Places count only where a fact has no other dimension than geography, or one more that is held at
a single member. A country inside a region that is stated as well is taken out of the region. What
the places leave of the total is undisclosed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from ingest.country_codes import from_alpha2
from ingest.lists import entry, listed

UNDISCLOSED = "undisclosed"
REST = " (other)"
MOST_MEMBERS = 16  # of which all ways to add up are tried
HIDDEN = re.compile(r"(?i)unallocated|undisclosed|notdisclosed|notallocated|unspecified")
OUTSIDE_USA = "Outside USA"


@dataclass(frozen=True, slots=True)
class RevenueFact:
    """Revenue of one year: by its tag's place in our preference, with its geography if any.

    `others` are its further dimensions, `step` one unit of its last reported decimal.
    """

    tag: int
    end: date
    currency: str
    geography: str
    others: tuple[tuple[str, str], ...]
    value: float
    step: float


@dataclass(frozen=True, slots=True)
class RevenueSplit:
    """Revenue by place, which adds up to `total`; what was odd about it in `notes`."""

    total: float
    revenue: dict[str, float]
    notes: tuple[str, ...] = field(default=())


def split_by_place(facts: Sequence[RevenueFact]) -> RevenueSplit | str:
    """The split of one year's revenue in one currency, or why there is none."""
    total = _total(facts)
    if total is None:
        return "no total without dimensions to hold the places against: left out"
    value, step = total.value, total.step
    problem = "no revenue by place with one further dimension at most"
    best: RevenueSplit | None = None
    for parts in _groups(facts):
        tolerance = max([step, *(fact.step for fact in parts.values())]) * (len(parts) + 1) / 2
        found = _added_up({name: fact.value for name, fact in parts.items()}, value, tolerance)
        if isinstance(found, str):
            problem = found
        elif best is None or _open(found) < _open(best):
            best = found
    return best or problem


def _total(facts: Sequence[RevenueFact]) -> RevenueFact | None:
    """The fact without dimensions: of the preferred tag, the most precise."""
    plain = [fact for fact in facts if not fact.geography and not fact.others]
    return min(plain, key=lambda fact: (fact.tag, fact.step), default=None)


def _open(split: RevenueSplit) -> float:
    return abs(split.revenue.get(UNDISCLOSED, 0.0))


def _groups(facts: Sequence[RevenueFact]) -> Iterator[dict[str, RevenueFact]]:
    """Facts by member that belong together: of one tag, and of one member of a further axis."""
    groups: dict[tuple[int, int, tuple[tuple[str, str], ...]], dict[str, RevenueFact]] = {}
    for fact in facts:
        if not fact.geography or len(fact.others) > 1:
            continue
        group = groups.setdefault((len(fact.others), fact.tag, fact.others), {})
        other = group.get(fact.geography)
        if other is None or fact.step < other.step:
            group[fact.geography] = fact
    # Those without a further dimension first: of equal splits the first is kept.
    yield from (groups[key] for key in sorted(groups))


def _added_up(parts: Mapping[str, float], total: float, tolerance: float) -> RevenueSplit | str:
    """Places that add up to the total, with the part that no place has."""
    named: dict[str, float] = {}
    for member, value in parts.items():
        name = place_name(member)
        named[name] = named.get(name, 0.0) + value
    notes: list[str] = []
    left = total - sum(named.values())
    is_nested = any(_is_part(name, other, named) for name in named for other in named)
    if left < -tolerance or (left > tolerance and is_nested):
        whole = _outermost(named, total, tolerance)
        if whole is None:
            return f"places add up to {sum(named.values()):,.0f} of {total:,.0f}: left out"
        named, lost = _nested(named, whole)
        notes += [f"{name} lies inside another place: left out" for name in lost]
        left = total - sum(named.values())
    if abs(left) > tolerance or UNDISCLOSED in named:
        named[UNDISCLOSED] = named.get(UNDISCLOSED, 0.0) + left
    elif left and named:
        notes.append(f"places differ from the total by {left:,.0f}, within rounding")
        named[UNDISCLOSED] = left
    return RevenueSplit(total, named, tuple(notes))


def _outermost(named: Mapping[str, float], total: float, tolerance: float) -> list[str] | None:
    """The places that add up to the total: those inside others left out, else the most that do."""
    outer = [name for name in named if not any(_is_part(name, o, named) for o in named)]
    if sum(named[name] for name in outer) <= total + tolerance:
        return outer
    if len(named) > MOST_MEMBERS:
        return None
    names = list(named)
    sums = [(0.0, 0)]
    for place, name in enumerate(names):
        sums += [(value + named[name], mask | 1 << place) for value, mask in sums]
    fitting = [mask for value, mask in sums if mask and abs(value - total) <= tolerance]
    if not fitting:
        return None
    best = max(fitting, key=lambda mask: (mask.bit_count(), -mask))
    return [name for place, name in enumerate(names) if best >> place & 1]


def _is_part(name: str, other: str, named: Mapping[str, float]) -> bool:
    """Whether a place lies inside another one and has no more than it."""
    return name in _inside(other) and named[name] <= named[other]


def _nested(named: Mapping[str, float], whole: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """The whole places, each less what is stated of it apart; and what fits into none."""
    found = {name: named[name] for name in whole}
    rest: dict[str, float] = dict(found)
    lost = []
    # Regions before countries: a country goes into the smallest region that holds it.
    inner = sorted(
        (name for name in named if name not in found), key=lambda name: -len(_inside(name))
    )
    for name in inner:
        homes = [home for home in rest if name in _inside(home) and rest[home] >= named[name]]
        if not homes:
            lost.append(name)
            continue
        home = min(homes, key=lambda one: len(_inside(one)))
        rest[home] -= named[name]
        rest[name] = named[name]
    shown: dict[str, float] = {}
    for name, value in rest.items():
        is_cut = value != named[name]
        if not is_cut or value:
            shown[f"{name}{REST}" if is_cut else name] = value
    return shown, lost


@cache
def _regions() -> Mapping[str, frozenset[str]]:
    """What lies in each region of our list."""
    rows = listed("sec_edgar_regions", "member").values()
    return {row["region"]: frozenset(row["inside"].split("|")) - {""} for row in rows}


@cache
def _inside(name: str) -> frozenset[str]:
    """What lies in a place."""
    if name == OUTSIDE_USA:
        others = (region for region, inside in _regions().items() if "USA" not in inside)
        return frozenset((*listed("countries", "iso3"), *others)) - {"USA", name}
    return _regions().get(name, frozenset())


@cache
def place_name(member: str) -> str:
    """`country:US` as USA, a region by its English name, a filer's own member by its words."""
    prefix, _, name = member.rpartition(":")
    if prefix == "country" or (prefix.startswith("country") and len(name) == 2):
        return from_alpha2().get(name.upper()) or name
    if region := entry("sec_edgar_regions", name, "member").get("region"):
        return region
    if HIDDEN.search(name):
        return UNDISCLOSED
    word = re.sub(r"(?:Segment)?(?:Member|Domain)$", "", name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", word).strip() or name
    return _by_country_name().get(words.lower(), words)[:200]


@cache
def _by_country_name() -> Mapping[str, str]:
    """English names of countries that filers use for members of their own."""
    names = {
        row["name"].lower(): code
        for code, row in listed("countries", "iso3").items()
        if not row["until"]
    }
    more = {"united states": "USA", "uk": "GBR", "south korea": "KOR", "korea": "KOR"}
    return names | more | {"taiwan": "TWN", "hong kong": "HKG", "vietnam": "VNM", "us": "USA"}
