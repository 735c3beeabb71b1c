"""Which column of a table means what: by its name, else by what its cells look like.

What is found is a proposal; the analyst may change it before anything is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.errors import UploadError
from data.uploads.codes import FIGI, ISIN
from data.uploads.sheet import NUMERIC, Grid

IDENTITY = ("isin", "figi", "symbol", "name")
LIST_ROLES = (*IDENTITY, "venue", "weight", "quantity", "tags", "note")
# Names of columns as exports of brokers and spreadsheets have them, folded by `plain`.
NAMES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "id", "code", "instrument", "security", "stock", "asset", "ric",
               "tickersymbol", "kurzel", "symbole", "simbolo"),
    "isin": ("isin", "isincode"),
    "figi": ("figi", "compositefigi", "bbgid", "bbglobal"),
    "name": ("name", "company", "companyname", "description", "securityname", "bezeichnung",
             "wertpapier", "nom", "libelle", "nombre", "titel"),
    "venue": ("exchange", "venue", "mic", "market", "borse", "boerse", "bourse", "handelsplatz"),
    "weight": ("weight", "weights", "wt", "weighting", "gewicht", "gewichtung", "poids", "peso",
               "allocation", "share", "anteil"),
    "quantity": ("quantity", "qty", "shares", "units", "amount", "stuck", "stueck", "anzahl",
                 "nominal", "quantite", "cantidad", "position", "holding"),
    "tags": ("tags", "tag", "labels", "label", "group", "gruppe"),
    "note": ("note", "notes", "comment", "comments", "kommentar", "notiz", "remark", "memo",
             "thesis"),
    "price": ("price", "cost", "costprice", "purchaseprice", "tradeprice", "kurs", "preis",
              "einstandskurs", "prix", "precio", "unitprice", "averageprice", "avgprice"),
    "currency": ("currency", "ccy", "cur", "wahrung", "waehrung", "devise", "moneda"),
    "opened": ("date", "tradedate", "opened", "openedat", "purchasedate", "buydate", "datum",
               "kaufdatum", "time", "datetime", "fecha"),
    "fee": ("fee", "fees", "commission", "commissions", "costs", "gebuhr", "gebuehr", "gebuhren",
            "frais"),
    "side": ("side", "action", "type", "direction", "buysell", "transaction", "art", "sens"),
    "series": ("series", "seriesid", "indicatorid"),
    "period": ("period", "month", "quarter", "referenceperiod"),
    "expected": ("expected", "consensus", "forecast", "estimate", "expectation"),
    "known": ("known", "knownat", "asof", "publishedat", "consensusknownat"),
    "key": ("tradeid", "orderid", "importkey", "transactionid", "reference", "ref"),
}  # fmt: skip
KNOWN = frozenset(each for names in NAMES.values() for each in names)
MOSTLY = 0.8
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns; `names` are as written, or made up where none are."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]
    notices: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    is_typed: bool = False

    def column(self, place: int) -> list[str]:
        """The cells of a column that hold something."""
        return [cell for _, cells in self.rows if place < len(cells) and (cell := cells[place])]


def tabulate(grid: Grid) -> Table:
    """Names and rows of a grid; lines above the names are left out, and said."""
    grid = _upright(grid)
    usual = max((len(cells) for _, cells in grid.rows[:50]), default=0)
    at = next(
        (
            number
            for number, (_, cells) in enumerate(grid.rows[:20])
            if usual < 2 or sum(cell is not None for cell in cells) >= 2
        ),
        0,
    )
    notices = list(grid.notices)
    if at:
        notices.append(f"{at} line{'s' if at > 1 else ''} above the names of the columns left out")
    first, below = grid.rows[at][1], grid.rows[at + 1 :]
    if not _is_head(first, [cells for _, cells in below[:LOOKED_AT]]):
        notices.append("no names of columns found: every line is taken as a row")
        below = grid.rows[at:]
        first = [f"column {number + 1}" for number in range(usual)]
    if not below:
        raise UploadError("it has the names of columns, but no row below them")
    usual, often = Counter(len(cells) for _, cells in below).most_common(1)[0]
    names = _distinct(first, max(len(first), usual) if often > len(below) / 2 else len(first))
    rows = tuple((line, tuple(cells)) for line, cells in below)
    return Table(names, rows, tuple(notices), tuple(grid.sheets), grid.sheet, grid.is_typed)


def guess(table: Table, roles: Sequence[str] = LIST_ROLES) -> dict[str, int]:
    """A column for each role that one was found for; no column has two roles."""
    found: dict[str, int] = {}
    for role in roles:
        for place, name in enumerate(table.names):
            if plain(name) in NAMES[role] and place not in found.values():
                found.setdefault(role, place)
    left = [place for place in range(len(table.names)) if place not in found.values()]
    for place in left:
        cells = table.column(place)[:LOOKED_AT]
        role = _by_content(cells)
        if role in roles and role not in found and _is_unnamed(table.names[place]):
            found[role] = place
    if not set(found) & set(IDENTITY) and "symbol" in roles:
        texts = [p for p in left if p not in found.values() and _by_content(table.column(p)) == ""]
        if texts:
            found["symbol"] = texts[0]
    return found


def plain(name: str) -> str:
    """A column's name without case, accents, blanks and marks."""
    text = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", text)


def _by_content(cells: Sequence[str]) -> str:
    """A role that the cells betray, "number" for figures, "" for any other text."""
    if not cells:
        return "empty"
    looks = {
        "isin": sum(ISIN.fullmatch(cell.upper()) is not None for cell in cells),
        "figi": sum(FIGI.fullmatch(cell.upper()) is not None for cell in cells),
        "number": sum(NUMERIC.fullmatch(cell) is not None for cell in cells),
    }
    role = max(looks, key=looks.__getitem__)
    return role if looks[role] >= MOSTLY * len(cells) else ""


def _upright(grid: Grid) -> Grid:
    """A single line of several words is a list that was written across."""
    if len(grid.rows) != 1 or len(grid.rows[0][1]) < 2:
        return grid
    cells = grid.rows[0][1]
    if any(cell is None or NUMERIC.fullmatch(cell) or plain(cell) in KNOWN for cell in cells):
        return grid
    said = [*grid.notices, "one line: each part of it is taken as a row"]
    rows: list[tuple[int, list[str | None]]] = [(at, [cell]) for at, cell in enumerate(cells, 1)]
    return Grid(rows, said, grid.sheets, grid.sheet, grid.is_typed)


def _is_head(first: Sequence[str | None], below: Sequence[Sequence[str | None]]) -> bool:
    """Whether a line names columns: a known name, or text above figures."""
    cells = [cell for cell in first if cell is not None]
    if any(plain(cell) in KNOWN for cell in cells):
        return not any(NUMERIC.fullmatch(cell) for cell in cells)
    if not cells or any(NUMERIC.fullmatch(cell) for cell in cells):
        return False
    return any(
        _by_content([c for row in below if place < len(row) and (c := row[place])]) == "number"
        for place, cell in enumerate(first)
        if cell is not None
    )


def _is_unnamed(name: str) -> bool:
    return plain(name) not in KNOWN


def _distinct(first: Sequence[str | None], width: int) -> tuple[str, ...]:
    """A name for every column; one that comes twice gets a number."""
    names: list[str] = []
    for place in range(width):
        given = first[place] if place < len(first) else None
        name = (given or f"column {place + 1}")[:60]
        number = 2
        while name in names:
            name, number = f"{(given or 'column')[:60]} {number}", number + 1
        names.append(name)
    return tuple(names)
