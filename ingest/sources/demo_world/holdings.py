"""Form 13F filings as rows: 45 days late, both kinds of amendment, and planted errors of units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from data.codes import cusip_digit
from data.datasets.fund_holdings import (
    DOLLARS_FROM,
    EMPTY_BOOK,
    FUND_HOLDINGS,
    NO_CUSIP,
    NOTICE,
    VALUE_IS_AMOUNT,
)
from ingest.sources.demo_world.draws import uniforms
from ingest.sources.demo_world.funds import (
    Fund,
    Security,
    funds_of,
    positions,
    quarters_of,
    securities_of,
)
from ingest.sources.demo_world.issuers import Issuer
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import (
    assemble,
    coded,
    day_number,
    days_of,
    in_order,
    instants,
    local_instants,
)

_RESTATED, _ADDED, _LATE = 0.02, 0.04, 0.98
# By the manager's number and the quarter: what its filing is an example of.
WITHHELD = (1, date(2016, 6, 30))
MISCOUNTED = (0, date(2018, 3, 31))
SENT_TWICE = (1, date(2015, 3, 31))
IN_THOUSANDS = (2, date(2022, 12, 31))
VALUE_AS_AMOUNT = (3, date(2023, 9, 30))
EMPTIED = {(4, date(2017, 9, 30)), (4, date(2017, 12, 31))}
NOTICES = {(5, date(2020, month, day)) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))}


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """One position as a filing states it, its value in whole dollars."""

    cusip: str
    issuer: str | None
    title: str | None
    value: float
    amount: float
    put_call: str = "none"
    kind: str = "SH"
    entries: int = 1
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class FundFiling:
    """One filing, `days` after the quarter's end, at a minute of that day."""

    manager: Fund
    quarter: date
    days: int
    minute: int
    form: str
    lines: tuple[ReportedLine, ...]
    amendment: str | None = None


def holding_table(spec: Spec, issuers: Sequence[Issuer], panels: Sequence[PricePanel]) -> pa.Table:
    """Every position of every filing."""
    ends = quarters_of(spec)
    securities = securities_of(issuers, panels, ends)
    filings: list[tuple[str, FundFiling]] = []
    for manager in funds_of(spec):
        owned = positions(spec, manager, securities, len(ends))
        luck = uniforms(spec.seed, f"filings {manager.id}", len(ends) * 6).reshape(len(ends), 6)
        for at, end in enumerate(ends):
            sent = submissions(manager, end, at, owned[at], luck[at].tolist())
            stem = f"demo-13f-{manager.number + 1:03d}-{at + 1:04d}"
            filings += [(f"{stem}-{turn}", item) for turn, item in enumerate(sent)]
    return _table(spec, filings)


def submissions(
    manager: Fund,
    end: date,
    at: int,
    owned: Sequence[tuple[Security, int]],
    luck: Sequence[float],
) -> Iterator[FundFiling]:
    """The filing of a quarter and what amends it."""
    days = 36 + int(luck[0] * 10) if luck[1] < _LATE else 60 + int(luck[0] * 40)
    case, minute = (manager.number, end), 14 * 60 + int(luck[2] * 200)
    lines = _lines(manager, at, owned)
    first = FundFiling(manager, end, days, minute, "13F-HR", lines)
    if case in NOTICES:
        yield replace(first, form="13F-NT", lines=(_nothing(NOTICE),))
        return
    if case in EMPTIED or not lines:
        yield replace(first, lines=(_nothing(EMPTY_BOOK),))
        return
    amended = replace(first, form="13F-HR/A", minute=minute - 30)
    wrong = _misstated(case, lines, luck[3])
    if wrong is not None:
        yield replace(first, lines=wrong)
        if case != VALUE_AS_AMOUNT:
            yield replace(amended, days=days + 20, amendment="RESTATEMENT")
    elif len(lines) > 4 and (case == WITHHELD or luck[3] < _ADDED):
        yield replace(first, lines=lines[2:])
        yield replace(amended, days=days + 150, lines=lines[:2], amendment="NEW HOLDINGS")
    else:
        yield first
        if case == SENT_TWICE:
            yield replace(first, days=days + 1)


def _misstated(
    case: tuple[int, date], lines: tuple[ReportedLine, ...], chance: float
) -> tuple[ReportedLine, ...] | None:
    """The lines of a first filing that is wrong; None for one that is right."""
    if case == IN_THOUSANDS:
        return tuple(replace(line, value=float(round(line.value / 1000.0))) for line in lines)
    if case == VALUE_AS_AMOUNT:
        return tuple(
            replace(line, amount=line.value, flag=VALUE_IS_AMOUNT) if line.kind == "SH" else line
            for line in lines
        )
    if case == MISCOUNTED or chance < _RESTATED:
        largest = max(range(len(lines)), key=lambda at: (lines[at].value, -at))
        line = lines[largest]
        ten = replace(line, value=line.value * 10.0, amount=line.amount * 10.0)
        return (*lines[:largest], ten, *lines[largest + 1 :])
    return None


def _lines(
    manager: Fund, at: int, owned: Sequence[tuple[Security, int]]
) -> tuple[ReportedLine, ...]:
    """Shares; of every seventh name a put or a call too, of every eleventh a bond."""
    lines = []
    for security, shares in owned:
        number, close = security.issuer.number, float(security.close[at])
        name = security.issuer.name.upper()
        entries = 2 if (number + manager.number) % 5 == 0 else 1
        lines.append(
            ReportedLine(
                security.cusip, name, "COM", float(round(shares * close)), shares, entries=entries
            )
        )
        turn = number + manager.number + at
        if turn % 7 == 0:
            part, side = shares // 4 + 1, "put" if turn % 2 else "call"
            value = float(round(part * close))
            lines.append(ReportedLine(security.cusip, name, "COM", value, part, side))
        if turn % 11 == 0:
            stem = f"{number:06d}AB"
            bond, principal = f"{stem}{cusip_digit(stem)}", float(shares * 10)
            value = float(round(principal * 0.97))
            lines.append(ReportedLine(bond, name, "NOTE 1.000% 9/1", value, principal, kind="PRN"))
    return tuple(lines)


def _nothing(flag: str) -> ReportedLine:
    return ReportedLine(NO_CUSIP, None, None, 0.0, 0.0, entries=0, flag=flag)


def _weekday(day: int) -> int:
    """That day, or the Monday after it."""
    return day + 7 - (day + 3) % 7 if (day + 3) % 7 >= 5 else day


def _table(spec: Spec, filings: Sequence[tuple[str, FundFiling]]) -> pa.Table:
    which = np.repeat(np.arange(len(filings)), [len(item.lines) for _, item in filings])
    lines = [line for _, item in filings for line in item.lines]
    filed = np.array([_weekday(day_number(item.quarter) + item.days) for _, item in filings])
    minutes = np.array([item.minute for _, item in filings])
    known = local_instants(filed, minutes, "America/New_York")
    value = np.array([line.value for line in lines])
    value = np.where(
        filed[which] < day_number(DOLLARS_FROM), np.rint(value / 1000.0) * 1000.0, value
    )

    def of_filing(words: list[Any]) -> pa.Array:
        return coded(which, words)

    columns = {
        "manager": of_filing([item.manager.id for _, item in filings]),
        "manager_name": of_filing([item.manager.name.upper() for _, item in filings]),
        "period_end": days_of(np.array([day_number(i.quarter) for _, i in filings])[which]),
        "accession": of_filing([accession for accession, _ in filings]),
        "cusip": [line.cusip for line in lines],
        "issuer": [line.issuer for line in lines],
        "title_of_class": [line.title for line in lines],
        "put_call": [line.put_call for line in lines],
        "amount_kind": [line.kind for line in lines],
        "discretion": "SOLE",
        "value_usd": value,
        "amount": np.array([float(line.amount) for line in lines]),
        "entries": pa.array([line.entries for line in lines], pa.int32()),
        "form": of_filing([item.form for _, item in filings]),
        "amendment_type": of_filing([item.amendment for _, item in filings]),
        "filed_on": days_of(filed[which]),
        "flag": [line.flag for line in lines],
        "known_at": instants(known[which]),
    }
    return in_order(assemble(FUND_HOLDINGS, columns, spec), FUND_HOLDINGS)
