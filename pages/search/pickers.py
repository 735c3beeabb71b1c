"""Boxes that take an instrument, series or country by name: they search as one types.

The server ranks and sends a dozen lines, so a directory of any size costs the same. The address
keeps ids. What was looked at last is offered first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from analytics.formulas.values import MARK, entries_of, entries_text, formula_of
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.javascript import joined_script
from pages.frame.run import current
from pages.search.directory import (
    Row,
    country_names,
    found,
    rows_of,
    surest,
    title,
)
from pages.search.recents import recents, remember
from pages.search.typed_formulas import FORMULA_HINT, typed_formula, with_formula

Kind = Literal["instrument", "series", "country", "company", "manager"]
SHOWN = 12
LONGEST = 300  # characters of a search; names have 200 at most
MANY = 40  # in one box, where the page sets no bound of its own
FOLDER = Path(__file__).parent / "static"
HTML, CSS = ((FOLDER / f"picker.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
_PICKER = st.components.v2.component(
    "picker", html=HTML, css=CSS, js=joined_script(FOLDER / "picker.mjs")
)
PLURAL = {
    "instrument": "instruments",
    "series": "series",
    "country": "countries",
    "company": "companies",
    "manager": "managers",
}
HINTS = {
    "instrument": "Name, ticker or ISIN",
    "series": "Country and words of the title, or an id",
    "country": "Name or code",
    "company": "Name, ticker or CIK",
    "manager": "Name of the manager",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One picker: where its choice is kept, what it takes, and how many."""

    kind: Kind
    key: str
    label: str
    name: str | None = None  # of the parameter in the address; none: kept in the session
    default: tuple[str, ...] = ()
    most: int = 1
    among: tuple[str, ...] | None = None
    width: int | Literal["stretch"] = "stretch"
    formulas: bool = False  # whether a formula is taken beside ids

    @property
    def many(self) -> bool:
        """Whether it takes several."""
        return self.most > 1

    @property
    def fixed(self) -> bool:
        """Whether it is never empty: it has a default, or it is what the page is about."""
        return not self.many and (bool(self.default) or self.name == "id")

    def chosen(self) -> list[str]:
        """What the address or the session has; words are left as they were written."""
        if self.name is None:
            # It belongs to what is being changed: with another beginning it is forgotten.
            first, ids = st.session_state.get(f"{self.key}_chosen", (None, []))
            return list(ids if first == self.default else self.default)
        text = st.query_params.get(self.name)
        if text is None:
            return list(self.default)
        if not self.many:
            return [text.strip()] if text.strip() else []
        if self.formulas:
            return entries_of(text)
        return list(dict.fromkeys(text.replace(",", " ").split()))

    def keep(self, ids: Sequence[str]) -> None:
        """Write the choice where it is kept."""
        if self.name is None:
            st.session_state[f"{self.key}_chosen"] = (self.default, list(ids))
        elif ids and tuple(ids) != self.default:
            st.query_params[self.name] = entries_text(ids) if self.formulas else " ".join(ids)
        else:
            st.query_params.pop(self.name, None)


def pick_instrument(
    page: str, name: str, label: str, default: str = "", *, width: int = 380
) -> str:
    """One instrument; gives what the address says, which an old link may have as any word."""
    held = Box("instrument", f"{page}_{name}", label, name, _given(default), width=width)
    return _first(_drawn(held))


def pick_instruments(
    page: str, name: str, label: str, *, width: int | Literal["stretch"] = "stretch"
) -> list[str]:
    """Several instruments, and formulas over instruments and series: `=GOLD/SILVER`."""
    key = f"{page}_{name}"
    return _drawn(Box("instrument", key, label, name, most=MANY, width=width, formulas=True))


def pick_among(page: str, name: str, label: str, ids: Sequence[str], most: int) -> list[str]:
    """Several of these instruments; the first of them where none is chosen."""
    key, only = f"{page}_{name}", tuple(ids)
    return _drawn(Box("instrument", key, label, name, only[:1], most, only))


def pick_series(page: str, name: str, label: str, default: str = "", *, width: int = 560) -> str:
    """One series; gives what the address says, which an old link may have as any word."""
    held = Box("series", f"{page}_{name}", label, name, _given(default), width=width)
    return _first(_drawn(held))


def pick_company(page: str, name: str, label: str, default: str = "", *, width: int = 420) -> str:
    """One company; gives what the address says, which an old link may have as any word."""
    held = Box("company", f"{page}_{name}", label, name, _given(default), width=width)
    return _first(_drawn(held))


def pick_fund(page: str, name: str, label: str, default: str = "", *, width: int = 420) -> str:
    """One manager; gives what the address says, which an old link may have as any word."""
    held = Box("manager", f"{page}_{name}", label, name, _given(default), width=width)
    return _first(_drawn(held))


def pick_many_series(page: str, name: str, label: str, most: int = MANY) -> list[str]:
    """Several series."""
    return _drawn(Box("series", f"{page}_{name}", label, name, most=most))


def pick_countries(  # noqa: PLR0913 - what is picked, where it is kept, and out of what
    page: str,
    name: str,
    label: str,
    among: Sequence[str],
    most: int = MANY,
    default: Sequence[str] = (),
) -> list[str]:
    """Several countries out of those of which there is something to show."""
    key, first = f"{page}_{name}", tuple(default)
    return _drawn(Box("country", key, label, name, first, most, tuple(among)))


def choose_instruments(
    key: str, label: str, first: Sequence[str] = (), *, width: int | Literal["stretch"] = "stretch"
) -> list[str]:
    """Several instruments of something that is being made: kept in the session till it is saved."""
    return _drawn(Box("instrument", key, label, default=tuple(first), most=MANY, width=width))


def choose_among(key: str, label: str, ids: Sequence[str]) -> list[str]:
    """Several of these instruments, as `choose_instruments` does."""
    return _drawn(Box("instrument", key, label, most=MANY, among=tuple(ids)))


def chosen_in_session(key: str) -> list[str]:
    """What a box that keeps its choice in the session has, for a callback."""
    _, ids = st.session_state.get(f"{key}_chosen", ((), []))
    return list(ids)


def forget_choice(key: str) -> None:
    """Such a box is empty again: what was chosen in it is saved."""
    for part in ("chosen", "asked"):
        st.session_state.pop(f"{key}_{part}", None)


def choose_instrument(key: str, label: str, *, width: int | Literal["stretch"] = "stretch") -> str:
    """One instrument of something that is being made; none while nothing is chosen."""
    return _first(_drawn(Box("instrument", key, label, width=width)))


def pick_country(
    page: str, name: str, label: str, codes: Sequence[str], default: str, **look: Any
) -> str:
    """One country of a short list, by code and name; those seen last stand first."""
    shown = country_labels(codes)
    seen = [code for code in recents("country") if code in codes]
    first = [code for code in codes if code not in shown]  # such as all
    ordered = list(dict.fromkeys([*first, *seen, *codes]))
    look = {"width": 230, **look, "format_func": lambda code: shown.get(code, code)}
    value = pick(page, name, label, ordered, default, **look)
    if name in st.query_params and value in shown:
        remember("country", value)
    return value


def country_labels(codes: Sequence[str]) -> dict[str, str]:
    """`USA · United States` for each code that has a name at the clock."""
    names = country_names()
    return {code: f"{code} · {names[code]}" for code in codes if code in names}


def _given(default: str) -> tuple[str, ...]:
    return (default,) if default else ()


def _first(chosen: list[str]) -> str:
    return chosen[0] if chosen else ""


def _drawn(box: Box) -> list[str]:
    """Draw it as a part that is run alone while somebody types, and give what is chosen."""
    st.fragment(_box)(box)
    return box.chosen()[: box.most]


def _box(box: Box) -> None:
    if st.session_state.pop(f"{box.key}_changed", False):
        st.rerun()
    try:
        data = contents(box)
    except Exception as error:  # noqa: BLE001 - what is chosen remains; explain() logs it
        note = explain(error, "directory").text
        data = _data(box, [], {}) | {"note": note, "asked": st.session_state.get(_ask(box), "")}
    _PICKER(
        key=f"{box.key}_box",
        data=data,
        width=box.width,
        on_ask_change=_heard(box, "ask", searched),
        on_act_change=_heard(box, "act", acted),
    )


def _heard(box: Box, trigger: str, then: Callable[[Box, dict[str, Any]], None]) -> Any:
    """A callback without arguments, as components want them."""

    def tell() -> None:
        told = st.session_state[f"{box.key}_box"].get(trigger)
        if isinstance(told, dict):
            then(box, told)

    return tell


def searched(box: Box, told: dict[str, Any]) -> None:
    """Somebody typed: the next drawing has what it may mean."""
    st.session_state[_ask(box)] = str(told.get("text", ""))[:LONGEST]


def acted(box: Box, told: dict[str, Any]) -> None:
    """One was taken or removed, or a text was entered before it was answered."""
    before = box.chosen()
    if "drop" in told:
        gone = told["drop"] if isinstance(told["drop"], list) else []
        _change(box, [name for name in before if name not in gone])
    elif "take" in told:
        _take(box, [str(told["take"])])
    elif "type" in told:
        _entered(box, str(told["type"])[:LONGEST])


def _entered(box: Box, text: str) -> None:
    """What a text means if it means one thing; several words may be an id each; else ask."""
    ids = [] if text.startswith(MARK) and box.formulas else _meant(box, text)
    if len(ids) != 1:
        formula = typed_formula(text) if box.formulas else None
        ids = _each_meant(box, text) or ([formula] if formula else [])
    if ids:
        _take(box, ids)
        return
    st.session_state[_ask(box)] = text
    st.session_state[f"{box.key}_stay"] = st.session_state.get(f"{box.key}_stay", 0) + 1


def _each_meant(box: Box, text: str) -> list[str]:
    """What several words mean where each means one thing; a sign by itself is no word."""
    words = text.replace(",", " ").split()
    if not box.many or len(words) < 2 or not all(re.search(r"\w", word) for word in words):
        return []
    found_ids = [_meant(box, word) for word in words]
    return [ids[0] for ids in found_ids] if all(len(ids) == 1 for ids in found_ids) else []


def _meant(box: Box, text: str) -> list[str]:
    try:
        return surest(found(current(), box.kind, text, 2 * SHOWN, box.among))
    except Exception as error:  # noqa: BLE001 - the box says it when it is drawn
        explain(error, "directory")
        return []


def _take(box: Box, ids: list[str]) -> None:
    before = box.chosen() if box.many else []
    after = list(dict.fromkeys([*before, *ids]))[: box.most]
    for name in ids:
        if formula_of(name) is None:
            remember(box.kind, name)
    _change(box, after)


def _change(box: Box, ids: list[str]) -> None:
    box.keep(ids)
    st.session_state.pop(_ask(box), None)
    st.session_state[f"{box.key}_done"] = st.session_state.get(f"{box.key}_done", 0) + 1
    st.session_state[f"{box.key}_changed"] = True


def _ask(box: Box) -> str:
    return f"{box.key}_asked"


def contents(box: Box) -> dict[str, Any]:
    """All that the browser shows: the choice, what was seen last, and what was found."""
    run, asked = current(), st.session_state.get(_ask(box), "")
    chosen = box.chosen()[: box.most]
    seen = [name for name in recents(box.kind) if name not in chosen and _allowed(box, name)]
    rows = rows_of(run, box.kind, [*chosen, *seen])
    if box.among and len(seen) < SHOWN:
        more = [name for name in box.among if name not in chosen and name not in seen]
        rows |= rows_of(run, box.kind, more[: SHOWN - len(seen)])
        seen += more[: SHOWN - len(seen)]
    data = _data(box, [name for name in seen if name in rows or box.among], rows)
    if not asked:
        return data
    is_marked = box.formulas and asked.startswith(MARK)
    hits = [] if is_marked else found(run, box.kind, asked, SHOWN + 1, box.among).to_dicts()
    lines, note = [_line(row["id"], row) for row in hits[:SHOWN]], ""
    if box.formulas:
        lines, note = with_formula(lines, asked)
    return data | {
        "asked": asked,
        "hits": lines,
        "note": note or _note(box, asked, len(hits) or len(lines), len(chosen)),
    }


def _allowed(box: Box, name: str) -> bool:
    return box.among is None or name in box.among


def _note(box: Box, asked: str, count: int, taken: int) -> str:
    if taken >= box.most > 1:
        return f"At most {box.most}: remove one first."
    if not count:
        return f"No {box.kind} called {asked[:60]!r} is known at this clock."
    if count > SHOWN:
        return f"More than {SHOWN} {PLURAL[box.kind]}: type more letters."
    return ""


def _data(box: Box, seen: list[str], rows: dict[str, Row]) -> dict[str, Any]:
    return {
        "label": box.label,
        "placeholder": HINTS[box.kind] + (FORMULA_HINT if box.formulas else ""),
        "many": box.many,
        "fixed": box.fixed,
        "chosen": [_line(name, rows.get(name)) for name in box.chosen()[: box.most]],
        "recents": [_line(name, rows.get(name)) for name in seen],
        "before": "Recent",
        "asked": "",
        "hits": [],
        "note": "",
        "done": st.session_state.get(f"{box.key}_done", 0),
        "stay": st.session_state.get(f"{box.key}_stay", 0),
    }


def _line(name: str, row: Row | None) -> dict[str, str]:
    if row is None:
        return {"id": name, "title": formula_of(name) or name, "detail": ""}
    return {"id": name, "title": title(row), "detail": str(row["detail"] or "")}
