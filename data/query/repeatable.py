"""What a query may not ask because the same rows, read again, could answer otherwise.

A sample, or the first rows of no order, depend on how the engine's threads shared the work; an
order by a constant is none. Where an order is named, rows that tie in it are still free: a total
order is for the query to give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.query.functions import AGGREGATES, CHOOSING, ORDERED, ORDERED_WINDOWS

Node = Mapping[str, object]
EXAMPLES = {
    "array_agg": "array_agg(x ORDER BY x)",
    "any_value": "min(x)",
    "arbitrary": "min(x)",
    "group_concat": "group_concat(x, ', ' ORDER BY x)",
    "list": "list(x ORDER BY x)",
    "listagg": "listagg(x, ', ' ORDER BY x)",
    "string_agg": "string_agg(x, ', ' ORDER BY x)",
}


def unrepeatable(node: Node) -> str | None:
    """Why a part of a query cannot be repeated, with what to write instead; or nothing."""
    for rule in RULES:
        reason = rule(node)
        if reason:
            return reason
    return None


def _sampled(node: Node) -> str | None:
    if not node.get("sample"):
        return None
    return (
        "a sample takes other rows each time; choose rows by a rule that can be repeated, "
        "e.g. ORDER BY md5(symbol) LIMIT 100"
    )


def _unordered_call(node: Node) -> str | None:
    name = function_name(node)
    orders = node.get("order_bys")
    given = orders.get("orders") if isinstance(orders, dict) else None
    if node.get("class") != "FUNCTION" or name not in ORDERED or _orders_rows(given):
        return None
    example = EXAMPLES.get(name, f"{name}(x ORDER BY known_at)")
    return f"{name}() takes rows in the order in which they happen to come; write {example}"


def _chosen_by_nothing(node: Node) -> str | None:
    name, given = function_name(node), node.get("arguments")
    if name not in CHOOSING or not isinstance(given, list) or _orders_rows(given[1:2]):
        return None
    return f"{name}() needs an order that differs from row to row; write {name}(x, known_at)"


def _unordered_window(node: Node) -> str | None:
    if node.get("class") != "WINDOW" or _orders_rows(node.get("orders")):
        return None
    name = function_name(node)
    frame = (str(node.get("start")), str(node.get("end")))
    if any(end.endswith("_ROWS") for end in frame):
        return f"{name}() over ROWS counts rows of no order; write OVER (ORDER BY ... ROWS ...)"
    if name in ORDERED | ORDERED_WINDOWS and not _orders_rows(node.get("arg_orders")):
        return (
            f"{name}() takes rows in the order in which they happen to come; "
            f"write {name}(...) OVER (ORDER BY known_at)"
        )
    return None


def _cut(node: Node) -> str | None:
    modifiers = node.get("modifiers")
    given = (
        {str(modifier["type"]): modifier for modifier in modifiers}
        if isinstance(modifiers, list)
        else {}
    )
    orders = given.get("ORDER_MODIFIER", {}).get("orders")
    if _orders_rows(orders, by_place=True):
        return None
    if "LIMIT_MODIFIER" in given:
        return (
            "LIMIT and OFFSET without an order take whichever rows come first; "
            "add ORDER BY beside them (ORDER BY ALL will do)"
        )
    if given.get("DISTINCT_MODIFIER", {}).get("distinct_on_targets"):
        return "DISTINCT ON without an order keeps whichever row comes first; add ORDER BY"
    return None


def _orders_rows(orders: object, *, by_place: bool = False) -> bool:
    """Whether an order differs from row to row: a number is one only as the place of a column."""
    terms = [order["expression"] for order in orders] if isinstance(orders, list) else []
    if by_place and any(term.get("class") == "CONSTANT" for term in terms):
        return True
    return any(
        part.get("class") in ("COLUMN_REF", "STAR", "POSITIONAL_REFERENCE", "WINDOW")
        or function_name(part) in AGGREGATES
        for part in walk(terms)
    )


def _joined(node: Node) -> str | None:
    if node.get("ref_type") == "POSITIONAL":
        return "POSITIONAL JOIN pairs rows as they happen to come; join ON a key"
    if node.get("nearest_approx"):
        return "an approximate join may answer otherwise the next time; leave APPROX out"
    if node.get("key_targets"):
        return "USING KEY keeps whichever row came last; write UNION, and choose with GROUP BY"
    return None


def _summarised(node: Node) -> str | None:
    if node.get("show_type") != "SUMMARY":
        return None
    return (
        "SUMMARIZE estimates its quartiles and counts; write min(), max(), count(DISTINCT x) and "
        "quantile_cont() over the columns that matter"
    )


RULES = (
    _sampled,
    _unordered_call,
    _chosen_by_nothing,
    _unordered_window,
    _cut,
    _joined,
    _summarised,
)


def walk(node: object) -> list[dict[str, object]]:
    """Every part of a parsed query, the whole before what is in it."""
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


def function_name(node: Node) -> str:
    """The function that a part of a query calls, in lower case; empty where it calls none."""
    return str(node.get("function_name", "")).lower()


def first_reason(nodes: Iterable[Node]) -> str | None:
    """The first thing in a query that could not be repeated, in a sentence; or nothing."""
    return next((reason for node in nodes if (reason := unrepeatable(node))), None)
