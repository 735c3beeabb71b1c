"""Tables and charts: what is missing stays missing, what is data stays text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import unquote

import numpy as np
import polars as pl
import pytest

from pages.frame import charts
from pages.frame.cells import FORMS, HATCHED, HEATED, MISSING, Kind
from pages.frame.tables import Column, cell, facts, table
from pages.frame.theme import DARK, LIGHT, Palette, palette, style_sheet

WHEN = datetime(2020, 3, 16, 14, 30, tzinfo=UTC)
EVERY_KIND: dict[Kind, object] = {
    "text": "a",
    "wide": "a",
    "id": "a",
    "count": 1,
    "number": 1.0,
    "percent": 0.1,
    "signed": 1.0,
    "instant": WHEN,
    "day": date(2020, 3, 16),
    "session": date(2020, 3, 16),
    "bar": 1.0,
    "move": {"value": 1.0, "text": "+1"},
    "money": {"value": 1.0, "unit": "USD"},
    "status": "late",
    "clock": WHEN,
    "key": "a",
    "gauge": {"used": 0.2, "ahead": 0.4},
    "heat": 0.1,
    "score": 1.0,
    "link": {"text": "a", "to": "b?c=d"},
    "outside": {"text": "EDGAR", "to": "https://www.sec.gov/a?b=c&d"},
    "name": {"text": "A title", "to": "b?c=d"},
    "spark": [1.0, 2.0],
    "figure": 1.0,
    "linked": {"value": 2.4, "text": "2.4 R", "to": "b?c=d", "about": "restated"},
    "tinted": {"value": 2.4, "share": 0.9},
    "warned": {"value": -2.5, "about": "<b>negative</b> cash"},
    "dated": {"value": -2.5, "text": "−2.5", "period": "<Q3>", "about": 'a "title"'},
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_missing_is_a_dash_and_never_zero(kind: Kind) -> None:
    assert cell(None, Column("x", "x", kind)) == (HATCHED if kind in HEATED else MISSING)
    assert cell(EVERY_KIND[kind], Column("x", "x", kind)) != MISSING


@pytest.mark.parametrize("kind", ["session", "time", "minute", "clock"])
def test_what_says_no_year_or_day_sorts_by_the_whole_moment(kind: Kind) -> None:
    """The fourth of January comes after New Year's Eve, and one hour later after one hour ago."""

    def key(moment: datetime) -> float:
        value = moment.date() if kind == "session" else moment
        said = cell(value, Column("x", "x", kind))
        return float(said.partition('data-sort="')[2].partition('"')[0])

    eve = datetime(2025, 12, 31, 23, 5, tzinfo=UTC)
    assert key(eve) < key(datetime(2026, 1, 4, 9, 30, tzinfo=UTC))
    if kind != "session":
        assert key(eve) < key(datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    span = {"day": date(2026, 1, 4), "text": "31 Dec–<04 Jan"}
    assert "31 Dec–&lt;04 Jan" in cell(span, Column("x", "x", "session"))


def test_a_warning_has_a_mark_and_its_words_and_a_gap_has_its_reason() -> None:
    column = Column("x", "x", "warned")
    drawn = cell({"value": -2.5, "about": "<b>negative</b> cash"}, column)
    assert "−2.50 !" in drawn and 'title="&lt;b&gt;negative&lt;/b&gt; cash"' in drawn
    assert "!" not in cell({"value": 2.5, "about": ""}, column)
    assert 'title="no revenue">–' in cell({"value": None, "about": "no revenue"}, column)


def test_every_kind_is_tried() -> None:
    assert set(EVERY_KIND) == {*FORMS, "text", "wide", "instant", "clock"}


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("percent", -0.0123, "▼ −1.23 %"),
        ("percent", 0.0, "■ +0.00 %"),
        ("signed", 4.5, "▲ +4.50"),
        ("signed", -1234.5, "▼ −1,234.50"),
        ("heat", -0.0123, "−1.23"),
        ("score", 2.5, "+2.50"),
        ("score", -0.001, ">+0.00<"),
        ("count", 1234567, "1,234,567"),
        ("number", -1234.5, "−1,234.50"),
        ("figure", 1000.0, "1,000"),
        ("figure", -0.25, "−0.25"),
        ("figure", 1e-8, "0.00000001"),
        ("figure", 0.0, "0"),
        ("day", date(2020, 3, 6), "06 Mar 2020"),
        ("money", {"value": 0.0123456, "unit": "USD"}, "0.0123456"),
        ("money", {"value": 12345.6, "unit": "GBp"}, "12,345.60"),
    ],
)
def test_numbers_are_written_with_sign_and_arrow(kind: Kind, value: object, said: str) -> None:
    assert said in cell(value, Column("x", "x", kind))


def test_instants_are_shown_in_the_zone_of_the_view() -> None:
    assert cell(WHEN, Column("x", "x", "instant"), "Asia/Tokyo") == "16 Mar 2020 23:30"


def test_clock_shows_seconds_in_the_zone_of_the_view() -> None:
    assert ">16 Mar 23:30:00<" in cell(WHEN, Column("x", "x", "clock"), "Asia/Tokyo")


def test_gauge_shows_what_is_used_and_what_is_planned() -> None:
    shown = cell({"used": 0.25, "ahead": 0.5}, Column("x", "x", "gauge"))
    assert "width:50.0%" in shown
    assert "width:25.0%" in shown
    assert shown.endswith(" 25 %")
    burst = cell({"used": 1.2, "ahead": 1.9}, Column("x", "x", "gauge"))
    assert "width:100.0%" in burst
    assert "--b-down" in burst


@pytest.mark.parametrize("word", ["failed", "over_budget", "needs a key", "a word of tomorrow"])
def test_status_is_written_beside_its_mark(word: str) -> None:
    assert word.replace("_", " ") in cell(word, Column("x", "x", "status"))


def test_bar_is_cut_at_its_scale_and_says_the_number() -> None:
    far = cell(-9.0, Column("x", "x", "bar", digits=1, scale=4.0))
    assert "width:50.0%" in far
    assert "right:50%" in far
    assert "−9.0" in far


@pytest.mark.parametrize("kind", ["text", "wide", "id", "key"])
def test_text_is_escaped(kind: Kind) -> None:
    assert "<script" not in cell("<script>alert(1)</script>", Column("x", "x", kind))


def test_a_link_leads_where_it_says_and_holds_no_markup() -> None:
    shown = cell({"text": "<b>", "to": 'x?id=a&b="><i>'}, Column("x", "x", "link"))
    assert shown == (
        '<a class="id" href="x?id=a&amp;b=&quot;&gt;&lt;i&gt;" target="_self">&lt;b&gt;</a>'
    )


def test_a_dated_value_sorts_by_the_value_alone() -> None:
    shown = cell(EVERY_KIND["dated"], Column("x", "x", "dated"))
    assert shown == (
        '<span data-sort="-2.5" title="a &quot;title&quot;">−2.5 '
        '<small class="b-dim">&lt;Q3&gt;</small></span>'
    )


def test_a_line_of_values_leaves_out_what_is_missing_and_says_its_reach() -> None:
    shown = cell([None, 1.0, None, 3.0, 2.0], Column("x", "x", "spark"))
    assert 'aria-label="3 values from 1 to 3"' in shown
    assert "b-up" in shown
    assert "0.0,15.0 53.3,1.0 80.0,8.0" in unquote(shown)
    assert "0.0,8.0 80.0,8.0" in unquote(cell([2.0, 2.0], Column("x", "x", "spark")))
    assert cell([None, 1.0], Column("x", "x", "spark")) == MISSING
    assert 'data-sort="1.000000"' in shown  # from 1 to 2, whatever came between
    assert 'data-sort="3.000000"' in cell([-1.0, 2.0], Column("x", "x", "spark"))


def test_labels_groups_and_units_are_escaped() -> None:
    frame = pl.DataFrame({"g": ["<b>"], "x": [{"value": 1.0, "unit": "<i>"}]})
    shown = table(frame, [Column("x", "<u>", "money", hint='"><s>')], caption="<a>", group="g")
    assert not any(mark in shown for mark in ("<b>", "<i>", "<u>", "<s>", "<a>"))
    assert "<b>" not in facts([("<b>", "<b>", "<b>")])


def test_table_is_bounded() -> None:
    frame = pl.DataFrame({"x": range(10_000)})
    assert table(frame, [Column("x", "x", "count")], caption="c").count("<tr>") < 500


@pytest.mark.parametrize("paint", [DARK, LIGHT])
def test_activity_leaves_empty_cells_empty(paint: Palette) -> None:
    frame = pl.DataFrame(
        {"dataset": ["a", "b"], "month": [date(2020, 1, 1), date(2020, 2, 1)], "rows": [10, 1000]}
    )
    (heat,) = charts.activity(frame, paint, ["a", "b"]).data
    assert np.allclose(heat.z, [[1.0, np.nan], [np.nan, 3.0]], equal_nan=True)


def test_line_keeps_gaps_and_one_line_per_source() -> None:
    frame = pl.DataFrame(
        {
            "date": [date(2020, 1, 1), date(2020, 2, 1)] * 2,
            "value": [1.0, None, 2.0, 3.0],
            "source": ["a", "a", "b", "b"],
        }
    )
    figure = charts.line(frame, DARK, unit="index")
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert all(trace.connectgaps is False and trace.type == "scatter" for trace in figure.data)


def test_charts_ask_no_other_host() -> None:
    frame = pl.DataFrame({"date": [date(2020, 1, 1)], "value": [1.0], "source": ["a"]})
    figure = charts.watermark(charts.line(frame, DARK, unit=""), DARK)
    assert "http" not in figure.to_json().replace("http://www.w3.org", "")


@pytest.mark.parametrize("kind", ["dark", "light"])
def test_text_contrast(kind: str) -> None:
    paint = palette("light" if kind == "light" else "dark")
    ground = "#ffffff" if kind == "light" else "#0b0f14"
    for ink in (paint.ink, paint.dim, paint.up, paint.down, paint.warn):
        assert _contrast(ink, ground) >= 4.5
    assert _contrast(paint.past_ink, paint.past) >= 4.5
    assert "--b-up" in style_sheet("light" if kind == "light" else "dark")


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_link_to_another_site_opens_apart_and_is_escaped() -> None:
    value = {"text": "<b>", "to": 'https://www.sec.gov/"onclick="'}
    assert cell(value, Column("x", "x", "outside")) == (
        '<a class="b-name" href="https://www.sec.gov/&quot;onclick=&quot;" target="_blank" '
        'rel="noopener noreferrer">&lt;b&gt;</a>'
    )


def test_a_number_of_hundreds_of_digits_is_a_power_of_ten() -> None:
    assert cell(-1e300, Column("x", "x", "number")).count("−1.00e+300") == 1
    assert "416,161,000,000.00" in cell(416_161e6, Column("x", "x", "number"))
