"""What a row is: a trade, or which kind of booking; orders that never were done are no trades."""

from __future__ import annotations

import re
from functools import lru_cache

from data.state.ledger import KINDS, BookingKind
from data.uploads.plan import Plan
from data.uploads.questions import Question
from data.uploads.table import Row
from data.uploads.vocabulary import fold, is_empty, kind_of, side_of, tokens, vocabulary

# As it is said of a row that is none.
SAID = {
    "dividend": "a dividend",
    "interest": "interest",
    "deposit": "a deposit",
    "withdrawal": "a withdrawal",
    "fee": "a fee",
    "tax": "a tax",
    "split": "a split",
    "corporate": "a corporate action",
    "transfer": "a transfer",
    "fx": "a conversion of currency",
    "option": "an option",
    "future": "a future or a contract for difference",
    "bond": "a bond",
    "cancelled": "cancelled",
    "rejected": "rejected",
    "expired": "expired",
    "pending": "pending",
    "total": "a total",
    "cash": "cash",
    "detail": "a detail of another row",
    "text": "a line of text",
    "other": "no trade",
    "idle": "an instrument without a trade",
    "demo": "a trade of a demo account",
}
# What is kept for the ledger of cash and dividends; the rest is only said.
KEPT: frozenset[str] = frozenset(KINDS)
OPTION = re.compile(
    r"-?[A-Z]{1,6}\d?\s*\d{6}[CP]\d{1,8}(?:\.\d+)?"  # OCC, and as Fidelity and Yahoo write it
    r"|[A-Z.]{1,6} \d{1,2}/\d{1,2}/\d{2,4} \$?[\d.]+ ?[CP](?:ALL|UT)?"
    r"|[A-Z.]{1,6} \d{1,2}[A-Z]{3}\d{2} [\d.]+ [CP]"
    r"|[A-Z&-]{2,12}\d{2}[A-Z0-9]{3}\d{2,6}[CP]E"
    r"|[A-Z.]{1,6} [A-Z]{3} \d{1,2} '?\d{2,4} \$?[\d.]+ (?:C|P|CALL|PUT)"
)
OPTION_TEXT = re.compile(
    r"\b(?:CALL|PUT)\b.*\d{1,2}[/ -]?(?:[A-Z]{3}|\d{1,2})"
    r"|\d.*\b(?:CALL|PUT)\b|\$[\d.]+ (?:CALL|PUT)\b",
    re.IGNORECASE,
)
STRONG = KEPT - {"fee", "bond", "other"} | {
    "cancelled",
    "rejected",
    "expired",
    "total",
    "detail",
    "demo",
}
# What a column of flags says where it is not so.
NOT = frozenset(("", "n", "no", "false", "f", "nein", "falsch", "non", "faux", "nej", "nee", "nei"))
PUT_OR_CALL = frozenset(("putcall", "callorput", "putorcall", "callput", "right", "cp"))
FILLED = ("fill", "exec", "成交", "約定", "traded", "ausgef", "eseguit", "ejecut", "uitgevoerd")
LOOSE = ("corporate", "other")  # kinds that another column may say more exactly
ONE = re.compile(r"[01](?:[.,]0+)?")
UNDONE = frozenset(("cancelled", "rejected", "expired", "pending"))


def kept_kind(kind: str) -> BookingKind | None:
    """The kind of the booking that is kept of such a row; none where it is kept as none."""
    return next((known for known in KINDS if known == kind), None)


def kind_of_row(row: Row, plan: Plan) -> str | Question:
    """The kind of a row that is no trade, "" for a trade, a question where a word is unknown."""
    for test in (
        _by_status,
        _detail,
        _total,
        _demo,
        _by_verbs,
        _by_asset,
        _by_contract,
        _by_option,
        _by_note,
    ):
        if found := test(row, plan):
            return found
    return _by_strays(row, plan) or _by_figures(row, plan) or _by_text(row, plan)


def _by_strays(row: Row, plan: Plan) -> str:
    """A word such as `Dividend` in a column that no name explains; a phrase if nothing else says
    what the row does.
    """
    is_silent = not any(plan.cell(row, role) for role in ("side", "kind"))
    for place in plan.strays:
        cell = row[1][place] if place < len(row[1]) else None
        kind = vocabulary().kinds.get(fold(cell), "") if cell else ""
        if cell and not kind and is_silent and not side_of(cell):
            kind = kind_of(cell)
        if kind in STRONG:
            return kind
    return ""


def _by_status(row: Row, plan: Plan) -> str | Question:
    flag = plan.cell(row, "cancelled")
    if flag and fold(flag).strip("0") not in NOT:
        return "cancelled"
    cell = plan.cell(row, "status")
    if cell is None:
        return _about("", "status", of_order=True) if _lacks_its_status(row, plan) else ""
    words, text = vocabulary(), fold(cell)
    said = plan.said.get(f"word:{text}", plan.layout.kinds.get(text))
    if said is not None:
        return "" if said in ("done", "") else said
    if text in words.done:
        return ""
    if text in words.part:
        return "" if _has_filled(plan) else _about(cell, "status", of_order=True)
    kind = kind_of(cell)
    if kind in UNDONE or kind in ("total",):
        return kind
    first = text.startswith(tuple(word for word in words.done if len(word) > 5))
    return "" if first else _about(cell, "status", of_order=True)


def _lacks_its_status(row: Row, plan: Plan) -> bool:
    """Whether this row, which could be a trade, is one of few without a status."""
    place = plan.reading.columns.get("status")
    if place is None or plan.said.get("word:") == "done" or not _is_trade_like(row, plan):
        return False
    return len(plan.table.column(place)) > len(plan.table.rows) / 2


def _has_filled(plan: Plan) -> bool:
    """Whether the quantity is what was done of an order, not what was ordered."""
    place = plan.reading.columns.get("quantity")
    name = "" if place is None else fold(plan.table.names[place])
    return any(word in name for word in FILLED)


def _detail(row: Row, plan: Plan) -> str:
    if plan.taken is None:
        return ""
    place, word = plan.taken
    cell = row[1][place] if place < len(row[1]) else None
    if cell is None:
        return ""
    if kind_of(cell) == "total":
        return "total"
    return "" if fold(cell) == word else "detail"


def _demo(row: Row, plan: Plan) -> str:
    """A trade that was only played, as the column of accounts or of their types says."""
    cells = (row[1][place] for place in plan.accounts if place < len(row[1]))
    return "demo" if any(cell and kind_of(cell) == "demo" for cell in cells) else ""


def _total(row: Row, plan: Plan) -> str:
    filled = [cell for cell in row[1] if cell]
    heads = filled[:2] + [cell for role in ("symbol", "name") if (cell := plan.cell(row, role))]
    for cell in heads:
        text = fold(cell)
        if vocabulary().kinds.get(text) == "total":
            return "total"
        first = tokens(cell)[:1]
        if first and vocabulary().kinds.get(first[0]) == "total" and not plan.cell(row, "opened"):
            return "total"
    return ""


def _by_verbs(row: Row, plan: Plan) -> str | Question:
    """What the columns that speak of a row say; a word that nobody knows is asked."""
    cells = [(role, cell) for role in ("kind", "side") if (cell := plan.cell(row, role))]
    kinds = [(plan.kind_word(cell), cell) for _, cell in cells]
    kinds = [("" if kind == "pending" else kind, cell) for kind, cell in kinds]
    strong = next((kind for kind, _ in kinds if kind not in ("", "cash", *LOOSE)), "")
    strong = strong or next((kind for kind, _ in kinds if kind in LOOSE), "")
    strong = strong or next((kind for kind, _ in kinds if kind), "")
    if strong in ("dividend", "total") and _is_reinvested(row, plan, cells):
        strong = ""
    if strong and not (strong == "cash" and _is_trade_like(row, plan)):
        return strong
    sides = [plan.side_word(cell) for _, cell in cells]
    if any(sides) or not cells:
        return ""
    strange = [cell for role, cell in cells if not plan.is_neutral(cell) and role == "side"]
    if strange and _is_trade_like(row, plan) and not _is_coded(plan, "side"):
        return _about(strange[0], "side", of_order=False)
    return ""


def _is_coded(plan: Plan, role: str) -> bool:
    """Whether a column is text that differs by row, so that no word of it can be asked for."""
    cells = [c for c in plan.table.column(plan.reading.columns[role]) if not is_empty(c)]
    return len({fold(cell) for cell in cells}) > max(12, len(cells) // 2)


def _is_reinvested(row: Row, plan: Plan, cells: list[tuple[str, str]]) -> bool:
    return _is_trade_like(row, plan) and any(side_of(cell) == "buy" for _, cell in cells)


def _is_trade_like(row: Row, plan: Plan) -> bool:
    """Whether a row has a quantity and a price, or money."""
    has_price = plan.maybe(row, "price") or plan.maybe(row, "amount") or plan.maybe(row, "net")
    return bool(plan.maybe(row, "quantity")) and bool(has_price)


def _by_asset(row: Row, plan: Plan) -> str:
    cell = plan.cell(row, "asset_class")
    if cell is None:
        return ""
    name = fold(plan.table.names[plan.reading.columns["asset_class"]])
    if name in PUT_OR_CALL:
        return "option" if cell.strip().upper() in ("C", "P", "CALL", "PUT") else ""
    kind = plan.kind_word(cell)
    return kind if kind in ("option", "future", "bond", "fx", "cash", "total") else ""


def _by_contract(row: Row, plan: Plan) -> str:
    """What has a strike is an option; what counts several of its underlying is a contract."""
    strike, multiplier = plan.cell(row, "strike"), plan.cell(row, "multiplier")
    if strike and any(mark in "123456789" for mark in strike):
        return "option"
    return "future" if multiplier and not ONE.fullmatch(multiplier.strip()) else ""


def _by_note(row: Row, plan: Plan) -> str | Question:
    """A remark that speaks of a cancelled or rejected order is asked about."""
    if plan.cell(row, "status") is not None or not _is_trade_like(row, plan):
        return ""
    loose = [row[1][place] for place in plan.strays if place < len(row[1])]
    for cell in (plan.cell(row, "note"), plan.cell(row, "name"), *loose):
        if cell is None or kind_of(cell) not in ("cancelled", "rejected"):
            continue
        said = plan.said.get(f"word:{fold(cell)}")
        if said is None:
            return _about(cell, "note", of_order=True)
        return "" if said == "done" else said
    return ""


def _by_option(row: Row, plan: Plan) -> str:
    symbol = plan.cell(row, "symbol")
    texts = [cell for role in ("name", "side", "kind") if (cell := plan.cell(row, role))]
    is_option = (symbol and _is_option(symbol)) or any(map(_speaks_of_option, texts))
    return "option" if is_option else ""


@lru_cache(maxsize=50_000)
def _is_option(symbol: str) -> bool:
    return OPTION.fullmatch(" ".join(symbol.split()).upper()) is not None


@lru_cache(maxsize=50_000)
def _speaks_of_option(text: str) -> bool:
    return bool(OPTION.search(text) or OPTION_TEXT.search(text))


def _by_figures(row: Row, plan: Plan) -> str:
    """What has neither a quantity nor a price is text, money, or an instrument that is watched."""
    if "quantity" not in plan.reading.columns:
        return ""
    quantity, price = plan.cell(row, "quantity"), plan.cell(row, "price")
    if quantity is not None and plan.maybe(row, "quantity") != 0:
        return ""
    if price is not None and quantity is None and plan.maybe(row, "price") not in (None, 0):
        return ""
    money = any(plan.maybe(row, role) for role in ("amount", "net", "debit", "credit"))
    if money:
        return _by_text(row, plan) or "other"
    if any(plan.cell(row, role) for role in ("symbol", "isin")) and plan.cell(row, "side") is None:
        return "idle" if plan.cell(row, "opened") is None else ""
    filled = [cell for cell in row[1] if cell]
    return "text" if len(filled) <= 2 else ""


def _by_text(row: Row, plan: Plan) -> str:
    """The kind that a description begins with, where no column says what a row does."""
    said = [plan.side_word(c) for r in ("side", "kind") if (c := plan.cell(row, r))]
    if any(said):
        return ""
    for role in ("name", "note"):
        cell = plan.cell(row, role)
        kind = kind_of(cell) if cell else ""
        if kind in KEPT or kind in UNDONE:
            return "" if _is_trade_like(row, plan) and kind not in ("dividend", "split") else kind
    return ""


def _about(cell: str, role: str, *, of_order: bool) -> Question:
    """What a word means that is not known."""
    key = f"word:{fold(cell)}"
    if of_order:
        options = {"done": "it was carried out", "cancelled": "it was not carried out"}
        named = f"The {role} {cell[:40]!r} is not clear" if cell else f"Rows without a {role}"
        return Question(key, f"{named}: say what became of the order", options)
    options = {"buy": "a purchase", "sell": "a sale", "other": "no trade"}
    text = f"{cell[:40]!r} in the column of sides is not known: say what such rows are"
    return Question(key, text, options)
