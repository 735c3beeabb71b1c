"""The style sheet of the pages; the palettes of its two themes lie in data.chart_theme."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from data.chart_theme import DARK, LIGHT, Kind, Palette, palette

__all__ = ["DARK", "LIGHT", "Kind", "Palette", "palette", "style_sheet"]


def style_sheet(kind: Kind) -> str:
    """What the theme's keys cannot say: density, badges, tables; `kind` till the browser speaks."""
    themes = "".join(
        f":root[data-theme={name}]{{{_variables(paint)}}}"
        for name, paint in (("dark", DARK), ("light", LIGHT))
    )
    return f"<style>:root{{{_variables(palette(kind))}}}{themes}\n{_sheet()}</style>"


def _variables(paint: Palette) -> str:
    names = (
        "ground",
        "ink",
        "dim",
        "grid",
        "up",
        "down",
        "accent",
        "surface",
        "past",
        "past_ink",
        "warn",
    )
    return ";".join(f"--b-{name}:{getattr(paint, name)}" for name in names)


@cache
def _sheet() -> str:
    return (Path(__file__).with_name("static") / "frame.css").read_text(encoding="utf-8")
