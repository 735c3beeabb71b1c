"""The project's own lists of words: CSV files in which a line that starts with # is a comment."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from data.errors import ConfigError


def word_lines(
    path: Path, what: str, columns: tuple[str, ...], allowed: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's number and its cells by column, all of them filled.

    `allowed` says which cells a column may have. The first column names the line: a name that is
    there twice is refused.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the {what} {path}: {error.strerror}") from None
    pairs = [(n, text) for n, text in enumerate(lines, 1) if text.strip() and text[0] != "#"]
    if not pairs or tuple(pairs[0][1].split(",")) != columns:
        raise ConfigError(f"{path.name}: expected the columns {','.join(columns)}")
    found: set[str] = set()
    for (line, _), read in zip(pairs[1:], csv.reader(t for _, t in pairs[1:]), strict=True):
        place, cells = f"{path.name}:{line}", [cell.strip() for cell in read]
        if len(cells) != len(columns) or not all(cells):
            raise ConfigError(f"{place}: expected {len(columns)} filled columns, found {cells}")
        row = dict(zip(columns, cells, strict=True))
        for column, words in allowed.items():
            if row[column] not in words:
                raise ConfigError(
                    f"{place}: {column} {row[column]!r}; expected one of {', '.join(words)}"
                )
        if cells[0] in found:
            raise ConfigError(f"{place}: {cells[0]!r} stands there twice; keep one")
        found.add(cells[0])
        yield line, row
