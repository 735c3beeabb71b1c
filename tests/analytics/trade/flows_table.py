"""Rows of trade for tests: a flow as one side states it, known the summer after its year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

NOW = datetime(2024, 12, 31, tzinfo=UTC)


def flow(
    reporter: str, partner: str, value: float | None, kind: str = "export", **more: Any
) -> dict[str, Any]:
    """One flow of all goods in 2022, FOB or CIF by its direction."""
    year = more.get("year", 2022)
    return {
        "reporter": reporter,
        "partner": partner,
        "product": "TOTAL",
        "flow": kind,
        "year": year,
        "value_usd": value,
        "net_weight_kg": None,
        "valuation": "FOB" if kind == "export" else "CIF",
        "classification": "HS2022" if year >= 2022 else "HS2017",
        "known_at": datetime(year + 1, 6, 1, tzinfo=UTC),
        "vintage_grade": "native",
        "source": "comtrade",
        **more,
    }


def month_flow(
    reporter: str, partner: str, value: float | None, month: str, kind: str = "export", **more: Any
) -> dict[str, Any]:
    """One flow of all goods in a month such as `2024-05`, known ten weeks after its first day."""
    first = date.fromisoformat(f"{month}-01")
    known = datetime(first.year, first.month, 1, tzinfo=UTC) + timedelta(days=70)
    row = flow(reporter, partner, value, kind, year=first.year) | {"known_at": known, **more}
    return {name: value for name, value in row.items() if name != "year"} | {"period": first}


def bought_by_another(*sellers: str, year: int = 2022, value: float = 1e6) -> list[dict[str, Any]]:
    """All that Iceland says it bought: so far the reports of these exporters are all there is."""
    return [flow("ISL", seller, value, "import", year=year) for seller in sellers]


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """The rows as a lake takes them."""
    types = {"year": pl.Int32, "net_weight_kg": pl.Float64, "value_usd": pl.Float64}
    return pl.DataFrame(list(rows), schema_overrides=types, infer_schema_length=None)
