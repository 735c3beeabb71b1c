"""Data sets of the SEC made of facts by the SEC's own rules of rounding, as it documents them."""

from __future__ import annotations

import calendar
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SUB = tuple(
    [
        "adsh",
        "cik",
        "name",
        "sic",
        "countryba",
        "stprba",
        "cityba",
        "zipba",
        "bas1",
        "bas2",
        "baph",
        "countryma",
        "stprma",
        "cityma",
        "zipma",
        "mas1",
        "mas2",
        "countryinc",
        "stprinc",
        "ein",
        "former",
        "changed",
        "afs",
        "wksi",
        "fye",
        "form",
        "period",
        "fy",
        "fp",
        "filed",
        "accepted",
        "prevrpt",
        "detail",
        "instance",
        "nciks",
        "aciks",
    ]
)
NUM = tuple(
    ["adsh", "tag", "version", "ddate", "qtrs", "uom", "segments", "coreg", "value", "footnote"]
)
NUM_NOTES = tuple(
    [
        "adsh",
        "tag",
        "version",
        "ddate",
        "qtrs",
        "uom",
        "dimh",
        "iprx",
        "value",
        "footnote",
        "footlen",
        "dimn",
        "coreg",
        "durp",
        "datp",
        "dcml",
    ]
)
PLAIN = "0x00000000"


def rounded(day: date) -> date:
    """The nearest end of a month."""
    ends = []
    for back in (-1, 0):
        month = day.month + back
        year, month = (day.year - 1, 12) if month == 0 else (day.year, month)
        ends.append(date(year, month, calendar.monthrange(year, month)[1]))
    return min(ends, key=lambda end: abs((end - day).days))


@dataclass(frozen=True)
class SetFact:
    """One fact of one filing, with its XBRL days."""

    accession: str
    tag: str
    value: float
    end: date
    start: date | None = None
    taxonomy: str = "us-gaap/2023"
    unit: str = "USD"
    segments: str = ""
    coregistrant: str = ""
    decimals: int = -6


@dataclass
class SetFiling:
    """One row of `sub`."""

    accession: str
    cik: int
    form: str
    period: date
    filed: date
    accepted: datetime | None = None
    instance: str = ""
    year_end: str = "1231"

    def cells(self) -> dict[str, str]:
        local = self.accepted and self.accepted.astimezone(ZoneInfo("America/New_York"))
        return {
            "adsh": self.accession,
            "cik": str(self.cik),
            "name": 'A "Company" & Sons',
            "form": self.form,
            "period": f"{rounded(self.period):%Y%m%d}",
            "filed": f"{self.filed:%Y%m%d}",
            "accepted": f"{local:%Y-%m-%d %H:%M}:00.0" if local else "",
            "instance": self.instance or f"x-{self.period:%Y%m%d}.xml",
            "fye": self.year_end,
        }


@dataclass
class SetOfData:
    """A quarter's archive."""

    filings: list[SetFiling]
    facts: list[SetFact]

    def statements(self, path: Path) -> Path:
        """Without notes: days are rounded and no more is said of them."""
        rows = [(_cells(one) | {"segments": one.segments}) for one in self.facts]
        return _zip(path, {"sub.txt": _lines(SUB, self._subs()), "num.txt": _lines(NUM, rows)})

    def notes(self, path: Path) -> Path:
        """With notes, dimensions by hash, and by how much each day was rounded."""
        hashes = {one.segments for one in self.facts if one.segments}
        dims = {text: f"0x{number + 1:032x}" for number, text in enumerate(sorted(hashes))}
        rows = [
            (_cells(one) | _rounding(one) | {"dimh": dims.get(one.segments, PLAIN)})
            for one in self.facts
        ]
        named = [{"dimhash": PLAIN, "segments": "", "segt": "0"}]
        named += [{"dimhash": key, "segments": text, "segt": "0"} for text, key in dims.items()]
        tables = {
            "sub.tsv": _lines(SUB, self._subs()),
            "dim.tsv": _lines(["dimhash", "segments", "segt"], named),
            "num.tsv": _lines(NUM_NOTES, rows),
        }
        return _zip(path, tables)

    def _subs(self) -> list[dict[str, str]]:
        return [one.cells() for one in self.filings]


def _quarters(one: SetFact) -> float:
    return (one.end - one.start).days / 91.25 if one.start else 0.0


def _cells(one: SetFact) -> dict[str, str]:
    return {
        "adsh": one.accession,
        "tag": one.tag,
        "version": one.taxonomy,
        "ddate": f"{rounded(one.end):%Y%m%d}",
        "qtrs": str(round(_quarters(one))),
        "uom": one.unit,
        "coreg": one.coregistrant,
        "value": f"{one.value:.4f}",
    }


def _rounding(one: SetFact) -> dict[str, str]:
    gap = round(_quarters(one)) - _quarters(one)
    days = float((rounded(one.end) - one.end).days)
    shown = f"{gap + 2e-7:.9f}" if gap else "0.0"  # single precision, as in the real ones
    return {"iprx": "0", "durp": shown, "datp": str(days), "dcml": str(one.decimals)}


def _lines(names: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    lines = ["\t".join(names)]
    lines += ["\t".join(str(row.get(name, "")) for name in names) for row in rows]
    return "\n".join(lines) + "\n"


def _zip(path: Path, tables: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in tables.items():
            made.writestr(name, text)
    return path


def facts_of(document: dict[str, Any]) -> list[SetFact]:
    """Every fact of a companyfacts document, filing by filing."""
    found = []
    for taxonomy, tags in document["facts"].items():
        version = "ifrs/2023" if taxonomy == "ifrs-full" else f"{taxonomy}/2023"
        for tag, stated in tags.items():
            for unit, rows in stated["units"].items():
                for row in rows:
                    start = row.get("start")
                    found.append(
                        SetFact(
                            row["accn"],
                            tag,
                            float(row["val"]),
                            date.fromisoformat(row["end"]),
                            date.fromisoformat(start) if start else None,
                            version,
                            unit,
                        )
                    )
    return found


def filings_of(
    document: dict[str, Any], public: dict[str, datetime], year_end: str
) -> list[SetFiling]:
    """The filings that state them, each for the last period end that it states."""
    rows: dict[str, dict[str, Any]] = {}
    ends: dict[str, date] = {}
    for taxonomy, tags in document["facts"].items():
        for stated in tags.values() if taxonomy != "dei" else ():
            for facts in stated["units"].values():
                for row in facts:
                    rows[row["accn"]] = row
                    end = date.fromisoformat(row["end"])
                    ends[row["accn"]] = max(end, ends.get(row["accn"], end))
    return [
        SetFiling(
            accession,
            int(document["cik"]),
            row["form"],
            ends[accession],
            date.fromisoformat(row["filed"]),
            public.get(accession),
            year_end=year_end,
        )
        for accession, row in rows.items()
    ]


def by_year(filings: list[SetFiling], facts: list[SetFact]) -> list[SetOfData]:
    """The filings of each year in a set, the oldest first."""
    sets: dict[int, SetOfData] = {}
    home = {filing.accession: filing.filed.year for filing in filings}
    for filing in filings:
        sets.setdefault(filing.filed.year, SetOfData([], [])).filings.append(filing)
    for fact in facts:
        if fact.accession in home:
            sets[home[fact.accession]].facts.append(fact)
    return [sets[year] for year in sorted(sets)]
