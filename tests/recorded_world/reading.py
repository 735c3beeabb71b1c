"""What a reader of a page sees, as plain text: its words, its tables, its grids."""

from __future__ import annotations

import re
from html import unescape

from streamlit.testing.v1 import AppTest

from tests.pages import browse

ROW = re.compile(r"</(?:tr|p|div|h\d|li|caption)>|<br[^>]*>")
CELL = re.compile(r"</t[dh]>")
TAG = re.compile(r"<[^>]+>")


def plain(app: AppTest) -> str:
    """Text without markup; a cell of a table ends with a bar, a cell of a grid with a comma."""
    text = TAG.sub("", CELL.sub(" | ", ROW.sub("\n", browse.text(app))))
    grids = [element.value.to_csv(index=False) for element in app.get("dataframe")]
    return re.sub(r"[ \t]+", " ", unescape("\n".join([text, *grids])))


def address(text: str) -> tuple[str, dict[str, str]]:
    """`series?id=fred:GDP` as page and query."""
    page, _, query = text.partition("?")
    return page, dict(part.split("=", 1) for part in query.split("&") if part)
