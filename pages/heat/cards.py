"""The hover card of a tile: name, price, change, line and last headline, known at the clock."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from pages.frame.charts import plain
from pages.frame.figures import price_text, unit_of_price
from pages.frame.theme import Palette

MOST = 1_000  # tiles with a card; those behind them have their name and change alone
WIDTH, HEIGHT = 180, 36
LONGEST = 160  # letters of a headline


def card(row: dict[str, Any], change: str, measure: str, paint: Palette) -> str:
    """The card as markup; what comes from data can be neither markup nor a field of a formatter."""
    name = row["name"] if row["name"] and row["name"] != row["ticker"] else ""
    close = row["close"]
    unit = unit_of_price(row["asset_class"], row["currency"])
    parts = [
        f"<b>{_text(row['ticker'])}</b> {_text(name)}",
        f"{price_text(close)} {_text(unit)} · <b>{_text(change)}</b> {_text(measure)}",
        line(row["path"], paint),
        f'<span style="color:{paint.dim}">session of {row["date"]:%d %b %Y}</span>',
    ]
    if row["headline"]:
        when = f"{row['headline_at']:%d %b}"
        short = row["headline"][:LONGEST] + "…" * (len(row["headline"]) > LONGEST)
        parts.append(f'{_text(short)} <span style="color:{paint.dim}">{when}</span>')
    return "<br>".join(filter(None, parts))


def line(path: Sequence[float], paint: Palette) -> str:
    """The last closes as a line; nothing for fewer than two."""
    if len(path) < 2:
        return ""
    low, high = min(path), max(path)
    reach = (high - low) or 1.0
    points = " ".join(
        f"{WIDTH * place / (len(path) - 1):.0f},{HEIGHT - 2 - (HEIGHT - 4) * (v - low) / reach:.0f}"
        for place, v in enumerate(path)
    )
    tone = paint.up if path[-1] >= path[0] else paint.down
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="last {len(path)} closes">'
        f'<polyline fill="none" stroke="{tone}" stroke-width="1.5" points="{points}"/></svg>'
    )


def _text(text: str) -> str:
    return escape(plain(text))
