"""Accounts of one filer, point in time: every filing that states a fact is a vintage of it.

`fy` and `fp` describe the filing, so periods are told by their dates. Money is taken in the
currency that a filing's statements are in, never in that of a convenience translation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from data.concepts import concepts, concepts_by_tag
from ingest.formats.tables import INSTANT, table
from ingest.jobs import Parsed, Reply, ReplyError
from ingest.sources._sec_addresses import company_id, notes_of, unpacked_times
from ingest.sources._sec_times import CLOSES, NEW_YORK

TAXONOMIES = ("us-gaap", "ifrs-full", "dei")
ANNUAL_FORM = r"^(10-K|20-F|40-F)"
YEAR_DAYS, QUARTER_DAYS = (345, 385), (80, 105)
COLUMNS = ("start", "end", "val", "accn", "form", "filed")
FACT = ("concept", "period_start", "period_end")


def accounts(document: Mapping[str, Any], reply: Reply) -> Parsed:
    """Every fact of our concepts as each filing stated it."""
    facts = document["facts"]
    if not facts:
        raise ReplyError("empty", f"{document.get('entityName') or 'the filer'} has no XBRL facts")
    parts = list(_parts(facts))
    if not parts:
        raise ReplyError("empty", "no fact of a line that we keep")
    frame = pl.concat(parts)
    count = frame.height
    frame = _dated(frame)
    if not frame.height:
        raise ReplyError("upstream", "no fact has a number, a period and a filing that fit")
    lost = count - frame.height
    times = unpacked_times(notes_of(reply).get("public", ""))
    made, notes = account_rows(frame, Filer(document["cik"], times, reply.fetched_at))
    notes = {"without a number or with impossible dates": lost} | notes
    return Parsed({"fundamentals": made}, note=left_out(notes))


@dataclass(frozen=True, slots=True)
class Filer:
    """Whose facts they are, when each of its filings was public as far as the hour is known, when
    we hold them, and ends of its fiscal years that the facts themselves do not show."""

    cik: int | str
    times: Mapping[str, datetime]
    fetched_at: datetime
    year_ends: tuple[date, ...] = ()


def account_rows(frame: pl.DataFrame, filer: Filer) -> tuple[pa.Table, dict[str, int]]:
    """Rows of `fundamentals` from dated facts of one filer, and how many were left out and why."""
    frame, foreign = _in_currency_of_statements(frame)
    frame, unlike = _chosen(frame)
    frame = _known(frame, filer)
    frame = frame.with_columns(fiscal_period=_fiscal_periods(frame, filer.year_ends))
    made = table("fundamentals", frame, company=company_id(filer.cik), source="sec_edgar")
    return made, {
        "in another currency than the statements": foreign,
        "stated twice in one filing, with different values": unlike,
    }


def left_out(notes: Mapping[str, int]) -> str:
    """How many rows were left out, and why."""
    return "; ".join(f"{n:,} row{'' if n == 1 else 's'} {what}" for what, n in notes.items() if n)


def _parts(facts: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """The rows of each unit of each tag that we keep, under each concept that it may state."""
    for taxonomy in TAXONOMIES:
        stated = facts.get(taxonomy) or {}
        for tag, meanings in concepts_by_tag(taxonomy).items():
            if tag not in stated:
                continue
            for unit, rows in stated[tag]["units"].items():
                for concept, place in meanings:
                    word = unit_of(unit, concepts()[concept].unit)
                    if word is not None and rows:
                        yield _part(rows, concept, place, *word)


def _part(
    rows: list[dict[str, Any]], concept: str, place: int, unit: str, money: str
) -> pl.DataFrame:
    columns = {
        name: pl.Series(name, [row.get(name) for row in rows], dtype=pl.String)
        for name in COLUMNS
        if name != "val"
    }
    values = pl.Series("val", [_number(row["val"]) for row in rows], dtype=pl.Float64)
    return pl.DataFrame([*columns.values(), values]).with_columns(
        pl.lit(concept).alias("concept"),
        pl.lit(place, dtype=pl.Int32).alias("place"),
        pl.lit(unit).alias("unit"),
        pl.lit(money).alias("money"),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    return float(value) if isinstance(value, int | float) else None


@cache
def unit_of(unit: str, kind: str) -> tuple[str, str] | None:
    """Our word for a unit and its currency; None where it does not fit the kind of line."""
    code, _, per = unit.partition("/")
    is_money = len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()
    if kind == "money" and is_money and not per:
        return code, code
    if kind == "per_share" and is_money and per == "shares":
        return f"{code} per share", code
    if kind == "shares" and unit == "shares":
        return "shares", ""
    if kind == "percent" and unit == "pure":
        return "ratio", ""
    return None


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as dates: rows without one, or that end after their filing, are left out."""
    day = {name: pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in ("start", "end")}
    filed = pl.col("filed").str.to_date("%Y-%m-%d", strict=False)
    frame = frame.select(
        "concept",
        "place",
        "unit",
        "money",
        pl.col("val").alias("value"),
        pl.col("accn").alias("accession"),
        "form",
        filed.alias("filed"),
        day["start"].alias("period_start"),
        day["end"].alias("period_end"),
    )
    return sound(frame)


def sound(frame: pl.DataFrame) -> pl.DataFrame:
    """Facts with a number, a filing, and days that fit their line and lie before the filing."""
    instants = [concept.concept for concept in concepts().values() if concept.is_instant]
    is_instant = pl.col("concept").is_in(instants)
    has_start = pl.col("period_start").is_not_null()
    end = pl.col("period_end")
    frame = frame.filter(
        pl.col("value").is_finite()
        & pl.col("accession").is_not_null()
        & (end <= pl.col("filed"))
        & (end >= date(1900, 1, 1))
        & (is_instant ^ has_start)
        & (is_instant | (pl.col("period_start") < end))
    )
    return frame.with_columns(period_start=pl.coalesce("period_start", "period_end"))


def _in_currency_of_statements(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Rows in the currency of most facts of their filing; a draw goes to that of all filings."""
    money = frame.filter(pl.col("money") != "")
    if money["money"].n_unique() < 2:
        return frame, 0
    overall = money.group_by("money").agg(pl.len().alias("all"))
    each = money.unique(["accession", "money", *FACT]).group_by("accession", "money").len("facts")
    order = ["accession", "facts", "all", "money"]
    chosen = (
        each.join(overall, on="money")
        .sort(order, descending=[False, True, True, False])
        .unique("accession", keep="first", maintain_order=True)
        .select("accession", pl.col("money").alias("reporting"))
    )
    kept = frame.join(chosen, on="accession", how="left").filter(
        (pl.col("money") == "") | (pl.col("money") == pl.col("reporting"))
    )
    return kept.drop("reporting"), frame.height - kept.height


def _chosen(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """One row a fact and filing: of the preferred tag, and of that the most precise value."""
    key = [*FACT, "accession"]
    frame = frame.unique([*key, "place", "value"], maintain_order=True)
    frame = frame.filter(pl.col("place") == pl.col("place").min().over(key))
    twice = frame.select(pl.struct(key).is_duplicated()).to_series()
    if not twice.any():
        return frame, 0
    several = frame.filter(twice)
    steps = pl.Series("step", [_step(value) for value in several["value"]])
    several = several.with_columns(steps).sort([*key, "step"], maintain_order=True)
    spread = (pl.col("value") - pl.col("value").first()).abs() > pl.col("step") * 0.5000001
    unlike = several.select(spread.over(key).sum()).item()
    several = several.unique(key, keep="first", maintain_order=True).drop("step")
    return pl.concat([frame.filter(~twice), several]), int(unlike)


def _step(value: float) -> float:
    """The unit of the last digit that is not zero: 1e6 for 12 300 000, 0.01 for 3.25."""
    if value == 0:
        return float("inf")
    digits = json.dumps(value)
    if "e" in digits:
        return abs(value) * 1e-15
    whole, _, part = digits.partition(".")
    if part.strip("0"):
        return 10.0 ** -len(part.rstrip("0"))
    return 10.0 ** (len(whole) - len(whole.rstrip("0")))


def _known(frame: pl.DataFrame, filer: Filer) -> pl.DataFrame:
    """Known when the filing was public, or at the end of its day; of two filings that became known
    at once the later counts, an amendment after what it amends."""
    times = filer.times
    found = pl.DataFrame(
        {"accession": list(times), "public": pl.Series(list(times.values()), dtype=INSTANT)},
        schema_overrides={"accession": pl.String},
    )
    closes = (
        pl.col("filed")
        .dt.combine(CLOSES)
        .dt.replace_time_zone(str(NEW_YORK))
        .dt.convert_time_zone("UTC")
        .dt.cast_time_unit("us")
    )
    now = pl.lit(filer.fetched_at).cast(INSTANT)
    is_sure = pl.col("public").is_not_null()
    frame = frame.join(found, on="accession", how="left").with_columns(
        known_at=pl.min_horizontal(pl.coalesce("public", closes), now),
        vintage_grade=pl.when(is_sure).then(pl.lit("native")).otherwise(pl.lit("lagged")),
        is_amendment=pl.col("form").str.ends_with("/A"),
    )
    frame = frame.sort([*FACT, "known_at", "filed", "is_amendment", "accession"])
    return frame.unique([*FACT, "known_at"], keep="last", maintain_order=True)


def _fiscal_periods(frame: pl.DataFrame, more_ends: Sequence[date]) -> pl.Series:
    """FY or Q1 to Q4 by the dates: counted from the ends of the years that annual reports state.

    Spans of other lengths (a half year, nine months) have none.
    """
    start = frame["period_start"].to_physical().to_numpy()
    end = frame["period_end"].to_physical().to_numpy()
    length = end - start + 1
    is_annual = frame["form"].str.contains(ANNUAL_FORM).fill_null(value=False).to_numpy()
    is_year = (length >= YEAR_DAYS[0]) & (length <= YEAR_DAYS[1])
    ends = _year_ends(end[is_year & is_annual], more_ends)
    quarter = _quarters(end, ends)
    is_quarter = (length >= QUARTER_DAYS[0]) & (length <= QUARTER_DAYS[1])
    names = np.array(["", "Q1", "Q2", "Q3", "Q4"])[quarter]
    found = np.where(is_year, "FY", np.where(is_quarter | (length == 1), names, ""))
    return pl.Series("fiscal_period", found).replace("", None)


def _year_ends(
    days: np.ndarray[Any, np.dtype[Any]], more: Sequence[date]
) -> np.ndarray[Any, np.dtype[Any]]:
    """Ends of fiscal years; of ends less than half a year apart, the one that is stated most."""
    counts = Counter(days.tolist())
    kept: list[int] = []
    others = ((day - date(1970, 1, 1)).days for day in more)
    for day in (*(day for day, _ in counts.most_common()), *others):
        if all(abs(day - other) > 180 for other in kept):
            kept.append(day)
    return np.array(sorted(kept), dtype=np.int64)


def _quarters(
    end: np.ndarray[Any, np.dtype[Any]], ends: np.ndarray[Any, np.dtype[Any]]
) -> np.ndarray[Any, np.dtype[Any]]:
    """1 to 4 by the distance to the end of the fiscal year before, or else to the one after."""
    if not len(ends):
        return np.zeros(len(end), dtype=np.int64)
    before = np.searchsorted(ends, end - 15, side="right") - 1
    past = np.rint((end - ends[np.maximum(before, 0)]) / 91.31).astype(np.int64)
    after = np.minimum(np.searchsorted(ends, end - 15, side="right"), len(ends) - 1)
    ahead = 4 - np.rint((ends[after] - end) / 91.31).astype(np.int64)
    found = np.where(before >= 0, past, ahead)
    return np.where((found >= 1) & (found <= 4), found, 0)
