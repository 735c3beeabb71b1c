"""What a series of observations measures: never guessed from its name."""

from __future__ import annotations

import pyarrow as pa

from data.contracts import Dataset
from data.fields import COUNTRY, DIMENSIONS, SERIES_ID, TITLE, UNIT, field, one_of, text

FREQUENCIES = ("daily", "weekly", "monthly", "quarterly", "annual", "irregular")

SERIES = Dataset(
    "series",
    "One series as described by its source; a renaming or rebasing is a new vintage.",
    (
        SERIES_ID,
        text("indicator", "our short name of what is measured, shared between countries"),
        text("title", "full title", longest=TITLE, prose=1),
        COUNTRY,
        one_of("frequency", "how often", FREQUENCIES),
        UNIT,
        one_of("adjustment", "seasonal adjustment", ("sa", "nsa", "unknown")),
        one_of("dimension", "what it speaks of", DIMENSIONS),
        field(
            "direction",
            pa.int32(),
            "+1 when more means stronger, else -1",
            min=-1,
            max=1,
        ),
        text("timezone", "IANA zone of its releases", null=True),
    ),
    origin="source",
    rhythm_days=None,
    key=("series_id", "source"),
    descriptive=True,
)
