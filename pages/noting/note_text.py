"""A note as HTML: its sections, each figure a link to the fact that it states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from analytics.claims.wording import as_spoken
from analytics.notes.fact import Fact
from analytics.notes.gate import CheckedFigure
from analytics.notes.sections import BY_NAME, SECTIONS

CASES = ("bull case", "bear case")
ORDER = (
    *("summary", "recommendation", "bull case", "bear case", "risks"),
    *("fundamentals", "technicals", "macro", "news"),
)


def anchor_of(place: int) -> str:
    """The name of a fact's row in the page."""
    return f"fact-{place + 1}"


def note_html(
    sections: Mapping[str, str], figures: Sequence[CheckedFigure], places: Mapping[str, int]
) -> str:
    """All sections, the two cases side by side; `places` are the rows of facts by their ids."""
    parts = []
    for name in ORDER:
        if name not in sections or name == CASES[1]:
            continue
        drawn = _section(name, sections, figures, places)
        if name == CASES[0] and CASES[1] in sections:
            other = _section(CASES[1], sections, figures, places)
            drawn = f'<div class="b-cases">{drawn}{other}</div>'
        parts.append(drawn)
    return f'<div class="b-prose">{"".join(parts)}</div>'


def _section(
    name: str,
    sections: Mapping[str, str],
    figures: Sequence[CheckedFigure],
    places: Mapping[str, int],
) -> str:
    own = sorted(
        (one for one in figures if one.section == name), key=lambda one: (one.start, one.end)
    )
    text = "".join(_runs(sections[name], own, places))
    title = BY_NAME[name].title if name in BY_NAME else name.capitalize()
    return f'<section><h4>{escape(title)}</h4><p dir="auto">{text}</p></section>'


def _runs(text: str, figures: Sequence[CheckedFigure], places: Mapping[str, int]) -> Iterator[str]:
    at = 0
    for one in figures:
        if one.start < at:
            continue
        yield escape(text[at : one.start])
        yield _figure(text[one.start : one.end], one, places)
        at = one.end
    yield escape(text[at:])


def _figure(words: str, one: CheckedFigure, places: Mapping[str, int]) -> str:
    fact = one.fact
    if fact is None:
        said = one.statement.finding.note if one.statement is not None else ""
        return f'<span class="b-figure" title="{escape(said)}">{escape(words)}</span>'
    place = places.get(fact.id)
    if place is None:
        return escape(words)
    title = escape(f"{fact.label}: {fact.printed}{_of(fact)}")
    return f'<a class="b-figure" href="#{anchor_of(place)}" title="{title}">{escape(words)}</a>'


def _of(fact: Fact) -> str:
    return f", {as_spoken(fact.period)}" if fact.period is not None else ""


def note_markdown(title: str, sections: Mapping[str, str], about: Mapping[str, str]) -> bytes:
    """The note as a Markdown file that says its clock and what wrote it."""
    lines = [f"# {_plain(title)}", ""]
    lines += [f"- {key}: {_plain(value)}" for key, value in about.items() if value]
    for section in SECTIONS:
        if section.name in sections:
            lines += ["", f"## {section.title}", "", _plain(sections[section.name])]
    return ("\n".join(lines) + "\n").encode()


def _plain(text: str) -> str:
    """Words that Markdown reads as words."""
    kept = " ".join(text.split())
    for mark in "\\`*_[]<>#|":
        kept = kept.replace(mark, f"\\{mark}")
    return kept
