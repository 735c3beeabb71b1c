"""A scale of colours around zero, and the ink that can be read on each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pages.frame.theme import Palette

EVEN = (1.05 * 0.05) ** 0.5 - 0.05  # black and white have the same contrast with it


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
