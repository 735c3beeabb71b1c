"""Dependency: of whom a country buys each product, how much of that is known, and who else sells.

Coverage comes first. Below its floor nothing is said of concentration: a supplier that is missing
makes the rest look spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from analytics.trade.dependency import (
    CRITICAL_HHI,
    FLOOR,
    INSUFFICIENT,
    OUTSIDE,
    bloc_screen,
    trade_dependency,
)
from analytics.trade.flows import trade_totals
from analytics.trade.goods import product_label
from analytics.trade.mirror import FREIGHT
from analytics.trade.supply import trade_alternatives
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Absent, Column, facts, table
from pages.world_trade.choice import TradeChoice, view_of
from pages.world_trade.words import NEEDS, Scale, basis_of, place_name, scale_of

Row = Mapping[str, Any]
POINTS = 10_000  # in which an HHI is shown
HIDDEN = Absent("not given below the floor of coverage")
BASIS = {
    "own report": "own report",
    "mirrors": "suppliers' reports",
    "own reports and mirrors": "own and suppliers' reports",
}
SUPPLIERS = 80  # lines of a table of suppliers and other exporters
FLOOR_PERCENT = f"{100 * FLOOR:.0f} %"
WAY_OUT = (
    "Choose an earlier year, or look at the suppliers' reports in Two sides; a later report may "
    "name them."
)


def dependency_view(choice: TradeChoice) -> None:
    """Coverage, the products, one of them by supplier, and of a bloc the screen."""
    edition, stated = _stated(choice)
    _coverage(choice, stated)
    _products(choice, edition, stated)
    if choice.product:
        _suppliers(choice, edition, stated)
    if choice.is_group:
        _screen(choice, edition, stated)


def _stated(choice: TradeChoice) -> tuple[str | None, str]:
    """The edition of the buyer's report, and the words for what its imports are stated on."""
    try:
        told = cached(
            trade_totals, current().at, country=choice.country, year=choice.year
        ).frame.filter(flow="import")
    except Exception as error:  # noqa: BLE001 - the panels say the same; explain() logs it
        explain(error, "editions")
        return None, ""
    rows = told.filter(pl.col("level") == choice.level)
    rows = rows if rows.height else told.sort("level", descending=True)
    if not rows.height:
        return None, f"editions of the suppliers, FOB made CIF by {100 * FREIGHT:.0f} %"
    found = rows.head(1).to_dicts()
    return found[0]["edition"] or None, basis_of(found)


def _nothing(choice: TradeChoice) -> str:
    return f"No imports of {choice.name} in {choice.year} were published at this clock."


def _coverage(choice: TradeChoice, stated: str) -> None:
    """How much of all that was bought is known by supplier; before anything else is said."""
    Panel(
        "Coverage",
        f"{choice.name}, imports of all goods, {choice.year}, {stated}",
        NEEDS,
        _nothing(choice),
        key="dependency-coverage",
    ).show(
        trade_dependency,
        lambda answer: _covered(answer, choice),
        country=choice.country,
        year=choice.year,
        level=0,
    )


def _covered(answer: Answer, choice: TradeChoice) -> str:
    row = answer.frame.row(0, named=True)
    if row["verdict"] == INSUFFICIENT:
        known = _percent(row["coverage"])
        say(
            Trouble(
                f"Insufficient coverage: of what {choice.name} bought in {choice.year}, {known} is "
                f"known by supplier; {FLOOR_PERCENT} are needed.",
                WAY_OUT,
            ),
            "partial",
        )
    return facts(_strip(row, choice))


def _strip(row: Row, choice: TradeChoice) -> list[tuple[str, str, str]]:
    """Coverage, by whom, and what is missing."""
    scale = scale_of([row["value_usd"], row["world_usd"]])
    silent = names_of(row["silent_suppliers"])
    missing = [
        (label, _amount(row[column], scale), f"{scale.unit}, {hint}")
        for label, column, hint in (
            ("Unspecified partners", "unspecified_usd", "in the report"),
            ("Not named", "unnamed_usd", "suppliers say they sold it"),
            ("Silent suppliers", "silent_usd", ", ".join(silent) or "none"),
        )
    ]
    strip = [
        ("Coverage", _percent(row["coverage"]), f"of purchases by supplier, floor {FLOOR_PERCENT}"),
        ("Named suppliers", _amount(row["value_usd"], scale), scale.unit),
        ("Basis", _basis(row["basis"]), ""),
        *missing,
    ]
    if choice.is_group:
        part = ("Members that reported", _percent(row["reported_part"]), "of purchases")
        strip.insert(1, part)
    return strip


def _products(choice: TradeChoice, edition: str | None, stated: str) -> None:
    """A line per product: coverage and basis, then what follows where they suffice."""
    Panel(
        "Dependency by product",
        f"imports, {choice.year}, {stated}; HHI × {POINTS:,}: under 1,000 low, over 1,800 high",
        NEEDS,
        _nothing(choice),
        key="dependency-products",
    ).show(
        trade_dependency,
        lambda answer: _product_table(answer.frame, choice, edition),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _product_table(frame: pl.DataFrame, choice: TradeChoice, edition: str | None) -> str:
    scale = scale_of(frame["value_usd"])
    bases = frame["basis"].unique().to_list()
    rows = [_product_row(row, choice, edition, scale) for row in frame.iter_rows(named=True)]
    columns = (
        Column("product", "product", "name"),
        Column("coverage", "coverage, %", "number", digits=0, hint="known by supplier"),
        *((Column("basis", "basis"),) if len(bases) > 1 else ()),
        Column("verdict", "concentration", "wide"),
        Column("top", "top supplier", "name"),
        Column("share", "share, %", "number", digits=1),
        Column("hhi", "HHI", "number", digits=0, hint=f"× {POINTS:,}"),
        Column("effective", "effective suppliers", "number", digits=1, hint="1 / HHI"),
        Column("bought", f"named, {scale.unit}", "number", hint="bought from named suppliers"),
        Column("silent", "silent suppliers", "wide", hint="main before, no report of this year"),
        Column("shock", "", "name"),
    )
    low = frame.filter(pl.col("verdict") == INSUFFICIENT).height
    words = [f"{low} of {frame.height} products are below the floor of {FLOOR_PERCENT}"]
    if len(bases) == 1:
        words.append(f"basis: {_basis(bases[0])}")
    note = f'<div class="b-note">{escape("; ".join(words))}.</div>'
    shown = table(rows, columns, caption="Dependency by product")
    return f'{note}<div class="b-box">{shown}</div>'


def _product_row(row: Row, choice: TradeChoice, edition: str | None, scale: Scale) -> Row:
    """One product; below the floor of coverage no score stands in it."""
    code, enough = row["product"], row["verdict"] != INSUFFICIENT
    stops = row["top_supplier"]
    label = product_label(code, edition)
    return {
        "product": {"text": label, "to": view_of(choice, view="dependency", product=code)},
        "coverage": _hundred(row["coverage"]),
        "basis": _basis(row["basis"]),
        "verdict": row["verdict"],
        "top": _supplier(stops, code, choice) if enough else HIDDEN,
        "share": _hundred(row["top_share"]) if enough else HIDDEN,
        "hhi": _points(row["hhi"]) if enough else HIDDEN,
        "effective": row["effective_partners"] if enough else HIDDEN,
        "bought": scale.of(row["value_usd"]),
        "silent": ", ".join(names_of(row["silent_suppliers"])) or "none",
        "shock": _shock(stops, code, choice) if enough else "",
    }


def _suppliers(choice: TradeChoice, edition: str | None, stated: str) -> None:
    """The suppliers of one product and the other exporters of it."""
    label = product_label(choice.product, edition)
    try:
        known = cached(
            trade_dependency,
            current().at,
            country=choice.country,
            year=choice.year,
            products=[choice.product],
        ).frame.to_dicts()
    except Exception as error:  # noqa: BLE001 - no score is shown then; explain() logs it
        explain(error, "dependency")
        known = []
    Panel(
        f"Suppliers and alternatives: {label}",
        f"{choice.name}, {choice.year}, imports {stated}",
        NEEDS,
        f"Nobody reports trade of {label} in {choice.year} at this clock.",
        key="dependency-suppliers",
    ).show(
        trade_alternatives,
        lambda answer: _supplier_table(answer.frame, known[0] if known else None, choice),
        country=choice.country,
        product=choice.product,
        year=choice.year,
        top=SUPPLIERS,
    )


def _supplier_table(frame: pl.DataFrame, known: Row | None, choice: TradeChoice) -> str:
    enough = known is not None and known["verdict"] != INSUFFICIENT
    if not enough:
        covered = _percent(known["coverage"]) if known else "nothing"
        say(
            Trouble(
                f"Insufficient coverage: {covered} of the purchases is known by supplier, "
                f"{FLOOR_PERCENT} are needed. No shares are given.",
                WAY_OUT,
            ),
            "partial",
        )
    supply = frame["supply_coverage"][0]
    if frame["verdict"][0] == INSUFFICIENT:
        say(
            Trouble(
                f"Alternatives are incomplete: exporters that have reported {choice.year} account "
                f"for {_percent(supply)} of the last known trade; {FLOOR_PERCENT} are needed.",
                "Who has not reported is not in the list of other exporters.",
            ),
            "partial",
        )
    strip = _strip(known, choice)[:1] + _scores(known) if known else []
    strip.append(("Exporters that reported", _percent(supply), "of the last known trade"))
    scale = scale_of([*frame["bought_usd"], *frame["exports_usd"]])
    rows = [_offer(row, choice, scale, enough=enough) for row in frame.iter_rows(named=True)]
    ordered = sorted(rows, key=lambda row: row["group"] != "Suppliers")
    return facts(strip) + f'<div class="b-box">{_offers(ordered, scale.unit)}</div>'


def _offers(rows: list[dict[str, Any]], unit: str) -> str:
    columns = (
        Column("supplier", "country", "name"),
        Column("bought", f"bought, {unit}", "number"),
        Column("share", "share, %", "number", digits=1, hint="of what named suppliers sold"),
        Column("elsewhere", f"sold elsewhere, {unit}", "number", hint="exports to others"),
        Column("price", "USD per kg", "number", hint="what the exporter was paid, all exports"),
        Column("spare", f"spare, {unit}", "number", hint="best of five years less this year"),
        Column("spare_share", "spare share, %", "number", digits=1, hint="of the purchases"),
        Column("basis", "spare by"),
        Column("peak", "best year"),
        Column("shock", "", "name"),
    )
    return table(rows, columns, caption="Suppliers and alternatives", group="group")


def _scores(known: Row) -> list[tuple[str, str, str]]:
    """Concentration, where coverage allows it."""
    if known["verdict"] == INSUFFICIENT:
        return [("Concentration", INSUFFICIENT, "")]
    points = f"{POINTS * known['hhi']:,.0f}"
    effective = f"{known['effective_partners']:.1f}"
    return [
        ("Concentration", known["verdict"], f"HHI {points}"),
        ("Effective suppliers", effective, f"of {known['partners']}"),
    ]


def _offer(row: Row, choice: TradeChoice, scale: Scale, *, enough: bool) -> dict[str, Any]:
    code, bought = row["supplier"], row["bought_usd"]
    return {
        "group": "Suppliers" if bought is not None else "Other exporters",
        "supplier": _supplier(code, choice.product, choice),
        "bought": scale.of(bought),
        "share": _hundred(row["share"]) if enough else HIDDEN,
        "elsewhere": scale.of(row["elsewhere_usd"]),
        "price": row["unit_value_usd_kg"],
        "spare": scale.of(row["spare_usd"]),
        "spare_share": _hundred(row["spare_share"]) if enough else HIDDEN,
        "basis": row["basis"],
        "peak": None if row["peak_year"] is None else str(row["peak_year"]),
        "shock": _shock(code, choice.product, choice) if bought is not None else "",
    }


def _screen(choice: TradeChoice, edition: str | None, stated: str) -> None:
    """The screen of strategic dependence of a bloc."""
    Panel(
        "Screen of the bloc",
        f"{choice.name}, {choice.year}, imports {stated}; after SWD(2021) 352",
        NEEDS,
        _nothing(choice),
        key="dependency-screen",
    ).show(
        bloc_screen,
        lambda answer: _screen_table(answer.frame, choice, edition),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _screen_table(frame: pl.DataFrame, choice: TradeChoice, edition: str | None) -> str:
    order = {"critical": 0, "not critical": 1}
    scale = scale_of([*frame["outside_usd"], *frame["bloc_exports_usd"]])
    found = sorted(frame.iter_rows(named=True), key=lambda row: order.get(row["screen"], 2))
    rows = [_screened(row, choice, edition, scale) for row in found]
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
        Column("reported", "members reported, %", "number", digits=0, hint="of purchases"),
        Column("hhi", f"HHI over {POINTS * CRITICAL_HHI:,.0f}", "dated"),
        Column("outside", f"outside over {100 * OUTSIDE:.0f} %", "dated"),
        Column("above", f"outside imports above own exports, {scale.unit}", "dated"),
        Column("exports", f"own exports, {scale.unit}", "number"),
        Column("top", "top supplier", "name"),
    )
    shown = table(rows, columns, caption="Screen of the bloc")
    return f'<div class="b-note">{escape(note)}</div><div class="b-box">{shown}</div>'


def _screened(row: Row, choice: TradeChoice, edition: str | None, scale: Scale) -> Row:
    """One product against the three conditions; none of them stands on thin coverage."""
    code, enough = row["product"], row["screen"] != INSUFFICIENT
    outside, sold = row["outside_usd"], row["bloc_exports_usd"]
    shares = (_points(row["hhi"]), _hundred(row["outside_share"]), scale.of(outside))
    bounds = (POINTS * CRITICAL_HHI, 100 * OUTSIDE, scale.of(sold) or 0.0)
    tests = [
        _condition(value, bound, digits) if enough else HIDDEN
        for value, bound, digits in zip(shares, bounds, (0, 1, 2), strict=True)
    ]
    label = product_label(code, edition)
    return {
        "product": {"text": label, "to": view_of(choice, view="dependency", product=code)},
        "screen": row["screen"],
        "coverage": _hundred(row["coverage"]),
        "reported": _hundred(row["reported_part"]),
        **dict(zip(("hhi", "outside", "above"), tests, strict=True)),
        "exports": scale.of(sold),
        "top": _supplier(row["top_supplier"], code, choice) if enough else HIDDEN,
    }


def _condition(value: float | None, bound: float, digits: int) -> dict[str, Any] | None:
    """A value with whether it is above its bound."""
    if value is None:
        return None
    met = "met" if value > bound else "not met"
    text = f"{value:,.{digits}f}"
    return {"value": value, "text": text, "period": met, "about": f"above {bound:,.{digits}f}"}


def names_of(codes: str | None) -> list[str]:
    """Countries of a text of codes, by their names."""
    return [place_name(code) for code in (codes or "").split()]


def _supplier(code: str | None, product: str, choice: TradeChoice) -> dict[str, str] | None:
    """A supplier by name, with what both sides say of its trade."""
    if code is None:
        return None
    to = view_of(choice, view="sides", flow="import", partner=code, product=product)
    return {"text": place_name(code), "to": to}


def _shock(code: str | None, product: str, choice: TradeChoice) -> dict[str, str] | str:
    """What happens if this supplier stops."""
    if code is None:
        return ""
    return {"text": "Shock", "to": view_of(choice, view="shock", stops=code, goods=product)}


def _basis(word: str) -> str:
    """By whom purchases are stated."""
    return BASIS.get(word, word)


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _points(value: float | None) -> float | None:
    return None if value is None else POINTS * value


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _amount(value: float | None, scale: Scale) -> str:
    return "–" if value is None else f"{value / scale.size:,.2f}"
