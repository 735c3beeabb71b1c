"""The player: a component of our own that animates a prepared window in the browser.

A server that is asked for each frame draws six a second; a browser that has the window sixty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from pages.frame.javascript import joined_script, plain_script

STATIC = Path(__file__).with_name("static")
HTML, CSS = ((STATIC / f"player.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
SCRIPT = STATIC / "player.mjs"
_PLAYER = st.components.v2.component("player", html=HTML, css=CSS, js=joined_script(SCRIPT))


def player(document: Mapping[str, Any], arrived: Callable[[datetime], None]) -> None:
    """Play it; `arrived` hears of each moment at which the transport comes to rest."""

    def tell() -> None:
        moment = st.session_state["player"].get("moment")
        if isinstance(moment, int | float):
            arrived(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(moment)))

    _PLAYER(key="player", data=dict(document), on_moment_change=tell)


def page_of(document: Mapping[str, Any], title: str, notes: str) -> str:
    """One file that plays the window without a server or a net; `notes` is HTML that is safe."""
    data = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    look = document["look"]
    names = ("ink", "dim", "grid", "surface", "accent", "warn")
    colours = ";".join(f"--b-{name}:{look[name]}" for name in names)
    script = plain_script(SCRIPT, "mount")
    # What ends a script inside a script must not: `<` is written as its escape.
    safe = data.replace("<", "\\u003c")
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>:root{{{colours}}}body{{margin:18px;max-width:1500px;"
        "background:var(--b-surface);color:var(--b-ink);font:14px/1.45 Inter,Arial,sans-serif}"
        "h1{font-size:20px}table{border-collapse:collapse}td,th{padding:2px 10px 2px 0;"
        "text-align:left;vertical-align:top}pre{white-space:pre-wrap;color:var(--b-dim)}"
        f"{CSS}</style></head><body><h1>{title}</h1><div id=stage>{HTML}</div>{notes}"
        f'<script type="application/json" id=window>{safe}</script>'
        f"<script>{script}\nconst data = JSON.parse(document.getElementById('window').textContent);"
        "\nmount({ data, parentElement: document.getElementById('stage'), "
        "setTriggerValue() {} });</script></body></html>\n"
    )
