"""Which pages an address that names none of them may mean."""

from __future__ import annotations

from difflib import SequenceMatcher

from pages.frame.nav import PAGES, PageLine

NEAR = 0.6  # of two words: twice the letters in common, divided by all letters
MOST = 3


def nearest_pages(path: str) -> list[PageLine]:
    """The pages whose address or name is most like the first part of a path, nearest first."""
    word = path.strip("/").split("/")[0].lower()[:60]
    near = [(_likeness(word, page), page) for page in PAGES]
    near.sort(key=lambda pair: -pair[0])
    return [page for likeness, page in near[:MOST] if likeness >= NEAR]


def _likeness(word: str, page: PageLine) -> float:
    names = (page.name, page.title.lower())
    return max(SequenceMatcher(None, word, name).ratio() for name in names)
