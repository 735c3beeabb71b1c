"""What a cell can be, looked at alone: a code, a side, a booking, a state of an order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.uploads.money import currency_of
from data.uploads.numbers import is_number
from data.uploads.vocabulary import fold, side_of, tokens, vocabulary

CODED = frozenset(("btc", "sto", "stc", "bto", "ss", "bc"))  # sides that are tickers too
UNDONE = frozenset(("cancelled", "rejected", "expired", "pending"))
MOSTLY = 0.8


def is_text_or_code(cell: str) -> bool:
    """Whether a cell can name something: a word, or a code of digits such as 7203."""
    return not is_number(cell) or cell.isdigit()


def is_kind(cell: str) -> bool:
    """Whether a cell as a whole is a word for a booking."""
    return fold(cell) in vocabulary().kinds


def is_state(cell: str) -> bool:
    """Whether a cell as a whole says what became of an order."""
    words = vocabulary()
    return fold(cell) in words.done | words.part or words.kinds.get(fold(cell)) in UNDONE


def is_done(cell: str) -> bool:
    """Whether a cell as a whole says that an order was carried out."""
    return fold(cell) in vocabulary().done


def are_numbers(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are numbers."""
    return share(cells, is_number) >= MOSTLY


def is_code(cell: str) -> bool:
    """Whether a cell is the code of a currency."""
    return len(cell) == 3 and bool(currency_of(cell))


def whole_side(cell: str) -> bool:
    """Whether a short cell says no more than a side."""
    words = tokens(cell)
    is_ticker = bool(CODED & set(words))
    return len(cell) > 1 and len(words) <= 3 and not is_ticker and bool(side_of(cell))


def share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    """The share of cells that pass a test."""
    return sum(map(test, cells)) / len(cells)
