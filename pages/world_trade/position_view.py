"""Position: what a country is strong in, who sells the same, and with whom it trades more than
expected."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.trade.goods import product_label
from data.query import Answer
from pages.frame.errors import Trouble
from pages.frame.panel import Panel, say
from pages.frame.tables import Column, table
from pages.world_trade.choice import TradeChoice, view_of
from pages.world_trade.words import NEEDS, dollars, in_percent, place_name, scale_of

SHOWN = 20
VARIABLES = {
    "ln_distance": "distance, log",
    "ln_gdp_seller": "GDP of the exporter, log",
    "ln_gdp_buyer": "GDP of the importer, log",
    "same_currency": "same currency",
    "both_in_eu": "both in the European Union",
}


def position_view(choice: TradeChoice) -> None:
    """All panels of the view."""
    if choice.is_group:
        text = f"{choice.name} is a group: its position is that of its members."
        say(Trouble(text, "Choose a country."), "quiet")
        return
    left, right = st.columns(2, gap="small")
    with left:
        _advantage(choice)
    with right:
        _both_ways(choice)
    left, right = st.columns(2, gap="small")
    with left:
        _similar(choice)
    with right:
        _complexity(choice)
    left, right = st.columns(2, gap="small")
    with left:
        _intensity(choice)
    with right:
        _expected(choice)
    _model(choice)


def _matrix(row: dict[str, Any]) -> str:
    """Over whom such a figure was computed."""
    others = f", {row['other_editions']} report in another" if row["other_editions"] else ""
    return f"{row['reporters']} reporters in {row['edition'] or 'an edition not stated'}{others}"


def _note(text: str) -> str:
    return f'<div class="b-note">{text}.</div>'


def _advantage(choice: TradeChoice) -> None:
    Panel(
        "Comparative advantage",
        f"exports of {choice.name}, {choice.year}",
        NEEDS,
        f"{choice.name} has not reported exports of {choice.year} by product.",
    ).show(
        find("revealed_advantage").call,
        lambda answer: _drawn_advantage(answer, choice),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _drawn_advantage(answer: Answer, choice: TradeChoice) -> str:
    rows = answer.frame.filter(pl.col("exports_usd") > 0).to_dicts()
    if not rows:
        return _note("No exports by product")
    scale = scale_of(row["exports_usd"] for row in rows)
    drawn = [
        {
            **row,
            "named": {
                "text": product_label(row["product"], row["edition"]),
                "to": view_of(choice, view="flows", product=row["product"]),
            },
            "value": scale.of(row["exports_usd"]),
            "small": "small" if row["is_small"] else "",
        }
        for row in rows
    ]
    columns = (
        Column("named", "goods", "name"),
        Column("value", scale.unit, "number", digits=1),
        Column("rca", "RCA", "number", hint="share of its exports over share of all; 1 is even"),
        Column("rsca", "symmetric", "signed", hint="(RCA - 1) / (RCA + 1)"),
        Column("ubiquity", "exporters with advantage", "count"),
        Column("complexity", "complexity", "signed", hint="standard deviations"),
        Column("small", "", hint="below 0.01 % of all exports"),
    )
    return table(drawn, columns, caption="Comparative advantage") + _note(_matrix(rows[0]))


def _both_ways(choice: TradeChoice) -> None:
    whom = place_name(choice.partner) if choice.partner else "the world"
    Panel(
        "Trade both ways",
        f"{choice.name} with {whom}, {choice.year}",
        NEEDS,
        f"No trade by product is reported of {choice.year}.",
    ).show(
        find("intra_industry").call,
        _drawn_both_ways,
        country=choice.country,
        partner=choice.partner_or_none,
        year=choice.year,
        level=choice.level,
    )


def _drawn_both_ways(answer: Answer) -> str:
    rows = answer.frame.to_dicts()
    scale = scale_of(row[name] for row in rows for name in ("exports_usd", "imports_usd"))
    ordered = sorted(
        rows,
        key=lambda row: (
            row["product"] != "all",
            -(row["exports_usd"] or 0.0) - (row["imports_usd"] or 0.0),
        ),
    )
    drawn = [
        {
            **row,
            "named": "All goods"
            if row["product"] == "all"
            else product_label(row["product"], row["edition"]),
            "exports": scale.of(row["exports_usd"]),
            "imports": scale.of(row["imports_usd"]),
            "balance": scale.of(row["balance_usd"]),
        }
        for row in ordered
    ]
    columns = (
        Column("named", "goods"),
        Column("exports", f"exports, {scale.unit}", "number", digits=1),
        Column("imports", f"imports, {scale.unit}", "number", digits=1),
        Column("balance", "balance", "signed", digits=1),
        Column("cover_ratio", "cover ratio", "number", hint="exports over imports"),
        Column("grubel_lloyd", "Grubel-Lloyd", "number", hint="1: as much out as in; 0: one way"),
    )
    return table(drawn, columns, caption="Trade both ways")


def _similar(choice: TradeChoice) -> None:
    Panel(
        "Similar exporters",
        f"baskets like that of {choice.name}, {choice.year}",
        NEEDS,
        f"{choice.name} has not reported exports of {choice.year} by product.",
    ).show(
        find("export_similarity").call,
        lambda answer: _drawn_similar(answer, choice),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _drawn_similar(answer: Answer, choice: TradeChoice) -> str:
    rows = answer.frame.head(SHOWN).drop_nulls("country").to_dicts()
    if not rows:
        return _note("No other reporter")
    scale = scale_of(row["exports_usd"] for row in rows)
    drawn = [
        {
            **row,
            "named": _place(choice, row["country"]),
            "percent": in_percent(row["similarity"]),
            "value": scale.of(row["exports_usd"]),
        }
        for row in rows
    ]
    columns = (
        Column("named", "country", "name"),
        Column("percent", "in common, %", "number", digits=1, hint="Finger and Kreinin"),
        Column("value", f"exports, {scale.unit}", "number", digits=1),
    )
    return table(drawn, columns, caption="Similar exporters") + _note(_matrix(rows[0]))


def _place(choice: TradeChoice, code: str) -> dict[str, str]:
    return {
        "text": place_name(code),
        "to": view_of(choice, view="position", country=code, partner="", product=""),
    }


def _complexity(choice: TradeChoice) -> None:
    Panel(
        "Complexity of exports",
        f"all reporters, {choice.year}; standard deviations from their mean",
        NEEDS,
        f"No exports of {choice.year} are reported by product.",
    ).show(
        find("economic_complexity").call,
        lambda answer: _drawn_complexity(answer, choice),
        year=choice.year,
        level=choice.level,
    )


def _drawn_complexity(answer: Answer, choice: TradeChoice) -> str:
    ranked = answer.frame.sort("complexity", "country", descending=[True, False], nulls_last=True)
    placed = ranked.with_row_index("place", 1)
    own = placed.filter(pl.col("country") == choice.country)
    shown = pl.concat([placed.head(SHOWN), own.filter(pl.col("place") > SHOWN)])
    rows = shown.to_dicts()
    if not rows:
        return _note("No reporter")
    drawn = [row | {"named": _place(choice, row["country"])} for row in rows]
    columns = (
        Column("place", "", "count"),
        Column("named", "country", "name"),
        Column("complexity", "complexity", "signed"),
        Column("diversity", "goods with advantage", "count"),
    )
    said = f"{_matrix(rows[0])}; {rows[0]['products']} goods"
    few = "; it says little of so few goods" if rows[0]["products"] < 100 else ""
    return table(drawn, columns, caption="Complexity of exports") + _note(said + few)


def _intensity(choice: TradeChoice) -> None:
    Panel(
        "Trade intensity",
        f"exports of {choice.name} against the partner's part in world imports, {choice.year}",
        NEEDS,
        f"{choice.name} has not reported exports of {choice.year}.",
    ).show(
        find("trade_intensity").call,
        lambda answer: _drawn_intensity(answer, choice),
        country=choice.country,
        year=choice.year,
    )


def _drawn_intensity(answer: Answer, choice: TradeChoice) -> str:
    rows = answer.frame.head(SHOWN).to_dicts()
    scale = scale_of(row["exports_usd"] for row in rows)
    drawn = [
        {
            **row,
            "named": {
                "text": place_name(row["partner"]),
                "to": view_of(choice, view="sides", partner=row["partner"]),
            },
            "value": scale.of(row["exports_usd"]),
        }
        for row in rows
    ]
    columns = (
        Column("named", "partner", "name"),
        Column("intensity", "intensity", "number", hint="1: as much as its size alone says"),
        Column("value", f"exports to it, {scale.unit}", "number", digits=1),
    )
    said = f"imports of {rows[0]['reporters']} reporters" if rows else "none"
    return table(drawn, columns, caption="Trade intensity") + _note(said)


def _expected(choice: TradeChoice) -> None:
    Panel(
        "Against the gravity model",
        f"flows of {choice.name}, {choice.year}; 0: as the model expects",
        (*NEEDS, "countries"),
        f"The model has no flow of {choice.name} in {choice.year}.",
    ).show(
        find("gravity_residuals").call,
        lambda answer: _drawn_expected(answer, choice),
        country=choice.country,
        year=choice.year,
        top=2 * SHOWN,
    )


def _drawn_expected(answer: Answer, choice: TradeChoice) -> str:
    rows = answer.frame.to_dicts()
    scale = scale_of(row["flow_usd"] for row in rows)
    drawn = [
        {
            **row,
            "named": {
                "text": f"{place_name(row['seller'])} to {place_name(row['buyer'])}",
                "to": view_of(
                    choice,
                    view="sides",
                    partner=row["buyer"] if row["seller"] == choice.country else row["seller"],
                ),
            },
            "value": scale.of(row["flow_usd"]),
            "fitted": scale.of(row["fitted_usd"]),
            "by": "exporter" if row["told_by"] == "seller" else "importer",
        }
        for row in rows
    ]
    columns = (
        Column("named", "flow", "name"),
        Column("value", scale.unit, "number", digits=1),
        Column("fitted", "expected", "number", digits=1),
        Column("residual", "ln of the ratio", "signed", hint="+0.69: twice as much as expected"),
        Column(
            "distance_km", "km", "number", digits=0, hint="between the places of the time zones"
        ),
        Column("by", "reported by"),
    )
    return table(drawn, columns, caption="Against the gravity model")


def _model(choice: TradeChoice) -> None:
    Panel(
        "Gravity model",
        f"all pairs, {choice.year}; Poisson pseudo-maximum likelihood with country effects",
        (*NEEDS, "countries"),
        f"No pair of {choice.year} has both a flow and a distance.",
    ).show(find("gravity_model").call, _drawn_model, year=choice.year)


def _drawn_model(answer: Answer) -> str:
    rows = answer.frame.to_dicts()
    drawn = [
        {**row, "named": VARIABLES.get(row["variable"], row["variable"].replace("_", " "))}
        for row in rows
    ]
    columns = (
        Column("named", "variable"),
        Column("estimate", "estimate", "signed", digits=3),
        Column("error", "robust error", "number", digits=3),
        Column("z", "z", "number", digits=1),
        Column("log_ols", "log least squares", "signed", digits=3, hint="drops zeros; biased"),
    )
    first = rows[0]
    left = f", {first['left_out']} left out" if first["left_out"] else ""
    said = (
        f"{first['pairs']:,} pairs{left}; fitted flows {dollars(first['fitted_usd'])}, "
        f"flows {dollars(first['flows_usd'])}"
    )
    return table(drawn, columns, caption="Gravity model") + _note(said)
