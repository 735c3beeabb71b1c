"""Saved shocks: what is saved of one, how it is listed, and two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.core.catalogue import find
from analytics.trade.dependency import INSUFFICIENT
from analytics.trade.goods import product_label
from data.errors import WorkstationError
from data.proof.results import result_hash
from data.query import Answer
from data.state.scenarios import Scenario
from pages.frame.cached import cached
from pages.frame.errors import Trouble
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Absent, Column, table
from pages.scenarios.scenario_page import ScenarioPage, ScenarioResult
from pages.scenarios.scenarios_panel import compared_with
from pages.world_trade.choice import MANY
from pages.world_trade.shock_form import CUT, GOODS, STOPS, ShockChoice, goods_words, shock_of
from pages.world_trade.words import Scale, in_percent, place_name, scale_of

HASHED = ("importer", "product", "verdict", "lost_usd", "bought_usd")
LISTED = (
    Column("stops", "stops exporting", "wide"),
    Column("goods", "goods", "wide"),
    Column("cut", "lost, %", "number", digits=0),
    Column("year", "year"),
)


def _outcome(shock: ShockChoice) -> ScenarioResult:
    """The hash of the losses at the reader's clock."""
    answer = cached(find("supply_shock").call, current().at, **shock.params(), top=MANY)
    if answer.damaged:
        raise WorkstationError("the losses cannot be computed, so there is nothing to save")
    return ScenarioResult(result_hash(answer.frame.select(HASHED)))


def _listed(shock: ShockChoice) -> dict[str, Any]:
    return {
        "stops": ", ".join(place_name(code) for code in shock.exporters),
        "goods": goods_words(shock.products, shock.edition),
        "cut": 100 * shock.cut,
        "year": str(shock.year),
    }


def _differs(one: Scenario, found: ScenarioResult) -> Trouble:
    return Trouble(
        "the result differs at this clock.",
        "Figures were published or corrected in between, or the clock has another mode.",
    )


SHOCKS: ScenarioPage[ShockChoice] = ScenarioPage(
    kind="shock",
    page="trade",
    view="shock",
    noun="shock",
    names=frozenset({STOPS, GOODS, CUT}),
    read=shock_of,
    outcome=_outcome,
    columns=LISTED,
    row=_listed,
    differs=_differs,
)


def compared_shocks(shock: ShockChoice) -> None:
    """The shock of the page beside a saved one."""
    chosen = compared_with(SHOCKS)
    if chosen is None:
        return
    saved, other = chosen
    Panel(
        "Compared",
        f"this shock against {saved.title} ({other.words()})",
        ("trade", "countries"),
        "Neither shock takes anything from anybody.",
        key="shock-compared",
    ).show(
        find("shock_comparison").call,
        _comparison_table,
        **shock.params(),
        **{f"other_{name}": value for name, value in other.params().items()},
        top=MANY,
    )


def _comparison_table(answer: Answer) -> str:
    frame = answer.frame
    scale = scale_of([*frame["lost_usd"], *frame["other_lost_usd"]])
    columns = (
        Column("importer_name", "importer", "name"),
        Column("goods", "goods", "wide"),
        Column("verdict", "verdict"),
        Column("other_verdict", "verdict, other"),
        Column("lost", f"lost, {scale.unit}", "number", digits=1),
        Column("other_lost", f"lost in the other, {scale.unit}", "number", digits=1),
        Column("more", f"more, {scale.unit}", "signed", digits=1, hint="the other less this one"),
        Column("share", "of its supply, %", "number", digits=1),
        Column("other_share", "in the other, %", "number", digits=1),
        Column("points", "more, points", "signed", digits=1),
    )
    rows = [_pair(row, scale) for row in frame.iter_rows(named=True)]
    return table(rows, columns, caption="Compared")


def _pair(row: Mapping[str, Any], scale: Scale) -> dict[str, Any]:
    broken = (
        Absent("another edition of the goods in the other year") if row["break_reason"] else None
    )
    more = {"more": scale.of(row["more_usd"]), "points": in_percent(row["more_share"])}
    return {
        "importer_name": place_name(row["importer"]),
        "goods": product_label(row["product"], row["edition"]),
        "verdict": row["verdict"],
        "other_verdict": row["other_verdict"],
        "lost": scale.of(row["lost_usd"]),
        "other_lost": scale.of(row["other_lost_usd"]),
        "share": _share(row["lost_share"], row["verdict"]),
        "other_share": _share(row["other_lost_share"], row["other_verdict"]),
        **({name: broken for name in more} if broken else more),
    }


def _share(share: float | None, verdict: str | None) -> float | Absent | None:
    return Absent(INSUFFICIENT) if verdict == INSUFFICIENT else in_percent(share)
