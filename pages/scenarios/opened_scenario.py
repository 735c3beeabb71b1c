"""The scenario that the address names, and whether its result still holds at the reader's clock.

The address has `scenario` and `version`. What is saved is seen from its instant on; at an earlier
clock it does not exist.
"""

from __future__ import annotations

import streamlit as st

from data.clock import iso
from data.errors import WorkstationError
from data.state import scenarios
from data.state.scenarios import Scenario
from pages.frame.errors import Trouble, explain
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.reader import state_clock
from pages.frame.run import current
from pages.scenarios.scenario_page import A, ScenarioPage


def opened(of: ScenarioPage[A]) -> Scenario | None:
    """The scenario that the address names. Where it names no assumptions beside it, the page takes
    those of the scenario, once: what is cleared afterwards stays so."""
    word, version = st.query_params.get("scenario", ""), st.query_params.get("version", "")
    state = current().services.state
    if not word or state is None:
        return None
    found = None
    if _is_number(word) and (not version or _is_number(version)):
        try:
            found = scenarios.read(
                state,
                int(word),
                as_of=state_clock(current()),
                version=int(version) if version else None,
            )
        except WorkstationError as error:
            say(explain(error, "scenario"), "error")
            return None
    assumed = of.read(found.terms.parameters) if found and found.kind == of.kind else None
    if found is None or assumed is None:
        what = f"There is no scenario {word[:20]!r}{f', version {version[:20]}' if version else ''}"
        say(
            Trouble(f"{what} at this clock.", "Choose one of the list, or move the clock."),
            "partial",
        )
        return None
    key = of.key("opened")
    if st.session_state.get(key) != (found.id, found.version):
        st.session_state[key] = (found.id, found.version)
        if not of.names & set(st.query_params):
            st.query_params.update(of.opening(found, assumed))
            st.rerun()
    return found


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) < 12


def standing(of: ScenarioPage[A], one: Scenario, assumed: A | None) -> None:
    """What is open, and whether its result is still the same at the reader's clock."""
    called = (
        f"{one.title}, version {one.version} by {one.author}, drawn up at "
        f"{current().view.local(one.terms.as_of)}"
    )
    if assumed is None or assumed != of.read(one.terms.parameters):
        say(Trouble(f"Changed since {called}.", "What is shown is not saved."), "partial")
        return
    found = of.computed(assumed)
    if found is None:
        return
    changed = of.difference(one, found)
    if changed is None:
        say(Trouble(f"{called}: the result is the same at this clock.", ""), "quiet")
        return
    say(Trouble(f"{called}: {changed.text}", changed.step), "partial")
    # Only what is assumed: at the clock at which it was drawn up it had not been saved yet.
    mode = str(one.terms.parameters.get("mode", "public"))
    fields = assumed.query() | {"as_of": iso(one.terms.as_of), "mode": mode}
    to = address(of.page, view=of.view, **fields)
    st.html(f'<a class="b-name" href="{to}" target="_self">The {of.noun} at its own clock</a>')
