"""Numbers of a draft in four languages, and what looks like one; then the whole gold set."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.claims.reading.quantities import quantities
from analytics.claims.statement import Quantity

GOLD = sorted((Path(__file__).parents[2] / "golden" / "claims").glob("*.toml"))
WORDS = re.compile("doubl|halv|tripl|quint|third|fifth|quarter|half|month|nine|twice|second|zweit")
# The unit of a proof -> what a draft that says it in full comes to.
UNITS = {
    "thousand persons": (1e3, "persons"),
    "million persons": (1e6, "persons"),
    "million US dollars": (1e6, "USD"),
    "billion US dollars": (1e9, "USD"),
    "trillion US dollars": (1e12, "USD"),
    "billion USD": (1e9, "USD"),
    "billion chained 2017 USD": (1e9, "USD"),
    "billion units of national currency": (1e9, None),
    "thousand units": (1e3, None),
    "USD per share": (1.0, "USD"),
    "% of GDP": (1.0, "%"),
    "index": (1.0, "points"),
}
NOT_NUMBERS = {"rank", "difference", "since", "date", "years", "crossing"}


@pytest.mark.parametrize(
    ("text", "language", "value", "unit", "relation"),
    [
        ("rose to 1,234.5", "en", 1234.5, None, "="),
        ("stieg auf 1.234,5", "de", 1234.5, None, "="),
        ("à 1\u202f234,5", "fr", 1234.5, None, "="),
        ("34'233.5", "en", 34233.5, None, "="),
        ("3,75 %", "de", 3.75, "%", "="),
        ("1.351 dollars", "en", 1.351, "USD", "="),
        ("se crearon 73.000 empleos en mayo", "en", 73000, "persons", "="),
        ("−0.28%", "en", -0.28, "%", "="),
        ("minus 3,2 %", "de", -3.2, "%", "="),
        ("| (22.78) |", "en", -22.78, None, "="),
        ("the price ($159.44) sank", "en", 159.44, "USD", "="),
        ("a gain of 142k", "en", 142_000, None, "="),
        ("US$5.2bn", "en", 5.2e9, "USD", "="),
        ("rund 6,6 Billionen", "de", 6.6e12, None, "about"),
        ("(unos 34,2 billones)", "es", 34.2e12, None, "about"),
        ("97,66 mil millones", "es", 97.66e9, None, "="),
        ("3 832,6 milliards d’euros", "fr", 3832.6e9, "EUR", "="),
        ("12,5 Md€", "fr", 12.5e9, "EUR", "="),
        ("114,89 Mio. US-Dollar", "de", 114.89e6, "USD", "="),
        ("at 835.7p", "en", 835.7, "GBp", "="),
        ("27 cents a share", "en", 0.27, "USD", "="),
        ("3 pct", "en", 3, "%", "="),
        ("um 0,25 Prozentpunkte", "de", 0.25, "pp", "="),
        ("3 points de base", "fr", 3, "bp", "="),
        ("2 puntos porcentuales", "es", 2, "pp", "="),
        ("a 25-basis-point cut", "en", 25, "bp", "="),
        ("just under $225bn", "en", 225e9, "USD", "just below"),
        ("gut 12 Prozent", "de", 12, "%", ">"),
        ("knapp 2 Prozent", "de", 2, "%", "just below"),
        ("plus de 1 %", "fr", 1, "%", ">"),
        ("près de 3 %", "fr", 3, "%", "just below"),
        ("más de un 3 %", "es", 3, "%", ">"),
        ("casi 2 %", "es", 2, "%", "just below"),
        ("below 50", "en", 50, None, "<"),
        ("3% or more", "en", 3, "%", ">"),
        ("two per cent", "en", 2, "%", "="),
        ("drei Prozent", "de", 3, "%", "="),
        ("a million people", "en", 1e6, "persons", "="),
        ("cut by a quarter point", "en", 0.25, "pp", "="),
        ("half a point", "en", 0.5, "pp", "="),
        ("um einen halben Prozentpunkt", "de", 0.5, "pp", "="),
        ("cuatro décimas", "es", 0.4, "pp", "="),
        ("fell by about two thirds", "en", 66.667, "%", "about"),
        ("um ein Drittel", "de", 33.333, "%", "="),
        ("has doubled", "en", 2, "times", "multiple"),
        ("more than halved", "en", 0.5, "times", "<"),
        ("nearly tripled", "en", 3, "times", "just below"),
        ("verdoppelte sich", "de", 2, "times", "multiple"),
        ("a doublé", "fr", 2, "times", "multiple"),
        ("el doble", "es", 2, "times", "multiple"),
        ("twelfth month in a row", "en", 12, "months", "="),
        ("den zweiten Monat in Folge", "de", 2, "months", "="),
        ("le troisième mois consécutif", "fr", 3, "months", "="),
        ("por tercer mes consecutivo", "es", 3, "months", "="),
        ("nine months running", "en", 9, "months", "="),
        ("second cut in a row", "en", 2, "meetings", "="),
    ],
)
def test_a_number_has_its_value_unit_and_hedge(
    text: str, language: Any, value: float, unit: str | None, relation: str
) -> None:
    found = quantities(text, language)
    assert [(one.value, one.unit, one.relation) for one in found] == [(value, unit, relation)]


@pytest.mark.parametrize(
    "text",
    [
        "27 June 2024, 14:30-16:00, at 10 am and 9h30",
        "in 2019, in the 1970s, since Q2 and 1Q24, on 5 May",
        "the S&P 500, G7, F-150, COVID-19, MiFID II and the 10-year bond",
        "Dial +44 20 7946 0958 or 01 55 55 12 34, Llame al 91 555 01 23",
        "ISIN XD0000000048, CUSIP 037833100, IBAN DE89 3704 0044 0532 0130 00",
        "the 3rd seminar, page 7, §5, No. 4, graphique n° 3, Art. 47, note [3], room 4.12",
        "60311 Frankfurt, Hauptstraße 12, 1600 Harbour Street, 12 rue de Rivoli",
        "Version 2.1.4; https://example.org/2024/06/19?id=44 and a4@example.org",
        "growth of 2-3% or between 2% and 3%, 3 of 10, 2015 = 100",
        "2 drinks per head, 650 words, 7 charts",
        "`x = 5%` and <!-- 4.7% --> <b title='9%'></b><style>p{margin:3%}</style>",
        "1. First\n2) Second",
        "for the first time in two years, in the second half, a third rate setter",
    ],
)
def test_what_is_no_statement_gives_none(text: str) -> None:
    assert [text[one.start : one.end] for one in quantities(text, "en")] == []


def test_half_a_unit_follows_the_digits_printed() -> None:
    halves = {"2.5k": 50, "$690 billion": 0.5e9, "0.69 trillion": 5e9, "2.50%": 0.005, "30 bp": 0.5}
    assert {text: quantities(text)[0].half for text in halves} == pytest.approx(halves)


def test_places_are_those_of_the_source_of_a_page() -> None:
    source = "<p>UK inflation rose to 2.2&nbsp;% from &minus;0.3&#37; <!-- 9% --></p>"
    found = quantities(source, "en")
    assert [source[one.start : one.end] for one in found] == ["2.2&nbsp;%", "&minus;0.3&#37;"]
    assert [one.value for one in found] == [2.2, -0.3]


def test_each_number_is_read_in_the_language_around_it() -> None:
    text = "Die Exporte stiegen auf 1.234 Stück. The index is at 1.234 points in May."
    assert [one.value for one in quantities(text) if one.unit or one.value > 2] == [1234, 1.234]


PIECES = st.sampled_from(
    re.split(
        " +",
        "12 3.4 1,234.5 % $ € bn - + ( ) | . , May 2024 in a row half million two percent < & ; "
        "über 5-6 ١٢٣ שלום 🎉 ' ` --> <p> <!-- &nbsp; Q1 the Friday before last week d' n°",
    )
)


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join)))
def test_quantities_lie_apart_and_within_any_text(text: str) -> None:
    found = quantities(text)
    ends = [0, *(one.end for one in found)]
    assert all(start <= one.start < one.end for start, one in zip(ends, found, strict=False))
    assert ends[-1] <= len(text)
    assert all(any(map(str.isdigit, text[q.start : q.end])) for q in found if not q.is_word)


@pytest.mark.parametrize(
    "piece",
    ["9", "3.1 ", "1,234 ", "12 345 ", "+1 ", "1-", "1.", "2024 ", "| 3.4% ", "<a ", "of a "],
)
def test_a_wall_of_text_costs_what_its_length_is(piece: str) -> None:
    text = (piece * 60_000)[:60_000]
    began = time.process_time()
    quantities(text)
    assert time.process_time() - began < 2


def _says(claim: dict[str, Any]) -> bool:
    """Whether the quote of a claim states a number."""
    stated, quote = claim["stated"], claim["quote"]
    if isinstance(stated, (str, bool)) or claim.get("relation") == "flat":
        return False
    has_number = any(map(str.isdigit, quote)) or WORDS.search(quote) is not None
    return has_number and claim["measure"] not in NOT_NUMBERS


def _agrees(claim: dict[str, Any], quantity: Quantity) -> bool:
    """Value in size and unit; the draft's sign may stand in its verb, its unit in a header."""
    scale, unit = UNITS.get(claim.get("unit", ""), (1.0, claim.get("unit")))
    stated = abs(claim["stated"])
    values = [stated * scale, stated] if quantity.unit is None else [stated * scale]
    if not any(abs(quantity.value) == pytest.approx(value) for value in values):
        return False
    if quantity.unit is None:
        return not any(sign in claim["quote"] for sign in "%$€£¥")
    return quantity.unit == unit or unit is None or (quantity.unit, unit) == ("points", "pp")


def test_the_gold_set_is_reproduced() -> None:
    stated, missed, decoys, taken, strays = 0, [], 0, [], []
    for path in GOLD:
        draft = tomllib.loads(path.read_text(encoding="utf-8"))
        found = quantities(draft["text"], draft["language"])
        marked = [*draft.get("claim", []), *draft.get("decoy", [])]
        strays += [(path.stem, q) for q in found if not any(_meets(q, one) for one in marked)]
        for claim in filter(_says, draft.get("claim", [])):
            stated += 1
            if not any(_meets(q, claim) and _agrees(claim, q) for q in found):
                missed.append((path.stem, claim["quote"]))
        for decoy in draft.get("decoy", []):
            decoys += 1
            if any(_meets(quantity, decoy) for quantity in found):
                taken.append((path.stem, decoy["quote"]))
    assert len(missed) <= 0.03 * stated, missed
    assert len(taken) <= 0.1 * decoys, taken
    assert strays == []


def _meets(quantity: Quantity, marked: dict[str, Any]) -> bool:
    start, end = marked["span"]
    return bool(quantity.start < end and start < quantity.end)
