"""Facts of companies as rows of `fundamentals`: invented ones, and real ones as they were filed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.concepts import concepts
from data.lake import Lake
from tests import machine

NEW_YORK = ZoneInfo("America/New_York")
Row = dict[str, Any]


def fact(
    concept: str,
    start: date | None,
    end: date,
    value: float,
    *,
    company: str = "x:co",
    unit: str = "USD",
    form: str = "10-Q",
    filed: datetime | None = None,
    accession: str | None = None,
    source: str = "office",
) -> Row:
    """One row of `fundamentals`, known forty days after its period unless said otherwise."""
    known = filed or datetime.combine(end + timedelta(days=40), time(20), UTC)
    return {
        "company": company,
        "concept": concept,
        "period_start": start or end,
        "period_end": end,
        "value": value,
        "unit": unit,
        "fiscal_period": None,
        "form": form,
        "accession": accession or f"{known:%Y%m%d%H}",
        "known_at": known,
        "vintage_grade": "native",
        "source": source,
    }


def balance(end: date, **lines: float) -> list[Row]:
    """A balance sheet of one day."""
    return [fact(concept, None, end, value) for concept, value in lines.items()]


def about(company: str = "x:co", **more: Any) -> pl.DataFrame:
    """One row of `companies`."""
    row = {
        "company": company,
        "name": "Example",
        "sector": "Industrials",
        "industry": "Machinery",
        "country": "USA",
        "currency": "USD",
        "cik": None,
        "lei": None,
        "fiscal_year_end": None,
        "known_at": datetime(2000, 1, 1, tzinfo=UTC),
        "vintage_grade": "native",
        "source": "office",
    } | more
    texts = {name: pl.String for name, value in row.items() if name != "known_at"}
    return pl.DataFrame([row], schema_overrides=texts)


def file_facts(lake: Lake, rows: Iterable[Row]) -> None:
    """Publish facts in the order in which they became known."""
    frame = pl.DataFrame(
        list(rows),
        schema_overrides={"fiscal_period": pl.String, "value": pl.Float64},
        infer_schema_length=None,
    )
    lake.upsert("fundamentals", frame)


def shared(name: str) -> Path:
    """A file of `../shared/real`; a test that wants it is skipped where there is none."""
    return machine.require("shared") / "real" / name


def best_tags(rows: Iterable[Row]) -> list[Row]:
    """Of several tags that state one line for one period, the first of the list of concepts; of
    several precisions the most precise; of several filings all, as vintages."""
    best: dict[tuple[Any, ...], tuple[tuple[float, ...], Row]] = {}
    for row in rows:
        key = *(row[k] for k in ("concept", "period_start", "period_end")), row["known_at"]
        rank = row.pop("_place"), -row.pop("_decimals", 0.0)
        if key not in best or rank < best[key][0]:
            best[key] = rank, row
    return [row for _, row in best.values()]


def company_facts_json(path: Path, company: str, taxonomy: str = "us-gaap") -> list[Row]:
    """EDGAR's company facts as rows, each filing's statement of a fact with its own day."""
    places = _places(taxonomy)
    rows = []
    for tag, found in json.loads(path.read_bytes())["facts"][taxonomy].items():
        for unit, facts in found["units"].items():
            for concept, place in places.get(tag, ()):
                for one in facts:
                    end = date.fromisoformat(one["end"])
                    start = date.fromisoformat(one["start"]) if "start" in one else None
                    day = date.fromisoformat(one["filed"])
                    filed = datetime.combine(day, time(22), NEW_YORK).astimezone(UTC)
                    row = fact(concept, start, end, float(one["val"]), company=company)
                    row |= {"unit": _unit(unit), "form": one["form"], "accession": one["accn"]}
                    rows.append(row | {"known_at": filed, "_place": place})
    return best_tags(rows)


def instance_csv(path: Path, company: str, form: str, filed: datetime) -> list[Row]:
    """Facts of one XBRL instance without dimensions, as rows known at one instant."""
    places = _places("us-gaap")
    rows = []
    with path.open(newline="", encoding="utf-8") as file:
        for one in csv.DictReader(file):
            if one["dimensions"]:
                continue
            for concept, place in places.get(one["concept"], ()):
                start = date.fromisoformat(one["start"]) if one["start"] else None
                end = date.fromisoformat(one["end"])
                row = fact(concept, start, end, float(one["value"]), company=company, form=form)
                row |= {"unit": _unit(one["unit"]), "known_at": filed, "accession": path.stem}
                decimals = 99.0 if one["decimals"] == "INF" else float(one["decimals"])
                rows.append(row | {"_place": place, "_decimals": decimals})
    return best_tags(rows)


def _places(taxonomy: str) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for line in concepts().values():
        for place, tag in enumerate(line.us_gaap if taxonomy == "us-gaap" else line.ifrs_full):
            found.setdefault(tag, []).append((line.concept, place))
    return found


def _unit(unit: str) -> str:
    money, _, per = unit.partition("/")
    return f"{money} per share" if per or "PerShare" in unit else unit
