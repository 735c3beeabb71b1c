"""Series over time: a single value is seen, and its axis has days."""

from __future__ import annotations

from datetime import date

import polars as pl

from pages.frame.charts import Course, Pane, courses
from pages.frame.theme import palette


def drawn(*values: float | None) -> tuple[dict[str, object], dict[str, object]]:
    days = [date(2026, 2, 28), date(2026, 3, 31)][: len(values)]
    frame = pl.DataFrame({"day": days, "value": list(values)}, schema_overrides=NUMBERS)
    plain = courses([Pane("percent", [Course("one", frame)])], palette("dark")).to_dict()
    return plain["data"][0], plain["layout"]["xaxis"]


NUMBERS = {"value": pl.Float64}


def test_a_single_value_is_a_mark_with_days_around_it() -> None:
    for values in ((3.6,), (None, 3.6)):
        trace, axis = drawn(*values)
        assert trace["mode"] == "lines+markers"
        first, last = axis["range"]
        assert (last - first).days == 90


def test_several_values_choose_their_own_range() -> None:
    trace, axis = drawn(3.6, 3.7)
    assert trace["mode"] == "lines"
    assert axis.get("range") is None


def test_no_value_is_an_empty_chart() -> None:
    assert drawn(None)[1].get("range") is None


def test_a_year_is_called_by_the_day_that_ends_it() -> None:
    """The value of 2011 would else stand at the mark of 2012."""
    days = [date(year, 12, 31) for year in range(1990, 2021)]
    values = [None, *range(1991, 2021)]
    frame = pl.DataFrame({"day": days, "value": values}, schema_overrides=NUMBERS)
    panes = [Pane("USD bn", [Course("exports", frame)])]
    plain = courses(panes, palette("dark"), yearly=True).to_dict()
    axis = plain["layout"]["xaxis"]
    assert axis["ticktext"] == [str(year) for year in range(1992, 2021, 2)]
    assert axis["tickvals"][-1] == "2020-12-31"
    first, last = axis["range"]
    assert first.year < 1992
    assert last > date(2020, 12, 31)  # the name of the last year has room
    assert plain["data"][0]["hovertemplate"] == "%{y:,.7~r}"
