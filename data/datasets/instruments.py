"""What can be quoted: permanent ids, dated by vintages rather than overwritten."""

from __future__ import annotations

import pyarrow as pa

from data.contracts import Dataset
from data.fields import (
    ADDRESS,
    ASSET_CLASS,
    COMPANY,
    COUNTRY,
    CURRENCY,
    SYMBOL,
    TITLE,
    field,
    number,
    text,
)

INSTRUMENTS = Dataset(
    "instruments",
    "One instrument as it was known: a listing, a renaming or a delisting is a new vintage.",
    (
        SYMBOL,
        text("ticker", "what people type; may be recycled, so it is no key"),
        text("name", "full name", longest=TITLE, prose=1),
        ASSET_CLASS,
        text("sector", "sector of an equity, family of another instrument", null=True),
        COUNTRY,
        CURRENCY,
        text("unit", "what one price is for where that is no share or coin: barrel", null=True),
        text("venue", "market code of the main listing", null=True),
        text("calendar", "exchange calendar that its sessions follow", null=True),
        COMPANY.with_nullable(True),
        text("isin", "ISO 6166 code", null=True),
        text("figi", "FIGI", null=True),
        text("aliases", "other names, separated by a bar", null=True, longest=ADDRESS, prose=1),
        number("shares_outstanding", "shares in issue", unit="shares", min=0),
        field("listed_on", pa.date32(), "first session", null=True),
        field("delisted_on", pa.date32(), "last session, once it is known", null=True),
    ),
    origin="source",
    rhythm_days=None,
    key=("symbol", "source"),
    descriptive=True,
)
