"""Two sides: each flow as its exporter and as its importer report it, with the gap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.core.catalogue import find
from analytics.trade.goods import product_label
from data.query import Answer
from pages.frame.controls import segment
from pages.frame.errors import Trouble
from pages.frame.links import address
from pages.frame.panel import Panel, say
from pages.frame.tables import Column, table
from pages.world_trade.choice import TradeChoice, view_of
from pages.world_trade.words import FLOWS, NEEDS, Scale, basis_of, in_percent, place_name, scale_of

FLAGS = {
    "agrees": "sides agree",
    "gap": "gap",
    "one_sided": "one side only",
    "unverifiable": "one side has not reported",
    "editions_differ": "editions differ",
}
ORDERS = {"amount": "By amount", "gap": "By relative gap"}
NOTHING = "Neither side has reported this trade at this clock."
CAUSES = (
    "Gap: imports made FOB less exports, over their mean; flagged above 20 %. Causes may be: goods "
    "in transit booked to a hub, different years of leaving and arriving, secrecy, territory. None "
    "is inferred. Estimate: both sides weighted by how much of each reporter's trade agrees."
)


def sides_view(choice: TradeChoice) -> None:
    """All panels of the view."""
    if choice.is_group:
        say(
            Trouble(
                f"{choice.name} is a group: two sides are of single countries.",
                "Choose a country.",
            ),
            "quiet",
        )
    elif choice.partner:
        _pair(choice)
    else:
        _partners(choice)
    if choice.month:
        text = "Largest gaps and hubs are of whole years: goods may arrive in a later month."
        say(Trouble(text, "Choose all year."), "quiet")
        return
    _gaps(choice)
    _hubs(choice)


def _columns(unit: str, named: Column) -> tuple[Column, ...]:
    return (
        named,
        Column("exports", f"exports, {unit}", "number", digits=2, hint="as the exporter reports"),
        Column("imports", f"imports, {unit}", "number", digits=2, hint="as the importer reports"),
        Column("fob", "imports made FOB", "number", digits=2, hint="less 6 % where they are CIF"),
        Column("difference", "gap, %", "signed", digits=1),
        Column("said", "sides"),
        Column("estimate", "estimate", "number", digits=2, hint="reconciled from both sides"),
        Column("rule", "rule of the estimate"),
        Column("basis", "basis of the importer"),
        Column("edition", "edition"),
    )


def _rows(answer: Answer) -> tuple[list[dict[str, Any]], Scale]:
    rows = answer.frame.to_dicts()
    names = ("exports_usd", "imports_usd")
    scale = scale_of(row[name] for row in rows for name in names)
    shown = [
        {
            **row,
            "exports": scale.of(row["exports_usd"]),
            "imports": scale.of(row["imports_usd"]),
            "fob": scale.of(row["imports_fob_usd"]),
            "difference": in_percent(row["gap"]),
            "said": FLAGS.get(row["flag"], row["flag"]),
            "estimate": scale.of(row.get("reconciled_usd")),
            "rule": row.get("rule"),
            "basis": row["imports_valuation"],
            "edition": _edition(row),
        }
        for row in rows
    ]
    return shown, scale


def _edition(row: Mapping[str, Any]) -> str | None:
    """The edition of the goods; both where the sides differ."""
    both = [row["exports_edition"], row["imports_edition"]]
    found = list(dict.fromkeys(edition for edition in both if edition))
    return " / ".join(found) or None


def _pair(choice: TradeChoice) -> None:
    partner = place_name(choice.partner)
    fields = {"country": choice.country, "partner": choice.partner, **choice.at_period}
    Panel(
        "Four numbers",
        f"{choice.name} and {partner}, all goods, {choice.period}",
        choice.needs,
        NOTHING,
    ).show(find("trade_pair").call, _drawn_pair, **fields, level=0)
    goods = f"{choice.name} and {partner} by goods, {choice.period}"
    Panel("Four numbers by goods", goods, choice.needs, NOTHING).show(
        find("trade_pair").call,
        lambda answer: _drawn_goods(answer, choice),
        **fields,
        level=choice.level,
    )


def _way(row: Mapping[str, Any]) -> str:
    return f"{place_name(row['seller'])} to {place_name(row['buyer'])}"


def _drawn_pair(answer: Answer) -> str:
    rows, scale = _rows(answer)
    drawn = [row | {"named": _way(row)} for row in rows]
    shown = table(drawn, _columns(scale.unit, Column("named", "flow")), caption="Four numbers")
    return f'{shown}<div class="b-note">{CAUSES}</div>'


def _goods(row: Mapping[str, Any]) -> str:
    """A product by name, in the list of the side that states it."""
    return product_label(row["product"], row["exports_edition"] or row["imports_edition"])


def _drawn_goods(answer: Answer, choice: TradeChoice) -> str:
    kept = answer.frame
    if choice.product:
        kept = kept.filter(pl.col("product") == choice.product)
    ordered = kept.sort(
        pl.max_horizontal("exports_usd", "imports_fob_usd"), descending=True, nulls_last=True
    )
    rows, scale = _rows(answer.derive(ordered, answer.derived or ""))
    drawn = [row | {"named": _goods(row), "way": _way(row)} for row in rows]
    drawn.sort(key=lambda row: row["way"])
    columns = _columns(scale.unit, Column("named", "goods"))
    return table(drawn, columns, caption="Four numbers by goods", group="way")


def _partners(choice: TradeChoice) -> None:
    Panel(
        "Four numbers by partner",
        f"{FLOWS[choice.flow]} of {choice.name}, {choice.goods}, {choice.period}",
        choice.needs,
        NOTHING,
    ).show(
        find("trade_sides").call,
        lambda answer: _drawn_partners(answer, choice),
        country=choice.country,
        **choice.at_period,
        flow=choice.flow,
        product=choice.product_or_total,
    )


def _drawn_partners(answer: Answer, choice: TradeChoice) -> str:
    rows, scale = _rows(answer)
    other = "buyer" if choice.flow == "export" else "seller"
    drawn = [
        row
        | {
            "named": {
                "text": place_name(row[other]),
                "to": view_of(choice, view="sides", partner=row[other]),
            }
        }
        for row in rows
    ]
    shown = table(
        drawn,
        _columns(scale.unit, Column("named", "partner", "name")),
        caption="Four numbers by partner",
    )
    return f'{shown}<div class="b-note">{CAUSES}</div>'


def _gaps(choice: TradeChoice) -> None:
    order = segment(
        "trade", "by", "Largest gaps", list(ORDERS), "amount", format_func=ORDERS.__getitem__
    )
    Panel(
        "Largest gaps of all countries",
        f"all goods, {choice.year}; flows that both sides, or one alone, report",
        NEEDS,
        "No flow of this year has two sides that disagree.",
    ).show(
        find("mirror_gaps").call,
        lambda answer: _drawn_gaps(answer, choice),
        year=choice.year,
        by=order,
        top=25,
    )


def _drawn_gaps(answer: Answer, choice: TradeChoice) -> str:
    rows, scale = _rows(answer)
    drawn = [
        row
        | {
            "named": {
                "text": _way(row),
                "to": address(
                    "trade",
                    view="sides",
                    country=row["seller"],
                    partner=row["buyer"],
                    year=str(choice.year),
                ),
            },
            "amount": scale.of(row["amount_usd"]),
        }
        for row in rows
    ]
    columns = (
        Column("named", "flow", "name"),
        Column("exports", f"exports, {scale.unit}", "number", digits=2),
        Column("imports", f"imports, {scale.unit}", "number", digits=2),
        Column("fob", "imports made FOB", "number", digits=2),
        Column("difference", "gap, %", "signed", digits=1),
        Column("amount", f"difference, {scale.unit}", "number", digits=2),
        Column("said", "sides"),
        Column("edition", "edition"),
    )
    return table(drawn, columns, caption="Largest gaps") + _basis(answer)


def _basis(answer: Answer) -> str:
    said = [
        basis_of(
            answer.frame.select(
                pl.col(f"{side}_valuation").alias("valuation"),
                pl.col(f"{side}_edition").alias("edition"),
            ).to_dicts()
        )
        for side in ("exports", "imports")
    ]
    return f'<div class="b-note">Exports {said[0]}; imports {said[1]}.</div>'


def _hubs(choice: TradeChoice) -> None:
    Panel(
        "Hubs",
        f"countries to which more is reported sold than they report to buy, {choice.year}",
        NEEDS,
        "No country has flows with two sides in this year.",
    ).show(find("trade_hubs").call, _drawn_hubs, year=choice.year)


def _drawn_hubs(answer: Answer) -> str:
    found = answer.frame.filter("is_hub")
    if found.is_empty():
        return '<div class="b-note">No country stands out as a hub in this year.</div>'
    scale = scale_of(found["excess_usd"])
    drawn = [
        {
            **row,
            "named": place_name(row["country"]),
            "median": 100 * row["median_gap"],
            "excess": scale.of(row["excess_usd"]),
            "of": f"{row['below']} of {row['flows']}",
            "by_chance": "below 0.0001" if row["chance"] < 1e-4 else f"{row['chance']:.4f}",
        }
        for row in found.iter_rows(named=True)
    ]
    columns = (
        Column("named", "country"),
        Column("median", "median gap, %", "signed", digits=1),
        Column("of", "flows below zero"),
        Column("by_chance", "probability by chance"),
        Column("excess", f"sold to it above its imports, {scale.unit}", "signed", digits=1),
    )
    return table(drawn, columns, caption="Hubs")
