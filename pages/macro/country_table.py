"""Countries against indicators: the last value of each with its period, as of the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from analytics.macro.countries import latest_by_country
from data.query import Answer
from data.vocabulary import labels, named
from pages.frame.errors import Trouble
from pages.frame.figures import decimals, period_of, written
from pages.frame.links import address
from pages.frame.panel import Panel, say
from pages.frame.tables import Column, table

PARAMETER, KEY = "columns", "countries_columns"
MOST = 10
DIGITS = 2
# Of each line the word that most countries have; sources and the demo world name things apart.
USUAL = (
    ("GDPG", "gdp_growth"),
    ("CPIYOY", "cpi_inflation"),
    ("UNEMP", "unemployment_rate"),
    ("POLICY", "policy_rate"),
    ("Y10", "yield_10y"),
    ("CA", "current_account_share"),
    ("DEFICIT",),
    ("DEBT", "government_debt_share"),
)
LEAST = 4  # columns; where fewer of the usual ones are known, the most covered join them


def country_table(known: pl.DataFrame) -> None:
    """The table and the box for its indicators; `known` has those that several countries have."""
    coverage = dict(known.select("indicator", "countries").iter_rows())
    words = _choose(coverage)
    if not words:
        return
    Panel(
        "Countries by indicator",
        "last value and its period at the clock",
        ("macro", "series"),
        "No country has a value of these indicators at this clock.",
    ).show(latest_by_country, lambda answer: _drawn(answer, words), indicators=list(words))


def usual(coverage: Mapping[str, int]) -> list[str]:
    """The indicators where the reader chose none: of each line the most covered one."""
    several = [[word for word in line if word in coverage] for line in USUAL]
    chosen = [max(line, key=lambda word: coverage[word]) for line in several if line]
    ranked = sorted(coverage, key=lambda word: (-coverage[word], word))
    others = [word for word in ranked if word not in chosen]
    return chosen + others[: max(LEAST - len(chosen), 0)]


def _choose(coverage: Mapping[str, int]) -> list[str]:
    """The indicators that the address names, else the usual ones, and the box to change them."""
    first = usual(coverage)
    wanted = list(dict.fromkeys(st.query_params.get(PARAMETER, "").replace("+", " ").split()))
    unknown = [word for word in wanted if word not in coverage]
    words = [word for word in wanted if word in coverage][:MOST] or first
    names = labels(coverage)
    st.session_state[KEY] = words
    st.multiselect(
        "Indicators",
        sorted(coverage, key=lambda word: names[word].lower()),
        key=KEY,
        format_func=names.__getitem__,
        max_selections=MOST,
        on_change=_tell_address,
        args=(first,),
    )
    if unknown:
        say(
            Trouble(
                f"No indicator named {', '.join(word[:40] for word in unknown[:5])} is known of "
                "several countries at this time.",
                "Choose indicators from the list.",
            ),
            "partial",
        )
    return words


def _tell_address(first: list[str]) -> None:
    """What was chosen goes into the address; the usual ones are left out of it."""
    words = list(st.session_state[KEY])
    if words and words != first:
        st.query_params[PARAMETER] = " ".join(words)
    else:
        st.query_params.pop(PARAMETER, None)


def _drawn(answer: Answer, words: list[str]) -> str:
    frame = answer.frame
    parts = {word: frame.filter(pl.col("indicator") == word) for word in words}
    digits = {word: min(decimals(part["value"]), DIGITS) for word, part in parts.items()}
    rows: dict[str, dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        country, word = row["country"], row["indicator"]
        to = address("countries", id=country)
        line = rows.setdefault(
            country, dict.fromkeys(words) | {"country": {"text": row["name"], "to": to}}
        )
        line[word] = {
            "value": row["value"],
            "text": written(row["value"], digits[word]),
            "period": period_of(row["period"], row["frequency"]),
            "about": f"{row['title']}, {row['unit']}, published {row['known_at']:%d %b %Y}",
        }
    columns = [Column("country", "country", "name")]
    columns += [_column(word, part) for word, part in parts.items() if part.height]
    return table(list(rows.values()), columns, caption="Countries by indicator")


def _column(word: str, part: pl.DataFrame) -> Column:
    units = part["unit"].unique().to_list()
    unit = units[0] if len(units) == 1 else "several units"
    name = named(word)
    return Column(word, heading(name, unit), "dated", hint=f"{name}, {unit}")


def heading(name: str, unit: str) -> str:
    """A name with its unit in short, without what the name says already."""
    short = unit.replace("percent per year", "%").replace("percent", "%")
    first, comma, rest = short.partition(", ")
    short = first if comma and rest in name else short
    return name if short in name else f"{name}, {short}"
