"""Receipts: what a number rests on, as a file that plain DuckDB can run again and compare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from data.clock import iso
from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import sha256
from data.errors import ConfigError, QueryError, WorkstationError
from data.guard import check, dataset_of
from data.manifest import Manifest, read_manifest
from data.parquet import literal, name
from data.query import Answer, Asked, At, Value, view
from data.rule_files import rule_files
from data.views import KNOWN, VINTAGES, pinned, pinned_known, pinned_vintages

FORMAT = 1
SCRIPT_KINDS = ["SET", "SET", "PREPARE", "EXECUTE"]
KEPT_ROWS = 5_000
TOLERANCE = 1e-12
PREPARE = "PREPARE receipt AS "
NEVER = "1677-09-22T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of running one query of a receipt again."""

    sql: str
    same: bool
    note: str


def make_receipt(answer: Answer) -> dict[str, Any]:
    """The receipt of an answer as a JSON-able dictionary."""
    return {
        "barograph_receipt": FORMAT,
        "derived": answer.derived,
        "damaged": list(answer.damaged),
        "rule_files": dict(rule_files()),
        "queries": [_query(asked) for asked in answer.asked],
    }


def _query(asked: Asked) -> dict[str, Any]:
    at = asked.at
    datasets = sorted({dataset_of(table) for table in asked.tables})
    return {
        "sql": asked.sql,
        "params": {key: _plain(value) for key, value in asked.params.items()},
        "as_of": iso(at.as_of),
        "mode": at.mode,
        "all_vintages": at.all_vintages,
        "read_at": iso(at.read_at),
        "lake": str(at.db.root),
        "tables": sorted(asked.tables),
        "datasets": {dataset: _files(at.manifests[dataset]) for dataset in datasets},
        "sources": [row for dataset in datasets for row in _sources(at, dataset)],
        "result": _result(asked.frame),
        "script": script(asked),
    }


def _files(manifest: Manifest) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "published_at": manifest.published_at,
        "files": [
            {"file": entry.file, "rows": entry.rows, "sha256": entry.sha256}
            for entry in manifest.files
        ],
    }


def _sources(at: At, dataset: str) -> list[dict[str, Any]]:
    """Who said what could be seen of a dataset under this clock, and when it was last known."""
    rows = at.sql(
        "SELECT source, vintage_grade, count(*) AS rows, max(known_at) AS last_known_at, "  # noqa: S608 - a name of ours
        f"max(ingested_at) AS last_ingested_at FROM {dataset} GROUP BY ALL ORDER BY ALL"
    ).frame.to_dicts()
    return [{"dataset": dataset} | {k: _plain(v) for k, v in row.items()} for row in rows]


def script(asked: Asked) -> str:
    """The query with its views, clock and parameters, for plain DuckDB."""
    views = [
        f"CREATE TEMP VIEW {name(table)} AS {view(asked.at, table)};"
        for table in sorted(asked.tables)
    ]
    arguments = ", ".join(
        f"{name(key)} := {sql_value(value)}" for key, value in asked.params.items()
    )
    lines = [
        "-- A receipt of Barograph: DuckDB 2.0 or later runs this by itself to the same result.",
        f"-- Read at {iso(asked.at.read_at)} in {asked.at.mode} mode.",
        "SET TimeZone = 'UTC';",
        f"SET VARIABLE as_of = TIMESTAMPTZ {literal(iso(asked.at.as_of))};",
        *views,
        _prepare(asked.sql),
        f"EXECUTE receipt({arguments});" if arguments else "EXECUTE receipt;",
    ]
    return "\n".join(lines) + "\n"


def _prepare(sql: str) -> str:
    """On a line of its own, the semicolon also ends a query that ends in a comment."""
    return f"{PREPARE}{sql.strip().rstrip(';')}\n;"


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
        return f"{kind} {literal(_plain(value))}"
    if isinstance(value, date):
        return f"DATE {literal(value.isoformat())}"
    if isinstance(value, list):
        return "[" + ", ".join(sql_value(item) for item in value) + "]"
    return literal(str(value))


def verify(receipt: Mapping[str, Any]) -> list[Verdict]:
    """Run every query of a receipt again in plain DuckDB and compare with what it recorded."""
    if receipt.get("barograph_receipt") != FORMAT or not isinstance(receipt.get("queries"), list):
        raise ConfigError(
            f"not a receipt: expected JSON with barograph_receipt = {FORMAT} and a list of queries"
        )
    try:
        return [_verify_query(query) for query in receipt["queries"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"not a receipt of this program: {error!r} is missing or odd") from error


def _verify_query(query: Mapping[str, Any]) -> Verdict:
    root = Path(query["lake"])
    gone, altered = _check_files(root, query["datasets"])
    if altered:
        return Verdict(query["sql"], False, f"altered since: {', '.join(altered[:5])}")
    how = "the same files"
    try:
        text = _checked_script(query)
        if gone:
            text = _rebuilt(query, root)
            how = "the lake as it is now, with what was ingested since left out"
        found = _run_plain(text, root)
    except (duckdb.Error, pl.exceptions.PolarsError, WorkstationError) as error:
        return Verdict(query["sql"], False, f"failed: {str(error).splitlines()[0]}")
    difference = compare(query["result"], _result(found))
    if difference:
        return Verdict(query["sql"], False, f"{difference} (run on {how})")
    return Verdict(query["sql"], True, f"{found.height} rows, the same (run on {how})")


def _checked_script(query: Mapping[str, Any]) -> str:
    """The script, once it is sure that it runs the query that the receipt shows, and only reads.

    A receipt comes from anywhere: nothing in it may write a file or read one outside its lake.
    """
    text = str(query["script"])
    with duckdb.connect() as con:
        check(con, query["sql"])
        kinds = [str(statement.type).split(".")[-1] for statement in con.extract_statements(text)]
    others = [kind for kind in kinds if kind != "CREATE"]
    if others != SCRIPT_KINDS or _prepare(query["sql"]) not in text:
        raise QueryError("the script does not run the query that the receipt shows")
    return text


def _run_plain(text: str, root: Path) -> pl.DataFrame:
    with duckdb.connect(config={"python_enable_replacements": "false"}) as con:
        con.execute("SET allowed_directories = $folders", {"folders": [f"{root}/"]})
        con.execute("SET enable_external_access = false")
        return pl.DataFrame(con.sql(text).to_arrow_table())


def _check_files(root: Path, datasets: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Files that were collected since, and files whose bytes are not what they were."""
    gone, altered = [], []
    for dataset, stored in datasets.items():
        for entry in stored["files"]:
            path = root / dataset / entry["file"]
            if not path.exists():
                gone.append(f"{dataset}/{entry['file']}")
            elif sha256(path) != entry["sha256"]:
                altered.append(f"{dataset}/{entry['file']}")
    return gone, altered


def _rebuilt(query: Mapping[str, Any], root: Path) -> str:
    """The script over today's files, pinned to the version that was read.

    Rows are stamped under the lock of their dataset, so every row of a version was ingested
    before it was published, and every row of a later one after.
    """
    lines = [
        "SET TimeZone = 'UTC';",
        f"SET VARIABLE as_of = TIMESTAMPTZ {literal(query['as_of'])};",
    ]
    for table in query["tables"]:
        dataset = dataset_named(dataset_of(table))
        stored = query["datasets"][dataset.name]
        manifest = _same_partitions(dataset, root, stored["files"])
        pin = stored["published_at"] or NEVER
        if query["all_vintages"] or table.endswith(VINTAGES):
            body = pinned_vintages(dataset, root, manifest, pin)
        elif table.endswith(KNOWN):
            body = pinned_known(dataset, root, manifest, query["mode"], pin)
        else:
            body = pinned(dataset, root, manifest, query["mode"], pin)
        lines.append(f"CREATE TEMP VIEW {name(table)} AS {body};")
    text = str(query["script"])
    return "\n".join([*lines, text[text.index(PREPARE) :]])


def _same_partitions(dataset: Dataset, root: Path, files: list[dict[str, Any]]) -> Manifest:
    """Today's manifest with the partitions that were read: a handle may have left some out.

    Segments are compacted into partitions of another name, so all of theirs are looked through.
    """
    manifest = read_manifest(root / dataset.name, dataset.name)
    if dataset.appended:
        return manifest
    read = {entry["file"].rpartition("/")[0] for entry in files}
    kept = tuple(entry for entry in manifest.files if entry.partition in read)
    return replace(manifest, files=kept)


def _result(frame: pl.DataFrame) -> dict[str, Any]:
    """The numbers themselves while they are few; otherwise what each column adds up to."""
    shape = {"columns": {c: str(kind) for c, kind in frame.schema.items()}, "rows": frame.height}
    if frame.height <= KEPT_ROWS:
        return shape | {"values": [[_plain(value) for value in row] for row in frame.rows()]}
    return shape | {"sums": {column: _sum(frame[column]) for column in frame.columns}}


def _sum(column: pl.Series) -> list[Any]:
    if column.dtype.is_numeric():
        every = column.drop_nulls().cast(pl.Float64)
        finite = every.filter(every.is_finite()).to_list()
        odd = sorted(str(value) for value in every.filter(~every.is_finite()).to_list())
        return [column.null_count(), odd, math.fsum(finite), math.fsum(map(abs, finite))]
    if column.dtype.is_nested():
        column = pl.Series([None if value is None else str(value) for value in column.to_list()])
    return [column.null_count(), _plain(column.min()), _plain(column.max()), column.n_unique()]


def _plain(value: object) -> Any:
    """A value as JSON holds it; instants and dates as ISO text."""
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def compare(was: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    """What differs between two results, or nothing; order counts for nothing, 1e-12 is equal."""
    for part in ("columns", "rows"):
        if was[part] != found[part]:
            return f"expected {part} {was[part]}, found {found[part]}"
    if "sums" in was:
        wrong = [c for c, sums in was["sums"].items() if not _alike(sums, found["sums"][c])]
        return f"columns {', '.join(wrong)} differ" if wrong else None
    if _alike(was["values"], found["values"]):
        return None
    if len(was["values"]) != len(found["values"]):
        return f"expected the values of {len(found['values'])} rows, found {len(was['values'])}"
    ordered = [sorted(result["values"], key=_sort_key) for result in (was, found)]
    wrong = [i for i, (a, b) in enumerate(zip(*ordered, strict=True)) if not _alike(a, b)]
    if not wrong:
        return None
    first = wrong[0]
    return f"{len(wrong)} rows differ, e.g. {ordered[0][first]} is now {ordered[1][first]}"


def _sort_key(row: list[Any]) -> list[str]:
    return [f"{value:.9e}" if isinstance(value, float) else str(value) for value in row]


def _alike(was: Any, found: Any) -> bool:
    if isinstance(was, list) and isinstance(found, list):
        pairs = zip(was, found, strict=False)
        return len(was) == len(found) and all(_alike(a, b) for a, b in pairs)
    if isinstance(was, float) and isinstance(found, float):
        both_nan = math.isnan(was) and math.isnan(found)
        return both_nan or math.isclose(was, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(was == found)
