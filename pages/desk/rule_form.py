"""The form of an alert rule: filled by a template or a saved rule, read as the rule's document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from analytics.formulas.values import formulas_in
from analytics.live.alert_words import metric_value
from analytics.live.rules import (
    FLAGS,
    METRICS,
    NAMES,
    SCREENS,
    SIDES,
    Rule,
    read_rule,
    with_rearm,
)
from data.errors import ConfigError
from data.state import positions, rules, watchlists
from data.state.db import State
from data.state.rules import SEVERITIES, Severity, Terms
from data.state.values import Word
from pages.desk.formula_field import formula_field
from pages.desk.rule_templates import BY_NAME, RuleTemplate
from pages.desk.subjects import (
    ALL,
    LISTED,
    OF_INSTRUMENTS,
    OF_SCREENS,
    CountryIndicators,
    figures,
    pick_figures,
    pick_listed,
)
from pages.desk.units import SPANS, from_span, from_typed, to_span, to_typed, typed_unit
from pages.frame.errors import Trouble, sentence
from pages.frame.links import plain
from pages.frame.panel import say
from pages.frame.resources import now
from pages.screening.words import screen_words
from pages.search.directory import country_names, instrument_name, known_instruments
from pages.search.pickers import choose_instruments

NONE, NEW = "–", "new"
OPEN, ABOUT = "new", "id"  # in the address: the form is open, and the instrument it is about
SCREEN, METRIC, LIST = "screen", "metric", "list"  # of a rule on a screen, likewise
CLOSES = "daily_move"  # what a rule on an instrument begins with: it needs no live trades
REARM_HELP = "The alert is over, and may fire again, once the value is back beyond this level."
FIRED_AT, REARMED_AT = 1.0, 0.5  # of a metric that is 1 while something is so, else 0


@dataclass(frozen=True, slots=True)
class FormStart:
    """What the fields begin with."""

    title: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = SEVERITIES[0]
    is_on: bool = True


def form(state: State, rule: rules.SavedRule | None) -> Terms | None:
    """What the fields say, or none where that is no rule; the reason is said."""
    key = f"{rule.id}_{rule.version}" if rule else NEW
    was = _begin(key, rule)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = st.text_input("Name", key=f"ar_name_{key}", width=320)
        metric = _select("Metric", list(METRICS), f"ar_metric_{key}", 230, _metric_name)
        levels = _levels(metric, was if was.get("metric") == metric else {}, key)
        severity = _select("Severity", SEVERITIES, f"ar_severity_{key}", 120)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        hold = _duration("For at least", "hold", key, "how long the value has to stay there")
        rest = _duration("Cooldown", "rest", key, "how long it is quiet after an alert")
        over = _scopes(state, was, key) if metric in OF_INSTRUMENTS | OF_SCREENS else {}
        over |= _screen_field(key) if metric in SCREENS else {}
        symbols = _subjects(state, metric, was, key)
        is_on = st.toggle("On", key=f"ar_on_{key}")
    st.caption(_about(metric))
    said = {"metric": metric, **levels, "hold_s": hold, "cooldown_s": rest, **over}
    if levels["trigger"] is None:
        st.caption("Give a trigger.")
        return None
    given = {name: value for name, value in said.items() if value is not None}
    definition = _accepted(given | ({"symbols": symbols} if symbols else {}))
    return Terms(title.strip(), definition, severity, is_on) if definition else None


def _begin(key: str, rule: rules.SavedRule | None) -> dict[str, Any]:
    """Fill the fields of a saved rule, or of a new one as the address begins it; gives what the
    rule says so far."""
    if rule is not None:
        terms, was = rule.terms, dict(rule.terms.definition)
        _seed(key, FormStart(terms.name, was, terms.severity, terms.is_enabled))
        return was
    if st.query_params.get(SCREEN, ""):
        start = _screen_start()
        _seed(key, start)
        return dict(start.definition)
    about = _about_instrument()
    was = {"symbols": [about]} if about else {}
    _seed(key, FormStart("", was | {"metric": CLOSES} if was else {}))
    if (named := st.query_params.get(ABOUT, "")) and not about:
        what = f"No instrument called {named[:60]!r} is known at this clock."
        say(Trouble(what, "Choose one by its name, ticker or ISIN."), "partial")
    return was


def _screen_start() -> FormStart:
    """A rule on the screen that the address names, as the page Companies gives it."""
    asked = st.query_params
    metric, text = asked.get(METRIC, ""), asked[SCREEN].strip()
    metric = metric if metric in SCREENS else next(iter(SCREENS))
    listed = {"watchlist": asked[LIST]} if asked.get(LIST) else {}
    title = f"{NAMES[metric][0]}: {screen_words(text, country_names())}"[:80]
    return FormStart(title, {"metric": metric, "screen": text, **listed})


def templates() -> None:
    """A choice that fills the form of a new rule."""
    st.selectbox(
        "Template",
        list(BY_NAME),
        None,
        key="alerts_template",
        placeholder="Start from a template",
        on_change=_fill,
        width=420,
    )


def clear_new() -> None:
    """The next new rule begins anew; what was typed for the last one is saved."""
    for key in [str(name) for name in st.session_state]:
        if key == "alerts_template" or (key.startswith("ar_") and f"_{NEW}" in key):
            st.session_state.pop(key, None)


def _fill() -> None:
    """Callback of the templates: the fields of a new rule take what the template says."""
    template = BY_NAME.get(st.session_state["alerts_template"] or "")
    if template is None:
        return
    definition = dict(template.definition)
    if template.country:
        definition["symbols"] = _named_figures(template, figures())
    about = _about_instrument() if definition["metric"] in OF_INSTRUMENTS else ""
    name = f"{instrument_name(about)}: {template.name}" if about else template.name
    _seed(NEW, FormStart(name, definition, template.severity), is_forced=True)


def _about_instrument() -> str:
    """The instrument that the address names, where it is known."""
    about = st.query_params.get(ABOUT, "").strip()
    return about if about and known_instruments([about]) else ""


def _named_figures(template: RuleTemplate, held: CountryIndicators) -> list[str]:
    words = held.first(template.country, template.indicators) or template.indicators[:1]
    return [f"{template.country} {word}" for word in words]


def _seed(key: str, start: FormStart, *, is_forced: bool = False) -> None:
    """Give each field its beginning, once; `is_forced` also over what was typed."""
    was = start.definition
    metric = str(was.get("metric"))
    metric = metric if metric in METRICS else next(iter(METRICS))
    symbols = [str(item) for item in was.get("symbols") or ()]
    pairs = [item.partition(" ") for item in symbols]
    countries = {country for country, _, word in pairs if word}
    hold, hold_unit = to_span(float(was.get("hold_s") or 0.0))
    rest, rest_unit = to_span(float(was.get("cooldown_s", 60.0)))
    first = {
        "name": start.title,
        "metric": metric,
        "side": was.get("side") if was.get("side") in SIDES else SIDES[0],
        "trigger": to_typed(metric, was.get("trigger")),
        "rearm": to_typed(metric, _rearm(was)),
        "severity": start.severity,
        "hold": hold,
        "hold_unit": hold_unit,
        "rest": rest,
        "rest_unit": rest_unit,
        "watchlist": was.get("watchlist") or NONE,
        "portfolio": was.get("portfolio") or NONE,
        "names": (" " if metric in OF_INSTRUMENTS else ", ").join(symbols),
        "screen": str(was.get("screen") or ""),
        "formula": ", ".join(formulas_in(symbols[:1])),
        "subjects": symbols if metric in LISTED else [],
        "country": countries.pop() if len(countries) == 1 else ALL,
        "indicators": list(dict.fromkeys(word for _, _, word in pairs if word)),
        "on": start.is_on,
    }
    for name, value in first.items():
        if is_forced or f"ar_{name}_{key}" not in st.session_state:
            st.session_state[f"ar_{name}_{key}"] = value


def _about(metric: str) -> str:
    """One sentence on a metric."""
    text = METRICS[metric]
    if metric in FLAGS:
        return f"Fires once {text.removeprefix('1 ').removesuffix(', else 0')}."
    return sentence(text.replace(", a share", "") if typed_unit(metric) == "%" else text)


def _levels(metric: str, was: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Where it fires and where it may fire again; nothing to type where it is 1 or 0."""
    if metric in FLAGS:
        return {"side": "above", "trigger": FIRED_AT, "rearm": REARMED_AT}
    unit = typed_unit(metric)
    tail = f", {unit}" if unit else ""
    side = _select("Fires", SIDES, f"ar_side_{key}", 110)
    trigger = _number(f"Trigger{tail}", f"ar_trigger_{key}")
    rearm = _number(f"Re-arm{tail}", f"ar_rearm_{key}", REARM_HELP)
    return {
        "side": side,
        "trigger": from_typed(metric, trigger, was.get("trigger")),
        "rearm": from_typed(metric, rearm, _rearm(was)),
    }


def _duration(label: str, name: str, key: str, hint: str) -> float | None:
    number = st.number_input(
        label, value=None, min_value=0.0, key=f"ar_{name}_{key}", format="%g", width=110, help=hint
    )
    unit = _select("Unit", list(SPANS), f"ar_{name}_unit_{key}", 90)
    return from_span(number, unit)


def _screen_field(key: str) -> dict[str, str | None]:
    """The text of the screen, and what it says."""
    text = st.text_input(
        "Screen",
        key=f"ar_screen_{key}",
        width=420,
        placeholder="sector:Energy;pe:..15",
        help="The page Companies writes it: filter there, then press an Alert link.",
    ).strip()
    if text:
        st.caption(plain(screen_words(text, country_names())))
    return {"screen": text or None}


def _subjects(state: State, metric: str, was: dict[str, Any], key: str) -> list[str] | None:
    """What the rule is about, besides a list or a portfolio; none for everything."""
    if metric in SCREENS:
        return [str(symbol) for symbol in was.get("symbols") or ()] or None
    if metric == "published":
        return pick_figures(key, figures())
    if metric in LISTED:
        return pick_listed(state, metric, key)
    if metric == "formula":
        return formula_field(f"ar_formula_{key}")
    if metric in OF_INSTRUMENTS:
        chosen = tuple(str(symbol) for symbol in was.get("symbols") or ())
        label = "Instruments (empty: all)"
        return choose_instruments(f"ar_symbols_{key}", label, chosen, width=420) or None
    text = st.text_input(
        "Only these",
        key=f"ar_names_{key}",
        width=260,
        placeholder="empty: all",
        help="as alerts name them, e.g. USA equity; with commas between",
    )
    return [word.strip() for word in text.split(",") if word.strip()] or None


def _accepted(said: dict[str, Any]) -> dict[str, object] | None:
    """A rule's document with its re-arm level written out; none where it is no rule, with why."""
    try:
        definition = with_rearm(said)
        read = read_rule(definition, "0")
    except ConfigError as error:
        say(Trouble(sentence(str(error)), "Correct the fields above."), "partial")
        return None
    if read.metric in FLAGS:
        return definition
    given = "" if "rearm" in said else ", the default of this metric"
    st.caption(
        f"Fires {read.side} {metric_value(read.metric, read.trigger)}. Resets "
        f"{resets(read)}{given}: only then can it fire again."
    )
    if read.rearm == read.trigger:
        say(
            Trouble(
                "It resets where it fires, so a value that moves about the trigger fires again "
                "after every cooldown.",
                "Give a re-arm level beside the trigger.",
            ),
            "partial",
        )
    return definition


def resets(rule: Rule) -> str:
    """From where on it may fire again."""
    side = "below" if rule.side == "above" else "above"
    return f"{side} {metric_value(rule.metric, rule.rearm)}"


def _rearm(was: Mapping[str, Any]) -> Any:
    """The level that a stored rule has, whether its document says it or is of before."""
    try:
        return read_rule(was, "0").rearm if was else None
    except ConfigError:
        return was.get("rearm")


def _scopes(state: State, was: Mapping[str, Any], key: str) -> dict[str, str | None]:
    """A list or a portfolio whose instruments are watched."""
    lists = [item.name for item in watchlists.listed(state, as_of=now())]
    books = list(positions.portfolios(state, as_of=now()))
    found = {}
    held = [("watchlist", "Watchlist", lists), ("portfolio", "Portfolio", books)]
    for name, label, options in (
        held[:1] if st.session_state[f"ar_metric_{key}"] in SCREENS else held
    ):
        if was.get(name) and was[name] not in options:
            options.append(str(was[name]))
        chosen = _select(label, [NONE, *options], f"ar_{name}_{key}", 180)
        found[name] = None if chosen == NONE else chosen
    return found


def _metric_name(metric: str) -> str:
    return NAMES[metric][0]


def _select(
    label: str, options: Sequence[Word], key: str, width: int, name: Callable[[Any], str] = str
) -> Word:
    return st.selectbox(label, options, key=key, width=width, format_func=name)


def _number(label: str, key: str, hint: str | None = None) -> float | None:
    found = st.number_input(
        label, value=None, key=key, width=130, format="%g", step=None, help=hint
    )
    return None if found is None else float(found)
