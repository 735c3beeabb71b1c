"""What was expected of a release, as the team itself brought it."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import PERIOD, SERIES_ID, UNIT, number

EXPECTATIONS = Dataset(
    "expectations",
    "One expected value of one period of a series; a later expectation is a new vintage.",
    (
        SERIES_ID,
        PERIOD,
        number("expected", "the value that is expected, in `unit`"),
        UNIT,
    ),
    origin="team",
    key=("series_id", "period", "source"),
    order_by=("series_id", "period"),
    time="period",
    rhythm_days=None,
    in_demo=False,
    leads=(Lead("period", timedelta(days=3660)),),
)
