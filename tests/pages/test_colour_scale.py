"""The scale of colours: symmetric around zero, null is no colour, and what stands on it is read."""

from __future__ import annotations

import polars as pl
import pytest

from data.chart_theme import Colours, Kind, palette
from pages.frame.charts import ColourScale
from pages.frame.charts.colour_scale import ink_on, luminance
from pages.frame.theme import DARK, LIGHT, Palette


@pytest.mark.parametrize("paint", [DARK, LIGHT])
def test_colours_are_symmetric_and_stop_at_the_limit(paint: Palette) -> None:
    scale = ColourScale(0.04, 0)
    low, least, most, high, none = scale.paint(pl.Series([-9.0, -0.04, 0.04, 9.0, None]), paint)
    assert low == least == paint.diverging[0].lower()
    assert high == most == paint.diverging[-1].lower()
    assert none is None


def test_the_limit_is_fixed_or_keeps_98_of_a_hundred() -> None:
    values = pl.Series([float(n) for n in range(-100, 101)])
    free = ColourScale.of(values)
    assert (free.limit, free.beyond) == (98.0, 4)
    assert (ColourScale.of(values, 3.0).limit, ColourScale.of(values, 3.0).beyond) == (3.0, 194)
    assert ColourScale.of(pl.Series([None, None], dtype=pl.Float64)).limit == 1.0


@pytest.mark.parametrize("kind", ["dark", "light"])
@pytest.mark.parametrize("colours", ["blue-orange", "green-red"])
def test_what_stands_on_a_tile_can_be_read(kind: Kind, colours: Colours) -> None:
    paint = palette(kind, colours)
    steps = pl.Series([number / 100 for number in range(-100, 101)])
    for ground in ColourScale(1.0, 0).paint(steps, paint):
        assert ground is not None
        assert contrast(ink_on(ground), ground) >= 4.5
    for tone in (paint.up, paint.down):
        assert contrast(tone, paint.surface) >= 4.5
    low, high = paint.diverging[2], paint.diverging[-3]
    assert abs(luminance(low) - luminance(high)) < 0.2  # neither side is the louder one


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
