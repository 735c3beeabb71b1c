"""What a filer is: name and former names, sector by its SIC code, country, fiscal year end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats.tables import INSTANT, table
from ingest.jobs import Reply
from ingest.lists import entry
from ingest.sources._sec_addresses import company_id, day_of
from ingest.sources._sec_times import end_of_day

OTHER = "other"
DETAILS = ("category", "website", "description")
# SIC codes of a sector, first and last; the first range that holds a code names it.
SECTORS: tuple[tuple[int, int, str], ...] = (
    (3674, 3674, "semiconductor"),
    (2000, 3999, "manufacturing"),
    (6000, 6188, "banking"),  # 6189 are pools of assets that issue securities
    (6190, 6199, "banking"),
    (6211, 6211, "banking"),
    (6500, 6599, "real estate"),
    (6798, 6798, "real estate"),
)


def sector_of(cik: str, sic: str) -> str | None:
    """The sector of our list, else that of the SIC code; none without either."""
    listed = entry("sec_edgar", f"{int(cik):010}", "cik").get("sector")
    if listed:
        return listed
    if not sic.isdigit():
        return None
    found = (name for first, last, name in SECTORS if first <= int(sic) <= last)
    return next(found, OTHER)


def country_of(document: Mapping[str, Any]) -> str | None:
    """The country of the place of business."""
    addresses = document.get("addresses")
    business = addresses.get("business") if isinstance(addresses, dict) else None
    code = str((business or {}).get("stateOrCountry") or "").strip().upper()
    return entry("sec_edgar_countries", code, "code").get("country")


def fiscal_year_end(word: object) -> str | None:
    """`0926` as `09-26`; an impossible day is none."""
    text = str(word or "")
    found = re.fullmatch(r"(\d\d)(\d\d)", text)
    if not found or day_of(f"2024-{found[1]}-{found[2]}") is None:
        return None
    return f"{found[1]}-{found[2]}"


def company_rows(document: Mapping[str, Any], reply: Reply, first: date | None) -> pa.Table:
    """The filer under each of its names; sector and address are those of today, so the grade is.

    `first` is the day of its first filing that we know of. Filer category, website and description
    change more often: they are in a row of their own, known since the reply.
    """
    cik = str(document["cik"])
    sic = str(document.get("sic") or "")
    dated = names_since(document, first)
    known = [end_of_day(day) if day is not None else reply.fetched_at for day, _ in dated]
    grades = ["snapshot" if day is None else "current" for day, _ in dated]
    frame = pl.DataFrame(
        {
            "name": [name for _, name in dated],
            "known_at": pl.Series(known, dtype=INSTANT),
            "vintage_grade": grades,
        }
    )
    frame = frame.with_columns(known_at=pl.min_horizontal("known_at", pl.lit(reply.fetched_at)))
    details = {name: _word(document.get(name)) for name in DETAILS}
    if any(details.values()):
        today = frame.tail(1).with_columns(
            pl.lit(reply.fetched_at).cast(INSTANT).alias("known_at"),
            pl.lit("snapshot").alias("vintage_grade"),
            *(pl.lit(text, dtype=pl.String).alias(name) for name, text in details.items()),
        )
        frame = pl.concat([frame, today], how="diagonal")
    return table(
        "companies",
        frame.unique("known_at", keep="last", maintain_order=True),
        company=company_id(cik),
        sector=pl.lit(sector_of(cik, sic), dtype=pl.String),
        industry=pl.lit(_word(document.get("sicDescription")), dtype=pl.String),
        country=pl.lit(country_of(document), dtype=pl.String),
        currency=pl.lit(None, dtype=pl.String),
        cik=f"{int(cik):010}",
        lei=pl.lit(_word(document.get("lei")), dtype=pl.String),
        fiscal_year_end=pl.lit(fiscal_year_end(document.get("fiscalYearEnd")), dtype=pl.String),
        known_at=pl.col("known_at").cast(INSTANT),
        source="sec_edgar",
    )


def names_since(document: Mapping[str, Any], first: date | None) -> list[tuple[date | None, str]]:
    """Each name with the day from which it is known, the oldest first, today's last.

    A former name that stood while another one did (a slip of a day) is left out.
    """
    former = document.get("formerNames") or []
    spans = [
        (since, until, str(row["name"]).strip())
        for row in former
        if (since := day_of(row.get("from"))) and (until := day_of(row.get("to"))) and row["name"]
    ]
    spans = sorted(span for span in spans if span[0] <= span[1])
    lasting = [
        one
        for one in spans
        if not any(
            other[0] <= one[0] and one[1] <= other[1] and other[:2] != one[:2] for other in spans
        )
    ]
    ends = [until for _, until, _ in lasting]
    today = (max(ends) if ends else first), str(document["name"]).strip()
    return [*((since, name) for since, _, name in lasting), today]


def _word(value: object) -> str | None:
    text = str(value or "").strip()
    return text or None
