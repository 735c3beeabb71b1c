"""OECD: prices, output, jobs, leading indicators and rates of its members and some others.

One download per series for all countries, since an address may make 60 an hour. Nothing in an
answer says when it was published, so a value is known from when we saw it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from ingest.country_codes import country
from ingest.formats import tables
from ingest.formats.body import LIMIT, careful, content, refuse, said
from ingest.formats.periods import periods
from ingest.formats.sdmx import LABEL, Message, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://sdmx.oecd.org/public/rest/data/"
AREA = "REF_AREA"
GONE = 404
UNITS = {
    "PA": "percent per year",
    "PC": "percent",
    "PT_LF": "percent of labour force",
    "PT_LF_SUB": "percent of labour force",
    "PB": "percent, balance of answers",
}
SEASONS = {"Y": "sa", "N": "nsa"}
FORECAST = "F"


def plan(window: Window) -> list[Call]:
    """One call per series; names are the list's, where an area may stand in its empty place."""
    params = {"format": "csvfilewithlabels", "dimensionAtObservation": "AllDimensions"}
    names = window.names or tuple(listed("oecd", "key"))
    return [Call(BASE + name, params | _since(name, window.since)) for name in names]


def _since(name: str, since: date | None) -> dict[str, str]:
    if since is None:
        return {}
    parts = name.rpartition("/")[2].split(".")
    quarter = f"{since.year}-Q{(since.month + 2) // 3}"
    return {"startPeriod": quarter if "Q" in parts else f"{since:%Y-%m}"}


@careful
def parse(reply: Reply) -> Parsed:
    """CSV of either version with or without labels; also the other forms of SDMX."""
    body = content(reply)
    if reply.status == GONE:
        key = said(reply.path.rpartition("/")[2])
        raise ReplyError("empty", f"the OECD has no series that matches {key}")
    if body[:1] not in b"<{[" and b"OBS_VALUE" not in body[:6000]:
        words = body[:300].decode("utf-8", "replace")
        is_limit = LIMIT.search(words) or "exceeded the number of requests" in words.lower()
        refuse(reply, words, "quota" if is_limit else None)
    found = message(reply, body)
    if not isinstance(found, Message):
        name, rows = max(found.items(), key=lambda item: len(item[1]))
        return tables.reading(name, rows)
    frame = found.frame.drop_nulls(VALUE)
    if not frame.height:
        raise ReplyError("empty", "the OECD lists periods here and a value for none")
    flow = found.flow or _asked(reply)
    frame = periods(frame, TIME)
    ids = pl.concat_str(pl.lit(f"oecd:{flow}."), found.key()).alias("series_id")
    frame = frame.with_columns(ids).rename({VALUE: "value"}).sort("series_id", "period")
    _check_doubles(frame)
    series = _described(flow, found.dims, frame)
    units = {row["series_id"]: row["unit"] for row in series}
    status = found.text("OBS_STATUS").fill_null("").str.split(":").list.first()
    frame = frame.with_columns(
        pl.col("series_id").replace_strict(units, return_dtype=pl.String).alias("unit"),
        (status.str.strip_chars() == FORECAST).alias("is_forecast"),
    )
    return Parsed(
        {
            "macro": tables.table("macro", frame, source="oecd", **tables.seen(reply)),
            "series": tables.described(reply, "oecd", series),
        }
    )


def _asked(reply: Reply) -> str:
    """The flow in the request: `OECD.SDD.STES,DSD_KEI@DF_KEI,/...` or, of version 2, a path."""
    rest = reply.path.partition("/data/")[2]
    second = re.match(r"dataflow/[^/]+/([^/]+)/", rest)
    return second[1] if second else (rest.split("/")[0].split(",") + ["unstated"])[1]


def _check_doubles(frame: pl.DataFrame) -> None:
    """An answer that leaves out a dimension would put two series under one id."""
    double = frame.filter(pl.struct("series_id", "period").is_duplicated())
    if double.height and double.n_unique(["series_id", "period", "value"]) > double.n_unique(
        ["series_id", "period"]
    ):
        row = double.row(0, named=True)
        raise ReplyError("upstream", f"two values of {row['series_id']} for {row[TIME]}")


def _described(flow: str, dims: tuple[str, ...], frame: pl.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row in frame.unique("series_id", keep="first", maintain_order=True).to_dicts():
        fact = _fact(flow, [str(row[name] or "") for name in dims])
        area = str(row.get(AREA) or "")
        name = row.get(AREA + LABEL) or area
        key = row["series_id"].removeprefix("oecd:")
        rows.append(
            {
                "series_id": row["series_id"],
                "indicator": fact.get("indicator") or key,
                "title": f"{fact['title']}: {name}" if fact else key,
                "country": country(area) if len(area) == 3 else None,
                "frequency": row["frequency"],
                "unit": fact.get("unit") or _unit(row),
                "adjustment": fact.get("adjustment")
                or SEASONS.get(str(row.get("ADJUSTMENT") or ""), "unknown"),
            }
        )
    return rows


def _fact(flow: str, codes: list[str]) -> Mapping[str, str]:
    """The row of our list whose key has these codes; an empty place of it fits any."""
    for key, row in listed("oecd", "key").items():
        about, _, parts = key.rpartition("/")
        wanted = parts.split(".")
        if (
            about.split(",")[1] == flow
            and len(wanted) == len(codes)
            and all(want in ("", code) for want, code in zip(wanted, codes, strict=True))
        ):
            return row
    return {}


def _unit(row: Mapping[str, Any]) -> str:
    """The unit that the series states, with its base year and its power of ten."""
    code = str(row.get("UNIT_MEASURE") or "")
    base = str(row.get("BASE_PER") or "").partition(":")[0].strip()
    if code == "IX":
        return f"index {base}=100" if base else "index"
    words = UNITS.get(code) or str(row.get("UNIT_MEASURE" + LABEL) or code or tables.UNSTATED)
    power = str(row.get("UNIT_MULT") or "0").partition(":")[0].strip()
    return words if power in ("0", "") else f"1e{power} {words}"


SOURCE = Source(
    name="oecd",
    title="OECD",
    gives="consumer prices, GDP, unemployment, production, retail sales, leading indicators, "
    "confidence and rates of some 45 countries",
    grade="snapshot",
    licence="Source: OECD; CC BY 4.0 for most of it, see the terms of each data set.",
    jobs=(
        Job(
            "oecd_series",
            ("macro", "series"),
            "Series of the list for every country",
            Cadence(at="13:30", zone="Europe/Paris", days="weekdays"),
            lookback_days=800,
            priority=4,
            time_limit_s=1800,  # a call a minute
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=7200,
)
