"""The topics of a text: what its headings, sentences and table rows name, by keys that are the same
in every language and under every name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.names import plain
from analytics.claims.naming.subjects import Named, named
from analytics.claims.sentences.direction_words import any_ending
from analytics.claims.statement import Language
from analytics.competitors.site_text import topic_rules
from analytics.editorial.draft_reading import PROSE, DraftReading, InDraft
from analytics.editorial.phrases import phrases_of
from analytics.editorial.word_lists import table
from data.drafts.draft import DraftBlock

TopicKind = Literal["indicator", "instrument", "pair", "currency", "country", "phrase"]
BEFORE = 30
LONGEST_BLOCK = 3_000
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its key: `unemployment_rate@GBR`, `instrument:oil`, `pair:USD/JPY`, `phrase:red
    sea`."""

    key: str
    kind: TopicKind

    @property
    def indicator(self) -> str:
        """The indicator of a key, without its country."""
        return self.key.partition("@")[0] if self.kind == "indicator" else ""


@dataclass(frozen=True, slots=True)
class TopicMention:
    """A topic in a heading, sentence or row at [start, end) of a text, as it is named there;
    `has_number` where a number is said of it. `section` is the place of the heading above, -1
    without one."""

    topic: Topic
    label: str
    start: int
    end: int
    is_heading: bool
    has_number: bool
    section: int


@dataclass(frozen=True, slots=True)
class _Instruments:
    """Titles of instruments by symbol, and goods by their names and by the one symbol of each."""

    titles: Mapping[str, str]
    goods: Mapping[str, str]

    @classmethod
    def of(cls, directory: SubjectDirectory) -> _Instruments:
        """What the lake has, with the table of goods."""
        goods: dict[str, str] = {}
        for key, listed in topic_rules()["goods"].items():
            for word in listed:
                goods[word] = key
                for name in named(word, 0, len(word), directory, "en"):
                    if name.kind == "instrument" and len(name.ids) == 1:
                        goods.setdefault(name.ids[0], key)
        return cls({key: one.title for key, one in directory.instruments.items()}, goods)


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    block: int
    is_heading: bool = False
    names: tuple[Named, ...] = ()


def mentions_of(reading: DraftReading, directory: SubjectDirectory) -> list[TopicMention]:
    """Every topic that the text itself names, in its order."""
    found: list[TopicMention] = []
    countries: Sequence[str] = ()
    of_heading: Sequence[str] = ()
    section, block = -1, -1
    known = _Instruments.of(directory)
    for place in _places(reading):
        if place.is_heading:
            section = place.start
            of_heading = _countries(place.names)
        if place.block != block:
            block, countries = place.block, of_heading
        countries = _countries(place.names) or countries
        numbered = _numbered(reading, place)
        for topic, name in _topics(reading, place, countries, known):
            label = " ".join(reading.text[name.start : name.end].split())
            has_number = topic.kind != "country" and (name.start, name.end) in numbered
            mention = TopicMention(
                topic, label, place.start, place.end, place.is_heading, has_number, section
            )
            found.append(mention)
    return [*found, *_phrases(reading)]


def _numbered(reading: DraftReading, place: _Place) -> set[tuple[int, int]]:
    """The topics that are nearest to a number of the place."""
    kinds = ("indicator", "instrument", "company", "pair", "currency")
    near = [one for one in place.names if one.kind in kinds and one.role != "unit"]
    sure = [one for one in near if not one.is_weak or one.kind == "instrument"] or near
    sure.sort(key=lambda one: one.start)
    found = set()
    for number in reading.measured_in(_Place(place.start, place.end, 0)):
        at = bisect_left(sure, number.start, key=lambda one: one.start)
        beside = sure[max(at - 1, 0) : at + 1]
        if beside:
            name = min(beside, key=lambda one: _apart(one, number))
            found.add((name.start, name.end))
    return found


def _places(reading: DraftReading) -> Iterator[_Place]:
    """Headings, sentences and rows of the text itself that are neither small print nor a denial of
    their own subject."""
    heads: dict[int, list[Named]] = {}
    for number, block in enumerate(reading.blocks):
        if block.kind == "table row" and block.is_header:
            heads.setdefault(block.table, []).extend(reading.names_in(block))
        if block.part or block.kind in ("quotation", "footnote", "code", "caption"):
            continue
        if block.kind == "heading" or block.kind == "table row":
            is_row = block.kind == "table row" and not block.is_header
            head = heads.get(block.table, []) if is_row else []
            names = (*head, *_own_names(reading, block, block))
            yield _Place(block.start, block.end, number, block.kind == "heading", names)
        elif block.kind in PROSE and not _says("small_print", reading, block.start, block.end):
            for sentence in reading.sentences_in(block):
                if not _says("denied", reading, sentence.start, sentence.end):
                    place = _Place(sentence.start, sentence.end, number)
                    names = tuple(_own_names(reading, place, block))
                    yield _Place(sentence.start, sentence.end, number, names=names)


def _own_names(reading: DraftReading, place: _Place | DraftBlock, block: DraftBlock) -> list[Named]:
    named_there = reading.names_in(place)
    if not any(_homonym_rule(reading, name) for name in named_there):
        return list(named_there)
    words = reading.text[block.start : block.end][:LONGEST_BLOCK]
    near = {plain(word) for word in WORD.findall(words)}
    return [name for name in named_there if not _is_homonym(reading, name, near)]


def _homonym_rule(reading: DraftReading, name: Named) -> Mapping[str, Sequence[str]]:
    """What says of a name that it is a word of the language; empty of most names."""
    written = plain(reading.text[name.start : name.end])
    found: Mapping[str, Sequence[str]] = topic_rules()["homonym"].get(written, {})
    return found


def _is_homonym(reading: DraftReading, name: Named, near: set[str]) -> bool:
    """Whether the words around say that a name is a word of the language."""
    rule, text = _homonym_rule(reading, name), reading.text
    after = text[name.end : name.end + BEFORE].casefold()
    before = text[max(0, name.start - BEFORE) : name.start].casefold()
    return (
        any(re.match(rf"[\s-]+{re.escape(word)}\b", after) for word in rule.get("after", ()))
        or any(re.search(rf"\b{re.escape(word)}[\s-]*$", before) for word in rule.get("before", ()))
        or bool(near.intersection(rule.get("near", ())))
    )


def _says(section: str, reading: DraftReading, start: int, end: int) -> bool:
    return _pattern(section, reading.language).search(reading.text, start, end) is not None


@cache
def _pattern(section: str, language: Language) -> re.Pattern[str]:
    listed = [*topic_rules()[section][language], *topic_rules()[section]["en"]]
    return re.compile(rf"(?<!\w)(?:{any_ending(listed)})(?!\w)", re.IGNORECASE)


def _countries(names: Iterable[Named]) -> list[str]:
    there = [one for one in names if one.kind == "country" and one.ids]
    sure = [one for one in there if not one.is_weak] or there
    return list(dict.fromkeys(one.ids[0] for one in sure))


def _topics(
    reading: DraftReading, place: _Place, around: Sequence[str], known: _Instruments
) -> Iterator[tuple[Topic, Named]]:
    """What a place names, each topic with the words for it."""
    indicators = _indicators(place.names)
    of_countries = _of_countries(indicators, place.names)
    for name in indicators:
        for country in of_countries.get((name.start, name.end)) or around or ("",):
            key = canonical_indicator(name.idea)
            yield Topic(f"{key}@{country}" if country else key, "indicator"), name
    for name in place.names:
        if name.kind in ("instrument", "company"):
            yield _instrument(reading, name, known), name
        elif name.kind == "pair":
            yield Topic(f"pair:{'/'.join(_in_order(name.ids))}", "pair"), name
        elif name.kind == "currency" and name.role != "unit" and not name.is_weak:
            yield Topic(f"currency:{name.ids[0]}", "currency"), name
        elif name.kind == "country" and not name.is_weak and not indicators:
            yield Topic(f"country:{name.ids[0]}", "country"), name


def _indicators(names: Iterable[Named]) -> list[Named]:
    """The indicators that are surely named; else a central bank, which stands for its rate."""
    there = [one for one in names if one.kind == "indicator"]
    sure = [one for one in there if not one.is_weak]
    return sure or [one for one in there if one.idea == "policy_rate"]


def _of_countries(
    indicators: Sequence[Named], names: Iterable[Named]
) -> dict[tuple[int, int], list[str]]:
    """Of each indicator the countries that are nearest to it, or to which it is nearest."""
    places = [one for one in names if one.kind == "country" and one.ids and not one.is_weak]
    places = places or [one for one in names if one.kind == "country" and one.ids]
    found: dict[tuple[int, int], list[str]] = {}
    if not places:
        return found
    for one in indicators:
        country = min(places, key=lambda place: _apart(place, one))
        found.setdefault((one.start, one.end), []).append(country.ids[0])
    for place in places if indicators else ():
        nearest = min(indicators, key=lambda one: _apart(one, place))
        found[nearest.start, nearest.end].append(place.ids[0])
    return {span: list(dict.fromkeys(countries)) for span, countries in found.items()}


def _apart(one: InDraft, other: InDraft) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


@cache
def canonical_indicator(idea: str) -> str:
    """One key for an indicator's several names: prices and inflation, an output and its growth."""
    groups = table("rules")["same"].values()
    return next((str(ideas[0]) for ideas in groups if idea in ideas), idea)


def _instrument(reading: DraftReading, name: Named, known: _Instruments) -> Topic:
    """A good by its own key, however it is called; an instrument by its name in the lake. A name
    that several have stays as it is written."""
    written = " ".join(reading.text[name.start : name.end].split())
    good = known.goods.get(written.casefold())
    if good is None and len(name.ids) == 1:
        good = known.goods.get(name.ids[0])
    if good:
        return Topic(f"instrument:{good}", "instrument")
    titles = [known.titles[one] for one in name.ids if one in known.titles]
    return Topic(f"instrument:{titles[0] if len(titles) == 1 else plain(written)}", "instrument")


def _in_order(pair: Sequence[str]) -> Sequence[str]:
    """The two of a pair as the market quotes them, so that both ways are one topic."""
    order = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY")
    ranked = {code: rank for rank, code in enumerate(order)}
    return sorted(pair, key=lambda code: (ranked.get(code, len(order)), code))


def _phrases(reading: DraftReading) -> Iterator[TopicMention]:
    """Phrases that the text repeats, at each place that has them."""
    allowed = {(place.start, place.is_heading): place for place in _places(reading)}
    for stem, phrase in phrases_of(reading).items():
        topic = Topic(f"phrase:{stem}", "phrase")
        at = [(start, False) for start in phrase.sentences]
        at += [(start, True) for start in phrase.headings]
        for one in at:
            place = allowed.get(one)
            if place is not None:
                yield TopicMention(
                    topic, phrase.label, place.start, place.end, place.is_heading, False, -1
                )
