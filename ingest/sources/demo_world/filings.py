"""Accounts as filed: companies, fundamentals with restatements, revenue by place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.datasets.companies import COMPANIES
from data.datasets.exposures import EXPOSURES
from data.datasets.fundamentals import FUNDAMENTALS
from ingest.sources.demo_world.draws import Floats, Ints, uniforms
from ingest.sources.demo_world.issuers import RENAMED, SECTORS, Issuer
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.statements import (
    FLOWS,
    SHORT_TERM,
    Accounts,
    is_domestic,
    report_accession,
    restated_at,
    restated_quarter,
    sells_paper,
    told_first,
)
from ingest.sources.demo_world.tables import (
    assemble,
    coded,
    day_number,
    days_of,
    in_order,
    instants,
)
from ingest.sources.demo_world.ties import places

PER_SHARE = "EarningsPerShareDiluted"
_LARGE, _SMALL = 7e9, 7.5e8  # in the demo most are large by the SEC's own limits
_PERIODS = ("Q1", "Q2", "Q3", "Q4")


def company_table(spec: Spec, issuers: Sequence[Issuer]) -> pa.Table:
    """One row per company, and one more from the day of a new name."""
    rows = []
    for issuer in issuers:
        rows.append((issuer, issuer.name, max(issuer.listed - 30, day_number(FIRST_DAY))))
        if issuer.number in RENAMED:
            rows.append((issuer, f"{issuer.name} Holdings", day_number(RENAMED[issuer.number])))
    table = assemble(
        COMPANIES,
        {
            "company": [row[0].company for row in rows],
            "name": [row[1] for row in rows],
            "sector": [SECTORS[row[0].sector] for row in rows],
            "industry": [row[0].industry for row in rows],
            "country": [row[0].venue.country for row in rows],
            "currency": [row[0].currency for row in rows],
            "lei": [f"DEMO{row[0].number:014d}00" for row in rows],
            "fiscal_year_end": "12-31",
            "category": [_category(row[0]) for row in rows],
            "description": [_description(row[0]) for row in rows],
            "known_at": instants(np.array([row[2] * DAY_US for row in rows])),
        },
        spec,
    )
    return in_order(table, COMPANIES)


def _category(issuer: Issuer) -> str:
    """By what its shares were worth when they were first listed, in dollars."""
    size = issuer.shares * issuer.price / issuer.venue.level
    if size >= _LARGE:
        return "Large accelerated filer"
    return "Accelerated filer" if size >= _SMALL else "Non-accelerated filer"


def _description(issuer: Issuer) -> str:
    sector = SECTORS[issuer.sector].lower()
    return f"{issuer.industry}, in the sector {sector}. An invented company."


def fundamental_table(spec: Spec, issuers: Sequence[Issuer], accounts: Accounts) -> pa.Table:
    """Every line of every filing, ordered by year, company, end, concept."""
    concepts = sorted([*accounts.cents, PER_SHARE])
    shares = np.array([issuer.shares for issuer in issuers])
    stack = np.stack(
        [
            np.round(accounts.cents["NetIncomeLoss"] / 100.0 / shares, 4) + 0.0
            if name == PER_SHARE
            else accounts.cents[name] / 100.0
            for name in concepts
        ]
    )
    quarter, column = np.nonzero(accounts.has_filed & (accounts.filed < spec.end_us))
    turn = np.lexsort((quarter, column, quarter // 4))
    quarter, column = quarter[turn], column[turn]
    count = len(concepts)
    paper = np.array([sells_paper(issuer) for issuer in issuers])
    silent = np.array([concepts.index(name) for name in SHORT_TERM])
    at = {
        "company": np.repeat(column, count),
        "quarter": np.repeat(quarter, count),
        "concept": np.tile(np.arange(count), len(quarter)),
        "value": stack[:, quarter, column].T.ravel(),
        "known": np.repeat(accounts.filed[quarter, column], count),
        "again": np.zeros(len(quarter) * count, dtype=np.int64),
    }
    # Each company uses one of the two words for what it owes for short.
    told = at["concept"] != np.where(paper, *silent)[at["company"]]
    at = {name: values[told] for name, values in at.items()}
    return _fundamentals(spec, issuers, accounts, _with_restated(at, accounts, issuers, concepts))


def _with_restated(
    at: dict[str, Ints], accounts: Accounts, issuers: Sequence[Issuer], concepts: list[str]
) -> dict[str, Ints]:
    """The rows of a quarter told again come twice: as first told, and as they are."""
    for column, issuer in enumerate(issuers):
        quarter = restated_quarter(issuer.number)
        if quarter is None or quarter >= len(accounts.ends):
            continue
        first = told_first(accounts, quarter, column, issuer.number)
        rows = np.flatnonzero((at["company"] == column) & (at["quarter"] == quarter))
        changed = []
        for row in rows:
            name = concepts[int(at["concept"][row])]
            value = first["NetIncomeLoss"] / issuer.shares if name == PER_SHARE else first[name]
            value = round(value / 100.0, 4 if name == PER_SHARE else 2)
            if value != at["value"][row]:
                changed.append((row, value))
        extra = np.array([row for row, _ in changed], dtype=np.int64)
        later = {name: values[extra] for name, values in at.items()}
        later["known"] = np.full(len(extra), restated_at(accounts, quarter, column))
        later["again"] = np.ones(len(extra), dtype=np.int64)
        for row, value in changed:
            at["value"][row] = value
        at = {name: np.insert(at[name], extra + 1, later[name]) for name in at}
    return at


def _fundamentals(
    spec: Spec, issuers: Sequence[Issuer], accounts: Accounts, at: dict[str, Ints]
) -> pa.Table:
    concepts = sorted([*accounts.cents, PER_SHARE])
    money = sorted({issuer.currency for issuer in issuers})
    units = [*money, *(f"{code} per share" for code in money)]
    code = np.array([money.index(issuer.currency) for issuer in issuers])[at["company"]]
    per_share = at["concept"] == concepts.index(PER_SHARE)
    is_flow = np.isin(at["concept"], [concepts.index(name) for name in (*FLOWS, PER_SHARE)])
    ends = accounts.ends[at["quarter"]]
    forms = ("10-Q", "10-K", "10-Q/A", "10-K/A", "6-K", "20-F", "6-K/A", "20-F/A")
    abroad = np.array([not is_domestic(issuer) for issuer in issuers])
    form = (at["quarter"] % 4 == 3) + 2 * at["again"] + 4 * abroad[at["company"]]
    filing = at["company"] * len(accounts.ends) * 2 + at["quarter"] * 2 + at["again"]
    unique, where = np.unique(filing, return_inverse=True)
    places = ((item // 2, bool(item % 2)) for item in unique.tolist())
    names = [
        report_accession(
            issuers[place // len(accounts.ends)].number, place % len(accounts.ends), again=again
        )
        for place, again in places
    ]
    return assemble(
        FUNDAMENTALS,
        {
            "company": coded(at["company"], [issuer.company for issuer in issuers]),
            "concept": coded(at["concept"], concepts),
            "period_start": days_of(np.where(is_flow, accounts.starts[at["quarter"]], ends)),
            "period_end": days_of(ends),
            "value": at["value"],
            "unit": coded(code + per_share * len(money), units),
            "fiscal_period": coded(at["quarter"] % 4, _PERIODS),
            "form": coded(form, forms),
            "accession": coded(where, names),
            "known_at": instants(at["known"]),
        },
        spec,
    )


def exposure_table(spec: Spec, issuers: Sequence[Issuer], accounts: Accounts) -> pa.Table:
    """Yearly revenue by place; what was not disclosed is a place of its own, and all adds up."""
    years = len(accounts.ends) // 4
    sales = accounts.cents["Revenues"].reshape(years, 4, -1)
    total = sales[:, 0] + sales[:, 1] + sales[:, 2] + sales[:, 3]
    whole = np.asarray(accounts.has_filed.reshape(years, 4, -1).all(axis=1))
    rows: list[tuple[int, int, str, int]] = []
    for column, issuer in enumerate(issuers):
        names, weights = _places(spec, issuer, years)
        for year in np.flatnonzero(whole[:, column]).tolist():
            revenue = int(total[year, column])
            parts = np.rint(revenue * weights[year]).astype(np.int64).tolist()
            left = revenue - sum(parts)
            rows += [(year, column, place, part) for place, part in zip(names, parts, strict=True)]
            rows.append((year, column, "undisclosed", left))
    rows.sort()
    last = np.array([row[0] * 4 + 3 for row in rows], dtype=np.int64)
    who = np.array([row[1] for row in rows], dtype=np.int64)
    return assemble(
        EXPOSURES,
        {
            "company": coded(who, [issuer.company for issuer in issuers]),
            "period_end": days_of(accounts.ends[last]),
            "place": [row[2] for row in rows],
            "revenue": np.array([row[3] for row in rows], dtype=np.int64) / 100.0,
            "currency": coded(who, [issuer.currency for issuer in issuers]),
            "accession": [report_accession(issuers[row[1]].number, row[0] * 4 + 3) for row in rows],
            "known_at": instants(accounts.filed[last, who]),
        },
        spec,
    )


def _places(spec: Spec, issuer: Issuer, years: int) -> tuple[list[str], Floats]:
    """The places of a company's revenue, with shares that drift from year to year."""
    names, share = places(spec, issuer)
    drift = uniforms(spec.seed, f"places by year {issuer.company}", years * 5).reshape(years, 5)
    return names, share * (0.9 + 0.2 * drift)
