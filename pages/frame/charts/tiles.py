"""A map of tiles: area by value, colour by a measure; what is not known is hatched, never zero.

Drawn by ECharts, which paints thousands of tiles where others take seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pages.frame.charts.base import FONT
from pages.frame.theme import Palette

# The type of a tile's label by the share of the map that it has, the largest first.
TYPES = ((0.03, 16), (0.012, 13), (0.006, 11), (0.0, 10))
# Widths of letters in the height of the type, a little more than they have.
NARROW, WIDE, LETTER = 0.3, 0.86, 0.65
EVEN = (1.05 * 0.05) ** 0.5 - 0.05  # black and white have the same contrast with it
DEMO: dict[str, Any] = {
    "text": "DEMO · invented data",
    "left": "center",
    "top": "middle",
    "textStyle": {"fontSize": 30, "fontWeight": 400, "fontFamily": FONT},
}


@dataclass(frozen=True, slots=True)
class ColourScale:
    """Colours symmetric around zero; beyond `limit` they grow no stronger."""

    limit: float
    beyond: int

    @classmethod
    def of(cls, values: pl.Series, fixed: float | None = None) -> ColourScale:
        """A fixed limit, or the one that 98 of a hundred values keep."""
        sizes = values.drop_nulls().abs()
        limit = fixed or float(sizes.quantile(0.98) or 0.0) or 1.0
        return cls(limit, int((sizes > limit).sum()))

    def paint(self, values: pl.Series, paint: Palette) -> list[str | None]:
        """A colour per value, none for what is not known."""
        stops = np.array([_rgb(colour) for colour in paint.diverging])
        numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        place = (np.clip(numbers / self.limit, -1, 1) + 1) / 2 * (len(stops) - 1)
        known = np.isfinite(place)
        place = np.where(known, place, 0.0)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, len(stops) - 1)
        share = (place - low)[:, None]
        mixed = np.rint(stops[low] * (1 - share) + stops[high] * share).astype(int)
        return [
            f"#{r:02x}{g:02x}{b:02x}" if is_known else None
            for (r, g, b), is_known in zip(mixed.tolist(), known.tolist(), strict=True)
        ]


def tiles(
    frame: pl.DataFrame, paint: Palette, scale: ColourScale, *, is_demo: bool
) -> tuple[dict[str, Any], list[str | None]]:
    """The chart, and the symbol behind each of its indices (none for a group).

    `frame` has `group`, `symbol`, `label`, `about`, `area` and `value`, in the order of drawing;
    and, as markup that is safe, the `card` of each tile, null where its `about` is enough.
    """
    colours = scale.paint(frame["value"], paint)
    whole = float(frame["area"].sum()) or 1.0
    columns = ("group", "symbol", "label", "about", "area", "card")
    groups: dict[str, list[dict[str, Any]]] = {}
    symbols: dict[str, list[str]] = {}
    styles: dict[str, dict[str, Any]] = {}
    for (group, symbol, label, about, area, card), colour in zip(
        frame.select(columns).iter_rows(), colours, strict=True
    ):
        size = next(size for least, size in TYPES if area / whole >= least)
        text, style = _label(label, size)
        styles |= style
        leaf = _leaf(text, about, area, colour, paint)
        groups.setdefault(group, []).append(leaf | _tooltip(card))
        symbols.setdefault(group, []).append(symbol)
    # The chart counts its own root first, then each group before its members.
    index: list[str | None] = [None]
    for name in groups:
        index += [None, *symbols[name]]
    data = [{"name": plain(name), "children": leaves} for name, leaves in groups.items()]
    return _spec(data, paint, styles, is_demo=is_demo), index


def picked(selected: Sequence[Mapping[str, Any]], index: list[str | None]) -> str | None:
    """The symbol of the tile that was chosen, if one was."""
    places = [place for group in selected for place in group["data_indices"]]
    found = [index[place] for place in places if 0 <= place < len(index)]
    return next((symbol for symbol in found if symbol), None)


def _label(label: str, size: int) -> tuple[str, dict[str, dict[str, Any]]]:
    """The lines of a tile, and the styles that they name.

    The chart draws what fits: of the name its first letters, of the lines below, which have a width
    of their own, all or nothing; so no number is ever cut.
    """
    name, *figures = label.split("\n")
    styles: dict[str, dict[str, Any]] = {f"n{size}": _type(size)}
    lines = [f"{{n{size}|{_token(name)}}}"]
    for figure in figures:
        width = math.ceil(size * sum(map(_width, figure)))
        styles[f"f{size}w{width}"] = _type(size) | {"width": width, "align": "center"}
        lines.append(f"{{f{size}w{width}|{_token(figure)}}}")
    return "\n".join(lines), styles


def _width(letter: str) -> float:
    return NARROW if letter in " .," else WIDE if letter in "%σ" else LETTER


def _type(size: int) -> dict[str, Any]:
    return {"fontSize": size, "lineHeight": size + 2, "fontFamily": FONT}


def _token(text: str) -> str:
    """Text that cannot end its own style."""
    return plain(text).replace("|", "¦")


def _tooltip(card: str | None) -> dict[str, Any]:
    return {} if card is None else {"tooltip": {"formatter": card}}


def _leaf(
    label: str, about: str, area: float, colour: str | None, paint: Palette
) -> dict[str, Any]:
    if colour is None:
        style: dict[str, Any] = {"color": paint.grid, "decal": stripes(paint.dim + "48")}
        ink = paint.ink
    else:
        style, ink = {"color": colour}, ink_on(colour)
    return {
        "name": plain(about),
        "value": area,
        "itemStyle": style,
        "label": {"formatter": label, "color": ink},
    }


def _spec(
    data: list[dict[str, Any]],
    paint: Palette,
    styles: Mapping[str, dict[str, Any]],
    *,
    is_demo: bool,
) -> dict[str, Any]:
    series = {
        "type": "treemap",
        "name": "All",
        "data": data,
        "animation": False,
        "roam": False,
        "left": 0,
        "right": 0,
        "top": 0,
        "bottom": 22,
        "leafDepth": 2,
        "nodeClick": "zoomToNode",
        "selectedMode": "single",
        "label": {
            "position": "inside",
            "align": "center",
            "padding": [1, 2],
            "overflow": "truncate",
            "ellipsis": "…",
            "rich": dict(styles),
        },
        "itemStyle": {"borderColor": paint.surface, "borderWidth": 1, "gapWidth": 1},
        "upperLabel": _group_label(paint),
        "levels": [
            {"itemStyle": {"borderWidth": 0, "gapWidth": 3}, "upperLabel": {"show": False}},
            {"itemStyle": {"borderColor": paint.grid, "borderWidth": 1, "gapWidth": 1}},
        ],
        "breadcrumb": {
            "bottom": 0,
            "height": 18,
            "itemStyle": {"color": paint.grid, "textStyle": {"color": paint.ink, "fontSize": 11}},
        },
    }
    spec: dict[str, Any] = {
        "backgroundColor": "transparent",
        "tooltip": _card_look(paint),
        "series": [series],
    }
    if is_demo:
        spec["title"] = DEMO | {"textStyle": DEMO["textStyle"] | {"color": paint.ink + "38"}}
    return spec


def _group_label(paint: Palette) -> dict[str, Any]:
    return {
        "show": True,
        "height": 18,
        "formatter": "{b}",
        "color": paint.dim,
        "fontSize": 11,
        "fontFamily": FONT,
    }


def _card_look(paint: Palette) -> dict[str, Any]:
    """The ground and the type of every card."""
    return {
        "formatter": "{b}",
        "confine": True,
        "backgroundColor": paint.surface,
        "borderColor": paint.dim,
        "textStyle": {"color": paint.ink, "fontFamily": FONT, "fontSize": 12},
        "extraCssText": "max-width:300px;white-space:normal",
    }


def stripes(colour: str) -> dict[str, Any]:
    """The hatching of what is not known, or not sure."""
    return {
        "symbol": "rect",
        "dashArrayX": [1, 0],
        "dashArrayY": [2, 5],
        "rotation": -0.785,
        "color": colour,
    }


def plain(text: str) -> str:
    """Nothing that a tooltip could take for markup, or a formatter for a field."""
    return text.translate({ord("<"): "‹", ord(">"): "›", ord("{"): "(", ord("}"): ")"})


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ink_on(colour: str) -> str:
    """Black or white, whichever has more contrast: 4.5 to 1 at least on every colour."""
    return "#000000" if luminance(colour) > EVEN else "#ffffff"


def luminance(colour: str) -> float:
    """The relative luminance of WCAG, 0 for black and 1 for white."""
    parts = [part / 255 for part in _rgb(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
