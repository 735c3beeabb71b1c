"""A text as it is handed to a model: without what nobody sees, of bounded length, and with the way
back, so that a quotation is found in the text itself.

Refuses nothing: what is left out is counted and said.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

MOST_SENT = 40_000
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
KEPT = "\n\t"
# Marks that change how the sign before them looks; strings of them can carry letters unseen.
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u3164\uffa0]")
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PromptText:
    """What is sent of a text of `length` characters, and where each character of it stood."""

    text: str
    places: tuple[int, ...]
    length: int
    hidden: int
    is_cut: bool

    def find(self, quote: str) -> tuple[int, int] | None:
        """Where the words stand in the whole text, `[start, end)`; none unless exactly once."""
        spans = self.find_all(quote)
        return spans[0] if len(spans) == 1 else None

    def find_all(self, quote: str) -> list[tuple[int, int]]:
        """Every place where the words stand, letter by letter; blanks alone may be of any kind."""
        parts = [re.escape(part) for part in BLANKS.split(quote.strip()) if part]
        if not parts:
            return []
        found = re.finditer(r"\s+".join(parts), self.text)
        return [(self.places[one.start()], self.places[one.end() - 1] + 1) for one in found]

    @property
    def note(self) -> str:
        """What was left out, in a sentence; empty where nothing was."""
        said = []
        if self.is_cut:
            said.append(
                f"only the first {len(self.text):,} of {self.length:,} characters were read"
            )
        if self.hidden:
            said.append(f"{self.hidden:,} invisible characters were left out")
        words = " and ".join(said)
        return f"{words[:1].upper()}{words[1:]}." if words else ""


def prompt_text(text: str, most: int = MOST_SENT) -> PromptText:
    """The text without controls and invisible characters, at most so many, cut between lines."""
    kept = [place for place, mark in enumerate(text) if not _is_hidden(mark)]
    shown = "".join(text[place] for place in kept)
    hidden = len(text) - len(kept)
    is_cut = len(shown) > most
    if is_cut:
        breaks = [match.end() for match in re.finditer(r"\n", shown[:most])]
        at = bisect_right(breaks, most // 2)
        most = breaks[-1] if at < len(breaks) else most
    return PromptText(shown[:most], tuple(kept[:most]), len(text), hidden, is_cut)


def _is_hidden(mark: str) -> bool:
    return mark not in KEPT and (
        unicodedata.category(mark) in HIDDEN or SELECTORS.match(mark) is not None
    )
