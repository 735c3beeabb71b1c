"""A file as rows of text cells, before anything is understood of it."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ROWS = 100_000
MOST_CELL = 32_768


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, each with the line it begins on; `notices` say what was taken as what.

    `sheet` is the one that was read of `sheets`; `is_typed` where the file itself knew its numbers,
    so that a dot in one is the decimal mark.
    """

    rows: list[tuple[int, list[str | None]]]
    notices: list[str]
    sheets: list[str]
    sheet: str = ""
    is_typed: bool = False


def short(text: str) -> str:
    """A name or a message fit for one line of a sentence."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return plain if len(plain) <= 60 else plain[:57] + "..."
