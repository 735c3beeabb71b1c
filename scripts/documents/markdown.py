"""Markdown: tables, and blocks of a page between two marks."""

from __future__ import annotations

import re
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in lines
    )


def with_block(text: str, name: str, body: str) -> str:
    """The page with the text between the marks of a block replaced."""
    block = f"<!-- {name} -->\n\n{body}\n\n<!-- end {name} -->"
    pattern = rf"<!-- {name} -->.*?<!-- end {name} -->"
    return re.sub(pattern, lambda _: block, text, flags=re.DOTALL)


def has_block(text: str, name: str) -> bool:
    """Whether the page has both marks of a block."""
    return f"<!-- {name} -->" in text and f"<!-- end {name} -->" in text


def plain(text: str) -> str:
    """A text of the code as it is safe in a page: no tag outside of quoted code."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace(">", "&gt;") for part in parts[::2]]
    return "`".join(parts)
