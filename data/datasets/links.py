"""Signed, lagged links between series, sectors, companies and instruments."""

from __future__ import annotations

import pyarrow as pa

from data.contracts import Dataset
from data.fields import field, number, one_of, text

LINKS = Dataset(
    "links",
    "One directed edge; a one-sd change of from_id moves to_id by `strength` sd after the lag.",
    (
        text("from_id", "global id of the cause"),
        text("to_id", "global id of the effect"),
        text("kind", "supplies, is_member, drives, ..."),
        number("strength", "signed, in standard deviations", null=False, min=-1, max=1),
        number("confidence", "0 to 1", min=0, max=1),
        field("lag_days", pa.int32(), "days until the effect", min=0),
        one_of("evidence", "what it rests on", ("asserted", "estimated", "filed")),
        text("author", "who says so", null=True),
    ),
    origin="source",
    rhythm_days=None,
    key=("from_id", "to_id", "kind", "source"),
)
