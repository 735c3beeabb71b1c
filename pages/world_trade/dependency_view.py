"""Dependency: of whom a country buys each product, how much of that is known, and who else sells.

Coverage comes first. Below its floor nothing is said of concentration: a supplier that is missing
makes the rest look spread.
"""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from analytics.trade.dependency import (
    FLOOR,
    INSUFFICIENT,
    trade_dependency,
)
from analytics.trade.flows import trade_products, trade_totals
from analytics.trade.goods import product_label
from analytics.trade.mirror import FREIGHT
from analytics.trade.supply import trade_alternatives
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Absent, Column, facts, table
from pages.world_trade.bloc_screen_panel import bloc_panel
from pages.world_trade.choice import MANY, TradeChoice, view_of
from pages.world_trade.dependency_cells import (
    HIDDEN,
    POINTS,
    ImportReport,
    Row,
    amount_text,
    basis_word,
    in_points,
    members_words,
    names_of,
    no_imports,
    percent_text,
    shock_link,
    silent_words,
    supplier_link,
)
from pages.world_trade.words import NEEDS, Scale, basis_of, in_percent, place_name, scale_of

AMOUNTS = ("bought", "elsewhere", "spare")
SUPPLIERS = 80  # lines of a table of suppliers and other exporters
PARTNER = "share of the chosen partner, where the buyer's own report states it"
FLOOR_PERCENT = f"{100 * FLOOR:.0f} %"
WAY_OUT = (
    "Choose an earlier year, or look at the suppliers' reports in Two sides; a later report may "
    "name them."
)


def dependency_view(choice: TradeChoice) -> None:
    """Coverage, the products, one of them by supplier, and of a bloc the screen."""
    report = _report(choice)
    _coverage(choice, report)
    _products(choice, report)
    if choice.product:
        _suppliers(choice, report)
    if choice.is_group:
        bloc_panel(choice, report)


def _report(choice: TradeChoice) -> ImportReport:
    """The edition of what the buyer reports, what it is stated on, and how many members did."""
    try:
        told = cached(
            trade_totals, current().at, country=choice.country, year=choice.year
        ).frame.filter(flow="import")
    except Exception as error:  # noqa: BLE001 - the panels say the same; explain() logs it
        explain(error, "editions")
        return ImportReport(None, "", 0)
    rows = told.filter(pl.col("level") == choice.level)
    rows = rows if rows.height else told.sort("level", descending=True)
    if not rows.height:
        words = f"editions of the suppliers, FOB made CIF by {100 * FREIGHT:.0f} %"
        return ImportReport(None, words, 0)
    found = rows.head(1).to_dicts()
    reporters = max(told["reporters"].to_list())
    return ImportReport(found[0]["edition"] or None, basis_of(found), reporters)


def _coverage(choice: TradeChoice, report: ImportReport) -> None:
    """How much of all that was bought is known by supplier; before anything else is said."""
    Panel(
        "Coverage",
        f"{choice.name}, imports of all goods, {choice.year}, {report.stated}",
        NEEDS,
        no_imports(choice),
        key="dependency-coverage",
    ).show(
        trade_dependency,
        lambda answer: _covered(answer, choice, report),
        country=choice.country,
        year=choice.year,
        level=0,
    )


def _covered(answer: Answer, choice: TradeChoice, report: ImportReport) -> str:
    row = answer.frame.row(0, named=True)
    if row["verdict"] == INSUFFICIENT:
        known = percent_text(row["coverage"])
        say(
            Trouble(
                f"Insufficient coverage: of what {choice.name} bought in {choice.year}, {known} is "
                f"known by supplier; {FLOOR_PERCENT} are needed.",
                WAY_OUT,
            ),
            "partial",
        )
    strip = _strip(row)
    if choice.is_group:
        part = f"account for {percent_text(row['reported_part'])} of known purchases"
        strip.insert(1, ("Members that reported", members_words(choice, report), part))
    return facts(strip)


def _strip(row: Row) -> list[tuple[str, str, str]]:
    """Coverage, by whom, and what is missing."""
    scale = scale_of([row["value_usd"], row["world_usd"]])
    silent = names_of(row["silent_suppliers"])
    missing = [
        (label, amount_text(row[column], scale), f"{scale.unit}, {hint}")
        for label, column, hint in (
            ("Unspecified partners", "unspecified_usd", "in the report"),
            ("Not named", "unnamed_usd", "suppliers say they sold it"),
            ("Silent suppliers", "silent_usd", ", ".join(silent) or "none"),
        )
    ]
    return [
        (
            "Coverage",
            percent_text(row["coverage"]),
            f"of purchases by supplier, floor {FLOOR_PERCENT}",
        ),
        ("Named suppliers", amount_text(row["value_usd"], scale), scale.unit),
        ("Basis", basis_word(row["basis"]), ""),
        *missing,
    ]


def _products(choice: TradeChoice, report: ImportReport) -> None:
    """A line per product: coverage and basis, then what follows where they suffice."""
    Panel(
        "Dependency by product",
        f"imports, {choice.year}, {report.stated}; HHI × {POINTS:,}: "
        "under 1,000 low, over 1,800 high",
        NEEDS,
        no_imports(choice),
        key="dependency-products",
    ).show(
        trade_dependency,
        lambda answer: _product_table(answer.frame, choice, report.edition),
        country=choice.country,
        year=choice.year,
        level=choice.level,
    )


def _has_partner(choice: TradeChoice) -> bool:
    """Whether the share of one partner is shown; a group may have it as a member."""
    return bool(choice.partner) and not choice.is_group


def _bought_from_partner(choice: TradeChoice) -> dict[str, float]:
    """What the buyer reports of the chosen partner, by product; nothing where none is chosen."""
    if not _has_partner(choice):
        return {}
    try:
        found = cached(
            trade_products,
            current().at,
            country=choice.country,
            year=choice.year,
            flow="import",
            partner=choice.partner,
            level=choice.level,
            top=MANY,
        ).frame
    except Exception as error:  # noqa: BLE001 - the column is left out; explain() logs it
        explain(error, "partner")
        return {}
    rows = found.filter(pl.col("kind") == "product").drop_nulls("value_usd")
    return dict(rows.select("code", "value_usd").iter_rows())


def _product_table(frame: pl.DataFrame, choice: TradeChoice, edition: str | None) -> str:
    scale = scale_of(frame["value_usd"])
    bases = frame["basis"].unique().to_list()
    from_partner = _bought_from_partner(choice)
    rows = [
        _product_row(row, choice, edition, scale) | {"partner": _part(row, from_partner)}
        for row in frame.iter_rows(named=True)
    ]
    partner = f"{place_name(choice.partner)}, %" if _has_partner(choice) else ""
    columns = (
        Column("product", "product", "name"),
        Column("coverage", "coverage, %", "number", digits=0, hint="known by supplier"),
        *((Column("basis", "basis"),) if len(bases) > 1 else ()),
        Column("verdict", "concentration", "wide"),
        Column("top", "top supplier", "name"),
        Column("share", "share, %", "number", digits=1),
        *((Column("partner", partner, "number", digits=1, hint=PARTNER),) if partner else ()),
        Column("hhi", "HHI", "number", digits=0, hint=f"× {POINTS:,}"),
        Column("effective", "effective suppliers", "number", digits=1, hint="1 / HHI"),
        Column("bought", f"named, {scale.unit}", "number", hint="bought from named suppliers"),
        Column("silent", "silent suppliers", "wide", hint="main before, no report of this year"),
        Column("shock", "if it stops", "name"),
    )
    low = frame.filter(pl.col("verdict") == INSUFFICIENT).height
    words = [f"{low} of {frame.height} products are below the floor of {FLOOR_PERCENT}"]
    if len(bases) == 1:
        words.append(f"basis: {basis_word(bases[0])}")
    note = f'<div class="b-note">{escape("; ".join(words))}.</div>'
    shown = table(rows, columns, caption="Dependency by product")
    return f'{note}<div class="b-box">{shown}</div>'


def _part(row: Row, from_partner: dict[str, float]) -> float | Absent | None:
    """The share of the chosen partner, where the buyer states it and coverage suffices."""
    if row["verdict"] == INSUFFICIENT:
        return HIDDEN
    bought = from_partner.get(row["product"])
    if row["basis"] != "own report" or bought is None or not row["value_usd"]:
        return None
    return 100 * bought / float(row["value_usd"])


def _product_row(
    row: Row, choice: TradeChoice, edition: str | None, scale: Scale
) -> dict[str, Any]:
    """One product; below the floor of coverage no score stands in it."""
    code, enough = row["product"], row["verdict"] != INSUFFICIENT
    stops = row["top_supplier"]
    label = product_label(code, edition or row["edition"])
    return {
        "product": {"text": label, "to": view_of(choice, view="dependency", product=code)},
        "coverage": in_percent(row["coverage"]),
        "basis": basis_word(row["basis"]),
        "verdict": row["verdict"],
        "top": supplier_link(stops, code, choice) if enough else HIDDEN,
        "share": in_percent(row["top_share"]) if enough else HIDDEN,
        "hhi": in_points(row["hhi"]) if enough else HIDDEN,
        "effective": row["effective_partners"] if enough else HIDDEN,
        "bought": scale.of(row["value_usd"]),
        "silent": silent_words(row["silent_suppliers"]),
        "shock": shock_link(stops, code, choice) if enough else "",
    }


def _suppliers(choice: TradeChoice, report: ImportReport) -> None:
    """The suppliers of one product and the other exporters of it."""
    label = product_label(choice.product, report.edition or choice.edition)
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
        f"{choice.name}, {choice.year}, imports {report.stated}",
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
        covered = percent_text(known["coverage"]) if known else "nothing"
        say(
            Trouble(
                f"Insufficient coverage: {covered} of the purchases are known by supplier, "
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
                f"for {percent_text(supply)} of the last known trade; {FLOOR_PERCENT} are needed.",
                "Who has not reported is not in the list of other exporters.",
            ),
            "partial",
        )
    strip = _strip(known)[:1] + _scores(known) + _silent(known) if known else []
    strip.append(("Exporters that reported", percent_text(supply), "of the last known trade"))
    # An exporter sells the whole world a thousand times what a small country buys of it.
    scales = {name: scale_of(frame[f"{name}_usd"]) for name in AMOUNTS}
    rows = [_offer(row, choice, scales, enough=enough) for row in frame.iter_rows(named=True)]
    ordered = sorted(rows, key=lambda row: row["group"] != "Suppliers")
    return facts(strip) + f'<div class="b-box">{_offers(ordered, scales)}</div>'


def _offers(rows: list[dict[str, Any]], scales: dict[str, Scale]) -> str:
    bought, elsewhere, spare = (scales[name].unit for name in AMOUNTS)
    columns = (
        Column("supplier", "country", "name"),
        Column("bought", f"bought, {bought}", "number"),
        Column("share", "share, %", "number", digits=1, hint="of what named suppliers sold"),
        Column("elsewhere", f"sold elsewhere, {elsewhere}", "number", hint="exports to others"),
        Column("price", "USD per kg", "number", hint="what the exporter was paid, all exports"),
        Column("spare", f"spare, {spare}", "number", hint="best of five years less this year"),
        Column("spare_share", "spare share, %", "number", digits=1, hint="of the purchases"),
        Column("basis", "spare by"),
        Column("peak", "best year"),
        Column("shock", "if it stops", "name"),
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


def _silent(known: Row) -> list[tuple[str, str, str]]:
    """Suppliers of the years before that are missing, all by name."""
    names = names_of(known["silent_suppliers"])
    return [("Silent suppliers", str(len(names)), ", ".join(names))] if names else []


def _offer(
    row: Row, choice: TradeChoice, scales: dict[str, Scale], *, enough: bool
) -> dict[str, Any]:
    code, bought = row["supplier"], row["bought_usd"]
    return {
        "group": "Suppliers" if bought is not None else "Other exporters",
        "supplier": supplier_link(code, choice.product, choice),
        **{name: scale.of(row[f"{name}_usd"]) for name, scale in scales.items()},
        "share": in_percent(row["share"]) if enough else HIDDEN,
        "price": row["unit_value_usd_kg"],
        "spare_share": in_percent(row["spare_share"]) if enough else HIDDEN,
        "basis": row["basis"],
        "peak": None if row["peak_year"] is None else str(row["peak_year"]),
        "shock": shock_link(code, choice.product, choice) if bought is not None else "",
    }
