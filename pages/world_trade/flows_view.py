"""Flows: a country's partners and products, what goes where, and how it changed over the years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.trade.dependency import FLOOR, INSUFFICIENT
from analytics.trade.goods import product_label, product_name, product_section
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.errors import Trouble
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.world_trade.choice import MANY, TradeChoice, view_of
from pages.world_trade.flow_history import NOTHING, history, quiet_line, subject
from pages.world_trade.words import (
    BREAKS,
    FLOWS,
    Scale,
    basis_of,
    dollars,
    growth,
    in_percent,
    line_name,
    place_name,
    scale_of,
)

SHOWN = 15  # partners and products by name; the rest is one line
LINKED = 9  # of each in the picture of flows
CHAPTER = 2  # digits of its code
LIMIT = 0.25  # growth beyond which a colour grows no stronger
STATED = ("world", "total", "sum")  # lines of a whole


def flows_view(choice: TradeChoice) -> None:
    """All panels of the view."""
    _strip(choice)
    _late(choice)
    left, right = st.columns((8, 5), gap="small")
    with left:
        _partners(choice)
    with right:
        _map(choice)
    left, right = st.columns((8, 5), gap="small")
    with left:
        _products(choice)
    with right:
        _treemap(choice)
    _links(choice)
    history(choice)
    _adds_up(choice)


def _before(choice: TradeChoice) -> str:
    return "same month a year before" if choice.month else "year before"


def _strip(choice: TradeChoice) -> None:
    """The whole of the choice in single numbers."""
    rows = _whole(choice)
    over_time = _of_period(choice, choice.flow)
    scale = scale_of(row["value_usd"] for row in rows.values())
    found = [
        (FLOWS[flow], dollars(rows[flow]["value_usd"], scale), _stated_by(rows[flow]))
        for flow in FLOWS
        if rows.get(flow)
    ]
    if len(found) == len(FLOWS):
        balance = rows["export"]["value_usd"] - rows["import"]["value_usd"]
        found.append(("Balance", dollars(balance, scale), "exports less imports, as reported"))
    if over_time.height:
        row = over_time.row(0, named=True)
        grown = "–" if row["growth"] is None else f"{100 * row['growth']:+z.1f} %".replace("-", "−")
        said = BREAKS.get(row["break_reason"] or "", f"on the {_before(choice)}")
        found.append((f"{FLOWS[choice.flow]}, growth", grown, said))
        if row["concentration"] == INSUFFICIENT and not choice.partner:
            said = f"{INSUFFICIENT}: named partners are below {100 * FLOOR:.0f} % of the World"
            found.append(("Concentration (HHI)", "–", said))
        if row["hhi"] is not None and not choice.partner:
            index = f"{10_000 * row['hhi']:,.0f}"
            among = " of the partners reported" if row["is_sum"] else ", of 10,000"
            found.append(("Concentration (HHI)", index, f"{row['concentration']}{among}"))
            found.append(
                ("Partners", f"{row['partners']}", f"effective: {row['effective_partners']:.1f}")
            )
    if found:
        st.html(facts(found))


def _of_period(choice: TradeChoice, flow: str) -> pl.DataFrame:
    """The year or month of the page in the history of a direction."""
    name = "trade_month_history" if choice.month else "trade_history"
    fields = choice.of_history | {"flow": flow}
    over_time = cached(find(name).call, current().at, **fields).frame
    period = {"period": choice.month} if choice.month else {"year": choice.year}
    return over_time.filter(**period)


def _stated_by(row: Mapping[str, Any]) -> str:
    """The basis of a whole; without a World it is what the partners add up to, and says so."""
    basis = row["valuation"] or "basis not stated"
    if row["code"] == "outside":
        some = "; of some members the sum of partners" if row["is_sum"] else ""
        return f"{basis}; with countries outside{some}"
    return f"{basis}; sum of partners, World not reported" if row["code"] == "sum" else basis


def _whole(choice: TradeChoice) -> dict[str, Mapping[str, Any]]:
    """Of each direction the chosen flow: the World as stated, else the sum of partners; of a group
    what its history has, without the trade among members."""
    found: dict[str, Mapping[str, Any]] = {}
    if choice.is_group and not choice.partner:
        for flow in FLOWS:
            rows = _of_period(choice, flow).drop_nulls("value_usd")
            if rows.height:
                found[flow] = rows.row(0, named=True) | {"code": "outside"}
        return found
    for flow in FLOWS:
        frame = cached(
            find("trade_partners").call,
            current().at,
            country=choice.country,
            **choice.at_period,
            flow=flow,
            product=choice.product_or_total,
            top=MANY,
        ).frame
        wanted = [choice.partner] if choice.partner else ["world", "sum"]
        for code in wanted:
            rows = frame.filter(pl.col("code") == code).drop_nulls("value_usd")
            if rows.height:
                found[flow] = rows.row(0, named=True)
                break
    return found


def _late(choice: TradeChoice) -> None:
    """Who has not reported the year of the page yet, by name, with when they are expected."""
    frame = cached(find("trade_reporters").call, current().at, **choice.at_period).frame
    missing = frame.filter(pl.col("status").is_in(["late", "expected"])).sort("expected_on")
    if missing.is_empty():
        return
    reported = frame.filter(status="reported").height
    said = ", ".join(
        f"{place_name(row['reporter'])} ({'was ' if row['status'] == 'late' else ''}expected "
        f"{row['expected_on']:%b %Y})"
        for row in missing.head(8).iter_rows(named=True)
    )
    more = f" and {missing.height - 8} more" if missing.height > 8 else ""
    has = "has" if missing.height == 1 else "have"
    what = f"{choice.period}: {reported} reporters, {missing.height} {has} not reported yet"
    say(Trouble(f"{what}: {said}{more}.", "Their own figures are missing, not zero."), "quiet")


def _columns(scale: Scale, choice: TradeChoice, label: str) -> tuple[Column, ...]:
    other = FLOWS["import" if choice.flow == "export" else "export"].lower()
    return (
        Column("named", label, "name"),
        Column("value", scale.unit, "number", digits=1),
        Column("percent", "share, %", "number", digits=1, hint="of all countries or products"),
        Column("grown", "on the year", "percent", digits=1),
        Column("opposite", f"{other}, {scale.unit}", "number", digits=1),
        Column(
            "balance", f"balance, {scale.unit}", "signed", digits=1, hint="exports less imports"
        ),
        Column(
            "unit_value_usd_kg", "USD per kg", "number", digits=2, hint="where weights are stated"
        ),
    )


def _row(row: Mapping[str, Any], scale: Scale, named: Any) -> dict[str, Any]:
    return {
        **row,
        "named": named,
        "value": scale.of(row["value_usd"]),
        "percent": in_percent(row["share"]),
        "grown": growth(row),
        "opposite": scale.of(row["opposite_usd"]),
        "balance": scale.of(row["balance_usd"]),
    }


def _lines(answer: Answer, choice: TradeChoice, label: str, name: str) -> str:
    rows = answer.frame.to_dicts()
    parts = [row["value_usd"] for row in rows if row["kind"] not in STATED]
    scale = scale_of(parts or [row["value_usd"] for row in rows])
    drawn = [_row(row, scale, _named(row, choice, name)) for row in rows]
    columns = _columns(scale, choice, label)
    if all(row["unit_value_usd_kg"] is None for row in rows):
        columns = columns[:-1]
    shown = table(drawn, columns, caption=label)
    return shown + quiet_line(f"{basis_of(rows)}; the other direction as the same side reports it.")


def _named(row: Mapping[str, Any], choice: TradeChoice, name: str) -> Any:
    """A country or product leads to the page about it."""
    if name == "partner":
        text = line_name(row)
        if row["kind"] != "country":
            return text
    elif row["kind"] == "product":
        text = product_label(row["code"], row["edition"] or row["previous_edition"])
    else:
        return "Goods not specified" if row["kind"] == "unspecified" else line_name(row)
    return {"text": text, "to": view_of(choice, **{name: row["code"]})}


def _partners(choice: TradeChoice) -> None:
    Panel(
        "Partners",
        f"{FLOWS[choice.flow]} of {choice.name}, {choice.goods}, {choice.period}",
        choice.needs,
        NOTHING,
    ).show(
        find("trade_partners").call,
        lambda answer: _lines(answer, choice, "Partner", "partner"),
        country=choice.country,
        **choice.at_period,
        flow=choice.flow,
        product=choice.product_or_total,
        top=SHOWN,
    )


def _products(choice: TradeChoice) -> None:
    with_whom = place_name(choice.partner) if choice.partner else "all partners"
    Panel(
        "Goods",
        f"{FLOWS[choice.flow]} of {choice.name}, {with_whom}, {choice.period}",
        choice.needs,
        NOTHING,
    ).show(
        find("trade_products").call,
        lambda answer: _lines(answer, choice, "Goods", "product"),
        **_of_products(choice),
        top=SHOWN,
    )


def _of_products(choice: TradeChoice) -> dict[str, Any]:
    return {
        "country": choice.country,
        **choice.at_period,
        "flow": choice.flow,
        "partner": choice.partner_or_none,
        "level": choice.level,
    }


def _map(choice: TradeChoice) -> None:
    Panel("Map of partners", subject(choice), choice.needs, NOTHING).show(
        find("trade_map").call,
        _drawn_map,
        country=choice.country,
        **choice.at_period,
        flow=choice.flow,
        product=choice.product_or_total,
    )


def _drawn_map(answer: Answer) -> Drawn:
    run = current()
    scale = scale_of(answer.frame["value_usd"])
    frame = answer.frame.with_columns(
        (pl.col("value_usd") / scale.size).alias("value"),
        pl.Series("name", [place_name(code) for code in answer.frame["country"]], pl.String),
    )
    if frame.drop_nulls(["iso_numeric", "value"]).is_empty():
        say(Trouble("No partner has a place on the map.", "The table has them all."), "quiet")
        return None
    chart, _, beyond = charts.world(frame, palette(run.theme), unit=scale.unit, is_demo=run.demo)

    def choose_partner() -> None:
        """The partner that was clicked is chosen."""
        rows = st.session_state["trade_map"].selection.get("country") or []
        if rows and (code := rows[0].get("country")):
            st.query_params["partner"] = str(code)

    st.altair_chart(
        chart, key="trade_map", theme=None, on_select=choose_partner, selection_mode="country"
    )
    off = frame["iso_numeric"].null_count()
    said = f"{scale.unit}; {beyond or 'none'} of {frame.height} off the colour scale"
    placeless = f"; {off} partners have no place on the map" if off else ""
    st.html(f'<div class="b-note">{said}{placeless}; outlines only: no trade reported.</div>')
    return None


def _treemap(choice: TradeChoice) -> None:
    Panel("Goods by size", f"{subject(choice)}; colour: growth", choice.needs, NOTHING).show(
        find("trade_products").call, _drawn_treemap, **_of_products(choice), top=100
    )


def _drawn_treemap(answer: Answer) -> Drawn:
    rows = [
        row
        for row in answer.frame.iter_rows(named=True)
        if row["kind"] in ("product", "other", "unspecified") and (row["value_usd"] or 0) > 0
    ]
    if not rows:
        return quiet_line("No goods are reported here.")
    scale = scale_of(row["value_usd"] for row in rows)
    tiles = [_tile(row, scale) for row in rows]
    return charts.treemap(tiles, palette(current().theme), limit=LIMIT)


def _tile(row: Mapping[str, Any], scale: Scale) -> charts.Tile:
    code, edition = row["code"], row["edition"]
    is_product = row["kind"] == "product"
    name = _goods_name(code, edition) if is_product else line_name(row)
    section = product_section(code, edition) if is_product else ""
    grown = "" if row["growth"] is None else f", {100 * row['growth']:+z.1f} %".replace("-", "−")
    said = f"{row['value_usd'] / scale.size:,.1f} {scale.unit}{grown}"
    label = "Goods not specified" if row["kind"] == "unspecified" else name
    return charts.Tile(
        f"{row['kind']} {code}",
        label,
        section or "Other goods",
        row["value_usd"] / scale.size,
        row["growth"],
        said,
    )


def _goods_name(code: str, edition: str | None) -> str:
    """What goods are called in a picture: a chapter by its name, a part of one with its code."""
    is_chapter = len(code) == CHAPTER
    return (product_name(code, edition) or code) if is_chapter else product_label(code, edition)


def _links(choice: TradeChoice) -> None:
    unit = f"{FLOWS[choice.flow]} of {choice.name}, {choice.period}; partners to the right"
    Panel(
        "Goods by partner", unit, choice.needs, "No goods are reported by partner at this clock."
    ).show(
        find("trade_links").call,
        _drawn_links,
        country=choice.country,
        **choice.at_period,
        flow=choice.flow,
        level=choice.level,
        top=LINKED,
    )


def _drawn_links(answer: Answer) -> Drawn:
    rows = answer.frame.to_dicts()
    scale = scale_of(row["value_usd"] for row in rows)
    words = {"other": "Other goods", "unspecified": "Goods not specified"}
    ends = {"other": "Other partners", "unspecified": "Areas not specified"}
    links = [
        charts.Link(
            words.get(row["product"]) or _goods_name(row["product"], row["edition"]),
            ends.get(row["partner"]) or place_name(row["partner"]),
            row["value_usd"] / scale.size,
            row["product"] in words,
        )
        for row in rows
    ]
    return charts.sankey(links, palette(current().theme), unit=scale.unit)


def _adds_up(choice: TradeChoice) -> None:
    Panel(
        "Sum of partners against World", f"{choice.name}, {choice.period}", choice.needs, NOTHING
    ).show(find("trade_totals").call, _drawn_totals, country=choice.country, **choice.at_period)


def _drawn_totals(answer: Answer) -> str:
    rows = answer.frame.to_dicts()
    scale = scale_of(row[name] for row in rows for name in ("world_usd", "partners_usd"))
    levels = {0: "all goods", 2: "chapters", 4: "headings", 6: "subheadings"}
    drawn = [
        {
            **row,
            "named": f"{row['flow'].capitalize()}, {levels.get(row['level'], row['level'])}",
            **{
                name: scale.of(row[f"{name}_usd"])
                for name in ("world", "partners", "countries", "unspecified", "own", "inside")
            },
        }
        for row in rows
    ]
    columns = (
        Column("named", "flow and goods"),
        Column(
            "world", f"World, {scale.unit}", "number", digits=1, hint="as reported for all partners"
        ),
        Column("partners", "sum of partners", "number", digits=1),
        Column("gap", "difference", "percent", digits=2, hint="where a World is reported"),
        Column("countries", "named countries", "number", digits=1),
        Column("unspecified", "not specified", "number", digits=1),
        Column("own", "own goods", "number", digits=1),
        Column("inside", "among members", "number", digits=1),
        Column("goods_gap", "goods against total", "percent", digits=2),
        Column("edition", "edition"),
        Column("valuation", "basis"),
    )
    return table(drawn, columns, caption="Sum of partners against World")
