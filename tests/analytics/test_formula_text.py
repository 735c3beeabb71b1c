"""The text of a formula is read or refused in a sentence with its place; units are checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.formulas.text import (
    FUNCTIONS,
    FormulaCall,
    FormulaName,
    FormulaNumber,
    FormulaOperation,
    hyphenated_names,
    names_in,
    parse_formula,
    written,
)
from analytics.formulas.units import (
    FormulaUnit,
    added,
    divided,
    multiplied,
    price_unit,
    series_unit,
)
from data.errors import ConfigError

# The text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("GOLD/SILVER", "GOLD/SILVER"),
        ("yoy(CPI) - policy rate", "yoy(CPI)-policy rate"),
        ("a - b - c", "(a-b)-c"),
        ("a - (b - c)", "a-(b-c)"),
        ("a + b * c / 2", "a+((b*c)/2)"),
        ("-a * 2", "(-a)*2"),
        ("2 * -3.5e1", "2*-3.5e1"),
        ("SMA( fred:CPI , 20 )", "sma(fred:CPI, 20)"),
        ("lag(X)", "lag(X, 1)"),
        ("spread(US 10y, DE 10y)", "spread(US 10y, DE 10y)"),
        ("S&P 500 / Nikkei 225", "S&P 500/Nikkei 225"),
        ("7203.T × 2 ÷ BRK.B − ^GSPC", "((7203.T*2)/BRK.B)-^GSPC"),
        ("demo:GOLD-N - demo:X.2", "demo:GOLD-N-demo:X.2"),
        ("A-B", "A-B"),
        ('"United States: Consumer price inflation" + 1', None),
        ("“Gold (spot)”*2", "Gold (spot)*2"),
        ("log", "log"),
        ("US0378331005/ذهب", "US0378331005/ذهب"),
    ],
)
def test_formulas_are_read(text: str, reads: str | None) -> None:
    found = written(parse_formula(text))
    assert found == (reads or "United States: Consumer price inflation+1")


KNOWN = {"GOLD-N", "STM1-GOLD", "BF-B", "BF-B-W", "X-1"}


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("STM1/GOLD-N", "STM1/GOLD-N"),
        ("GOLD-N-STM1", "GOLD-N-STM1"),
        ("GOLD - N", "GOLD-N"),
        ("GOLD -N", "GOLD-N"),
        ("BF-B-W*2", "BF-B-W*2"),
        ("sma(X-1, 20)", "sma(X-1, 20)"),
        ('"GOLD"-N', "GOLD-N"),
        ("GOLD−N", "GOLD-N"),
    ],
)
def test_a_known_name_takes_its_hyphen_and_blanks_make_a_minus(text: str, reads: str) -> None:
    tree = parse_formula(text, KNOWN)
    assert written(tree) == reads
    names = {
        "STM1/GOLD-N": ["STM1", "GOLD-N"],
        "GOLD-N-STM1": ["GOLD-N", "STM1"],
        "BF-B-W*2": ["BF-B-W"],
        "sma(X-1, 20)": ["X-1"],
    }
    assert [name.text for name in names_in(tree)] == names.get(text, ["GOLD", "N"])


def test_of_two_known_names_the_first_and_longest_counts() -> None:
    tree = parse_formula("STM1-GOLD-N + BF-B-W-2", KNOWN)
    assert [name.text for name in names_in(tree)] == ["STM1-GOLD", "N", "BF-B-W"]


@pytest.mark.parametrize("text", ["2 * GOLD-N(X)", "yoy(CPI)-X", "rate A-B", "A-B rate", "1e-5*X"])
def test_functions_and_names_of_several_words_have_no_hyphen(text: str) -> None:
    assert hyphenated_names(text) == []


def test_a_chain_of_minus_signs_asks_for_few_names() -> None:
    assert len(hyphenated_names("A-" * 199 + "A")) == 3


def test_other_signs_of_tickers_belong_to_the_name() -> None:
    tickers = ["BRK.B", "^GSPC", "EURUSD=X", ".SPX", "ES=F", "M&M", "RDS.A-N"]
    tree = parse_formula("/".join(tickers), {"RDS.A-N"})
    assert [name.text for name in names_in(tree)] == tickers
    assert parse_formula(".5") == FormulaNumber(0.5, ".5")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a name or number at character 1, found the end"),
        ("GOLD/)", "expected a name or number at character 6, found ')'"),
        ("(GOLD", "expected an operator or ')' at character 6, found the end"),
        ("GOLD SILVER) ", "expected an operator at character 12, found ')'"),
        ("2 GOLD", "expected an operator at character 3, found 'GOLD'"),
        ("GOLD 2 (", "expected an operator at character 8, found '('"),
        ("fit(X, 3)", "there is no function 'fit' (character 1); there are log, yoy"),
        ("sma(X)", "expected a comma at character 6, found ')'; sma needs a number of values"),
        ("sma(X, Y)", "sma at character 8: expected a whole number of values, 1 to 1000"),
        ("sma(X, 2.5)", "expected a whole number of values"),
        ("sma(X, 0)", "expected a whole number of values"),
        ("sma(X, 1e9)", "expected a whole number of values"),
        ("lag(X, -1)", "expected a whole number of values"),
        ("yoy(X, 3)", "yoy takes no number (character 6)"),
        ("spread(X)", "spread takes 2 names"),
        ('"GOLD', "the quotation mark at character 1 is never closed"),
        ('1 + " "', "the quotation mark at character 5 holds no name"),
        ("GOLD % 2", "'%' at character 6 has no meaning in a formula; a name with such signs"),
        ("1e999 * X", "the number at character 1 is too large"),
        ("(" * 40 + "X" + ")" * 40, "more than 30 brackets or signs inside each othe"),
        ("-" * 200 + "X", "more than 30 brackets or signs inside each othe"),
        ("X+" * 150 + "X", "a formula of more than 100 parts"),
        ("X" * 401, "a formula of 401 characters; expected at most 400"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_formula(text)
    assert says in str(refused.value)


SCRAPS = st.sampled_from(
    [
        *FUNCTIONS,
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "GOLD",
        "x:A-B",
        '"',
        "1",
        "2.",
        ".5",
        "1e3",
        " ",
        "(X)",
        "−",
        "“",
        "”",
        "é",
        "\x00",
        "٣",
        "𝟙",
        "²",
        ":",
        "a:",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(SCRAPS, max_size=40).map("".join)))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        node = parse_formula(text)
    except ConfigError as error:
        assert str(error) and "\n" not in repr(str(error))
        return
    assert isinstance(node, FormulaNumber | FormulaName | FormulaCall | FormulaOperation)
    assert all(text[name.at - 1 :] for name in names_in(node))


def test_names_come_once_in_their_order() -> None:
    assert [name.text for name in names_in(parse_formula("B/A + B*C"))] == ["B", "A", "C"]


# Units -----------------------------------------------------------------------------------------

USD, EUR, PERCENT = FormulaUnit.of("USD"), FormulaUnit.of("EUR"), FormulaUnit.of("percent")
RATE = FormulaUnit((("EUR", -1), ("USD", 1)))


def test_units_by_hand() -> None:
    assert divided(("GOLD", USD), ("SILVER", USD)).text == "GOLD/SILVER"
    assert multiplied(EUR, RATE) == USD
    assert divided(("AAPL", USD), ("EURUSD", RATE)) == EUR
    assert RATE.text == "USD per EUR"
    assert added("-", ("a", PERCENT), ("b", PERCENT)).text == "percentage points"
    assert added("+", ("a", PERCENT), ("b", FormulaUnit.of("percentage points"))) == PERCENT
    assert series_unit("percent, year on year", "s:A") == series_unit("%", "s:B") == PERCENT
    assert series_unit("percent of GDP", "s:A") != PERCENT
    assert series_unit("unstated", "s:A") != series_unit(None, "s:B")


@pytest.mark.parametrize(
    ("symbol", "currency", "text"),
    [
        ("ecb:EURUSD", "USD", "USD per EUR"),
        ("stooq:eurusd", "USD", "USD per EUR"),
        ("yahoo:EURUSD=X", "USD", "USD per EUR"),
        ("yahoo:INR=X", "INR", "INR per USD"),
        ("av:IBM", "USD", "USD"),
    ],
)
def test_an_exchange_rate_has_the_unit_of_one(symbol: str, currency: str, text: str) -> None:
    unit, factor = price_unit(symbol, "fx", currency)
    assert (unit.text, factor) == (text, 1.0)


def test_a_series_of_exchange_rates_goes_with_prices_of_them() -> None:
    euro, _ = price_unit("ecb:EURUSD", "fx", "USD")
    assert series_unit("USD per EUR", "fred:DEXUSEU") == euro
    assert added("-", ("A", euro), ("B", series_unit("USD per EUR", "s:B"))) == euro
    assert series_unit("USD per barrel", "s:OIL").text == "USD per barrel"
