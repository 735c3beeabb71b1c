"""Sites against each other: topics covered, those that we lack, and who was first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.names import table
from analytics.competitors.coverage import TopicCoverage, coverage_of, covered_keys
from analytics.competitors.site_text import SiteText, copied_from
from analytics.competitors.topics import Topic

OURS = "ours"
# Gaps of one passage are listed once, under the surest name for it.
ORDER = ("indicator", "instrument", "pair", "phrase", "currency", "country")


@dataclass(frozen=True, slots=True)
class TopicGap:
    """A topic that competitors cover and we do not.

    `evidence` are the covering texts, the first published one first; `first_site` is none where no
    time of publication is known. `in_passing` says that ours names it without saying anything.
    """

    topic: Topic
    label: str
    sites: tuple[str, ...]
    first_site: str | None
    first_at: datetime | None
    evidence: tuple[TopicCoverage, ...]
    in_passing: bool


@dataclass(frozen=True, slots=True)
class SiteComparison:
    """What the texts known by a clock cover.

    `cells` are by topic and site; all of our sites are one, `ours`. `copies` are texts of others
    that are copies of ours, with the one that they copy; `later` were not known by the clock.
    """

    topics: tuple[Topic, ...]
    labels: Mapping[str, str]
    sites: tuple[str, ...]
    cells: Mapping[tuple[str, str], TopicCoverage]
    firsts: Mapping[str, TopicCoverage]
    gaps: tuple[TopicGap, ...]
    copies: tuple[tuple[SiteText, SiteText], ...]
    later: tuple[SiteText, ...]

    def frame(self) -> pl.DataFrame:
        """One row for each topic: its name, a column for each site with how it is covered, and who
        was first."""
        rows = []
        for topic in self.topics:
            first = self.firsts.get(topic.key)
            cells = {site: self._cell(topic.key, site) for site in self.sites}
            rows.append(
                {
                    "topic": self.labels[topic.key],
                    "kind": topic.kind,
                    **cells,
                    "first": None if first is None else _site_of(first.text),
                    "first_at": None if first is None else first.text.published_at,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def _cell(self, key: str, site: str) -> str | None:
        found = self.cells.get((key, site))
        return None if found is None else found.reason or "in passing"


def compare_sites(
    texts: Sequence[SiteText], *, clock: datetime, directory: SubjectDirectory
) -> SiteComparison:
    """Topics of all texts that were known by a clock; no model is asked and nothing is fetched."""
    known = [one for one in texts if one.is_known(clock)]
    ours = [one for one in known if one.side == "ours"]
    copies = [
        (one, model)
        for one in known
        if one.side == "theirs" and (model := copied_from(one, ours)) is not None
    ]
    copied = {id(copy) for copy, _ in copies}
    kept = [one for one in known if id(one) not in copied]
    found = [
        (one, coverage_of(one, clock=clock, directory=directory)) for one in sorted(kept, key=_when)
    ]
    cells = _cells(found)
    covered = [one for _, by_key in found for one in by_key.values() if one.is_covered]
    topics = {one.topic.key: one.topic for one in covered}
    firsts: dict[str, TopicCoverage] = {}
    for one in covered:
        if one.text.published_at is not None:
            firsts.setdefault(one.topic.key, one)
    sites = tuple(dict.fromkeys([OURS, *(_site_of(one) for one in kept)]))
    return SiteComparison(
        topics=tuple(sorted(topics.values(), key=lambda one: (ORDER.index(one.kind), one.key))),
        labels={one.topic.key: label_of(one.topic, one.label) for one in covered[::-1]},
        sites=sites,
        cells=cells,
        firsts=firsts,
        gaps=tuple(_gaps(found)),
        copies=tuple(copies),
        later=tuple(one for one in texts if not one.is_known(clock)),
    )


def _when(text: SiteText) -> tuple[bool, datetime | None, str]:
    stated = text.published_at or text.known_at
    return text.published_at is None, stated, text.id


def _site_of(text: SiteText) -> str:
    return OURS if text.side == "ours" else text.site


Found = Sequence[tuple[SiteText, Mapping[str, TopicCoverage]]]


def _cells(found: Found) -> dict[tuple[str, str], TopicCoverage]:
    """Of each topic and site the first text that covers it, else one that names it."""
    cells: dict[tuple[str, str], TopicCoverage] = {}
    for text, by_key in found:
        for key, one in by_key.items():
            place = key, _site_of(text)
            before = cells.get(place)
            if before is None or (one.is_covered and not before.is_covered):
                cells[place] = one
    return cells


def _gaps(found: Found) -> Iterable[TopicGap]:
    """What others cover and ours do not; what stands in the same sentences is listed once."""
    ours = [by_key for text, by_key in found if text.side == "ours"]
    have = set().union(*(covered_keys(one) for one in ours))
    named = {key for by_key in ours for key in by_key}
    listed: dict[str, set[int]] = {}
    theirs: dict[Topic, list[TopicCoverage]] = {}
    for text, by_key in found:
        if text.side == "theirs":
            for one in by_key.values():
                if one.is_covered:
                    theirs.setdefault(one.topic, []).append(one)
    for topic in sorted(theirs, key=lambda one: _rank(one, theirs[one])):
        evidence = theirs[topic]
        if topic.key in have or _is_part(topic, listed, evidence):
            continue
        for one in evidence:
            listed.setdefault(one.text.id, set()).update(one.places)
        have |= covered_keys({topic.key: evidence[0]})
        dated = [one for one in evidence if one.text.published_at is not None]
        yield TopicGap(
            topic,
            label_of(topic, evidence[0].label),
            tuple(dict.fromkeys(one.text.site for one in evidence)),
            dated[0].text.site if dated else None,
            dated[0].text.published_at if dated else None,
            tuple(evidence),
            topic.key in named,
        )


def _rank(topic: Topic, evidence: Sequence[TopicCoverage]) -> tuple[int, int, int, str]:
    most = max(len(one.places) for one in evidence)
    return ORDER.index(topic.kind), -most, -len(topic.key), topic.key


def _is_part(
    topic: Topic, listed: Mapping[str, set[int]], evidence: Sequence[TopicCoverage]
) -> bool:
    """Whether a phrase, currency or country stands only where a listed gap stands."""
    if topic.kind not in ("phrase", "currency", "country"):
        return False
    return all(len(one.places - listed.get(one.text.id, set())) < 2 for one in evidence) and any(
        one.places & listed.get(one.text.id, set()) for one in evidence
    )


def label_of(topic: Topic, written: str) -> str:
    """A topic for a reader: an indicator with its country by their English names, else the words
    of the text."""
    if topic.kind not in ("indicator", "country"):
        return written
    idea, _, country = topic.key.removeprefix("country:").partition("@")
    if topic.kind == "country":
        return _english("place_names", idea, written)
    name = _english("indicator_names", idea, written)
    name = name[0].upper() + name[1:]
    return f"{name}, {_english('place_names', country, country)}" if country else name


def _english(names: str, key: str, otherwise: str) -> str:
    listed = table(names).get(key, {}).get("en", ())
    return str(listed[0]).rstrip("~=") if listed else otherwise
