"""Amounts of trade in US dollars: the scale of a table or chart, and what they are stated on."""

from __future__ import annotations

from collections.abc import Iterable

BILLIONS, MILLIONS, THOUSANDS = 1e9, 1e6, 1e3
WORDS = {BILLIONS: "USD bn", MILLIONS: "USD m", THOUSANDS: "USD k"}


def usd_scale(values: Iterable[float | None]) -> tuple[float, str]:
    """What to divide amounts by, and the unit they are in then: by the largest of them."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    scale = next((size for size in WORDS if largest >= size), THOUSANDS)
    return scale, WORDS[scale]


def scaled(value: float | None, scale: float) -> float | None:
    """An amount in the unit of a scale; what is not known stays so."""
    return None if value is None else value / scale


def stated_on(edition: str | None, **valuations: str | None) -> str:
    """`HS2022, exports FOB, imports CIF`; what a report does not state is said."""
    parts = [f"{flow} {said or 'of unstated valuation'}" for flow, said in valuations.items()]
    return ", ".join([edition or "edition of the list of goods not stated", *parts])
