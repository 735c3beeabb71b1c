"""The release calendar as it stood: schedules, expectations and first prints."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, get_args

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import (
    COUNTRY,
    INSTANT,
    PERIOD,
    SERIES_ID,
    TITLE,
    UNIT,
    YEAR,
    field,
    number,
    one_of,
    text,
)

ReleaseStatus = Literal["scheduled", "rescheduled", "released", "cancelled"]
STATUSES: tuple[ReleaseStatus, ...] = get_args(ReleaseStatus)

RELEASES = Dataset(
    "releases",
    "One scheduled publication of one series; a rescheduling, a new consensus and the first "
    "print are each a new vintage.",
    (
        SERIES_ID,
        PERIOD,
        YEAR,
        COUNTRY,
        text("title", "what is released", longest=TITLE, prose=1),
        field("scheduled_at", INSTANT, "when it is to be published"),
        one_of("precision", "how exactly that is known", ("minute", "day", "month")),
        one_of(
            "status",
            "where it stands",
            STATUSES,
        ),
        field("importance", pa.int32(), "3 moves markets, 1 seldom does", min=1, max=3),
        number("consensus", "expected value"),
        field("consensus_known_at", INSTANT, "when that was expected", null=True),
        number("previous", "value of the period before, as known"),
        number("actual", "first print"),
        UNIT,
    ),
    origin="source",
    key=("series_id", "period", "source"),
    partition_by=("year",),
    # The year of the period, not of the schedule: a release put off past New Year must stay
    # in the file of its earlier vintages.
    derived={"year": ("year", "period")},
    order_by=("scheduled_at", "series_id", "period"),
    time="scheduled_at",
    leads=(
        Lead("scheduled_at", timedelta(days=1100)),
        Lead("period", timedelta(days=1100)),
        Lead("scheduled_at", timedelta(days=1), when="actual"),
        Lead("period", timedelta(days=45), when="actual"),
        Lead("consensus_known_at", timedelta()),
    ),
)
