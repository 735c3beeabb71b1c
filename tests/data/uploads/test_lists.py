"""Lists as platforms export them: holdings on one scale, no total or cash among them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from data.uploads.check import Reading, RowVerdict, check_list, marks_of, words_of
from data.uploads.columns import guess, tabulate
from data.uploads.sheet import read_grid
from tests.data.uploads.brokers import known

FOLDER = Path(__file__).with_name("lists")
Coverage = list[tuple[str, float | None, float | None]]


def judged(text: str, said: Mapping[str, str] | None = None) -> list[RowVerdict]:
    table = tabulate(read_grid(text.encode(), "list.csv"))
    columns = guess(table)
    reading = Reading(columns, marks_of(table, columns, ("weight", "quantity")), choices=said or {})
    every = known() | {"AAPL.O": known()["AAPL"], "ASML.AS": known()["ASML"]}
    meanings = {word: every[word] for word in words_of(table, columns) if word in every}
    return check_list(table, reading, meanings)


def held(verdicts: list[RowVerdict]) -> Coverage:
    members = [verdict.member for verdict in verdicts if verdict.member is not None]
    return [(m.symbol.removeprefix("x:"), m.weight, m.quantity) for m in members]


LISTS: dict[str, tuple[str, Coverage]] = {
    "TradingView, in one line": (
        "NASDAQ:AAPL,###Europe,XAMS:ASML",
        [("AAPL", None, None), ("ASML", None, None)],
    ),
    "TradingView, a line each": (
        "###US\nNASDAQ:AAPL\n###EU\nXAMS:ASML\n",
        [("AAPL", None, None), ("ASML", None, None)],
    ),
    "Bloomberg": (
        "Ticker,Name,Weight (%)\nAAPL US Equity,Apple,60\nASML NA Equity,ASML,40\n",
        [("AAPL", 0.6, None), ("ASML", 0.4, None)],
    ),
    "Refinitiv": (
        "RIC,Weight\nAAPL.O,60%\nASML.AS,40%\n",
        [("AAPL", 0.6, None), ("ASML", 0.4, None)],
    ),
    "a fund's holdings": (
        'Some fund\nFund Holdings as of,"Mar 14, 2024"\n \nTicker,Name,Asset Class,Market Value,'
        "Weight (%),Shares,CUSIP,ISIN,SEDOL,Price,Exchange\n"
        '"AAPL","APPLE","Equity","1,000.00","6.53","100.00","037833100","US0378331005","-","1",'
        '"NASDAQ"\n"USD","USD CASH","Cash","10.00","0.01","10.00","-","-","-","1","-"\n'
        '"The content contained herein is owned by somebody and is protected."\n',
        [("AAPL", 0.0653, 100.0)],
    ),
    "positions of a US broker": (
        '"Positions for account Individual ...123 as of 09:00 AM ET, 2024/03/15"\n\n'
        '"Symbol","Description","Qty (Quantity)","Price","Mkt Val (Market Value)","% of Acct (% of '
        'Account)"\n"AAPL","APPLE","100","$190.00","$19,000.00","95%"\n'
        '"Cash & Cash Investments","--","--","--","$1,000.00","5%"\n'
        '"Account Total","--","--","--","$20,000.00","--"\n',
        [("AAPL", 0.95, 100.0)],
    ),
    "Yahoo, nothing but watched": (
        "Symbol,Current Price,Date,Time,Change,Open,High,Low,Volume,Trade Date,Purchase Price,"
        "Quantity,Commission,High Limit,Low Limit,Comment\n"
        "AAPL,190.5,2024/03/15,16:00 EDT,1.2,189,191,188,50000000,,,,,,,\n",
        [("AAPL", None, None)],
    ),
    "TWS": (
        "DES,AAPL,STK,SMART/NASDAQ,,\nDES,ASML,STK,SMART/AEB,,\n",
        [("AAPL", None, None), ("ASML", None, None)],
    ),
    "DEGIRO": (
        "Product,Symbol/ISIN,Amount,Closing,Local value,,Value in EUR\n"
        'CASH FUND (EUR),,,,EUR,10.00,"10,00"\n'
        'APPLE INC,US0378331005,10,"190,00",USD,1900.00,"1,00"\n',
        [("AAPL", None, 10.0)],
    ),
    "two lines of names": (
        ",,Weight,Position\nTicker,Name,%,Shares\nAAPL,Apple,60,100\nASML,ASML,40,50\n",
        [("AAPL", 0.6, 100.0), ("ASML", 0.4, 50.0)],
    ),
    "CUSIP": ("CUSIP,Qty\n037833100,10\n037833101,10\n", [("AAPL", None, 10.0)]),
    "SEDOL": ("SEDOL,Name,Holding\nBH4HKS3,Vodafone,1000\n", [("VOD", None, 1000.0)]),
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_list_of_the_corpus_is_read_as_it_is_meant(path: Path) -> None:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    verdicts = judged(raw["file"])
    truth = [(h["symbol"], h.get("weight"), h.get("quantity")) for h in raw["held"]]
    assert held(verdicts) == truth
    assert all(verdict.reason for verdict in verdicts if verdict.member is None)


@pytest.mark.parametrize("title", LISTS)
def test_a_list_is_read_as_it_is_meant(title: str) -> None:
    text, truth = LISTS[title]
    verdicts = judged(text)
    assert held(verdicts) == truth
    assert all(verdict.reason for verdict in verdicts if verdict.member is None)


def test_a_ticker_of_another_market_is_not_taken_for_it() -> None:
    assert held(judged("Ticker\nAAPL LN Equity\nVOD LN Equity\nAAPL GR Equity\n")) == [
        ("VOD", None, None)
    ]


def test_weights_on_two_scales_are_asked() -> None:
    text = "Ticker,Weight\nAAPL,60\nASML,0.30\nBHP,10\n"
    verdicts = judged(text)
    assert {verdict.question.key for verdict in verdicts if verdict.question} == {"scale"}
    assert held(judged(text, {"scale": "percent"}))[1] == ("ASML", 0.003, None)
    bare = judged("Ticker,Weight\nAAPL,60%\nASML,30\n")
    assert {verdict.status for verdict in bare} == {"asked"}


def test_several_accounts_are_asked_and_may_be_added_up() -> None:
    text = "Account,Symbol,Quantity\nA,AAPL,10\nB,AAPL,5\nB,ASML,1\n"
    assert {verdict.status for verdict in judged(text)} == {"asked"}
    assert held(judged(text, {"account": "*"})) == [("AAPL", None, 15.0), ("ASML", None, 1.0)]
    assert held(judged(text, {"account": "B"})) == [("AAPL", None, 5.0), ("ASML", None, 1.0)]
