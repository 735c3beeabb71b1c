"""What the Trade page shows, as its address says: whose trade, when, of what, and with whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TradeChoice:
    """The choices that all views of the page share.

    `country` is what the analytics of trade take: a code, `EU`, or several codes with commas.
    `product` and `partner` are empty where all are meant.
    """

    country: str
    name: str
    year: int
    flow: str
    level: int
    partner: str = ""
    product: str = ""
