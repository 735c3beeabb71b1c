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
from data.lake.views import KNOWN, VINTAGES
from data.query.functions import ALLOWED, INSTEAD, MACHINE_TIME, OF_ENGINE, TABLES
from data.query.repeatable import Node, first_reason, function_name, walk

# A common table expression may bear only such a name, so that it never hides a file's name.
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
ONLY_SELECT = "only SELECT is allowed; nothing can be written from here"
# The engine would first have to ask which columns there are, by a statement of its own.
UNNAMED_PIVOT = re.compile(r"\bpivot(_wider)?\b", re.IGNORECASE)
PIVOTED = (
    "a PIVOT has to name its columns, e.g. PIVOT prices ON symbol IN ('x:A', 'x:B') "
    "USING max(close)"
)
# The node behind every part of a query that reads; anything else in there writes.
READING = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "BOUND_SUBQUERY_NODE"}
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may run, and the relations it names (`macro`, `macro_known`)."""

    sql: str
    tables: frozenset[str]


def dataset_of(table: str) -> str:
    """The dataset behind a relation's name."""
    return table.removesuffix(VINTAGES).removesuffix(KNOWN)


def check(con: duckdb.DuckDBPyConnection, sql: str) -> Checked:
    """Parse with the engine's own parser; gives the query back or one sentence of refusal."""
    parsed = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    tree: dict[str, Any] = json.loads(parsed[0]) if parsed else {"error": True}
    if tree.get("error"):
        reason = str(tree.get("error_message", "it cannot be parsed")).splitlines()[0]
        if "Only SELECT" in reason:
            reason = PIVOTED if UNNAMED_PIVOT.search(sql) else ONLY_SELECT
        raise QueryError(f"query refused: {reason}")
    if len(tree["statements"]) != 1:
        raise QueryError(f"query refused: expected one statement, found {len(tree['statements'])}")
    nodes = walk(tree)
    local = _cte_names(con, nodes)
    tables = set()
    for node in nodes:
        _refuse(_refusal(node))
        if node.get("type") == "BASE_TABLE":
            tables.add(_table(node, local))
    _refuse(first_reason(nodes))
    return Checked(sql, frozenset(tables - {""}))


def _refuse(reason: str | None) -> None:
    if reason:
        raise QueryError(f"query refused: {reason}")


def _refusal(node: Node) -> str | None:
    """Why this part of a query may not run, or nothing."""
    kind = str(node.get("type"))
    if kind.endswith("_NODE") and kind not in READING:
        return ONLY_SELECT
    if kind == "SHOW_REF" and not node.get("query"):
        return "SHOW is outside the clock; DESCRIBE one dataset by name"
    if kind == "TABLE_FUNCTION":
        return _of_table_function(node)
    if node.get("class") == "COLUMN_REF":
        return _of_column(node)
    if node.get("class") in ("FUNCTION", "WINDOW"):
        return _of_function(node)
    return None


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


ASKS_THE_TIME = (
    "it asks for the machine's own time, which would escape the clock; "
    "write getvariable('as_of') instead"
)


def _of_table_function(node: Node) -> str | None:
    function = node.get("function")
    name = function_name(function) if isinstance(function, dict) else ""
    if name in TABLES:
        return None
    return f"table function {name}() is outside the clock; read datasets by name, e.g. FROM prices"


def _of_column(node: Node) -> str | None:
    """A lone word that the engine answers by itself where no column bears it."""
    names = node.get("column_names")
    word = str(names[0]).lower() if isinstance(names, list) and len(names) == 1 else ""
    if word in MACHINE_TIME:
        return ASKS_THE_TIME
    if word in OF_ENGINE:
        return f"{word} tells of the engine; write a column of that name with its table, t.{word}"
    return None


def _of_function(node: Node) -> str | None:
    name, given = function_name(node), node.get("arguments")
    if name in MACHINE_TIME or (name == "age" and isinstance(given, list) and len(given) == 1):
        return ASKS_THE_TIME
    if name == "getvariable" and not _asks_the_clock(given):
        return "getvariable() tells the clock alone; write getvariable('as_of')"
    if name in ALLOWED or name in TABLES:
        return None
    near = f"write {INSTEAD[name]}" if name in INSTEAD else _nearest(name)
    return (
        f"{name[:60]}() is not among the functions of a query, each of which gives the same answer "
        f"whenever it is asked again; {near}"
    )


def _asks_the_clock(given: object) -> bool:
    if not isinstance(given, list) or len(given) != 1:
        return False
    literal = given[0].get("expression", {}).get("literal") or {}
    return bool(literal.get("kind") == "STRING" and str(literal.get("text")).lower() == "as_of")


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, sorted(ALLOWED), n=1)
    return f"did you mean {near[0]}()?" if near else "docs/queries.md lists them"
