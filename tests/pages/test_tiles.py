"""The map of tiles and the bars: colours, what is not known, what was clicked, how much is sent."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest

from data.chart_theme import Colours, Kind, palette
from pages.frame.charts import ColourScale, picked, tiles
from pages.frame.charts.tiles import ink_on, luminance
from pages.frame.theme import DARK, LIGHT, Palette

COLUMNS = {
    "group": pl.String,
    "symbol": pl.String,
    "label": pl.String,
    "about": pl.String,
    "area": pl.Float64,
    "value": pl.Float64,
    "card": pl.String,
}


def given(*rows: tuple[str, str, float | None]) -> pl.DataFrame:
    """Tiles of equal area by group, symbol and value."""
    return pl.DataFrame(
        [(g, s, f"{s}\n{v}", f"<b>{s}</b> {{x}}", 1.0, v, None) for g, s, v in rows],
        schema=COLUMNS,
        orient="row",
    )


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


def test_what_is_not_known_is_hatched() -> None:
    spec, _ = tiles(
        given(("A", "x", None), ("A", "y", 0.0)), DARK, ColourScale(1, 0), is_demo=False
    )
    unknown, zero = spec["series"][0]["data"][0]["children"]
    assert "decal" in unknown["itemStyle"]
    assert "decal" not in zero["itemStyle"]
    assert unknown["itemStyle"]["color"] != zero["itemStyle"]["color"]


def test_a_click_finds_its_symbol_and_a_group_is_none() -> None:
    frame = given(("A", "x", 1.0), ("A", "y", 1.0), ("B", "z", 1.0))
    _, index = tiles(frame, DARK, ColourScale(1, 0), is_demo=False)
    assert index == [None, None, "x", "y", None, "z"]
    assert picked([{"data_indices": [3]}], index) == "y"
    assert picked([{"data_indices": [4]}], index) is None
    assert picked([{"data_indices": [99]}], index) is None
    assert picked([], index) is None


def test_names_can_be_neither_markup_nor_a_formatter() -> None:
    spec, _ = tiles(given(("{a}", "x", 1.0)), DARK, ColourScale(1, 0), is_demo=False)
    text = json.dumps(spec["series"][0]["data"])
    assert "<b>" not in text
    assert "{x}" not in text
    assert spec["series"][0]["data"][0]["name"] == "(a)"


def test_a_number_on_a_tile_is_drawn_whole_or_not_at_all() -> None:
    """A line with a width of its own is left out by the chart where it does not fit."""
    frame = given(("A", "N{x|}", -1.25))
    spec, _ = tiles(frame, DARK, ColourScale(1, 0), is_demo=False)
    (series,) = spec["series"]
    label = series["data"][0]["children"][0]["label"]["formatter"]
    name, figure = re.findall(r"\{(\w+)\|([^{}|]*)\}", label)
    assert (name[1], figure[1]) == ("N(x¦)", "-1.25")
    rich = series["label"]["rich"]
    assert "width" not in rich[name[0]]
    assert rich[figure[0]]["width"] >= 16 * 0.6 * 4
    assert series["label"]["overflow"] == "truncate"


def test_a_larger_tile_has_larger_type() -> None:
    frame = given(("A", "x", 1.0), ("A", "y", 1.0)).with_columns(area=pl.Series([0.99, 0.01]))
    spec, _ = tiles(frame, DARK, ColourScale(1, 0), is_demo=False)
    large, small = (leaf["label"]["formatter"] for leaf in spec["series"][0]["data"][0]["children"])
    assert large.startswith("{n16|")
    assert small.startswith("{n11|")


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


@pytest.mark.parametrize("is_demo", [True, False])
def test_invented_numbers_are_marked(is_demo: bool) -> None:
    spec, _ = tiles(given(("A", "x", 1.0)), DARK, ColourScale(1, 0), is_demo=is_demo)
    assert ("DEMO" in json.dumps(spec)) is is_demo


def test_five_thousand_tiles_stay_below_a_megabyte_and_a_half() -> None:
    rows = [(f"Sector {n % 11}", f"demo:SYMB{n}", (n % 97) / 1000) for n in range(5000)]
    frame = given(*rows).with_columns(
        pl.concat_str(
            "symbol", pl.lit(" · A rather long name of a company · +1.5 % · session of 25 Nov 2026")
        ).alias("about")
    )
    spec, index = tiles(frame, DARK, ColourScale.of(frame["value"]), is_demo=True)
    assert len(index) == 5000 + 11 + 1
    assert len(json.dumps(spec)) < 1.5e6


def test_a_card_is_the_tooltip_of_its_tile() -> None:
    frame = given(("A", "x", 1.0), ("A", "y", 1.0)).with_columns(card=pl.Series(["<b>x</b>", None]))
    spec, _ = tiles(frame, DARK, ColourScale(1, 0), is_demo=False)
    first, second = spec["series"][0]["data"][0]["children"]
    assert first["tooltip"] == {"formatter": "<b>x</b>"}
    assert "tooltip" not in second
    assert spec["tooltip"]["formatter"] == "{b}"
