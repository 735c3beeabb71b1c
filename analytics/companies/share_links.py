"""Which priced instrument is the share of a company: the one rule for links that no source states.

Lists of companies have tickers and no prices, sources of prices have no companies. The two are one
share where both have the same ISIN or FIGI, or else the same ticker at the same exchange, as listed
at the clock. What might be the share of two companies is that of none, and so said. An id without
an exchange of its own, as in `yahoo:AAPL`, is of an American one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import polars as pl

from analytics.core.catalogue import run
from analytics.core.ranking import ranking
from analytics.core.resolve import market_of
from data.query import Answer, At

AMERICAN = "US"
AMERICAN_VENUES = ("XNYS", "XNAS", "ARCX", "XASE", "BATS", "OOTC", AMERICAN)
BARE_AMERICAN = ("yahoo", "av")  # whose ids without a market are of an American exchange
CODES = ("isin", "figi")
BY_TICKER = "ticker and exchange"
COVER_AGE = timedelta(days=400)
FOREIGN = "it files 20-F: its American receipts may stand for several shares"


@dataclass(frozen=True, slots=True)
class ShareLinks:
    """`shares`: of each company its priced shares, the main one first, with the number on the
    cover of its report; `notes`: companies without one and why; `answer`: what was read."""

    shares: pl.DataFrame
    notes: pl.DataFrame
    answer: Answer


def share_links(at: At, priced: pl.DataFrame, companies: pl.DataFrame) -> ShareLinks:
    """Links of companies to instruments that have a price (`symbol`, `source`)."""
    known = run(at, "parts/share_codes", day=at.as_of.date())
    ids = companies["company"].to_list()
    covers = run(at, "parts/cover_shares", ids=ids, since=at.as_of.date() - COVER_AGE)
    listings = _with_market(known.frame.filter(pl.col("company").is_not_null()))
    found = matched(listings, _free(known.frame, priced))
    found = found.join(companies.select("company"), on="company", how="semi")
    found = found.join(covers.frame, on="company", how="left")
    is_foreign = pl.col("is_foreign").fill_null(value=False)
    notes = found.select(
        "company",
        pl.when(is_foreign)
        .then(pl.lit(FOREIGN))
        .when("is_ambiguous")
        .then(pl.format("{} is the ticker of several companies", "ticker"))
        .alias("link"),
    ).drop_nulls()
    sure = found.filter(~is_foreign, ~pl.col("is_ambiguous"))
    return ShareLinks(
        _main_first(sure),
        notes.unique("company", keep="first", maintain_order=True),
        known.join(covers, sure, ""),
    )


def matched(listings: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """Each listing of a company with the priced shares that it may be, by the surest way there is;
    `is_ambiguous` where shares of that code or ticker may be another company's."""
    parts = []
    for how, code in enumerate(CODES):
        ours = listings.filter(pl.col(code).is_not_null())
        both = ours.join(shares.select("symbol_priced", "source_priced", code), on=code)
        parts.append(_as_match(both, how, code.upper()))
    both = listings.join(shares, on="key", suffix="_other").filter(
        _same_market(pl.col("market"), pl.col("market_other")),
        *((pl.col(code) == pl.col(f"{code}_other")).fill_null(value=True) for code in CODES),
    )
    parts.append(_as_match(both, len(CODES), BY_TICKER))
    found = pl.concat(parts)
    surest = pl.col("how") == pl.col("how").min().over("symbol")
    return (
        found.filter(surest)
        .with_columns((pl.col("company").n_unique().over("symbol") > 1).alias("is_ambiguous"))
        .sort("company", "listing", "symbol")
    )


def _as_match(both: pl.DataFrame, how: int, link: str) -> pl.DataFrame:
    return both.select(
        "company",
        pl.col("symbol").alias("listing"),
        "ticker",
        pl.col("symbol_priced").alias("symbol"),
        pl.col("source_priced").alias("source"),
        pl.lit(how).alias("how"),
        pl.lit(link).alias("link"),
    )


def _same_market(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The same exchange; America in general, or an American listing whose exchange is not stated,
    stands for any American one."""
    american = [of.is_null() | of.is_in(AMERICAN_VENUES) for of in (one, other)]
    in_general = one.is_null() | (one == AMERICAN) | other.is_null() | (other == AMERICAN)
    return (one == other).fill_null(value=False) | (in_general & american[0] & american[1])


def _free(known: pl.DataFrame, priced: pl.DataFrame) -> pl.DataFrame:
    """Priced shares that are no company's, under the codes that a source describes them by, else
    under the ticker and the market that their id holds."""
    by = ["symbol", "source"]
    codes = known.filter(pl.col("company").is_null()).drop("company")
    owned = known.filter(pl.col("company").is_not_null()).select("symbol").unique()
    shares = priced.select(by).unique().join(owned, on="symbol", how="anti")
    shares = shares.join(codes, on=by, how="left")
    pairs = pl.DataFrame(
        [(symbol, *code_of_id(symbol)) for symbol in shares["symbol"].unique().sort()],
        schema={"symbol": pl.String, "id_ticker": pl.String, "id_market": pl.String},
        orient="row",
    )
    shares = shares.join(pairs, on="symbol").with_columns(
        pl.coalesce("venue", "id_market").alias("market"),
        _key(pl.coalesce("ticker", "id_ticker")).alias("key"),
    )
    # Without any exchange a ticker says too little.
    shares = shares.with_columns(pl.when(pl.col("market").is_not_null()).then("key").alias("key"))
    return shares.rename({"symbol": "symbol_priced", "source": "source_priced"}).select(
        "symbol_priced", "source_priced", "key", "market", *CODES
    )


def _with_market(listings: pl.DataFrame) -> pl.DataFrame:
    return listings.with_columns(
        _key(pl.col("ticker")).alias("key"), pl.col("venue").alias("market")
    )


def _key(ticker: pl.Expr) -> pl.Expr:
    """A ticker in one spelling of its class: BRK-B, as BRK.B and BRK/B are written too."""
    return ticker.str.to_uppercase().str.replace_all(r"[./]", "-")


@cache
def code_of_id(symbol: str) -> tuple[str | None, str | None]:
    """Ticker and market that an id holds: `marketstack:AAPL.XNAS`, `stooq:aapl.us`, `yahoo:VOD.L`,
    `yahoo:AAPL`; nothing of any other."""
    source, colon, rest = symbol.upper().partition(":")
    if not colon:
        return None, None
    head, dot, tail = rest.rpartition(".")
    if dot and tail == AMERICAN:
        return head, AMERICAN
    market, ticker = market_of(f"{tail}:{head}") if dot else ("", "")
    if not market:
        market, ticker = market_of(rest)
    if market:
        return ticker, market
    is_plain = rest.replace("-", "").replace(".", "").isalnum()
    return (rest, AMERICAN) if source.lower() in BARE_AMERICAN and is_plain else (None, None)


def _main_first(found: pl.DataFrame) -> pl.DataFrame:
    """One instrument a listing, of the preferred source; the main listing first: the shortest
    ticker, since preferred shares and warrants have longer ones. Where the cover states one number
    of shares, there is one class, and the others are none of it."""
    ordered = (
        ranking().ordered(found, "listing").unique("listing", keep="first", maintain_order=True)
    )
    ordered = ordered.sort("company", pl.col("ticker").str.len_chars(), "ticker")
    is_first = pl.int_range(pl.len()).over("company") == 0
    return ordered.filter(is_first | pl.col("cover_shares").is_null()).select(
        "company", "symbol", "link", "cover_shares", "cover_day"
    )
