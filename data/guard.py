"""What a query may be: one SELECT over datasets by name; what escapes the clock is refused."""

from __future__ import annotations

import difflib
import json
import re
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
        "ago",
        "current_date",
        "current_localtime",
        "current_localtimestamp",
        "current_time",
        "current_timestamp",
        "get_current_time",
        "get_current_timestamp",
        "localtime",
        "localtimestamp",
        "now",
        "pg_conf_load_time",
        "pg_postmaster_start_time",
        "today",
        "transaction_timestamp",
        "uuid7",
        "uuidv7",
    }
)
# What waits, keeps something between queries, or tells of the engine rather than of the lake.
SIDE_EFFECTS = frozenset(
    {"currval", "nextval", "pg_sleep", "setseed", "setval", "sleep_ms", "write_log"}
)
# A common table expression may bear only such a name, so that it never hides a file's name.
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# The node behind every part of a query that reads; anything else in there writes.
READING = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "BOUND_SUBQUERY_NODE"}
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
    nodes = _walk(tree)
    local = _cte_names(con, nodes)
    tables = set()
    for node in nodes:
        _check_node(node)
        if node.get("type") == "BASE_TABLE":
            tables.add(_table(node, local))
    return Checked(sql, frozenset(tables - {""}))


def _check_node(node: dict[str, object]) -> None:
    kind = str(node.get("type"))
    if kind.endswith("_NODE") and kind not in READING:
        raise QueryError("query refused: only SELECT is allowed; nothing can be written from here")
    if kind == "SHOW_REF" and not node.get("query"):
        raise QueryError("query refused: SHOW is outside the clock; DESCRIBE one dataset by name")
    if kind == "TABLE_FUNCTION":
        _check_function(node)
    elif _reads_machine_time(node):
        raise QueryError(
            "query refused: it asks for the machine's own time, which would escape the clock; "
            "write getvariable('as_of') instead"
        )
    elif node.get("class") == "FUNCTION" and _function_name(node) in SIDE_EFFECTS:
        raise QueryError(
            f"query refused: {_function_name(node)}() does something beside reading; leave it out"
        )


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


def _cte_names(con: duckdb.DuckDBPyConnection, nodes: list[dict[str, object]]) -> set[str]:
    """Names that the query gives to its own parts.

    Where such a name is out of scope (in its own definition, in another sub-query), the engine
    looks for a file or a table of its own under it: so it may be neither.
    """
    found = set()
    for node in nodes:
        ctes = node.get("cte_map")
        entries = ctes.get("map", []) if isinstance(ctes, dict) else []
        found |= {str(entry["key"]).lower() for entry in entries}
    for cte in sorted(found):
        taken = (
            "SELECT count(*) FROM duckdb_views() WHERE internal AND view_name = $cte "
            "AND schema_name IN ('main', 'pg_catalog')"
        )
        if not PLAIN_NAME.fullmatch(cte) or con.execute(taken, {"cte": cte}).fetchall() != [(0,)]:
            raise QueryError(
                f"query refused: {cte[:60]!r} cannot name a part of a query; expected a plain name "
                "of letters, digits and _ that the engine does not use itself"
            )
    return found


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


def _function_name(node: dict[str, object]) -> str:
    return str(node.get("function_name", "")).lower()


def _reads_machine_time(node: dict[str, object]) -> bool:
    if node.get("class") == "FUNCTION":
        given = node.get("arguments", node.get("children"))
        from_today = isinstance(given, list) and len(given) == 1
        return (_function_name(node) == "age" and from_today) or _function_name(
            node
        ) in MACHINE_TIME
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
    name = _function_name(function) if isinstance(function, dict) else ""
    if name not in HARMLESS:
        raise QueryError(
            f"query refused: table function {name}() is outside the clock; "
            "read datasets by name, e.g. FROM prices"
        )
