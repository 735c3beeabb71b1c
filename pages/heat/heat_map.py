"""The map of tiles: a component of our own that lays out and paints thousands of them at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from pages.frame.javascript import joined_script
from pages.frame.theme import Palette

STATIC = Path(__file__).with_name("static")
HTML, CSS = ((STATIC / f"heat_map.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
_MAP = st.components.v2.component(
    "heat_map", html=HTML, css=CSS, js=joined_script(STATIC / "heat_map.mjs")
)
COLOURS = ("ink", "dim", "grid", "surface", "up", "down", "diverging")


def heat_map(document: Mapping[str, Any], paint: Palette, key: str) -> str | None:
    """Draw it; gives the symbol of a tile that was opened just now."""
    look = {name: getattr(paint, name) for name in COLOURS}
    # As bytes it is written once; of anything else Streamlit writes JSON twice.
    data = json.dumps({**document, "look": look}, ensure_ascii=False).encode()
    chosen = _MAP(key=key, data=data, on_symbol_change=_opened)
    symbol = chosen.get("symbol")
    return symbol if isinstance(symbol, str) else None


def _opened() -> None:
    """The page itself goes on from there; a trigger needs somebody who listens."""
