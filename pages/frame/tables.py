"""Dense tables as HTML: frame -> text, every cell escaped; no Streamlit here.

A missing value is a dash, never zero; a signed number carries its sign and an arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from pages.frame.cells import MISSING as MISSING
from pages.frame.cells import STATUS as STATUS
from pages.frame.cells import Absent as Absent
from pages.frame.cells import Column as Column
from pages.frame.cells import cell as cell
from pages.frame.cells import side
from pages.frame.cells import signed as signed
from pages.frame.cells import spark as spark
from pages.frame.totals import total

ARRIVED = "arrived"  # of a row: seconds since it came, while it is lit
ANCHOR = "anchor"  # of a row: its name in the page, for links to it
MOST = 400


def table(
    rows: pl.DataFrame | Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    caption: str,
    zone: str = "UTC",
    group: str | None = None,
) -> str:
    """The first rows as one table; `group` heads each run of equal values in that column."""
    head = "".join(
        f'<th scope="col" tabindex="0" class="{side(column)}" title="{escape(column.hint)}" '
        f'data-column="{escape(column.name)}">{escape(column.label)}</th>'
        for column in columns
    )
    body, last = [], object()
    shown = rows.head(MOST).iter_rows(named=True) if isinstance(rows, pl.DataFrame) else rows[:MOST]
    for row in shown:
        if group is not None and row[group] != last:
            last = row[group]
            body.append(f'<tr class="g"><td colspan="{len(columns)}">{escape(str(last))}</td></tr>')
        cells = "".join(
            f'<td class="{side(column)}">{cell(row[column.name], column, zone)}</td>'
            for column in columns
        )
        body.append(f"<tr{_name_of(row)}{_light(row)}>{cells}</tr>")
    return (
        f'<div class="b-scroll"><table class="b-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
        f"{_foot(rows, columns, zone)}</table></div>"
    )


def _name_of(row: Mapping[str, Any]) -> str:
    """A row to which other parts of the page lead has a name."""
    name = row.get(ANCHOR)
    return "" if name is None else f' id="{escape(name)}"'


def _light(row: Mapping[str, Any]) -> str:
    """A row that has just arrived is lit, and fades by itself: as bright as its age leaves it."""
    seconds = row.get(ARRIVED)
    if seconds is None:
        return ""
    return f' class="b-new" style="animation-delay:-{seconds:.0f}s" title="arrived just now"'


def _foot(
    rows: pl.DataFrame | Sequence[Mapping[str, Any]], columns: Sequence[Column], zone: str
) -> str:
    """The totals of all rows, also of those that are not shown; none of a single row."""
    if len(rows) < 2 or not any(column.total for column in columns):
        return ""
    label = f"Total of {len(rows):,}" if len(rows) > MOST else "Total"
    cells = [
        _total([row[column.name] for row in _every(rows)], column, zone)
        if column.total
        else ""
        if place
        else label
        for place, column in enumerate(columns)
    ]
    sides = zip(cells, columns, strict=True)
    drawn = "".join(f'<td class="{side(column)}">{text}</td>' for text, column in sides)
    return f"<tfoot><tr>{drawn}</tr></tfoot>"


def _every(rows: pl.DataFrame | Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return rows.iter_rows(named=True) if isinstance(rows, pl.DataFrame) else rows


def _total(values: Sequence[Any], column: Column, zone: str) -> str:
    found, reason = total(values)
    if found is None:
        return f'<span class="b-none" title="{escape(reason)}">–</span>'
    return cell(found, column, zone)


def facts(pairs: Sequence[tuple[str, str, str]]) -> str:
    """A strip of single numbers: label, value, a word beside it."""
    cells = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)} <small>{escape(word)}</small></dd></div>"
        for label, value, word in pairs
    )
    return f'<dl class="b-facts">{cells}</dl>'
