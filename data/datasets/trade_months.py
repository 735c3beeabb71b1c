"""Bilateral trade flows of single months, as each side reported them."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.datasets.trade import FLOW_OF_GOODS, STATED
from data.fields import PERIOD, YEAR

TRADE_MONTHS = Dataset(
    "trade_months",
    "One flow of one product in one month as its reporter stated it; WLD is the reported total.",
    (*FLOW_OF_GOODS, PERIOD, YEAR, *STATED),
    origin="source",
    key=("reporter", "partner", "product", "flow", "period", "source"),
    partition_by=("year",),
    derived={"year": ("year", "period")},
    order_by=("period", "reporter", "partner", "product", "flow"),
    time="period",
    # A month is published after it ended; a part of it would be read as the whole.
    leads=(Lead("period", timedelta(days=-27)),),
)
