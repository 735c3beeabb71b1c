"""Addresses of the Company page: the same view with other parameters, and one filing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.frame.links import address

_CLOCK = ("as_of", "clock", "step")
_OF_FIGURE = ("line", "end", "form", "item")


def here(**other: str) -> str:
    """The address of the page with these parameters in place of its own; an empty one leaves."""
    kept = {name: value for name, value in st.query_params.items() if name not in _CLOCK}
    return address("company", **{name: value for name, value in (kept | other).items() if value})


def filing_link(accession: str) -> dict[str, Any]:
    """A cell that leads to a filing in the view of filings."""
    left = dict.fromkeys(_OF_FIGURE, "")
    return {"text": accession, "to": here(**left, view="filings", filing=accession)}
