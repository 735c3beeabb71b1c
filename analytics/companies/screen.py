"""All companies in one table: who they are, what they earn, their ratios and their price."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from analytics.companies.measures import last_with_year_before, measures
from analytics.companies.ratio_list import RATIOS, is_bank, with_ratios
from analytics.companies.screen_text import FACETS, PLACE_SHARE, ScreenText
from analytics.companies.share_prices import company_prices, in_dollars
from analytics.companies.share_technicals import share_technicals
from analytics.companies.standing_facts import standing_facts
from analytics.core.catalogue import run
from data.errors import ConfigError
from data.kept_results import KeptResults
from data.query import Answer, At

FILED = ("filed_name", "filed_sector", "filed_industry", "filed_country")
ADDED = (PLACE_SHARE, "is_member")  # to the columns of the screen by what is asked of it
MONEY = ("revenue", "net_income", "eps", "debt", "equity", "free_cash_flow")
READ = ("fundamentals", "companies", "instruments", "prices")
OLD_DAYS = 548  # eighteen months
OLDEST_DAYS = 3650  # of revenue by place
SCREENS: KeptResults[Answer] = KeptResults(4, is_whole=lambda answer: not answer.damaged)


def company_screen(at: At, *, universe: str = "", companies: list[str] | None = None) -> Answer:
    """Every company that is known at the clock, with its measures of twelve months and its ratios.

    Name, sector, industry and country are the team's where it corrected them: `edited` names those,
    and `filed_name` to `filed_country` are as filed. Companies that the team withdrew are left out.

    Money is in `currency`, that of the accounts; `market_value_usd` and `revenue_usd` are in
    dollars. `reasons` says for each ratio that is missing why, as in `icr:no_debt`. `is_old` marks
    accounts that ended more than 18 months ago. `universe` narrows by `sector:`, `industry:`,
    `country:` and `currency:`, by a range of a figure (`pe:5..15`, `return_3m:..-0.1`), and by the
    part of revenue in one place (`place:DEU:0.2..`); shares and growth are parts of one there.
    """
    text = ScreenText.read(universe)
    rows = screen_rows(text, at, companies)
    frame = rows.frame.filter("is_member").select(rows.frame.columns[: -len(ADDED)])
    return rows.derive(frame, "companies of the universe")


def screen_rows(text: ScreenText, at: At, companies: list[str] | None = None) -> Answer:
    """All companies, or these, with what decides whether each is in a screen: `place_share` and
    `is_member`, which is null where a figure that decides is missing."""
    # Of a damaged dataset the receipt gives what is left, so the screen does too.
    is_damaged = any(at.damage(name) for name in READ)
    answer = _screened(at) if is_damaged else SCREENS.of(at.identity(READ), lambda: _screened(at))
    frame = answer.frame
    if companies is not None:
        frame = frame.filter(pl.col("company").is_in(companies))
    own = frame.columns
    if text.needs_technicals:
        beside = share_technicals(frame, at)
        frame = frame.join(beside.frame, on="company", how="left", maintain_order="left")
        answer = answer.join(beside, frame, answer.derived or "")
    share = pl.lit(None, pl.Float64).alias(PLACE_SHARE)
    if text.place:
        placed = run(at, "parts/revenue_places", oldest=OLDEST_DAYS)
        shares = placed.frame.filter(pl.col("place") == text.place)
        named = shares.select("company", pl.col("share").alias(PLACE_SHARE))
        frame = frame.join(named, on="company", how="left", maintain_order="left")
        answer, share = answer.join(placed, frame, answer.derived or ""), pl.col(PLACE_SHARE)
    frame = frame.with_columns(share).with_columns(text.membership().alias("is_member"))
    return answer.derive(frame.select(*own, *ADDED), "which are in the screen")


def companies_of(at: At, symbols: Collection[str]) -> list[str]:
    """The companies one of whose share classes is among these instruments, or of which one of them
    gives the price."""
    wanted = pl.col("symbol").is_in(list(symbols))
    own = run(at, "parts/company_shares", ids=None).frame.filter(wanted)["company"]
    priced = company_screen(at).frame.filter(wanted)["company"]
    return sorted({*own, *priced})


def company_peers(at: At, *, company: str, top: int = 10) -> Answer:
    """The companies of the same sector nearest in size, with where each stands among them.

    Size is market value in dollars, or revenue of accounts in the same currency where a price is
    missing. `peer_rank` counts from the nearest, 0 for the company itself; `NAME_percentile` is the
    part of the peers that have the ratio and lie below, the company itself left out.
    """
    whole = company_screen(at)
    own = whole.frame.filter(company=company)
    if own.is_empty():
        raise ConfigError(f"no company {company[:60]!r} was known at this time")
    me = own.row(0, named=True)
    size = "market_value_usd" if me["market_value_usd"] else "revenue"
    alike = [pl.col("sector").eq_missing(pl.lit(me["sector"], pl.String)), pl.col(size) > 0]
    if size == "revenue":
        alike.append(pl.col("currency") == pl.lit(me["currency"], pl.String))
    near = (
        whole.frame.filter(*alike, pl.col("company") != company)
        .with_columns((pl.col(size) / (me[size] or 1.0)).log().abs().alias("distance"))
        .sort("distance", "company")
        .head(max(top, 0))
        .with_row_index("peer_rank", offset=1)
    )
    itself = own.with_columns(pl.lit(0.0).alias("distance")).with_row_index("peer_rank")
    if not me[size] or me[size] <= 0:
        near = near.clear()  # nothing is near a company of which no size is known
    frame = pl.concat([itself, near])
    return whole.derive(_with_percentiles(frame), "the nearest of the sector by size")


def _with_percentiles(frame: pl.DataFrame) -> pl.DataFrame:
    others = frame.filter(pl.col("peer_rank") > 0)
    columns = []
    for one in RATIOS:
        known = others[one.name].drop_nulls().to_list()
        value = frame[one.name]
        below = [
            None
            if of is None or not known
            else (sum(other < of for other in known) + 0.5 * sum(other == of for other in known))
            / len(known)
            for of in value
        ]
        columns.append(pl.Series(f"{one.name}_percentile", below, pl.Float64))
    itself = frame["peer_rank"] == 0
    return frame.with_columns(pl.when(itself).then(column).alias(column.name) for column in columns)


def _screened(at: At) -> Answer:
    names = run(at, "parts/company_names", ids=None)
    lines, facts = standing_facts(at)
    measured = measures(*last_with_year_before(lines)).with_columns(
        pl.col("company").cast(pl.String)
    )
    prices = company_prices(measured.drop_nulls("currency"), at)
    about = names.frame.filter(~pl.col("withdrawn")).select(
        "company", "name", *FACETS[:3], "edited", *FILED
    )
    frame = about.join(measured, on="company", how="left", maintain_order="left").join(
        prices.frame, on="company", how="left", maintain_order="left"
    )
    frame = frame.with_columns(is_bank(pl.col("sector"), pl.col("industry")).alias("is_bank"))
    frame = with_ratios(frame)
    reasons = [
        pl.when(pl.col(f"{one.name}_reason").is_not_null()).then(
            pl.format(f"{one.name}:{{}}", pl.col(f"{one.name}_reason"))
        )
        for one in RATIOS
    ]
    waited = (pl.lit(at.as_of.date()) - pl.col("period_end")).dt.total_days()
    shown = frame.select(
        "company",
        "symbol",
        "ticker",
        "name",
        *FACETS,
        "period_end",
        "known_at",
        (waited > OLD_DAYS).alias("is_old"),
        "price_date",
        "price_source",
        "price",
        "market_value",
        "market_value_usd",
        "share_classes",
        *MONEY,
        (pl.col("revenue") * in_dollars(frame["currency"], at)).alias("revenue_usd"),
        "debt_note",
        *(one.name for one in RATIOS),
        pl.concat_str(reasons, separator=",", ignore_nulls=True).alias("reasons"),
        *("edited", *FILED),
    ).sort("company")
    answer = names.join(facts, shown, "").join(prices, shown, "")
    return answer.derive(shown, "measures of twelve months, ratios and last closes")
