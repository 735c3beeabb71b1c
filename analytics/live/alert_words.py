"""What an alert says in words: the names of its metric and subject, and values with their unit."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.core.plain_numbers import plain_number
from analytics.formulas.values import formula_of
from analytics.live.rules import FLAGS, NAMES, SCREENS
from data.state.alerts import Alert
from data.vocabulary import named


def metric_value(metric: str, value: float | None) -> str:
    """The value of a metric with its unit: a share in percent, a time in seconds, a level alone."""
    if value is None:
        return "–"
    if metric in FLAGS:
        return "yes" if value else "no"
    unit = NAMES.get(metric, ("", ""))[1]
    if unit == "ms":
        text, unit = f"{value / 1000:.4g}", "s"
    elif unit in ("%", "σ"):
        text = f"{100 * value if unit == '%' else value:.4g}"
    else:
        text = plain_number(value, 8)
    return f"{text} {unit}".rstrip().replace("-", "−")


def subject_words(metric: str, symbol: str) -> str:
    """What an alert is about: an instrument's id, a figure by its name, or a formula."""
    if metric == "formula":
        return formula_of(symbol) or symbol
    country, _, word = symbol.partition(" ")
    return f"{country}: {named(word)}" if metric == "published" and word else symbol


def title_of(alert: Alert) -> str:
    """How grave it is, what it is about, and the rule's name; without line ends."""
    firing = alert.firing
    rule = str(firing.context.get("rule", f"rule {firing.rule_id}"))
    about = company_of(alert) or subject_words(firing.metric, firing.symbol)
    return " ".join(f"{firing.severity.upper()} {about}: {rule}".split())


def company_of(alert: Alert) -> str:
    """The name that a company had when it entered or left a screen; empty for all other alerts."""
    point = alert.firing.context.get("point")
    if alert.firing.metric not in SCREENS or not isinstance(point, Mapping):
        return ""
    return str(point.get("name") or "")


def measure_of(alert: Alert) -> str:
    """What was measured, and against what."""
    firing = alert.firing
    name = NAMES.get(firing.metric, (firing.metric, ""))[0]
    if firing.metric in FLAGS:
        return name
    value = metric_value(firing.metric, _short(firing.trigger_value))
    return f"{name} {value}, trigger {metric_value(firing.metric, _short(firing.threshold))}"


def sentence_of(alert: Alert) -> str:
    """One line with all of it."""
    at = f"{alert.firing.known_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{title_of(alert)} ({measure_of(alert)}) at {at}"


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
