"""Names of goods: the chapters of the Harmonised System and the divisions of the SITC.

A finer code is called by its chapter or division; the name of a chapter is the same in all editions
of its list. `goods.csv` has our own short names of the public lists.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from analytics.trade.editions import TOTAL

FILE = Path(__file__).with_name("goods.csv")
ALL_GOODS = "All goods"
SITC = "SITC"


@cache
def goods() -> dict[tuple[str, str], tuple[str, str]]:
    """By list (HS or SITC) and code of two digits: name and section."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {
            (row["list"], row["code"]): (row["name"], row["section"])
            for row in csv.DictReader(lines)
        }


def goods_list(edition: str | None) -> str:
    """The list of goods that an edition belongs to; nothing stated means the Harmonised System."""
    return SITC if edition and edition.startswith(("S", "SITC")) else "HS"


def product_name(code: str, edition: str | None = None) -> str:
    """What a code stands for, without the code; empty where the list does not have it."""
    if code == TOTAL:
        return ALL_GOODS
    return goods().get((goods_list(edition), code[:2]), ("", ""))[0]


def product_section(code: str, edition: str | None = None) -> str:
    """The section of the list that a code lies in; empty where the list does not have it."""
    return goods().get((goods_list(edition), code[:2]), ("", ""))[1]


def product_label(code: str, edition: str | None = None) -> str:
    """Code and name, `27 · Mineral fuels and oils`."""
    if code == TOTAL:
        return ALL_GOODS
    name = product_name(code, edition)
    return f"{code} · {name}" if name else code
