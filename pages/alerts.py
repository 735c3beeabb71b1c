"""Alerts: rules, their test on the archive, and the alerts that fired.

The **Inbox** holds the alerts and the finished refreshes of the last 30 days. *Mark all as read*
empties its unread part; a past clock shows what was in it and unread at that time.

**New alert** opens the form, also from the page Instrument, with that instrument filled in. A
**template** says in words what is to be reported and fills the form; change what you like, then
save. *Change a rule* opens one that exists. A rule watches one **metric**. It fires when the value
is at or beyond its *trigger* for as long as you set. The alert ends when the value is back beyond
the *re-arm* level; by default this lies 1 % inside the trigger for a price and for the distance to
a 52-week high or low, and a tenth of the trigger for everything else. Then the rule waits for its
*cooldown*. One episode gives one alert. Without data nothing is decided, and the state is *no
data*: it does not mean that all is well.

**Rehearse** runs a rule over the archive with the engine that runs live, and compares its alerts
with falls of the size that you set. A *hit* is an alert near such a fall, a *false alarm* is one
without, *missed* is a fall without an alert. *Lead* is the time from the alert to the fall. A rule
on daily closes or a formula is rehearsed over years: each time it would have fired, with the move
1, 5 and 20 sessions later, beside the median move after any session of the same instruments.

Every change is a new version of the rule and counts from its instant on; it never fires for what
was before. Metrics of the lake (bias, surprise, regime, daily moves, 52-week highs and lows, new
figures, lateness, quotas, failed jobs, silent processes, companies that enter or leave a **screen**
of the page Companies, and **formulas** such as `GOLD/SILVER`) are evaluated by the scheduler every
15 minutes and after each refresh, all others by the monitor of the live desk. While one of them is
stopped, its rules are *not checked* and give no alert; a sentence above the rules says since when.
A pause of the scheduler or the machine makes nothing late or silent: the rules for it count only
what stays away afterwards. A past clock shows the rules and alerts of that time.

*Sent out* says what became of an alert by Slack, e-mail and webhook; a line below the table says
why one did not go out.
Documentation, *Configuration*, says how to set them, and how to get a daily brief.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.live.active_rules import same
from analytics.live.alert_words import metric_value
from analytics.live.rules import FLAGS, LIVE, NAMES, OF_CLOSES, Watching, read_rule
from data.clock import parse_instant
from data.errors import ConfigError, WorkstationError
from data.state import alerts, deliveries, rules
from data.state.db import State
from data.state.rules import Terms
from pages.desk import tables
from pages.desk.close_rehearsal import rehearse_closes
from pages.desk.inbox import draw_inbox
from pages.desk.rehearsal import rehearse
from pages.desk.rule_checks import Absence, Checker, absences, checker_of
from pages.desk.rule_form import (
    ABOUT,
    LIST,
    METRIC,
    OPEN,
    SCREEN,
    clear_new,
    form,
    resets,
    templates,
)
from pages.desk.subjects import names_for, scope, subject
from pages.desk.units import span
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, choice, plain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now, resources
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, table
from pages.replaying.window_picker import alert_window

NO_RULE = "choose a rule"
SHOWN = 200
RULES = (
    Column("name", "rule", "wide"),
    Column("words", "fires when", "wide"),
    Column("scope", "applies to", "wide"),
    Column("severity", "severity"),
    Column("state", "state", "status"),
    Column("fires", "7 days", "count", hint="alerts in the seven days before the clock"),
    Column("version", "version", "count"),
    Column("made", "since", "instant"),
)
FIRED = (
    Column("at", "when", "link"),
    Column("state", "state", "status"),
    Column("severity", "severity"),
    Column("named", "subject", "link"),
    Column("rule", "rule", "wide"),
    Column("metric", "metric"),
    Column("value", "value", "text"),
    Column("trigger", "trigger", "text"),
    Column("since", "window from", "clock"),
    Column("version", "version", "count", hint="of the rule"),
    Column("replay", "", "link"),
    Column("out", "sent out", "wide", hint="by Slack, e-mail and webhook, where they are set"),
)
CHANNELS: Mapping[deliveries.Channel, str] = {
    "slack": "Slack",
    "email": "e-mail",
    "webhook": "webhook",
}
WEEK = timedelta(days=7)
REASONS = 5


def listed(state: State) -> None:
    """Every rule with where it stands."""
    moment = current().view.as_of if not current().view.is_now else now()
    saved_rules = rules.listed(state, as_of=moment)
    if not saved_rules:
        none = ("There is no rule yet.", "Press New alert to make one.")
        then = ("No rules existed at that time.", "Press Now to make one.")
        say(Trouble(*(none if current().view.is_now else then)), "empty")
        return
    recent = alerts.known(state, as_of=moment, since=moment - WEEK, limit=10_000)
    counts: dict[int, int] = {}
    for item in recent:
        counts[item.firing.rule_id] = counts.get(item.firing.rule_id, 0) + 1
    names = names_for(rule.terms.definition.get("metric") for rule in saved_rules)
    absent = absences(
        state,
        [rule.terms.definition.get("metric") for rule in saved_rules if rule.terms.is_enabled],
    )
    for absence in absent.values():
        say(absence.trouble(), "partial")
    rows = [
        {
            "name": rule.terms.name,
            "words": _words(rule.terms.definition),
            "scope": scope(rule.terms.definition, names),
            "severity": rule.terms.severity,
            "state": _state(rule, recent, absent),
            "fires": counts.get(rule.id, 0),
            "version": rule.version,
            "made": rule.created_at,
        }
        for rule in saved_rules
    ]
    st.html(table(rows, RULES, caption="Rules", zone=current().view.zone))


def _words(definition: Any) -> str:
    try:
        rule = read_rule(definition, "0")
    except ConfigError as error:
        return str(error)
    cooldown = f"cooldown {span(rule.cooldown.total_seconds())}"
    hold = f" for {span(rule.hold.total_seconds())}" if rule.hold else ""
    if rule.metric in FLAGS:
        return f"{NAMES[rule.metric][0]}{hold}; {cooldown}"
    return (
        f"{NAMES[rule.metric][0]} {rule.side} "
        f"{metric_value(rule.metric, rule.trigger)}{hold}; "
        f"resets {resets(rule)}, {cooldown}"
    )


RuleState = Literal["off", "not known", "not checked", "failed", "no data", Watching]


def _state(
    rule: rules.SavedRule, recent: tuple[alerts.Alert, ...], absent: Mapping[Checker, Absence]
) -> RuleState:
    """The gravest that holds of any of its instruments."""
    if not rule.terms.is_enabled:
        return "off"
    mine = [item for item in recent if item.firing.rule_id == rule.id]
    if any(item.condition in ("firing", "no_data") for item in mine):
        return "firing"
    if not current().view.is_now:
        return "not known"  # only what fired is kept
    if checker_of(rule.terms.definition.get("metric")) in absent:
        return "not checked"
    fields = resources().reader.look().notes.get("monitor", {})
    if str(rule.id) in fields.get("errors", {}):
        return "failed"
    words = fields.get("watches", {}).get(str(rule.id), {})
    order: tuple[RuleState, ...] = (
        "firing",
        "pending",
        "no data",
        "recovering",
        "normal",
        "waiting",
    )
    return next((word for word in order if words.get(word)), "waiting")


def fired(state: State) -> None:
    """What fired in the week before the clock."""
    moment = current().view.as_of if not current().view.is_now else now()
    found = alerts.known(state, as_of=moment, since=moment - WEEK, limit=SHOWN)
    if not found:
        note("Nothing fired in the seven days before the clock.")
        return
    zone = current().view.zone
    out = deliveries.of(state, tuple(item.id for item in found))
    names = names_for(item.firing.metric for item in found)
    tried = {item.id: _by_clock(out.get(item.id, ()), moment) for item in found}
    rows = [
        _fired(item, names)
        | {"out": ", ".join(f"{CHANNELS[d.channel]} {d.status}" for d in tried[item.id])}
        for item in found
    ]
    st.html(f'<div class="b-box">{table(rows, FIRED, caption="Alerts fired", zone=zone)}</div>')
    for reason in _reasons(item for each in tried.values() for item in each):
        note(reason)


def _by_clock(
    tried: Iterable[deliveries.Delivery], moment: datetime
) -> tuple[deliveries.Delivery, ...]:
    """What had become of an alert by the clock; what still waits is a fact of Now."""
    is_now = current().view.is_now
    return tuple(
        item for item in tried if (is_now if item.settled_at is None else item.settled_at <= moment)
    )


def _reasons(tried: Iterable[deliveries.Delivery]) -> list[str]:
    """One sentence for each reason why something did not go out, or not to all."""
    found = {
        f"{CHANNELS[item.channel]} {item.status}: {item.note}.": None for item in tried if item.note
    }
    return list(found)[:REASONS]


def _fired(alert: alerts.Alert, names: Mapping[str, str]) -> dict[str, Any]:
    firing = alert.firing
    window = firing.context.get("window")
    text = firing.known_at.strftime("%d %b %H:%M:%S")
    later = (alert.shown_at + timedelta(minutes=1)).replace(second=0, microsecond=0)
    to = address("live", as_of=later.isoformat().replace("+00:00", "Z"), show=firing.symbol)
    return {
        "at": {"text": text, "to": to},
        "state": tables.STATES.get(alert.condition, alert.condition),
        "severity": firing.severity,
        "named": subject(firing.metric, firing.symbol, names),
        "rule": str(firing.context.get("rule", "")),
        "metric": NAMES[firing.metric][0] if firing.metric in NAMES else firing.metric,
        "value": metric_value(firing.metric, firing.trigger_value),
        "trigger": metric_value(firing.metric, firing.threshold),
        "since": parse_instant(window[0]) if isinstance(window, list) else None,
        "version": firing.rule_version,
        "replay": {"text": "replay", "to": address("replay", window=alert_window(alert).text())},
    }


def editor(state: State) -> None:
    """What opens the form, and the form itself where it is open, to make or change a rule."""
    saved_rules = {rule.terms.name: rule for rule in rules.listed(state, as_of=now())}
    name, problem = choice("rule", "alerts_rule", [NO_RULE, *saved_rules], NO_RULE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "New alert",
            icon=":material/add_alert:",
            key="alerts_new",
            on_click=_open,
            type="primary",
        )
        if saved_rules:
            st.selectbox(
                "Change a rule",
                [NO_RULE, *saved_rules],
                key="alerts_rule",
                on_change=_choose,
                width=420,
            )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    rule = saved_rules.get(name)
    if rule is not None:
        name_tab(rule.terms.name)
    if rule is not None or OPEN in st.query_params:
        _form(state, rule)


def _form(state: State, rule: rules.SavedRule | None) -> None:
    with st.container(border=True, key="panel-rule-editor"):
        heading = "Change the rule" if rule else "New alert"
        st.html(f'<div class="b-head"><h3>{heading}</h3></div>')
        if rule is None:
            templates()
        terms = form(state, rule)
        if terms is None:
            st.button("Close", key="alerts_close", on_click=_close)
            return
        choices = st.container()
        _buttons(state, rule, terms)
        _rehearsal(state, terms, choices)


def _rehearsal(state: State, terms: Terms, choices: DeltaGenerator) -> None:
    """Its choices stand above the buttons, its result below them."""
    metric = terms.definition["metric"]
    if metric in LIVE:
        rehearse(state, terms, choices)
        return
    if metric in OF_CLOSES or metric == "formula":
        rehearse_closes(state, terms, choices)
        return
    with choices:
        note("A rehearsal needs trades, daily closes or a formula; this metric has no such past.")


def _open() -> None:
    """An empty form, whatever was open."""
    _close()
    st.query_params[OPEN] = "yes"


def _close() -> None:
    clear_new()
    for name in (OPEN, ABOUT, SCREEN, METRIC, LIST, "rule"):
        st.query_params.pop(name, None)


def _choose() -> None:
    """Callback of the rules: the one that was chosen is in the form."""
    chosen = str(st.session_state["alerts_rule"])
    _close()
    if chosen != NO_RULE:
        st.query_params["rule"] = chosen


def _buttons(state: State, rule: rules.SavedRule | None, terms: Terms) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label = "Save as a new version" if rule else "Save alert"
        unchanged = rule is not None and same(rule.terms, terms)
        edit = signed_edit()
        if st.button(
            label, type="primary", key="alerts_save", disabled=unchanged or not terms.name
        ):
            _done(
                lambda: (
                    rules.save(state, rule.id, terms, edit=edit)
                    if rule
                    else rules.create(state, terms, edit=edit)
                ),
                terms.name,
            )
        if rule and st.button("Delete", key="alerts_delete"):
            _done(lambda: rules.delete(state, rule.id, edit=edit), "")
        st.button("Close", key="alerts_close", on_click=_close)
        if not terms.name:
            st.caption("Give the rule a name.")


def _done(act: Any, name: str) -> None:
    try:
        act()
    except WorkstationError as error:
        say(explain(error, "rule"), "error")
        return
    _close()
    if name:
        st.query_params["rule"] = name
        st.toast(f"The rule is saved: {plain(name)}")
    st.rerun()


def page() -> None:
    """What makes or changes a rule, then the inbox, the rules and what fired."""
    view, state = current().view, current().services.state
    when = "now" if view.is_now else "as at the clock"
    if not view.is_now:
        st.caption("Rules are changed at Now; these are the rules and alerts of the clock.")
    elif state is not None:
        try:
            editor(state)
        except WorkstationError as error:
            say(explain(error, "rule"), "error")
    box("Inbox", "alerts and finished refreshes of the last 30 days", draw_inbox)
    box("Rules", when, listed)
    box("Alerts fired", "seven days before the clock; the time opens the live desk there", fired)


page()
