"""Which topics a text covers: a word in passing is no coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from analytics.claims.naming.directory import SubjectDirectory
from analytics.competitors.site_text import SiteText, topic_rules
from analytics.competitors.topics import Topic, TopicMention, mentions_of
from analytics.editorial.draft_reading import reading_of

CoverageReason = Literal["heading", "number", "sentences", ""]


@dataclass(frozen=True, slots=True)
class TopicCoverage:
    """How a text covers a topic: by a heading with a sentence below it, by a number about it, or by
    two sentences; without a reason it is named in passing.

    `quote` is the sentence that shows it best, at [start, end) of the text; `places` are all.
    """

    topic: Topic
    label: str
    text: SiteText
    reason: CoverageReason
    quote: str
    start: int
    end: int
    places: frozenset[int]

    @property
    def is_covered(self) -> bool:
        """Whether the text says something of the topic."""
        return bool(self.reason)


def coverage_of(
    text: SiteText, *, clock: datetime, directory: SubjectDirectory
) -> dict[str, TopicCoverage]:
    """The topics of a text by key, covered or named in passing."""
    day = (text.published_at or clock).date()
    reading = reading_of(text.draft, language=text.language, clock=day, directory=directory)
    by_topic: dict[Topic, list[TopicMention]] = defaultdict(list)
    mentions = mentions_of(reading, directory)
    for mention in mentions:
        by_topic[mention.topic].append(mention)
    below = {mention.section for mention in mentions if not mention.is_heading}
    found = {}
    for topic, named in by_topic.items():
        reason = _reason(topic, named, below)
        best = _best(named)
        quote = " ".join(text.draft.text[best.start : best.end].split())
        places = frozenset(one.start for one in named)
        found[topic.key] = TopicCoverage(
            topic, best.label, text, reason, quote, best.start, best.end, places
        )
    return found


def _reason(topic: Topic, named: Sequence[TopicMention], below: set[int]) -> CoverageReason:
    headings = [one for one in named if one.is_heading]
    sentences = {one.start for one in named if not one.is_heading}
    if topic.kind not in ("phrase", "country") and any(one.has_number for one in named):
        return "number"
    if headings and (sentences or _heads_text(topic, headings, below)):
        return "heading"
    return "sentences" if len(sentences) >= topic_rules()["rules"]["sentences"] else ""


def _heads_text(topic: Topic, headings: Sequence[TopicMention], below: set[int]) -> bool:
    """Whether a heading that names the topic itself stands over sentences about named things."""
    return topic.kind in ("indicator", "instrument", "pair") and any(
        one.start in below for one in headings
    )


def _best(named: Sequence[TopicMention]) -> TopicMention:
    """The sentence with a number, else the first sentence, else the heading."""
    return min(named, key=lambda one: (one.is_heading, not one.has_number, one.start))


def covered_keys(found: Mapping[str, TopicCoverage]) -> set[str]:
    """What counts as covered: the topics, their indicators of any country, and their currencies."""
    keys = set()
    for key, one in found.items():
        if not one.is_covered:
            continue
        keys.add(key)
        if one.topic.kind == "indicator":
            keys.add(one.topic.indicator)
            if "@" in key:
                keys.add(f"country:{key.partition('@')[2]}")
        if one.topic.kind == "pair":
            keys |= {f"currency:{code}" for code in key.partition(":")[2].split("/")}
    return keys
