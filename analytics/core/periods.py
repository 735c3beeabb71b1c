"""How a period is written: a year, a quarter, a month or a day."""

from __future__ import annotations

from datetime import date


def period_of(period: date, frequency: str | None) -> str:
    """`2024`, `2025 Q4`, `Feb 2026`, and for every other rhythm the day."""
    if frequency == "annual":
        return f"{period.year}"
    if frequency == "quarterly":
        return f"{period.year} Q{(period.month + 2) // 3}"
    return f"{period:%b %Y}" if frequency == "monthly" else f"{period:%d %b %Y}"
