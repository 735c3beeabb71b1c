"""Positions of managers as reported on Form 13F; amendments are filings of their own."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import TITLE, YEAR, field, number, one_of, text

PUT_CALL = ("none", "put", "call")
AMOUNT_KINDS = ("SH", "PRN")
DOLLARS_FROM = date(2023, 1, 3)  # filings before that day state thousands, whatever their quarter
NO_CUSIP = "none"  # the line of a filing that lists no position, so that the filing itself is known
# What `flag` may say; several are joined by "; ".
EMPTY_BOOK = "no positions"
NOTICE = "positions reported by other managers"
COMBINATION = "part of the positions reported by other managers"
VALUE_IS_AMOUNT = "value equals amount"
ENTRIES_DIFFER = "number of lines differs from the cover"
ODD_CUSIP = "CUSIP has not nine characters"
CUSIP_LENGTH = 9
TOTAL_DIFFERS = "sum of values differs from the cover"

FUND_HOLDINGS = Dataset(
    "fund_holdings",
    "One position of one Form 13F filing, or the one line of a filing without positions.",
    (
        text("manager", "permanent id of the manager, e.g. sec:0001067983"),
        text("manager_name", "name on the filing's cover", longest=TITLE, prose=1),
        field("period_end", pa.date32(), "last day of the quarter reported on"),
        YEAR,
        text("accession", "id of the filing"),
        text("cusip", "CUSIP in capitals; of an option that of its underlying; or none"),
        text("figi", "FIGI", null=True),
        text("issuer", "name of the issuer as filed", null=True, longest=TITLE, prose=1),
        text("title_of_class", "title of the class as filed", null=True, longest=TITLE, prose=1),
        one_of("put_call", "an option on the security, or none", PUT_CALL),
        one_of("amount_kind", "SH: shares; PRN: principal of a bond", AMOUNT_KINDS),
        text("discretion", "investment discretion as filed: SOLE, DFND or OTR"),
        number("value_usd", "value as filed, by the unit rule of its filing date", unit="USD"),
        number("amount", "shares, or principal where amount_kind is PRN", min=0),
        field("entries", pa.int32(), "lines of the filing that are summed here", min=0),
        text("form", "filing type, e.g. 13F-HR/A"),
        one_of(
            "amendment_type",
            "whether an amendment replaces (RESTATEMENT) or adds (NEW HOLDINGS)",
            ("RESTATEMENT", "NEW HOLDINGS"),
            null=True,
        ),
        field("filed_on", pa.date32(), "filing date, which decides the unit of the values"),
        text("flag", "what is odd, separated by semicolons", null=True, longest=TITLE),
    ),
    origin="source",
    key=(
        *("manager", "period_end", "accession", "cusip", "put_call", "amount_kind"),
        *("discretion", "source"),
    ),
    partition_by=("year",),
    derived={"year": ("year", "period_end")},
    order_by=("manager", "period_end", "accession", "cusip"),
    time="period_end",
    rhythm_days=800,
    leads=(
        Lead("period_end", timedelta(days=1)),
        Lead("filed_on", timedelta(days=1)),
    ),
)
