"""Observations of series, every vintage kept."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import PERIOD, SERIES_ID, UNIT, field, number

MACRO = Dataset(
    "macro",
    "One published value of one series for one period; null when it was withdrawn.",
    (
        SERIES_ID,
        PERIOD,
        number("value", "the value, in `unit`"),
        UNIT,
        field(
            "is_forecast",
            pa.bool_(),
            "a forecast of the source, never joined to history",
        ),
    ),
    origin="source",
    key=("series_id", "period", "source"),
    partition_by=("source",),
    order_by=("series_id", "period"),
    time="period",
    leads=(Lead("period", timedelta(days=45), unless="is_forecast"),),
)
