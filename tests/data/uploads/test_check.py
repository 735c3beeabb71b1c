"""Every row ends as accepted, duplicate or rejected, with a reason an analyst understands."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.codes import fault, figi_digit, isin_digit
from data.errors import UploadError
from data.state.watchlists import Member
from data.uploads.check import (
    STATUSES,
    Meaning,
    Reading,
    RowVerdict,
    check_list,
    counts,
    marks_of,
    members,
    words_of,
)
from data.uploads.columns import LIST_ROLES, guess, tabulate
from data.uploads.numbers import decimal_mark, number
from data.uploads.sheet import read_grid
from tests.data.uploads import nasty

NUMERIC = ("weight", "quantity")
KNOWN: Mapping[str, Sequence[Meaning]] = {
    "AAA": [Meaning("x:AAA", "AAA Inc")],
    "BBB": [Meaning("x:BBB", "BBB Inc")],
    "Nestlé": [Meaning("x:NESN", "Nestlé")],
    "PENCE": [Meaning("x:PENCE", "Pence plc", "quoted in pence")],
    "XLON:PENCE": [Meaning("x:PENCE", "Pence plc", "quoted in pence")],
    "PENCE.L": [Meaning("x:PENCE", "Pence plc", "quoted in pence")],
    "GB00BH4HKS39": [Meaning("x:VOD", "Vodafone")],
    "GONE": [Meaning("x:GONE", "Gone Inc", "delisted on 2009-03-13")],
    "TWICE": [Meaning("x:TWICE", "Old, to 2009"), Meaning("x:TWICE.2", "New, since 2013")],
}


def check(
    payload: bytes, name: str = "list.csv", held: Sequence[Member] = (), **answers: str
) -> list[RowVerdict]:
    table = tabulate(read_grid(payload, name))
    columns = guess(table, LIST_ROLES)
    reading = Reading(columns, marks_of(table, columns, NUMERIC), answers, ("binance:",))
    assert set(words_of(table, columns)) >= {
        v.word for v in check_list(table, reading, KNOWN) if v.member is not None
    }
    verdicts = check_list(table, reading, KNOWN, held)
    assert sum(counts(verdicts).values()) == len(verdicts) == len(table.rows)
    return verdicts


def reasons(verdicts: Sequence[RowVerdict]) -> dict[int, str]:
    return {verdict.line: f"{verdict.status}: {verdict.reason}" for verdict in verdicts}


def test_decimal_commas_weights_and_notes_are_kept() -> None:
    assert members(check(nasty.bom_and_decimal_commas())) == [
        Member("x:AAA", 0.125, 1234.5, (), "Größe"),
        Member("x:BBB", 0.25, 1_000_000.0),
    ]


def test_windows_text_is_found_by_name() -> None:
    assert reasons(check(nasty.windows_text())) == {
        2: "rejected: no instrument called 'Société Générale' is known at this clock",
        3: "accepted: ",
    }


def test_a_spreadsheet_that_broke_its_tickers_says_where() -> None:
    found = reasons(check(nasty.spreadsheet(), "book.xlsx"))
    assert found[4] == "accepted: "
    assert "is a date, perhaps one that a spreadsheet made of a ticker" in found[5]
    assert found[6] == "rejected: quantity: holds the spreadsheet's error #DIV/0!"
    assert found[7] == "rejected: holds the spreadsheet's error #N/A"


def test_hostile_cells_are_text_or_refused() -> None:
    verdicts = check(nasty.hostile())
    found = reasons(verdicts)
    assert [verdict.line for verdict in verdicts if verdict.member] == [2, 12]
    assert "NaN is no number" in found[3]
    assert "inf is no number" in found[4]
    assert "1e400 is larger than anything" in found[5]
    assert "-inf is no number" in found[6]
    assert "a name of 5,000 characters; at most 120" in found[7]
    assert "no instrument called '../../etc/passwd'" in found[8]
    assert "holds a step of a path" in found[9]
    assert "'<script>alert(1)</script>'" in found[10]
    assert "no instrument called '=1+1'" in found[11]
    assert members(verdicts)[1] == Member("x:BBB", 0.5, -3.0, ("a", "b"), "<b>kept as text</b>")


def test_pence_delisted_recycled_unknown_and_one_thing_by_three_names() -> None:
    verdicts = check(nasty.meanings())
    assert reasons(verdicts) == {
        2: "accepted: quoted in pence",
        3: "accepted: delisted on 2009-03-13",
        4: "asked: 2 instruments are called 'TWICE': choose one",
        5: "rejected: no instrument called 'NOBODY' is known at this clock",
        6: "duplicate: x:PENCE is in line 2 already, which is kept",
        7: "duplicate: x:PENCE is in line 2 already, which is kept",
        8: "accepted: ",
    }
    assert [meaning.symbol for meaning in verdicts[2].asks] == ["x:TWICE", "x:TWICE.2"]
    answered = check(nasty.meanings(), TWICE="x:TWICE.2")
    assert answered[2].member == Member("x:TWICE.2")
    assert check(nasty.meanings(), TWICE="x:AAA")[2].status == "asked"


def test_the_same_file_again_brings_nothing() -> None:
    held = members(check(nasty.bom_and_decimal_commas()))
    again = check(nasty.bom_and_decimal_commas(), held=held)
    assert counts(again) == dict.fromkeys(STATUSES, 0) | {"duplicate": 2}
    assert again[0].reason == "x:AAA is in the list already, which is kept"


def test_marks_that_contradict_each_other_and_marks_that_say_nothing() -> None:
    with pytest.raises(UploadError, match=r"both '1,234\.5' and '1\.234,5'"):
        check(nasty.two_marks())
    found = reasons(check(nasty.either_mark()))
    assert found[2] == "rejected: quantity: 1,234 may be 1234 or 1.234: choose the decimal mark"


def test_a_column_that_does_not_tell_follows_the_others_of_its_file() -> None:
    german = b"ticker;weight;qty\nAAA;0,5;1.000\nBBB;0,5;2.500\n"
    assert [member.quantity for member in members(check(german))] == [1000.0, 2500.0]
    english = b"ticker;weight;qty\nAAA;0.5;1,000\nBBB;0.5;2,500\n"
    assert [member.quantity for member in members(check(english))] == [1000.0, 2500.0]
    alone = reasons(check(b"ticker;qty\nAAA;1.000\n"))
    assert alone[2] == "rejected: quantity: 1.000 may be 1000 or 1.000: choose the decimal mark"


def test_a_file_that_knows_its_numbers_leaves_nothing_open() -> None:
    held = io.BytesIO()
    pl.DataFrame({"ticker": ["AAA"], "qty": [1.234]}).write_parquet(held)
    assert members(check(held.getvalue(), "a.parquet")) == [Member("x:AAA", None, 1.234)]


def test_an_id_of_a_source_is_taken_before_the_lake_has_it() -> None:
    verdicts = check(b"ticker\nbinance:SOLUSDT\nnobody:SOLUSDT\nbinance:\n")
    assert [verdict.status for verdict in verdicts] == ["accepted", "rejected", "rejected"]
    assert verdicts[0].reason == "not in the lake yet; its source is asked"


def test_words_of_one_row_must_agree() -> None:
    text = b"ticker,isin\nPENCE,GB00BH4HKS39\nAAA,\n,GB00BH4HKS39\n,\nTWICE,\n"
    verdicts = check(text)
    assert [verdict.status for verdict in verdicts] == ["rejected", "accepted", "accepted", "asked"]
    assert "different instruments" in verdicts[0].reason


def test_a_market_beside_a_ticker_narrows_it() -> None:
    text = b"ticker,exchange,qty\nPENCE,XLON,3\n"
    assert members(check(text)) == [Member("x:PENCE", None, 3.0)]


def test_a_row_with_too_many_cells_and_one_with_none() -> None:
    verdicts = check(b"ticker,qty\nAAA,1,extra\n,5\nBBB\n")
    assert [verdict.status for verdict in verdicts] == ["rejected", "rejected", "accepted"]
    assert "has 3 cells, but there are 2 columns" in verdicts[0].reason
    assert "no instrument is named" in verdicts[1].reason


def test_what_an_export_neutralised_is_read_as_it_was() -> None:
    (verdict,) = check(b"ticker,note\nAAA,'=SUM(A1)\n")
    assert verdict.member == Member("x:AAA", note="=SUM(A1)")


@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from([*KNOWN, "NOBODY", ""]), st.text(max_size=8)),
            st.one_of(st.floats().map(str), st.text(max_size=5), st.just("1,234")),
            st.text(max_size=10),
        ),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_accepted_duplicate_and_rejected_are_all_rows(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    lines = [delimiter.join(quoted(cell) for cell in row) for row in rows]
    text = "\n".join([delimiter.join(["ticker", "weight", "note"]), *lines])
    try:
        payload = text.encode(encoding)
        verdicts = check(payload)
    except (UploadError, UnicodeEncodeError):
        return
    kept = members(verdicts)
    assert len({member.symbol for member in kept}) == len(kept)
    assert all(verdict.reason for verdict in verdicts if verdict.member is None)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1234.5", ".", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("12.5%", ".", 0.125),
        ("(3)", ".", -3.0),
        ("\u22123", ".", -3.0),
        ("$1,000", ".", 1000.0),
        ("EUR 5", ".", 5.0),
        ("5 EUR", ".", 5.0),
        ("1E5", ".", 1e5),
        ("+.5", ".", 0.5),
        ("1.234", ".", 1.234),
        ("1.234", ",", 1234.0),
        ("0,5", ",", 0.5),
        ("1,234", ".", 1234.0),
    ],
)
def test_numbers_as_people_write_them(text: str, mark: str, value: float) -> None:
    assert mark in (".", ",")
    assert number(text, "." if mark == "." else ",") == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "1.2.3", "--1", "1e", "12,34.5", "0x10"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UploadError):
        number(text or "?", ".")


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["1,5", "2"], ","),
        (["1.5", "2"], "."),
        (["1,234", "2.5"], "."),
        (["1,234,567"], "."),
        (["1.234.567"], ","),
        (["1,234", "0,5"], ","),
        (["1,234"], "?"),
        (["1.234"], "?"),
        ([], ""),
        (["5"], ""),
        (["0,123"], ","),
    ],
)
def test_the_column_votes_on_its_mark(column: list[str], mark: str) -> None:
    assert decimal_mark(column) == mark


def test_codes_that_check_themselves() -> None:
    for isin in ("US0378331005", "GB00BH4HKS39", "AU0000XVGZA3", "DE000BAY0017"):
        assert isin_digit(isin) == isin[-1]
        assert fault(isin) is None
    assert fault("US0378331006") == "US0378331006 is no ISIN: its last digit would be 5"
    for figi in ("BBG000B9XRY4", "BBG000BLNNH6"):
        assert figi_digit(figi) == figi[-1]
    assert fault("BBG000B9XRY5") == "BBG000B9XRY5 is no FIGI: its last digit would be 4"
    assert fault("ANYTHING") is None


def test_columns_are_found_by_name_and_by_content() -> None:
    def found(text: str) -> dict[str, int]:
        return guess(tabulate(read_grid(text.encode(), "x.csv")), LIST_ROLES)

    assert found("Wertpapier;ISIN;Stück\nA;US0378331005;5\n") == {
        "name": 0,
        "isin": 1,
        "quantity": 2,
    }
    assert found("what,when\nUS0378331005,5\nGB00BH4HKS39,6\n") == {"isin": 0}
    assert found("AAA\nBBB\n") == {"symbol": 0}
    assert found("thing,amount\nAAA,5\nBBB,6\n") == {"symbol": 0, "quantity": 1}
    assert found("Ticker,Company Name,Wt.,Comments\nA,B,1,c\n") == {
        "symbol": 0,
        "name": 1,
        "weight": 2,
        "note": 3,
    }
