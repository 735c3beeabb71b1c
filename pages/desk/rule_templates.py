"""Templates of alert rules: in words what should be reported, and the rule that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.state.rules import Severity

HOUR, DAY = 3_600, 86_400
PRICES = ("CPI", "CPIYOY", "cpi", "cpi_inflation", "cpi_index")  # consumer prices in any source


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """The name is also that of the rule; a rule can be saved as it is, or changed before."""

    name: str
    definition: Mapping[str, object] = field(hash=False)
    severity: Severity = "warning"
    country: str = ""
    indicators: tuple[str, ...] = ()  # the first of these that the country has


def _rule(
    metric: str, side: str, levels: tuple[float, float], cooldown_s: int
) -> dict[str, object]:
    trigger, rearm = levels
    return {
        "metric": metric,
        "side": side,
        "trigger": trigger,
        "rearm": rearm,
        "hold_s": 0.0,
        "cooldown_s": float(cooldown_s),
    }


FLAG = (1.0, 0.5)
TEMPLATES = (
    RuleTemplate("Price falls by 3 % in a day", _rule("daily_move", "below", (-0.03, -0.015), DAY)),
    RuleTemplate("Price rises by 3 % in a day", _rule("daily_move", "above", (0.03, 0.015), DAY)),
    RuleTemplate("New 52-week high", _rule("from_high", "above", (0.0, -0.01), DAY)),
    RuleTemplate("New 52-week low", _rule("from_low", "below", (0.0, 0.01), DAY)),
    RuleTemplate(
        "Price falls by 3 % within five minutes (live)",
        _rule("max_drawdown_5m", "below", (-0.03, -0.015), 300),
        "critical",
    ),
    RuleTemplate(
        "CPI of Germany is published",
        _rule("published", "above", FLAG, 0),
        "info",
        "DEU",
        PRICES,
    ),
    RuleTemplate("A dataset is a day late", _rule("late_hours", "above", (24.0, 1.0), DAY), "info"),
    RuleTemplate("A job failed", _rule("job_failed", "above", FLAG, HOUR)),
    RuleTemplate(
        "A process is silent for five minutes",
        _rule("silent_minutes", "above", (5.0, 2.0), HOUR),
        "critical",
    ),
)
BY_NAME = {template.name: template for template in TEMPLATES}
