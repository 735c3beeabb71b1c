"""Colours and the style sheet: one palette per theme, safe for colour-blind eyes; no drawing here.

Direction is never told by hue alone: blue is up, orange is down, and a sign is always written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Palette:
    """What charts and tables paint with."""

    ink: str
    dim: str
    grid: str
    up: str
    down: str
    accent: str
    surface: str
    past: str
    past_ink: str
    warn: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


DARK = Palette(
    ink="#e6edf3",
    dim="#8b9bab",
    grid="#1d2732",
    up="#62aef0",
    down="#f59a2f",
    accent="#56b4e9",
    surface="#10161d",
    past="#f0b429",
    past_ink="#1a1305",
    warn="#f0b429",
    sequential=(
        "#10202f",
        "#0f3f66",
        "#125488",
        "#1a69a8",
        "#2a7fc4",
        "#4695d6",
        "#68abe3",
        "#8cc1ed",
        "#b3d7f5",
        "#dcecfb",
    ),
    diverging=(
        "#ffc067",
        "#f59a2f",
        "#d9771a",
        "#a3560f",
        "#5b3a1c",
        "#1f3b57",
        "#23619b",
        "#2f86cf",
        "#62aef0",
        "#a9d5ff",
    ),
)
LIGHT = Palette(
    ink="#16202b",
    dim="#5a6876",
    grid="#e2e8ee",
    up="#1d6fb8",
    down="#b35806",
    accent="#0072b2",
    surface="#f7f9fb",
    past="#8a5a00",
    past_ink="#ffffff",
    warn="#8a5a00",
    sequential=(
        "#eaf3fb",
        "#cfe3f5",
        "#aacfee",
        "#80b7e3",
        "#579dd5",
        "#3783c3",
        "#216bab",
        "#15568f",
        "#0d4272",
        "#082f54",
    ),
    diverging=(
        "#7f3b08",
        "#b35806",
        "#d9812a",
        "#f2b36b",
        "#fbdfc0",
        "#d3e5f5",
        "#96c3e8",
        "#559bd3",
        "#2a73b5",
        "#134b7f",
    ),
)


def palette(kind: Kind) -> Palette:
    """The palette of a theme."""
    return LIGHT if kind == "light" else DARK


def style_sheet(kind: Kind) -> str:
    """What the theme's keys cannot say: density, badges, tables; `kind` till the browser speaks."""
    themes = "".join(
        f":root[data-theme={name}]{{{_variables(paint)}}}"
        for name, paint in (("dark", DARK), ("light", LIGHT))
    )
    return f"<style>:root{{{_variables(palette(kind))}}}{themes}\n{_sheet()}</style>"


def _variables(paint: Palette) -> str:
    names = (
        "ink", "dim", "grid", "up", "down", "accent", "surface", "past", "past_ink", "warn",
    )  # fmt: skip
    return ";".join(f"--b-{name}:{getattr(paint, name)}" for name in names)


@cache
def _sheet() -> str:
    return (Path(__file__).with_name("static") / "frame.css").read_text(encoding="utf-8")
