"""Saved shocks: open one by its address, save, compare two, and say whether the result still holds.

The address has `scenario`, `version` and, for a second one beside it, `compare`. What is saved is
seen from its instant on; at an earlier clock it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from analytics.core.catalogue import find
from analytics.trade.dependency import INSUFFICIENT
from analytics.trade.goods import product_label
from data.clock import iso
from data.errors import WorkstationError
from data.proof.results import is_same_result, result_hash
from data.query import Answer
from data.state import scenarios
from data.state.db import State
from data.state.scenarios import Scenario, ScenarioTerms
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, plain
from pages.frame.panel import Panel, say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tables import Absent, Column, table
from pages.world_trade.choice import MANY
from pages.world_trade.shock_form import CUT, GOODS, STOPS, ShockChoice, goods_words, shock_of
from pages.world_trade.words import Scale, in_percent, place_name, scale_of

KIND = "shock"
HASHED = ("importer", "product", "verdict", "lost_usd", "bought_usd")
TITLE, SAID = "trade_scenario_title", "trade_scenario_said"
NOBODY = "none"
SAVED = (
    Column("named", "scenario", "name"),
    Column("version", "version", "count"),
    Column("stops", "stops exporting", "wide"),
    Column("goods", "goods", "wide"),
    Column("cut", "lost, %", "number", digits=0),
    Column("year", "year"),
    Column("clock", "clock"),
    Column("owner", "owner"),
    Column("author", "saved by"),
    Column("saved", "saved"),
)


def opened() -> Scenario | None:
    """The scenario that the address names. Where it names no shock beside it, the page takes that
    of the scenario."""
    word, version = st.query_params.get("scenario", ""), st.query_params.get("version", "")
    state = current().services.state
    if not word or state is None:
        return None
    found = None
    if _is_number(word) and (not version or _is_number(version)):
        try:
            found = scenarios.read(
                state, int(word), as_of=_clock(), version=int(version) if version else None
            )
        except WorkstationError as error:
            say(explain(error, "scenario"), "error")
            return None
    shock = shock_of(found.terms.parameters) if found and found.kind == KIND else None
    if found is None or shock is None:
        what = f"There is no scenario {word[:20]!r}{f', version {version[:20]}' if version else ''}"
        say(
            Trouble(f"{what} at this clock.", "Choose one of the list, or move the clock."),
            "partial",
        )
        return None
    if not {STOPS, GOODS, CUT} & set(st.query_params):
        st.query_params.update(_opening(found, shock))
        st.rerun()
    return found


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) < 12


def _clock() -> Any:
    """By when a scenario has to be saved to be seen: the reader's clock."""
    run = current()
    return now() if run.view.is_now else run.view.as_of


def _opening(one: Scenario, shock: ShockChoice) -> dict[str, str]:
    """The parameters of the address that open a version of a scenario."""
    mine = {"view": "shock", "scenario": str(one.id), "version": str(one.version)}
    return mine | shock.query()


def scenarios_panel(shock: ShockChoice | None, one: Scenario | None) -> None:
    """What is open, what can be saved, and all that are saved."""
    box(
        "Scenarios",
        "saved shocks, as they were at the clock",
        lambda state: _draw(state, shock, one),
    )
    if shock is not None:
        _compared(shock)


def _draw(state: State, shock: ShockChoice | None, one: Scenario | None) -> None:
    if said := st.session_state.pop(SAID, None):
        say(said, "error" if said.step else "quiet")
    if shock is not None:
        _save_row(state, shock, one)
    found = scenarios.listed(state, KIND, as_of=_clock())
    if not found:
        note("No scenario had been saved at this clock.")
    else:
        st.html(table([_row(line) for line in found], SAVED, caption="Scenarios"))
    if one is not None:
        versions = scenarios.history(state, one.id, as_of=_clock())
        if len(versions) > 1:
            rows = [_row(line) for line in versions if not line.is_deleted]
            st.html(table(rows, SAVED, caption=f"Versions of {one.title}"))


def _row(one: Scenario) -> dict[str, Any]:
    view, shock = current().view, shock_of(one.terms.parameters)
    told = {
        "version": one.version,
        "clock": view.local(one.terms.as_of),
        "owner": one.owner,
        "author": one.author,
        "saved": view.local(one.created_at.replace(second=0, microsecond=0)),
    }
    if shock is None:
        return told | {"named": one.title} | dict.fromkeys(("stops", "goods", "cut", "year"))
    to = address("trade", **_opening(one, shock))
    return told | {
        "named": {"text": one.title, "to": to},
        "stops": ", ".join(place_name(code) for code in shock.exporters),
        "goods": goods_words(shock.products, shock.edition),
        "cut": 100 * shock.cut,
        "year": str(shock.year),
    }


def standing(one: Scenario, shock: ShockChoice | None) -> None:
    """What is open, and whether its result is still the same at the reader's clock."""
    view = current().view
    called = (
        f"{one.title}, version {one.version} by {one.author}, drawn up at "
        f"{view.local(one.terms.as_of)}"
    )
    if shock is None or shock != shock_of(one.terms.parameters):
        say(Trouble(f"Changed since {called}.", "What is shown is not saved."), "partial")
        return
    hashed = _hash(shock)
    if hashed is None:
        return
    if is_same_result(one.terms.result_hash, hashed):
        say(Trouble(f"{called}: the result is the same at this clock.", ""), "quiet")
        return
    mode = str(one.terms.parameters.get("mode", "public"))
    # Only the shock: at the clock at which it was drawn up it had not been saved yet.
    fields = shock.query() | {"as_of": iso(one.terms.as_of), "mode": mode}
    say(
        Trouble(
            f"{called}: the result differs at this clock.",
            "Figures were published or corrected in between, or the clock has another mode.",
        ),
        "partial",
    )
    to = address("trade", view="shock", **fields)
    st.html(f'<a class="b-name" href="{to}" target="_self">The shock at its own clock</a>')


def _hash(shock: ShockChoice) -> str | None:
    """The hash of the losses at the reader's clock; none where they cannot be computed, as the
    panel of losses says."""
    try:
        answer = cached(find("supply_shock").call, current().at, **shock.params(), top=MANY)
    except Exception as error:  # noqa: BLE001 - the panel says it; explain() logs it
        explain(error, "scenario")
        return None
    return None if answer.damaged else result_hash(answer.frame.select(HASHED))


def _save_row(state: State, shock: ShockChoice, one: Scenario | None) -> None:
    """The title and the buttons; what is saved bears the reader's clock."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Title of a new scenario", key=TITLE, placeholder=shock.words()[:80], width=380
        )
        st.button(
            "Save scenario",
            key="trade_scenario_save",
            type="primary",
            on_click=_attempt,
            args=("save", partial(_create, state, shock)),
        )
        if one is None:
            return
        st.button(
            f"Save as a new version of {plain(one.title[:40])}",
            key="trade_scenario_version",
            on_click=_attempt,
            args=("save", partial(_append, state, shock, one)),
        )
        st.button(
            "Delete from now on",
            key="trade_scenario_delete",
            on_click=_attempt,
            args=("delete", partial(_delete, state, one)),
            help="at earlier clocks it is still there",
        )


def _attempt(what: str, change: Callable[[], str]) -> None:
    """Do it, and keep its message for the next drawing."""
    try:
        st.session_state[SAID] = Trouble(change(), "")
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, what)


def _terms(shock: ShockChoice) -> ScenarioTerms:
    hashed = _hash(shock)
    if hashed is None:
        raise WorkstationError("the losses cannot be computed, so there is nothing to save")
    run = current()
    return ScenarioTerms(
        shock.params()
        | {"country": shock.country, "edition": shock.edition, "mode": run.view.mode},
        run.view.as_of,
        hashed,
    )


def _create(state: State, shock: ShockChoice) -> str:
    title = str(st.session_state.get(TITLE, "")).strip() or shock.words()[:200]
    made = scenarios.create(state, KIND, title, _terms(shock), edit=signed_edit())
    st.session_state[TITLE] = ""
    return _saved(made, shock)


def _append(state: State, shock: ShockChoice, one: Scenario) -> str:
    return _saved(scenarios.save(state, one.id, _terms(shock), edit=signed_edit()), shock)


def _saved(made: Scenario, shock: ShockChoice) -> str:
    """Open what was saved, where the reader's clock has it."""
    if not current().view.is_now:
        return f"{made.title} is saved as version {made.version}; press Now to see it."
    st.query_params.update(_opening(made, shock))
    return f"{made.title} is saved as version {made.version}; the address opens it."


def _delete(state: State, one: Scenario) -> str:
    scenarios.delete(state, one.id, edit=signed_edit())
    for name in ("scenario", "version"):
        st.query_params.pop(name, None)
    return f"{one.title} is deleted from now on."


def _compared(shock: ShockChoice) -> None:
    """The shock of the page beside a saved one."""
    state = current().services.state
    if state is None:
        return
    try:
        found = {str(one.id): one for one in scenarios.listed(state, KIND, as_of=_clock())}
    except WorkstationError as error:
        say(explain(error, "compare"), "error")
        return
    if not found:
        return
    names = {NOBODY: "no other"} | {word: one.title for word, one in found.items()}
    chosen = pick(
        "trade",
        "compare",
        "Compare with",
        list(names),
        NOBODY,
        format_func=names.__getitem__,
        width=380,
    )
    other = shock_of(found[chosen].terms.parameters) if chosen in found else None
    if other is None:
        return
    Panel(
        "Compared",
        f"this shock against {names[chosen]} ({other.words()})",
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
