"""Shock: some exporters stop, and who loses how much of its supply, which companies and lists.

An account of a reported year, no forecast: no prices, no substitutes and no stocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics.core.catalogue import find
from analytics.trade.dependency import INSUFFICIENT
from analytics.trade.goods import product_label
from analytics.trade.outcome import HAPPENED, MOST_YEARS, NOT_HAPPENED
from analytics.trade.shock_members import EXPOSED, NOT_EXPOSED
from data.query import Answer
from data.state.watchlists import Watchlist
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.state_panel import note, panel
from pages.frame.tables import Absent, Column, facts, table
from pages.scenarios.opened_scenario import opened, standing
from pages.scenarios.scenarios_panel import scenarios_panel
from pages.world_trade.choice import MANY, TradeChoice
from pages.world_trade.shock_form import ShockChoice, shock_form
from pages.world_trade.shock_scenarios import SHOCKS, compared_shocks
from pages.world_trade.words import Scale, in_percent, place_name, scale_of

NEEDS = ("trade", "countries")
NOTHING = "Nobody is known to have bought these goods from them in this year."
THIN = Absent(INSUFFICIENT)
COMPANIES = (
    Column("company_name", "company", "name"),
    Column("weighted", "weighted loss, %", "number", hint="share of revenue × largest loss there"),
    Column("hurt", "revenue in affected countries, %", "number", digits=1),
    Column("undisclosed", "not placed, %", "number", digits=1, hint="of revenue, by the filing"),
    Column("countries", "affected countries", "wide"),
    Column("period_end", "fiscal period", "day"),
)
MEMBERS = (Column("named", "instrument", "link"), *COMPANIES)
LISTS = (
    Column("named", "watchlist", "link"),
    Column("members", "members", "count"),
    Column("exposed", "exposed", "count"),
    Column("spared", "not exposed", "count"),
    Column("unknown", "not known", "count", hint="no company, or no revenue by country"),
    Column("weighted", "largest weighted loss, %", "number"),
)


def shock_view(choice: TradeChoice) -> None:
    """The form, the account, what is saved, and what happened."""
    opened_scenario = opened(SHOCKS)
    try:
        shock = shock_form(choice)
    except Exception as error:  # noqa: BLE001 - said where the boxes would stand; explain() logs it
        say(explain(error, "shock"), "error")
        return
    if opened_scenario is not None:
        standing(SHOCKS, opened_scenario, shock)
    if shock is not None:
        _losses(shock)
        _companies(shock)
        _watchlists(shock)
        _outcome(shock)
    scenarios_panel(SHOCKS, shock, opened_scenario)
    if shock is not None:
        compared_shocks(shock)


def _losses(shock: ShockChoice) -> None:
    """Who loses how much, with the coverage and the verdict first."""
    Panel("Losses", shock.words(), NEEDS, NOTHING, key="shock-losses").show(
        find("supply_shock").call, _losses_table, **shock.params(), top=MANY
    )


def _losses_table(answer: Answer) -> str:
    frame = answer.frame
    scale = scale_of(frame["lost_usd"])
    columns = (
        Column("importer_name", "importer", "name"),
        Column("goods", "goods", "wide"),
        Column("covered", "coverage, %", "number", digits=0, hint="purchases known by supplier"),
        Column("verdict", "verdict"),
        Column("lost", f"lost, {scale.unit}", "number", digits=1),
        Column("supply", "of its supply, %", "number", digits=1),
        Column("imports", "of all imports, %", "number", digits=2),
        Column("sellers", "from"),
        Column(
            "next",
            f"next suppliers, {scale.unit} (USD per kg, {scale.unit} to spare)",
            "wide",
            hint="spare: below the best of its last five years in the same edition",
        ),
    )
    rows = [_loss(row, scale) for row in frame.iter_rows(named=True)]
    drawn = table(rows, _that_differ(columns, frame), caption="Losses")
    return f"{_strip(frame)}{drawn}{_basis(frame)}"


def _that_differ(columns: Sequence[Column], frame: pl.DataFrame) -> list[Column]:
    """Without goods and sellers where there is one of them: the head of the panel names it. A code
    that importers state in two lists of goods is two."""
    labels = {product_label(*row) for row in frame.select("product", "edition").iter_rows()}
    single = {"goods"} if len(labels) == 1 else set()
    if "from" in frame and frame["from"].n_unique() == 1:
        single.add("sellers")
    return [column for column in columns if column.name not in single]


def _loss(row: Mapping[str, Any], scale: Scale) -> dict[str, Any]:
    is_known = row["verdict"] != INSUFFICIENT
    return {
        "importer_name": _importer(row["importer"]),
        "goods": product_label(row["product"], row["edition"]),
        "covered": in_percent(row["coverage"]),
        "verdict": row["verdict"],
        "lost": scale.of(row["lost_usd"]),
        "supply": in_percent(row["lost_share"]) if is_known else THIN,
        "imports": in_percent(row["of_imports"]),
        "sellers": _places(row["from"]),
        "next": _next(row, scale) if is_known else THIN,
    }


def _next(row: Mapping[str, Any], scale: Scale) -> str | None:
    """`Norway 3.2 (0.45, 1.1); ...`, a dash for what is not known."""
    names = row["next_suppliers"] or []
    columns = ("next_usd", "next_unit_values_usd_kg", "next_spare_usd")
    values = [row[name] or [] for name in columns]
    lines = [
        f"{place_name(code)} {_figure(scale.of(now))} ({_figure(price, 2)}, "
        f"{_figure(scale.of(spare))})"
        for code, now, price, spare in zip(names, *values, strict=True)
    ]
    return "; ".join(lines) or None


def _figure(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _strip(frame: pl.DataFrame) -> str:
    """How many lose, of how many nothing can be said, and who loses most of its supply."""
    known = frame.filter(pl.col("verdict") != INSUFFICIENT)
    thin = frame.height - known.height
    found = [
        ("Importers that lose", f"{frame['importer'].n_unique()}", f"{frame.height} lines"),
        ("Insufficient coverage", f"{thin}", "lines: no share is given"),
    ]
    if known.height:
        worst = known.sort("lost_share", "importer", descending=[True, False]).row(0, named=True)
        share = f"{100 * worst['lost_share']:.1f} %"
        found.insert(
            0, ("Largest loss", share, f"of the supply of {place_name(worst['importer'])}")
        )
    return facts(found)


def _basis(frame: pl.DataFrame) -> str:
    mirrored = frame.filter(~pl.col("is_own_report"))["importer"].unique().sort()
    if mirrored.is_empty():
        return ""
    names = ", ".join(place_name(code) for code in mirrored)
    return f'<div class="b-note">As their suppliers report it, made CIF: {names}.</div>'


def _companies(shock: ShockChoice) -> None:
    """Companies through their revenue in countries that are hurt."""
    Panel(
        "Companies",
        "by revenue in countries that lose 5 % or more of their supply",
        ("exposures", "trade"),
        "No company states revenue in a country that loses 5 % of its supply.",
        key="shock-companies",
    ).show(find("shock_companies").call, _companies_table, **shock.params())


def _companies_table(answer: Answer) -> str:
    rows = [_company(row) for row in answer.frame.iter_rows(named=True)]
    return table(rows, COMPANIES, caption="Companies")


def _company(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "company_name": _company_name(row),
        "weighted": in_percent(row["weighted_loss"]),
        "hurt": in_percent(row["hurt_share"]),
        "undisclosed": in_percent(row["undisclosed_share"]),
        "countries": _places(row["places"]),
        "period_end": row["period_end"],
    }


def _company_name(row: Mapping[str, Any]) -> str | dict[str, str]:
    """A company leads to its instrument, where it has one."""
    name: str = row["name"] or row["company"]
    symbol = row["symbol"]
    return {"text": name, "to": address("instrument", id=symbol)} if symbol else name


def _watchlists(shock: ShockChoice) -> None:
    """The members of every list of the clock, through the revenue of their companies."""
    lists = [one for one in known_lists(current()).values() if one.members]
    if not lists:
        with panel("Watchlists", "members through the revenue of their companies"):
            note("No watchlist with members existed at this clock.")
        return
    symbols = sorted({symbol for one in lists for symbol in one.symbols})
    Panel(
        "Watchlists",
        "members through the revenue of their companies",
        ("exposures", "instruments", "trade"),
        key="shock-watchlists",
    ).show(
        find("shock_members").call,
        lambda answer: _lists_tables(answer, lists),
        symbols=symbols,
        **shock.params(),
    )


def _lists_tables(answer: Answer, lists: Sequence[Watchlist]) -> str:
    by_symbol = {row["symbol"]: row for row in answer.frame.iter_rows(named=True)}
    summary, members = [], []
    for one in lists:
        rows = [by_symbol[symbol] for symbol in dict.fromkeys(one.symbols)]
        hit = [row for row in rows if row["state"] == EXPOSED]
        hit.sort(key=lambda row: (-row["weighted_loss"], row["symbol"]))
        spared = sum(row["state"] == NOT_EXPOSED for row in rows)
        summary.append(
            {
                "named": {"text": one.name, "to": address("watchlists", list=one.name)},
                "members": len(rows),
                "exposed": len(hit),
                "spared": spared,
                "unknown": len(rows) - len(hit) - spared,
                "weighted": in_percent(hit[0]["weighted_loss"]) if hit else None,
            }
        )
        members += [_company(row) | _member(row) | {"list": one.name} for row in hit]
    drawn = table(summary, LISTS, caption="Watchlists")
    if not members:
        return drawn
    return drawn + table(members, MEMBERS, caption="Exposed members", group="list")


def _member(row: Mapping[str, Any]) -> dict[str, Any]:
    to = address("instrument", id=row["symbol"])
    return {"named": {"text": row["ticker"] or row["symbol"], "to": to}}


def _outcome(shock: ShockChoice) -> None:
    """What happened in a later year."""
    years = [str(number) for number in range(1, MOST_YEARS + 1)]
    after = pick(
        "trade",
        "after",
        "What happened after",
        years,
        "1",
        format_func=lambda word: (
            f"{word} year{'s' if word != '1' else ''}: {shock.year + int(word)}"
        ),
    )
    Panel(
        "What happened",
        f"{shock.year + int(after)} against {shock.year}, as both are known at the clock",
        NEEDS,
        NOTHING,
        key="shock-outcome",
    ).show(find("shock_outcome").call, _outcome_table, **shock.params(), after=int(after), top=MANY)


def _outcome_table(answer: Answer) -> str:
    frame = answer.frame
    scale = scale_of(frame["before_usd"])
    columns = (
        Column("importer_name", "importer", "name"),
        Column("goods", "goods", "wide"),
        Column(
            "said", "state", "wide", hint="happened: at least half of the assumed part was lost"
        ),
        Column("before", f"bought before, {scale.unit}", "number", digits=1),
        Column("after", f"after, {scale.unit}", "number", digits=1),
        Column("cut", "realised cut, %", "number", digits=1),
        Column("expected", "expected change, %", "signed", digits=1, hint="of all its purchases"),
        Column("change", "change, %", "signed", digits=1, hint="of all its purchases of the goods"),
        Column("error", "error, points", "signed", digits=1, hint="change less expected change"),
        Column("replaced", "replaced, %", "number", digits=0, hint="bought from others instead"),
        Column("filled", f"sold more, {scale.unit}", "wide"),
    )
    rows = [_happened(row, scale) for row in frame.iter_rows(named=True)]
    drawn = table(rows, _that_differ(columns, frame), caption="What happened")
    return f"{_states(frame)}{drawn}"


def _states(frame: pl.DataFrame) -> str:
    counts = dict(frame.group_by("state").len().rows())
    first = (HAPPENED, NOT_HAPPENED)
    order = [*first, *sorted(state for state in counts if state not in first)]
    return facts([(state.capitalize(), f"{counts.get(state, 0)}", "lines") for state in order])


def _happened(row: Mapping[str, Any], scale: Scale) -> dict[str, Any]:
    because = {"edition": "another edition of the goods", "other side": "another side reports"}
    reason = because.get(row["break_reason"] or "")
    if reason is None and row["state"] == INSUFFICIENT and row["missing_sellers"]:
        reason = f"not known of {_places(row['missing_sellers'])}"
    filled = zip(row["filled_by"] or [], row["filled_usd"] or [], strict=True)
    return {
        "importer_name": _importer(row["importer"]),
        "goods": product_label(row["product"], row["edition"]),
        "said": f"{row['state']}: {reason}" if reason else row["state"],
        "before": scale.of(row["before_usd"]),
        "after": scale.of(row["after_usd"]),
        "cut": in_percent(row["realised_cut"]),
        "expected": in_percent(row["expected_change"]),
        "change": in_percent(row["bought_change"]),
        "error": in_percent(row["error"]),
        "replaced": in_percent(row["replaced"]),
        "filled": "; ".join(f"{place_name(c)} {_figure(scale.of(v))}" for c, v in filled) or None,
    }


def _importer(code: str) -> dict[str, str]:
    to = address("trade", country=code, view="dependency", flow="import")
    return {"text": place_name(code), "to": to}


def _places(codes: str | None) -> str | None:
    """Countries by name of codes with blanks between."""
    return ", ".join(place_name(code) for code in (codes or "").split()) or None
