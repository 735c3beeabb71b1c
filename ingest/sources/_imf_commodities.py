"""IMF primary commodity prices: which are asked for, and the unit that only a name states.

The data call every price `USD`, which is no unit: cents a pound, dollars a bushel and rupees per
100 kg stand side by side. The unit is in the name of the code list, so that list is read first,
and a code whose name no longer is the one of ours is left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.formats import tables
from ingest.formats.sdmx_slots import TIME
from ingest.jobs import Call, Parsed, ReplyError
from ingest.lists import listed

BASE = "https://api.imf.org/external/sdmx/3.0/"
CODES = "CL_PCPS_INDICATOR"
CODE_LIST = Call(f"{BASE}structure/codelist/IMF.RES/{CODES}/+")
DATA = f"{BASE}data/dataflow/IMF.RES/PCPS/+/"
FLOW = "PCPS"
AT_ONCE = 20
MOST_NAMED = 5
AMOUNTS = {
    "bushel": "bushel",
    "metric tonne": "tonne",
    "barrel": "barrel",
    "pound": "pound",
    "kilogram": "kg",
    "gallon": "gallon",
    "troy ounce of gold": "troy ounce",
    "cubic meter": "cubic metre",
    "million metric British thermal units of gas": "million BTU",
}
MONEY = {"US dollars": "USD", "US cents": "US cents", "Euro": "EUR"}
PRICE = re.compile(rf"\b({'|'.join(MONEY)}) per ({'|'.join(AMOUNTS)})(?:,|$)")
INDEX = re.compile(r"\bIndex,(?: ?Unit prices,)? (\d{4})=100$")
ODD = {"INR/100 Kgs": "INR per 100 kg", "USD/ST": "USD per short ton"}


def unit_of(name: str) -> str | None:
    """`US cents per pound` and the like from a name of the code list; None where none is said."""
    if found := PRICE.search(name):
        return f"{MONEY[found[1]]} per {AMOUNTS[found[2]]}"
    if found := INDEX.search(name):
        return f"index {found[1]}=100"
    return next((unit for part, unit in ODD.items() if f", {part}," in name), None)


def stated_unit(row: Mapping[str, Any]) -> str:
    """The unit of a series of the data, as our list has the name of its indicator."""
    fact = listed("imf_commodities", "id").get(str(row.get("INDICATOR") or ""), {})
    unit = unit_of(fact.get("name", ""))
    kind = row.get("DATA_TRANSFORMATION")
    if unit is None or kind not in (None, _transformation(unit)):
        return tables.UNSTATED
    return unit


def _transformation(unit: str | None) -> str | None:
    """Under which transformation the data have it; none for a unit that is not known."""
    return unit and ("INDEX" if unit.startswith("index") else "USD")


def asked_for(codes: Iterable[Mapping[str, Any]]) -> Parsed:
    """The calls for all prices and indices whose name is the one that our list has."""
    ours = listed("imf_commodities", "id")
    names = {str(code.get("id")): str(code.get("name")) for code in codes}
    same = [code for code, fact in ours.items() if names.get(code) == fact["name"]]
    if not same:
        raise ReplyError("upstream", "no commodity of the code list bears the name in our list")
    follow = []
    for kind in ("USD", "INDEX"):
        wanted = [code for code in same if _transformation(unit_of(ours[code]["name"])) == kind]
        for first in range(0, len(wanted), AT_ONCE):
            key = f"G001.{'+'.join(wanted[first : first + AT_ONCE])}.{kind}.M"
            follow.append(Call(DATA + key, {"dimensionAtObservation": TIME}))
    return Parsed({}, tuple(follow), _left_out([code for code in ours if code not in same]))


def _left_out(changed: list[str]) -> str:
    if not changed:
        return ""
    more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    return f"renamed or gone at the IMF, not fetched: {', '.join(changed[:MOST_NAMED])}{more}"


def described(row: Mapping[str, Any]) -> dict[str, str]:
    """Indicator, title and unit of one series; of a code that our list lacks the code alone."""
    unit, code = stated_unit(row), str(row.get("INDICATOR") or "")
    fact = listed("imf_commodities", "id").get(code)
    if fact is None:
        return {"indicator": code, "title": code, "unit": unit}
    title = f"Commodity prices: {fact['title']}" if fact["kind"] == "index" else fact["title"]
    period = {"monthly": "month", "quarterly": "quarter"}.get(str(row.get("frequency")), "year")
    return {
        "indicator": f"commodity_{fact['kind']}_{tables.word_of(fact['title'])}",
        "title": f"{title}, mean of the {period}",
        "unit": unit,
    }
