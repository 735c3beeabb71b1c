"""What a row names: ids, codes and tickers in the spellings that the markets use.

Knows nothing of the lake: what each word may mean is handed in. A spelling that is less sure is
tried only where the surer ones mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from data.codes import fault, isins_of
from data.errors import UploadError
from data.state.watchlists import SYMBOL_LENGTH
from data.uploads.columns import IDENTITY
from data.uploads.layouts import Layout
from data.uploads.money import CODES
from data.uploads.numbers import Mark, parts
from data.uploads.vocabulary import is_empty

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
MADE_BY_A_SPREADSHEET = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?: 00:00:00)?|\d{{1,2}}[-. /]{MONTH}|{MONTH}[-. /]\d{{1,4}}",
    re.IGNORECASE,
)
FORMULA = re.compile(r"^'(?=[=+\-@\t\r|%])")
BLOOMBERG = re.compile(r"([A-Z0-9/.*-]{1,14}) ([A-Z]{2})(?: (?:Equity|EQUITY|equity))?")
BEHIND = re.compile(r"([A-Z0-9.\-]{1,14}):([a-z]{4})")
FUTU = re.compile(r"(US|HK|SH|SZ|JP|SG|AU)\.([A-Z0-9.\-]{1,12})")
SLASHED = re.compile(r"([A-Z0-9.]{1,10})/([A-Z]{3})")
PAIR = re.compile(r"([A-Z0-9]{2,10})[-/_ ]([A-Z]{3,5})")
KRAKEN = re.compile(r"X([A-Z]{3})Z([A-Z]{3})")
INSIDE_ISIN = re.compile(r"\b([A-Z]{2}[A-Z0-9]{9}[0-9])\b")
INSIDE_TICKER = re.compile(r"\((?:[A-Z]{2,6}:)?([A-Z][A-Z0-9.]{0,5})\)")
BEFORE_EXCHANGE = re.compile(
    r"\b([A-Z][A-Z0-9.]{0,5}) ?/ ?(?:NASDAQ|NYSE|AMEX|NYSEArca|BATS)\b", re.I
)
DOTTED = re.compile(r"([A-Z0-9\-]{1,12})\.([A-Z]{2,6})")
NATIONAL = ("cusip", "sedol", "wkn")
# Of a country's mark the markets, and the currencies in which it quotes.
MARKETS = {
    "US": ("XNAS XNYS ARCX XASE", "USD"), "UN": ("XNYS", "USD"), "UQ": ("XNAS", "USD"),
    "UW": ("XNAS", "USD"), "UR": ("XNAS", "USD"), "UP": ("ARCX", "USD"), "UA": ("XASE", "USD"),
    "LN": ("XLON", "GBp GBP"), "GR": ("XETR XFRA", "EUR"), "GY": ("XETR", "EUR"),
    "GF": ("XFRA", "EUR"), "FP": ("XPAR", "EUR"), "NA": ("XAMS", "EUR"), "BB": ("XBRU", "EUR"),
    "IM": ("XMIL", "EUR"), "SM": ("XMAD", "EUR"), "PL": ("XLIS", "EUR"), "FH": ("XHEL", "EUR"),
    "SW": ("XSWX", "CHF"), "SE": ("XSWX", "CHF"), "VX": ("XSWX", "CHF"), "SS": ("XSTO", "SEK"),
    "DC": ("XCSE", "DKK"), "NO": ("XOSL", "NOK"), "JP": ("XTKS", "JPY"), "JT": ("XTKS", "JPY"),
    "HK": ("XHKG", "HKD"), "AU": ("XASX", "AUD"), "AT": ("XASX", "AUD"), "CN": ("XTSE", "CAD"),
    "CT": ("XTSE", "CAD"), "CV": ("XTSX", "CAD"), "IN": ("XNSE XBOM", "INR"),
    "IS": ("XNSE", "INR"), "IB": ("XBOM", "INR"), "SP": ("XSES", "SGD"), "KS": ("XKRX", "KRW"),
    "SJ": ("XJSE", "ZAc ZAR"), "BZ": ("BVMF", "BRL"), "NZ": ("XNZE", "NZD"),
}  # fmt: skip
# Of what stands behind a ticker and a dot, where it is a country or an exchange.
SUFFIXES = {
    "US": "US",
    "NASDAQ": "UW",
    "NYSE": "UN",
    "ARCA": "UP",
    "AMEX": "UA",
    "UK": "LN",
    "LSE": "LN",
    "NL": "NA",
    "FR": "FP",
    "ES": "SM",
    "IT": "IM",
    "PT": "PL",
    "BE": "BB",
    "CH": "SW",
    "FI": "FH",
    "NO": "NO",
    "DK": "DC",
    "JP": "JP",
    "AU": "AU",
    "ASX": "AU",
    "DE": "GR",
    "XETRA": "GY",
    "SE": "SS",
}
FUTU_MARKETS = {"US": "US", "HK": "HK", "JP": "JP", "SG": "SP", "AU": "AU"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One instrument that a word may mean, and how it reads where one has to choose."""

    symbol: str
    title: str
    note: str = ""
    currency: str = ""


Meanings = Mapping[str, Sequence[Meaning]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read: a column for each role, the decimal marks, and answers to questions.

    An id that begins like those of a source (`ids`), such as `binance:SOLUSDT`, is taken also while
    the lake has none of it: being listed is what makes it fetched. `choices` answer what is asked
    of the file as a whole; `is_complete` where the reader saw every role, so that none is added.
    `scales` has how many one figure of a role is: 1,000 under `Shares ('000)`.
    """

    columns: Mapping[str, int]
    marks: Mapping[str, Mark] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    layout: Layout | None = None
    is_complete: bool = False
    scales: Mapping[str, float] = field(default_factory=dict)


class Ambiguous(UploadError):
    """A word that means several instruments; somebody has to say which."""

    def __init__(self, word: str, asks: tuple[Meaning, ...]) -> None:
        super().__init__(f"{len(asks)} instruments are called {word[:60]!r}: choose one")
        self.word, self.asks = word, asks


def cell_of(cells: Sequence[str | None], columns: Mapping[str, int], role: str) -> str | None:
    """The cell of a role; the mark that an export sets before a formula is taken off again."""
    place = columns.get(role)
    if place is None or place >= len(cells):
        return None
    cell = cells[place]
    return FORMULA.sub("", cell) if cell is not None and cell[:1] == "'" else cell


def words_of_row(cells: Sequence[str | None], columns: Mapping[str, int]) -> list[tuple[str, str]]:
    """The words of a row that name its instrument, by role; a ticker takes its market along.

    A name is asked for only where there is nothing surer.
    """
    found: list[tuple[str, str]] = []
    venue = cell_of(cells, columns, "venue")
    for role in IDENTITY:
        cell = cell_of(cells, columns, role)
        if cell is None or (role != "symbol" and is_empty(cell)):
            continue
        if role == "name" and any(known not in NATIONAL for known, _ in found):
            continue
        word = " ".join(cell.split())
        is_bare = role == "symbol" and ":" not in word and not _at_market(word)[0]
        if is_bare and venue and not is_empty(venue):
            word = f"{venue}:{word}"
        found.append((role, word.upper() if role in ("isin", "figi") else word))
    return found or _coin(cells, columns)


def _coin(cells: Sequence[str | None], columns: Mapping[str, int]) -> list[tuple[str, str]]:
    """The coin of `0.05 BTC`, where nothing else names what was traded."""
    cell = cell_of(cells, columns, "quantity")
    unit = parts(cell).unit if cell else ""
    return [("symbol", unit)] if len(unit) > 2 and unit.isupper() and unit.isascii() else []


@lru_cache(maxsize=50_000)
def spellings(role: str, word: str) -> tuple[tuple[str, ...], ...]:
    """The words under which it is looked up, the surest first; several of one rank are one."""
    if role in NATIONAL:
        try:
            return ((word,), isins_of(role, word))
        except UploadError:
            return ((word,),)
    if role == "name" and not PAIR.fullmatch(word):
        tickers = INSIDE_TICKER.findall(word) or BEFORE_EXCHANGE.findall(word)
        return ((word,), tuple(INSIDE_ISIN.findall(word)), tuple(tickers))
    if role not in ("symbol", "name"):
        return ((word,),)
    code, markets, bare = _at_market(word)
    if (found := SLASHED.fullmatch(word)) and found[2] in CODES:
        bare = (f"{found[1]}@{found[2]}",)
        return ((word,), _of_pair(word), bare)
    if code:
        return ((word,), tuple(f"{market}:{code}" for market in markets), bare)
    plain = word.rstrip("*")
    inside = tuple(INSIDE_ISIN.findall(word))
    return ((word,), _of_pair(word), _coin_of_pair(word), inside, (plain,) if plain else ())


def _coin_of_pair(word: str) -> tuple[str, ...]:
    """What `BTC-USD` trades, where it is known by itself and quoted in that currency."""
    found = PAIR.fullmatch(word)
    return (f"{found[1]}@{found[2]}",) if found and found[2] in CODES else ()


def _of_pair(word: str) -> tuple[str, ...]:
    """The words for `BTC-USD`, `BRK/B` or `XXBTZEUR`."""
    if found := KRAKEN.fullmatch(word):
        return found[1] + found[2], found[1].replace("XBT", "BTC") + found[2]
    if found := PAIR.fullmatch(word):
        return f"{found[1]}{found[2]}", f"{found[1]}.{found[2]}"
    return ()


def quote_of(word: str) -> str:
    """The currency in which a pair such as `BTC-USD` is quoted, or nothing for any other word."""
    found = KRAKEN.fullmatch(word) or PAIR.fullmatch(word) or SLASHED.fullmatch(word)
    return found[2] if found and found[2] in CODES else ""


@lru_cache(maxsize=50_000)
def _at_market(word: str) -> tuple[str, Sequence[str], tuple[str, ...]]:
    """Ticker and markets of `AAPL US Equity`, `AAPL:xnas` or `US.AAPL`, and the bare ticker."""
    if (found := BLOOMBERG.fullmatch(word)) and found[2] in MARKETS:
        code = found[1].rstrip("/").replace("/", ".")
        return code, MARKETS[found[2]][0].split(), (f"{code}@{found[2]}",)
    if found := BEHIND.fullmatch(word):
        return found[1], [found[2].upper()], ()
    if (found := DOTTED.fullmatch(word)) and (country := SUFFIXES.get(found[2])):
        return found[1], MARKETS[country][0].split(), (f"{found[1]}@{country}",)
    if (found := FUTU.fullmatch(word)) and (country := FUTU_MARKETS.get(found[1])):
        code = found[2].lstrip("0").rjust(4, "0") if found[1] == "HK" else found[2]
        return code, MARKETS[country][0].split(), (f"{code}@{country}",)
    return "", (), ()


def lookups(role: str, word: str) -> list[str]:
    """Every word that has to be resolved for one word of a row."""
    every = [item for rank in spellings(role, word) for item in rank]
    return [item.partition("@")[0] if _is_bare(item) else item for item in every]


def _is_bare(word: str) -> bool:
    """Whether a ticker counts only where its instrument is quoted in a currency: `AAPL@US`."""
    _, at, mark = word.rpartition("@")
    return bool(at) and (mark in MARKETS or mark in CODES)


def _known(role: str, word: str, meanings: Meanings) -> dict[str, Meaning]:
    for rank in spellings(role, word):
        found: dict[str, Meaning] = {}
        for item in rank:
            text, _, country = item.partition("@") if _is_bare(item) else (item, "", "")
            fitting = MARKETS[country][1].split() if country in MARKETS else (country,)
            for meaning in meanings.get(text, ()):
                if not country or meaning.currency in fitting:
                    found[meaning.symbol] = meaning
        if found:
            return found
    return {}


def settle(
    cells: Sequence[str | None], reading: Reading, meanings: Meanings
) -> tuple[str, Meaning]:
    """The word of a row and the instrument it means; an UploadError says why there is none."""
    words = words_of_row(cells, reading.columns)
    if not words:
        raise UploadError("no instrument is named in this row")
    for _, word in words:
        _refuse_odd(word)
    named = " / ".join(word for _, word in words)
    sets = [found for role, word in words if (found := _known(role, word, meanings))]
    if not sets:
        first = words[0][1]
        if any(first.startswith(ids) and first != ids for ids in reading.ids):
            return named, Meaning(first, first, "not in the lake yet; its source is asked")
        for role, word in words:
            if role in ("cusip", "sedol"):
                isins_of(role, word)  # a code that contradicts itself is said to
        raise UploadError(f"no instrument called {named[:60]!r} is known at this clock")
    return named, _one_of(named, sets, reading.answers)


def _one_of(
    named: str, known: Sequence[Mapping[str, Meaning]], answers: Mapping[str, str]
) -> Meaning:
    """The instrument that all words of a row agree on; of several the one that was chosen."""
    common = [
        meaning for symbol, meaning in known[0].items() if all(symbol in item for item in known[1:])
    ]
    if not common:
        raise UploadError(f"{named[:60]} contradict each other: they are different instruments")
    chosen = [meaning for meaning in common if meaning.symbol == answers.get(named)]
    if len(common) > 1 and not chosen:
        raise Ambiguous(named, tuple(common))
    return (chosen or common)[0]


def _refuse_odd(word: str) -> None:
    if len(word) > SYMBOL_LENGTH:
        raise UploadError(f"a name of {len(word):,} characters; at most {SYMBOL_LENGTH} are read")
    if word.startswith("#"):
        raise UploadError(f"holds the spreadsheet's error {word[:12]}")
    if MADE_BY_A_SPREADSHEET.fullmatch(word):
        raise UploadError(
            f"{word[:30]} is a date, perhaps one that a spreadsheet made of a ticker such as MAR1; "
            "write it as text"
        )
    if wrong := fault(word.upper()):
        raise UploadError(wrong)
