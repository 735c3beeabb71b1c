"""Numbers of a rule as people type them: percent for a share, and durations with their unit."""

from __future__ import annotations

from analytics.live.rules import NAMES

SPANS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
# Unit of a metric -> the unit that is typed, and how many of these one of the metric's own is.
TYPED = {"%": ("%", 100.0), "ms": ("s", 0.001)}


def typed_unit(metric: str) -> str:
    """The unit in which the levels of a metric are typed; empty where it has none."""
    unit = NAMES[metric][1]
    return TYPED.get(unit, (unit, 1.0))[0]


def to_typed(metric: str, value: float | None) -> float | None:
    """A stored level as it is typed: 0.03 as 3."""
    return None if value is None else _rounded(value * _factor(metric))


def from_typed(metric: str, typed: float | None, stored: float | None = None) -> float | None:
    """A typed level as it is stored; `stored` itself where nobody typed another one."""
    if typed is None or typed == to_typed(metric, stored):
        return None if typed is None else stored
    return _rounded(typed / _factor(metric))


def to_span(seconds: float) -> tuple[float, str]:
    """A duration in the largest unit of which it is a whole number."""
    found = "s"
    for unit, size in SPANS.items():
        if seconds and seconds % size == 0:
            found = unit
    return seconds / SPANS[found], found


def from_span(number: float | None, unit: str) -> float | None:
    """The same in seconds."""
    return None if number is None else _rounded(number * SPANS[unit])


def span(seconds: float) -> str:
    """A duration in words, in the largest unit that it fills."""
    unit = next((u for u, size in reversed(SPANS.items()) if seconds >= size), "s")
    return f"{seconds / SPANS[unit]:.3g} {unit}"


def _factor(metric: str) -> float:
    return TYPED.get(NAMES[metric][1], ("", 1.0))[1]


def _rounded(value: float) -> float:
    """Without the crumbs of binary fractions."""
    return float(f"{value:.12g}")
