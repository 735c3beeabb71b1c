"""What a query may be: one SELECT over datasets by name; what escapes the clock is refused."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import Any

import duckdb

from data.datasets import DATASETS
from data.errors import QueryError
from data.views import VINTAGES

# Table functions that read nothing but their arguments.
HARMLESS = frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row"})
# What would let the machine's own time decide what is shown.
MACHINE_TIME = frozenset(
    {
        "now",
        "today",
        "get_current_timestamp",
        "get_current_time",
        "current_timestamp",
        "current_date",
        "current_time",
        "current_localtime",
        "current_localtimestamp",
        "transaction_timestamp",
        "localtimestamp",
        "localtime",
    }
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may run, and the relations it names (`macro`, `macro_vintages`)."""

    sql: str
    tables: frozenset[str]


def dataset_of(table: str) -> str:
    """The dataset behind a relation's name."""
    return table.removesuffix(VINTAGES)


def check(con: duckdb.DuckDBPyConnection, sql: str) -> Checked:
    """Parse with the engine's own parser; gives the query back or one sentence of refusal."""
    parsed = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    tree: dict[str, Any] = json.loads(parsed[0]) if parsed else {"error": True}
    if tree.get("error"):
        reason = str(tree.get("error_message", "it cannot be parsed")).splitlines()[0]
        if "Only SELECT" in reason:
            reason = "only SELECT is allowed; nothing can be written from here"
        raise QueryError(f"query refused: {reason}")
    if len(tree["statements"]) != 1:
        raise QueryError(f"query refused: expected one statement, found {len(tree['statements'])}")
    nodes = list(_walk(tree))
    local = {key for node in nodes for key in _cte_names(node)}
    tables = set()
    for node in nodes:
        if node.get("type") == "BASE_TABLE":
            tables.add(_table(node, local))
        elif node.get("type") == "TABLE_FUNCTION":
            _check_function(node)
        elif _reads_machine_time(node):
            raise QueryError(
                "query refused: it asks for the machine's own time, which would escape the clock; "
                "write getvariable('as_of') instead"
            )
    return Checked(sql, frozenset(tables - {""}))


def _walk(node: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            found.append(here)
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return found


def _cte_names(node: dict[str, object]) -> list[str]:
    ctes = node.get("cte_map")
    entries = ctes.get("map", []) if isinstance(ctes, dict) else []
    return [str(entry["key"]).lower() for entry in entries]


def _table(node: dict[str, object], local: set[str]) -> str:
    """The relation's name, or nothing for a common table expression of the query itself."""
    table = str(node["table_name"]).lower()
    if node.get("schema_name") or node.get("catalog_name"):
        raise QueryError(
            f"query refused: {node.get('schema_name') or node.get('catalog_name')}.{table} is "
            "outside the clock; name datasets plainly, e.g. FROM prices"
        )
    if dataset_of(table) in DATASETS:
        return table
    if table in local:
        return ""
    near = difflib.get_close_matches(table, DATASETS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(DATASETS))}"
    raise QueryError(f"query refused: no dataset named {table[:60]!r}; {hint}")


def _reads_machine_time(node: dict[str, object]) -> bool:
    if node.get("class") == "FUNCTION":
        function = str(node.get("function_name", "")).lower()
        arguments = node.get("children")
        from_today = function == "age" and isinstance(arguments, list) and len(arguments) == 1
        return from_today or function in MACHINE_TIME
    columns = node.get("column_names")
    return isinstance(columns, list) and [str(c).lower() for c in columns] in (
        ["current_timestamp"],
        ["current_date"],
        ["current_time"],
        ["localtimestamp"],
        ["localtime"],
    )


def _check_function(node: dict[str, object]) -> None:
    function = node.get("function")
    name = str(function.get("function_name", "")).lower() if isinstance(function, dict) else ""
    if name not in HARMLESS:
        raise QueryError(
            f"query refused: table function {name}() is outside the clock; "
            "read datasets by name, e.g. FROM prices"
        )
