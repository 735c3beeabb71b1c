"""Columns by arithmetic: quantity × price is the amount, the fee what the money differs by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.errors import UploadError
from data.uploads.numbers import decimal_mark, is_number, number
from data.uploads.table import Table

LOOKED_AT = 400
CENT = 0.011
NEARLY_ALL = 0.9
NEAR = 0.02  # how far quantity × price may lie from the amount


def is_product(table: Table, quantity: int, price: int, amount: int) -> bool:
    """Whether one column times another is a third, in nearly all rows."""
    good = every = 0
    for size, each, money in _sizes(table, (quantity, price, amount)):
        every += 1
        good += abs(size * each - money) <= NEAR * money
    return every > 0 and good >= NEARLY_ALL * every


def is_difference(table: Table, places: Sequence[int], fees: Sequence[int], cost: int) -> bool:
    """Whether a column is what quantity × price and money differ by beyond the fees, everywhere."""
    some = False
    for _, cells in table.rows[:LOOKED_AT]:
        size, each, money, fee, *known = (
            _plain(cells[at]) if at < len(cells) else None for at in (*places, cost, *fees)
        )
        if not size or not each or not money:
            continue
        gross = abs(size * each)
        rest = abs(abs(money) - gross) - abs(sum(value or 0.0 for value in known))
        if abs(rest - abs(fee or 0.0)) > CENT:
            return False
        some |= abs(fee or 0.0) > CENT
    return some


def _sizes(table: Table, places: Sequence[int]) -> Iterator[list[float]]:
    """The sizes in these columns, of the rows that have the first three and no text in another."""
    for _, cells in table.rows[:LOOKED_AT]:
        found = [_plain(cells[at]) if at < len(cells) else None for at in places]
        if all(found[:3]) and None not in found[3:]:
            yield [abs(item) for item in found if item is not None]


def _plain(cell: str | None) -> float | None:
    """A number whose decimal mark is plain, as far as a comparison needs it."""
    try:
        return number(cell, decimal_mark([cell])) if cell and is_number(cell) else None
    except UploadError:
        return None
