"""The screen of strategic dependence of a bloc, product by product, with its three conditions."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from analytics.trade.dependency import CRITICAL_HHI, FLOOR, INSUFFICIENT, OUTSIDE, bloc_screen
from analytics.trade.goods import product_label
from pages.frame.errors import Trouble
from pages.frame.panel import Panel, say
from pages.frame.tables import Column, table
from pages.world_trade.choice import TradeChoice, view_of
from pages.world_trade.dependency_cells import (
    HIDDEN,
    POINTS,
    ImportReport,
    Row,
    in_points,
    member_count,
    members_words,
    no_imports,
)
from pages.world_trade.words import NEEDS, Scale, in_percent, scale_of


def bloc_panel(choice: TradeChoice, report: ImportReport) -> None:
    """The screen of strategic dependence of a bloc."""
    Panel(
        "Screen of the bloc",
        f"{choice.name}, {choice.year}, imports {report.stated}; after SWD(2021) 352",
        NEEDS,
        no_imports(choice),
        key="dependency-screen",
    ).show(
        bloc_screen,
        lambda answer: _screen_table(answer.frame, choice, report),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _missing_members(choice: TradeChoice, report: ImportReport) -> None:
    """A screen of few members is said to be one: of the others not even the size is known."""
    count = member_count(choice)
    if count is None or report.reporters >= FLOOR * count:
        return
    say(
        Trouble(
            f"{members_words(choice, report)} members have reported {choice.year}: the screen "
            "rests on these and on what suppliers say of the others.",
            "Choose an earlier year, or load the reports of more members.",
        ),
        "partial",
    )


def _screen_table(frame: pl.DataFrame, choice: TradeChoice, report: ImportReport) -> str:
    _missing_members(choice, report)
    order = {"critical": 0, "not critical": 1}
    scale = scale_of([*frame["outside_usd"], *frame["bloc_exports_usd"]])
    found = sorted(frame.iter_rows(named=True), key=lambda row: order.get(row["screen"], 2))
    rows = [_screened(row, choice, report.edition, scale) for row in found]
    count = [sum(row["screen"] == word for row in found) for word in (*order, INSUFFICIENT)]
    note = (
        f"{count[0]} critical, {count[1]} not critical, {count[2]} with insufficient coverage. "
        f"Critical: HHI of outside suppliers over {POINTS * CRITICAL_HHI:,.0f}, more than "
        f"{100 * OUTSIDE:.0f} % of imports from outside, and these above the bloc's own exports."
    )
    columns = (
        Column("product", "product", "name"),
        Column("screen", "screen", "wide"),
        Column("coverage", "coverage, %", "number", digits=0),
        Column(
            "reported",
            "reported, %",
            "number",
            digits=0,
            hint="members that have reported, of purchases",
        ),
        Column("hhi", f"HHI > {POINTS * CRITICAL_HHI:,.0f}", "dated"),
        Column("outside", f"outside > {100 * OUTSIDE:.0f} %", "dated"),
        Column("above", f"outside imports, {scale.unit}", "dated", hint="met: above own exports"),
        Column("exports", f"own exports, {scale.unit}", "number"),
    )
    shown = table(rows, columns, caption="Screen of the bloc")
    return f'<div class="b-note">{escape(note)}</div><div class="b-box">{shown}</div>'


def _screened(row: Row, choice: TradeChoice, edition: str | None, scale: Scale) -> Row:
    """One product against the three conditions; none of them stands on thin coverage."""
    code, enough = row["product"], row["screen"] != INSUFFICIENT
    outside, sold = row["outside_usd"], row["bloc_exports_usd"]
    shares = (in_points(row["hhi"]), in_percent(row["outside_share"]), scale.of(outside))
    bounds = (POINTS * CRITICAL_HHI, 100 * OUTSIDE, scale.of(sold) or 0.0)
    tests = [
        _condition(value, bound, digits) if enough else HIDDEN
        for value, bound, digits in zip(shares, bounds, (0, 1, 2), strict=True)
    ]
    label = product_label(code, edition or row["edition"])
    return {
        "product": {"text": label, "to": view_of(choice, view="dependency", product=code)},
        "screen": row["screen"],
        "coverage": in_percent(row["coverage"]),
        "reported": in_percent(row["reported_part"]),
        **dict(zip(("hhi", "outside", "above"), tests, strict=True)),
        "exports": scale.of(sold),
    }


def _condition(value: float | None, bound: float, digits: int) -> dict[str, Any] | None:
    """A value with whether it is above its bound."""
    if value is None:
        return None
    met = "met" if value > bound else "not met"
    text = f"{value:,.{digits}f}"
    return {"value": value, "text": text, "period": met, "about": f"above {bound:,.{digits}f}"}
