"""Receipts: what a figure rests on, as a file that is run again and compared.

A figure of kind "SQL" is the result of its query and runs again in plain DuckDB; one of kind "SQL
and function" is what a named function of ours makes of its queries. Inputs are kept as queries and
fingerprints, not as rows, so that a receipt stays small; it names no place on a disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from data.clock import iso
from data.errors import ConfigError
from data.lake.manifest import Manifest
from data.lake.parquet import literal, name
from data.proof.results import plain, result, values
from data.proof.rule_files import code_version, rule_files
from data.query import Answer, At, QueryRun, Value, view
from data.query.guard import dataset_of

FORMAT = 2
LIMIT = 200_000  # bytes of JSON, unless all of it is asked for
FEW, MANY = 5_000, 100_000  # values: of an input that are kept where there is room, and of a figure
PREPARE = "PREPARE receipt AS "
LAKE = "SET VARIABLE lake = '.'; -- where the lake lies"
ReceiptKind = Literal["SQL", "SQL and function"]
KINDS: tuple[ReceiptKind, ...] = get_args(ReceiptKind)


def make_receipt(answer: Answer, *, whole: bool = False) -> dict[str, Any]:
    """The receipt of an answer as a JSON-able dictionary; `whole` keeps all rows.

    What does not fit is left out from its end on, and named: the values of the inputs, the scripts
    of the queries, the values of the figure, the list of files.
    """
    reads = _Reads(answer)
    queries = [_query(query_run, reads) for query_run in answer.asked]
    made: dict[str, Any] = {
        "barograph_receipt": FORMAT,
        "kind": kind_of(answer),
        "figure": _figure(answer, reads),
        "damaged": list(answer.damaged),
        "rule_files": dict(rule_files()),
        "read_at": iso(max(query_run.at.read_at for query_run in answer.asked)),
        "datasets": reads.versions,
        "sources": [
            row for query_run in answer.asked[:1] for row in _sources(query_run.at, reads.names)
        ],
        "queries": queries,
    }
    room = None if whole else LIMIT - len(json.dumps(made))
    made["left_out"] = list(_fill(made, answer, reads, room))
    return made


def save_receipt(answer: Answer, path: Path, *, whole: bool = False) -> None:
    """The receipt of an answer as a file."""
    text = json.dumps(make_receipt(answer, whole=whole), indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write the receipt to {path}: {error.strerror}") from error


def kind_of(answer: Answer) -> ReceiptKind:
    """By what a figure can be had again."""
    return KINDS[answer.derived is not None]


def _fill(made: dict[str, Any], answer: Answer, reads: _Reads, room: int | None) -> Iterator[str]:
    """Put in what has room, the most useful first; gives the words for what has none."""
    parts: list[tuple[str, dict[str, Any], str, Any]] = [
        (f"the files of {key}", made["datasets"][key], "files", files)
        for key, files in reads.files.items()
    ]
    if answer.derived is not None and (groups := _kept(answer.frame, MANY, room)) is not None:
        parts.append(("the values of the figure", made["figure"]["result"], "values", groups))
    queries = list(zip(made["queries"], answer.asked, strict=True))
    parts += [
        (f"the script of query {number}", query, "script", script(query_run))
        for number, (query, query_run) in enumerate(queries, 1)
    ]
    parts += [
        (f"the values of query {number}", query["result"], "values", groups)
        for number, (query, query_run) in enumerate(queries, 1)
        if (groups := _kept(query_run.frame, FEW if answer.derived else MANY, room)) is not None
    ]
    for words, place, key, part in parts:
        weight = len(json.dumps(part)) + 20
        if room is not None and weight > room:
            yield words
            continue
        place[key] = part
        room = room if room is None else room - weight


def _kept(frame: pl.DataFrame, most: int, room: int | None) -> list[list[Any]] | None:
    """The rows of a frame, where they are few enough to be worth a look."""
    if room is not None and frame.height * frame.width > most:
        return None
    return values(frame)


class _Reads:
    """The versions of datasets that an answer read, each named once."""

    def __init__(self, answer: Answer) -> None:
        called = [answer.called.at] if answer.called else []
        handles = [*called, *(query_run.at for query_run in answer.asked)]
        tables = {table for query_run in answer.asked for table in query_run.tables}
        self.names = sorted({dataset_of(table) for table in tables})
        self.versions: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, str]] = {}
        for at in handles:
            for dataset in self.names:
                self._add(at.manifests[dataset])

    def _add(self, manifest: Manifest) -> None:
        key = _key(manifest)
        files = self.files.setdefault(key, {})
        files |= {entry.file: entry.sha256 for entry in manifest.files}
        self.versions[key] = {
            "version": manifest.version,
            "published_at": manifest.published_at,
            "count": len(files),
        }

    def of(self, at: At, datasets: Iterable[str]) -> dict[str, Any]:
        """What a handle reads of datasets: the version, and the files where those are not all."""
        found = {}
        for dataset in sorted(datasets):
            manifest = at.manifests[dataset]
            every, read = self.files[_key(manifest)], {entry.file for entry in manifest.files}
            places = [place for place, file in enumerate(sorted(every)) if file in read]
            found[dataset] = [_key(manifest), None if len(read) == len(every) else places]
        return found


def _key(manifest: Manifest) -> str:
    return f"{manifest.dataset}@{manifest.version}"


def _clock(at: At) -> dict[str, Any]:
    return {"as_of": iso(at.as_of), "mode": at.mode, "all_vintages": at.all_vintages}


def _figure(answer: Answer, reads: _Reads) -> dict[str, Any]:
    """The frame on the screen, and for a function's what it takes to call it again."""
    if answer.derived is None:
        return {"query": len(answer.asked)}
    found: dict[str, Any] = {"derived": answer.derived, "result": result(answer.frame)}
    if (called := answer.called) is None:
        return found
    return (
        found
        | _clock(called.at)
        | {
            "function": called.function,
            "params": {key: encoded(value) for key, value in called.params.items()},
            "code": code_version(),
            "reads": reads.of(called.at, reads.names),
        }
    )


def _query(query_run: QueryRun, reads: _Reads) -> dict[str, Any]:
    datasets = {dataset_of(table) for table in query_run.tables}
    return _clock(query_run.at) | {
        "sql": query_run.sql,
        "params": {key: encoded(value) for key, value in query_run.params.items()},
        "tables": sorted(query_run.tables),
        "reads": reads.of(query_run.at, datasets),
        "result": result(query_run.frame),
    }


def _sources(at: At, datasets: Iterable[str]) -> list[dict[str, Any]]:
    """Who said what could be seen of datasets under a clock, and when it was last known."""
    rows = []
    for dataset in datasets:
        found = at.sql(
            "SELECT source, vintage_grade, count(*) AS rows, max(known_at) AS last_known_at, "  # noqa: S608 - a name of ours
            f"max(ingested_at) AS last_ingested_at FROM {dataset} GROUP BY ALL ORDER BY ALL"
        ).frame.to_dicts()
        rows += [{"dataset": dataset} | {k: plain(v) for k, v in row.items()} for row in found]
    return rows


def script(query_run: QueryRun) -> str:
    """The query with its views, clock and parameters, for plain DuckDB in the lake's folder."""
    views = "\n".join(
        f"CREATE TEMP VIEW {name(table)} AS {view(query_run.at, table)};"
        for table in sorted(query_run.tables)
    )
    here = literal(f"{query_run.at.db.root}/")[:-1]
    arguments = ", ".join(
        f"{name(key)} := {sql_value(value)}" for key, value in query_run.params.items()
    )
    lines = [
        "-- A receipt of Barograph: DuckDB 2.0 or later runs this by itself to the same result.",
        f"-- Read at {iso(query_run.at.read_at)} in {query_run.at.mode} mode.",
        LAKE,
        "SET TimeZone = 'UTC';",
        f"SET VARIABLE as_of = TIMESTAMPTZ {literal(iso(query_run.at.as_of))};",
        views.replace(here, "getvariable('lake') || '/"),
        prepare(query_run.sql),
        f"EXECUTE receipt({arguments});" if arguments else "EXECUTE receipt;",
    ]
    return "\n".join(lines) + "\n"


def prepare(sql: str) -> str:
    """On a line of its own, the semicolon also ends a query that ends in a comment."""
    return f"{PREPARE}{sql.strip().rstrip(';')}\n;"


def placed(text: str, root: Path) -> str:
    """A script for a lake at this place."""
    return text.replace(LAKE, f"SET VARIABLE lake = {literal(str(root.absolute()))};", 1)


def sql_value(value: Value) -> str:
    """A parameter as an SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    if isinstance(value, datetime):
        kind = "TIMESTAMPTZ" if value.tzinfo else "TIMESTAMP"
        return f"{kind} {literal(plain(value))}"
    if isinstance(value, date):
        return f"DATE {literal(value.isoformat())}"
    if isinstance(value, list):
        return "[" + ", ".join(sql_value(item) for item in value) + "]"
    return literal(str(value))


def encoded(value: object) -> Any:
    """A parameter as JSON holds it, its type with it where JSON has none."""
    if isinstance(value, datetime | date):
        return {type(value).__name__: plain(value)}
    if isinstance(value, list | tuple):
        return [encoded(item) for item in value]
    if isinstance(value, Mapping):
        return {"mapping": {str(key): encoded(item) for key, item in value.items()}}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ConfigError(f"a parameter of type {type(value).__name__} cannot be kept in a receipt")


def decoded(value: Any) -> Any:
    """The parameter again."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "mapping":
        return {key: decoded(item) for key, item in held.items()}
    return {"datetime": datetime, "date": date}[kind].fromisoformat(held)
