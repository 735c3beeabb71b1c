"""Statements and findings as plain values and back, as the ledger of claims keeps them."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union

from analytics.claims.check import CheckedStatement
from analytics.claims.finding import CLASS_OF, Finding
from analytics.claims.statement import Statement
from data.clock import iso
from data.query import At
from data.query.guard import dataset_of
from data.state.claim_ledger import StatementRecord, VerdictRecord

T = TypeVar("T")


def statement_record(checked: CheckedStatement) -> StatementRecord:
    """A statement of a draft for the ledger."""
    said = checked.statement
    return StatementRecord(checked.quote, said.start, said.end, plain(said))


def verdict_record(finding: Finding, at: At, later: At) -> VerdictRecord:
    """A finding for the ledger, with the queries by which it can be found again."""
    answer = finding.answer
    runs = () if answer is None else answer.asked
    said = {field.name: getattr(finding, field.name) for field in fields(finding)}
    body = {name: plain(value) for name, value in said.items() if name != "answer"}
    body["class"] = finding.verdict_class
    body["damaged"] = list(answer.damaged) if answer else []
    asked = [
        {
            "sql": run.sql,
            "params": plain(dict(run.params)),
            "as_of": iso(run.at.as_of),
            "mode": run.at.mode,
        }
        for run in runs
    ]
    read = sorted({dataset_of(table) for run in runs for table in run.tables})
    lake = {dataset: later.manifests[dataset].version for dataset in read}
    return VerdictRecord(at.as_of, at.mode, later.as_of, body, asked, lake)


def statement_of(said: Mapping[str, Any]) -> Statement:
    """The statement of the values that `statement_record` made."""
    return built(Statement, said)


def finding_of(said: Mapping[str, Any]) -> Finding:
    """The finding of the values that `verdict_record` made, without the rows that were read."""
    if said.get("verdict") not in CLASS_OF:
        raise ValueError(f"{said.get('verdict')!r} is no verdict")
    return built(Finding, said)


def plain(value: object) -> Any:
    """A value as JSON has it; numbers that are not finite are none."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def built(kind: type[T], said: Mapping[str, Any]) -> T:
    """An object of a class from its fields as `plain` gives them; fields that it has no more are
    left out, those that are missing have their defaults."""
    hints = _hints(typing.cast(Any, kind))
    known = {name: _as(hints[name], value) for name, value in said.items() if name in hints}
    return kind(**known)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _as(hint: Any, value: Any) -> Any:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if value is None or origin is Literal:
        return value
    if origin in (Union, types.UnionType):
        (only,) = (one for one in inside if one is not type(None))
        return _as(only, value)
    if origin is tuple:
        return tuple(_as(inside[0], one) for one in value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    return built(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value
