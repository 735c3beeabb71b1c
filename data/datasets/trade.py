"""Bilateral trade flows as each side reported them."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import YEAR, number, one_of, text

# What a flow is of, and what is stated of it: the same for a year and for a month.
FLOWS = ("export", "import", "re-export", "re-import")
FLOW_OF_GOODS = (
    text("reporter", "ISO alpha-3 code of the side that reports"),
    text("partner", "ISO alpha-3 code of the other side, or WLD"),
    text("product", "code of the HS or the SITC, or TOTAL"),
    one_of("flow", "direction as seen by the reporter", FLOWS),
)
LARGEST = 1e15  # what one flow may be worth or weigh: forty times the trade of the world in a year
STATED = (
    number("value_usd", "value", unit="USD", min=0, max=LARGEST),
    number("net_weight_kg", "weight", unit="kg", min=0, max=LARGEST),
    one_of("valuation", "what the value includes", ("FOB", "CIF"), null=True),
    text("classification", "edition of the HS or the SITC", null=True),
)

TRADE = Dataset(
    "trade",
    "One flow of one product in one year as its reporter stated it; WLD is the reported total.",
    (*FLOW_OF_GOODS, YEAR, *STATED),
    origin="source",
    key=("reporter", "partner", "product", "flow", "year", "source"),
    partition_by=("year",),
    order_by=("reporter", "partner", "product", "flow"),
    time="year",
    rhythm_days=800,
    leads=(Lead("year", timedelta(days=1)),),
)
