"""Trade of the small world: three reporters, one of them late, and a partner that never reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

REPORTERS = ("DEU", "FRA", "USA")
PARTNERS = (*REPORTERS, "CHN")
CHAPTERS = ("27", "84")
SIZES = {"DEU": 30e9, "FRA": 20e9, "USA": 50e9, "CHN": 40e9}
CIF = 1.06


def sold(seller: str, buyer: str, chapter: str, year: int) -> float:
    """What went from one to the other, before either side reports it."""
    share = 0.25 if chapter == "27" else 0.75
    return round(SIZES[seller] * SIZES[buyer] / 1e11 * share * 1.02 ** (year % 100), -3)


def flows(evenings: list[datetime], source: str) -> list[dict[str, Any]]:
    """The two years before the last; of the later one each reporter in turn, France last."""
    last = evenings[-1].year - 2
    turns = dict(zip(("USA", "DEU", "FRA"), (100, 250, 400), strict=True))
    rows: list[dict[str, Any]] = []
    for reporter in REPORTERS:
        for year in (last - 1, last):
            known = evenings[turns[reporter] if year == last else 2]
            for flow in ("export", "import"):
                rows += _report(reporter, flow, year, known, source)
    # One correction, after which Germany has sold more to the United States.
    lifted = next(r for r in rows if _is(r, "DEU", "USA", "27", last))
    value = lifted["value_usd"] * 1.5
    later = lifted["known_at"] + timedelta(days=60)
    return [*rows, lifted | {"value_usd": value, "known_at": later}]


def _is(row: dict[str, Any], reporter: str, partner: str, product: str, year: int) -> bool:
    found = (row["reporter"], row["partner"], row["product"], row["flow"], row["year"])
    return found == (reporter, partner, product, "export", year)


def _report(
    reporter: str, flow: str, year: int, known: datetime, source: str
) -> list[dict[str, Any]]:
    values: dict[tuple[str, str], float] = {}
    for partner in PARTNERS:
        if partner == reporter:
            continue
        for chapter in CHAPTERS:
            seller, buyer = (reporter, partner) if flow == "export" else (partner, reporter)
            value = sold(seller, buyer, chapter, year) * (1.0 if flow == "export" else CIF)
            for key in ((partner, chapter), (partner, "TOTAL"), ("WLD", chapter), ("WLD", "TOTAL")):
                values[key] = values.get(key, 0.0) + value
    return [
        {
            "reporter": reporter,
            "partner": partner,
            "product": product,
            "flow": flow,
            "year": year,
            "value_usd": value,
            "net_weight_kg": value / 2.0 if product != "TOTAL" and partner != "WLD" else None,
            "valuation": "FOB" if flow == "export" else "CIF",
            "classification": "HS2022",
            "known_at": known,
            "source": source,
        }
        for (partner, product), value in values.items()
    ]
