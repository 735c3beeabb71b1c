"""A screen in words: `Energy · Germany · Price to earnings up to 15 ×`."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.companies.screen_text import PLACE_SHARE, Bounds, ScreenText
from data.errors import ConfigError
from pages.screening.columns import COLUMNS

EVERY = "all companies"


def screen_words(text: str, countries: Mapping[str, str]) -> str:
    """What a screen asks, by the names of its figures and countries."""
    try:
        screen = ScreenText.read(text)
    except ConfigError as error:
        return str(error)
    facets = [countries.get(value, value) for value in screen.facets.values()]
    ranges = [range_words(name, bounds) for name, bounds in screen.ranges.items()]
    return " · ".join([*facets, *ranges, *place_words(screen, countries)]) or EVERY


def range_words(name: str, bounds: Bounds, label: str = "") -> str:
    """A range of a figure in the unit in which it is shown."""
    column = COLUMNS[name]
    low, high = (None if end is None else shown(name, end) for end in (bounds.low, bounds.high))
    if low is None or high is None:
        limits = f"up to {high}" if low is None else f"from {low}"
    else:
        limits = f"{low} to {high}"
    return f"{label or column.label} {limits} {column.unit}".rstrip()


def place_words(screen: ScreenText, countries: Mapping[str, str]) -> list[str]:
    """The part of revenue in a place; nothing where the screen names none."""
    if not screen.place:
        return []
    label = f"Revenue in {countries.get(screen.place, screen.place)}"
    return [label if screen.part is None else range_words(PLACE_SHARE, screen.part, label)]


def shown(name: str, value: float) -> str:
    """A figure as somebody would type it in the unit of its column."""
    return f"{value * COLUMNS[name].size:,.6g}".replace("-", "−")
