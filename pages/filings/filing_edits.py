"""Edits of a company's accounts as they are typed, in millions and per cent, and their boxes.

The address has each by its name; the analytics take them in the currency of the accounts and as
parts of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from analytics.companies.edited_accounts import SET_LINES, Edits
from data.errors import ConfigError
from pages.frame.controls import number, optional_number

MOST = 1e9  # of an amount, in millions
DIGITS = 12  # of a typed number: what an address gives back exactly
MILLIONS, PERCENT = 1e6, 0.01


@dataclass(frozen=True, slots=True)
class EditLine:
    """One box. `key` is what the analytics call it, `size` what a typed number is multiplied by.
    Without a default it may be left out, and `unset` says what then holds."""

    name: str
    label: str
    key: str
    size: float
    low: float = 0.0
    default: float | None = 0.0
    unset: str = ""
    called: str = "%"  # the unit of what is no amount

    @property
    def high(self) -> float:
        """The most that can be typed."""
        return MOST if self.size == MILLIONS else 100.0

    def unit(self, currency: str) -> str:
        """Of a typed number."""
        return f"{currency} mn".strip() if self.size == MILLIONS else self.called


OPERATING = (
    EditLine("revenue", "Revenue change", "revenue_change", MILLIONS, -MOST),
    EditLine("margin", "Incremental margin", "margin", PERCENT, -100.0, None, "gross margin"),
    EditLine("points", "Operating margin ±", "margin_change", PERCENT, -100.0, called="points"),
    EditLine("oneoffs", "One-offs in EBIT", "one_offs", MILLIONS, -MOST),
    EditLine("impairment", "Impairment", "impairment", MILLIONS),
    EditLine("tax", "Tax rate", "tax_rate", PERCENT, 0.0, None, "effective rate"),
)
FINANCING = (
    EditLine("debt", "New debt", "new_debt", MILLIONS),
    EditLine("rate", "Rate of new debt", "rate", PERCENT),
    EditLine("part", "Outstanding", "year_fraction", PERCENT, 0.0, 100.0, called="% of the year"),
    EditLine("dividend", "Dividend", "dividend", MILLIONS),
    EditLine("buyback", "Share buyback", "buyback", MILLIONS),
    EditLine("issue", "Share issue", "share_issue", MILLIONS),
)
_SET_LABELS = {"assets": "Total assets", "cash": "Cash", "equity": "Equity"}
BY_HAND = tuple(
    EditLine(
        f"set_{line}",
        _SET_LABELS.get(line, f"Total {line}"),
        line,
        MILLIONS,
        -MOST,
        None,
        "as computed",
    )
    for line in SET_LINES
)
EVERY = (*OPERATING, *FINANCING, *BY_HAND)


@dataclass(frozen=True, slots=True)
class FilingChoice:
    """Edits of a company as they were typed, those that change something, by their names."""

    company: str
    typed: Mapping[str, float]
    currency: str = field(default="", compare=False)

    def edits(self) -> dict[str, Any]:
        """As the analytics take them."""
        given = {
            one.key: self.typed[one.name] * one.size for one in EVERY if one.name in self.typed
        }
        lines = {one.key: given.pop(one.key) for one in BY_HAND if one.key in given}
        return given | ({"lines": lines} if lines else {})

    def params(self) -> dict[str, str]:
        """What the analytics are called with."""
        return {"company": self.company, "edits": json.dumps(self.edits(), sort_keys=True)}

    def parameters(self) -> dict[str, object]:
        """As they are saved."""
        return {"company": self.company, "edits": self.edits(), "currency": self.currency}

    def query(self) -> dict[str, str]:
        """The part of the address that says them."""
        typed = {name: f"{value:.{DIGITS}g}" for name, value in self.typed.items()}
        return {"id": self.company} | typed

    def words(self) -> str:
        """`Revenue change −500 USD mn, new debt 20,000 USD mn, rate of new debt 5 %`."""
        parts = [
            f"{one.label.removesuffix(' ±')} {_written(self.typed[one.name])} "
            f"{one.unit(self.currency)}"
            for one in EVERY
            if one.name in self.typed
        ]
        text = ", ".join(part[:1].lower() + part[1:] for part in parts)
        return f"{text[:1].upper()}{text[1:]}" if text else "No edits"

    def assumed(self) -> str:
        """For a file: the company, the edits in words, and as the analytics take them."""
        return f"{self.company}; {self.words()}; edits {self.params()['edits']}"


def _written(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "−")


def filing_of(parameters: Mapping[str, Any]) -> FilingChoice | None:
    """Edits as they were saved; none where they cannot be read."""
    try:
        company, edits = parameters["company"], parameters["edits"]
        if not isinstance(company, str) or not isinstance(edits, dict):
            return None
        Edits.read(json.dumps(edits))
    except (ConfigError, KeyError, TypeError, ValueError):
        return None
    flat = {**edits, **edits.get("lines", {})}
    typed = {
        one.name: float(f"{flat[one.key] / one.size:.{DIGITS}g}")
        for one in EVERY
        if flat.get(one.key) is not None
    }
    return FilingChoice(company, typed, str(parameters.get("currency", "")))


def filing_form(company: str, currency: str) -> FilingChoice:
    """The boxes: what is earned, how it is financed, and lines that are set by hand."""
    typed: dict[str, float] = {}
    for lines in (OPERATING, FINANCING):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            typed |= _boxes(lines, currency)
    is_set = any(one.name in st.query_params for one in BY_HAND)
    with (
        st.expander("Set lines of the balance sheet", expanded=is_set, key="company_set_lines"),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        typed |= _boxes(BY_HAND, currency)
    return FilingChoice(company, typed, currency)


def _boxes(lines: tuple[EditLine, ...], currency: str) -> dict[str, float]:
    typed: dict[str, float] = {}
    for one in lines:
        label, among = f"{one.label}, {one.unit(currency)}", (one.low, one.high)
        value = (
            optional_number("company", one.name, label, one.unset, among=among)
            if one.default is None
            else number("company", one.name, label, one.default, among=among)
        )
        if value is not None and value != one.default:
            typed[one.name] = float(f"{value:.{DIGITS}g}")
    return typed
