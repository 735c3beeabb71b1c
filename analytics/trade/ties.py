"""How a country hangs on others: its balance beside rates, its commodities, its terms of trade."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.money import pair_of
from analytics.trade.editions import TOTAL, is_bridged
from analytics.trade.goods import goods_list
from analytics.trade.reading import last_year, report
from data.errors import ConfigError
from data.query import Answer, At

BACK = 30
MOST_STEP = 3.0  # by which a unit value may change in a year before it is no price
DEPENDENT = 0.6  # of exports: UNCTAD calls a country dependent on commodities from here on
# Chapters of the Harmonised System by kind of commodity, and the families of instruments that quote
# them; the kinds follow UNCTAD's (SITC 0-4, 68, 667, 971) as closely as whole chapters can.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "food and agriculture": (
        (*(f"{chapter:02}" for chapter in range(1, 25)), "41", "44", "50", "51", "52"),
        ("Grains", "Softs", "Livestock", "Agriculture"),
    ),
    "fuels": (("27",), ("Energy",)),
    "ores and metals": (("25", "26", *(str(chapter) for chapter in range(74, 82))), ("Metals",)),
    "precious": (("71",), ("Precious",)),
}


def trade_ties(at: At, *, country: str, partner: str) -> Answer:
    """The balance of two countries by year, beside their exchange rate and policy rates.

    As the first one reports it, exports FOB and imports mostly CIF: `exports_valuation` and
    `imports_valuation` say which. `rate` is the geometric mean
    over the year's sessions of how many units of the partner's currency one of the country's buys,
    `rate_change` its change; `policy_gap` the last policy rate of the year less the partner's, in
    percentage points. Two things that move together are not cause and effect.
    """
    mine, theirs = country.strip().upper(), partner.strip().upper()
    last, seen = last_year(at, mine)
    found = report(at, mine, last, back=BACK, products=[TOTAL], partners=[theirs])
    yearly = found.rows.group_by("year").agg(
        *(
            pl.col("value_usd").filter(pl.col("flow") == flow).max().alias(f"{flow}s_usd")
            for flow in ("export", "import")
        ),
        *_stated_on(),
    )
    rates, money = run(at, "parts/fx_years"), run(at, "parts/gravity_sizes", year=last)
    policy = run(at, "parts/policy_years", countries=sorted({mine, theirs}))
    currencies = dict(money.frame.select("country", "currency").iter_rows())
    pair = _cross(rates.frame, currencies.get(mine), currencies.get(theirs))
    of = [
        policy.frame.filter(pl.col("country") == code).select("year", pl.col("rate").alias(name))
        for code, name in ((mine, "policy_rate"), (theirs, "partner_policy_rate"))
    ]
    joined = yearly.join(pair, on="year", how="left")
    for frame in of:
        joined = joined.join(
            frame.with_columns(pl.col("year").cast(pl.Int32)), on="year", how="left"
        )
    is_next = pl.col("year") == pl.col("year").shift(1) + 1
    frame = joined.sort("year").with_columns(
        (pl.col("exports_usd") - pl.col("imports_usd")).alias("balance_usd"),
        pl.when(pl.col("imports_usd") > 0)
        .then(pl.col("exports_usd") / pl.col("imports_usd"))
        .alias("cover_ratio"),
        pl.when(is_next).then(pl.col("rate") / pl.col("rate").shift(1) - 1.0).alias("rate_change"),
        (pl.col("policy_rate") - pl.col("partner_policy_rate")).alias("policy_gap"),
        pl.lit(currencies.get(mine), pl.String).alias("currency"),
        pl.lit(currencies.get(theirs), pl.String).alias("partner_currency"),
    )
    answer = found.answer
    for other in (seen, rates, money, policy):
        answer = answer.join(other, frame, "")
    return answer.derive(frame, "yearly balance, mean rate and last policy rates")


def _cross(rates: pl.DataFrame, mine: str | None, theirs: str | None) -> pl.DataFrame:
    """Units of the second currency for one of the first, by year, through the dollar."""
    dollars: dict[str, dict[int, float]] = {"USD": {}}
    for symbol, year, mean in rates.select("symbol", "year", "mean").iter_rows():
        pair = pair_of(symbol)
        if pair is None or "USD" not in pair:
            continue
        base, quote = pair
        other, worth = (base, mean) if quote == "USD" else (quote, 1.0 / mean)
        dollars.setdefault(other, {}).setdefault(int(year), worth)
        dollars["USD"][int(year)] = 1.0
    left, right = dollars.get(mine or "", {}), dollars.get(theirs or "", {})
    years = sorted(set(left) & set(right))
    return pl.DataFrame(
        {"year": years, "rate": [left[year] / right[year] for year in years]},
        schema={"year": pl.Int32, "rate": pl.Float64},
    )


def commodity_dependence(at: At, *, country: str, year: int | None = None) -> Answer:
    """How much of a country's exports and imports are commodities, by kind, and what these did.

    Kinds are sets of chapters. `price_change` is the median change over a year, up to the clock, of
    the commodities in the lake that belong to the kind, `priced` their number; `export_effect` is
    that change times the kind's share of exports, `net_effect` less the same of imports in parts
    of exports. The line `all` has `is_dependent` from 60 % of exports up; it is null where goods of
    no known chapter (1 less `export_covered`) could make it either. The chapters are those of the
    Harmonised System: of a report in another list (`edition`) only the prices are known.
    """
    found = report(at, country, year, partners=["WLD", "W00", "0"])
    moves = run(at, "parts/commodity_moves", fresh=30)
    sums = _by_chapter(found.rows)
    lines, said = _kinds(sums, moves.frame), found.rows.select(_stated_on())
    every = lines.with_columns(
        (pl.col("exports_usd") / sums["export"].get(TOTAL)).alias("export_share"),
        (pl.col("imports_usd") / sums["import"].get(TOTAL)).alias("import_share"),
        ((pl.col("exports_usd") - pl.col("imports_usd")) / sums["export"].get(TOTAL)).alias(
            "net_share"
        ),
        pl.lit(_covered(sums["export"]), pl.Float64).alias("export_covered"),
        pl.lit(found.year, pl.Int32).alias("year"),
        *(pl.lit(said[name][0], pl.String).alias(name) for name in said.columns),
    )
    result = every.with_columns(
        (pl.col("price_change") * pl.col("export_share")).alias("export_effect"),
        (pl.col("price_change") * pl.col("net_share")).alias("net_effect"),
        pl.when(pl.col("kind") != "all")
        .then(None)
        .when(pl.col("export_share") >= DEPENDENT)
        .then(pl.lit(value=True))
        .when(pl.col("export_share") + 1.0 - pl.col("export_covered") < DEPENDENT)
        .then(pl.lit(value=False))
        .alias("is_dependent"),
    )
    return found.answer.join(moves, result, "shares of chapters, and a year's change of prices")


def _by_chapter(rows: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Exports and imports with the world, by chapter and in all; divisions of another list of goods
    have the same codes for other goods."""
    others = [name for name in rows["edition"].drop_nulls().unique() if goods_list(name) != "HS"]
    is_chapter = pl.col("product").str.len_chars() == 2
    is_other = pl.col("edition").is_in(others).fill_null(value=False)
    kept = rows.filter((pl.col("product") == TOTAL) | (is_chapter & ~is_other))
    return {
        flow: dict(
            kept.filter(pl.col("flow") == flow)
            .group_by("product")
            .agg(pl.col("value_usd").sum())
            .iter_rows()
        )
        for flow in ("export", "import")
    }


def _covered(exports: dict[str, float]) -> float | None:
    """The part of all exports whose chapter is known."""
    whole = exports.get(TOTAL)
    known = sum(value for code, value in exports.items() if code != TOTAL and value is not None)
    return known / whole if whole else None


def _stated_on() -> list[pl.Expr]:
    """The edition of a report, and how its two flows are valued."""
    flows = [
        _stated("valuation", pl.col("flow") == flow).alias(f"{flow}s_valuation")
        for flow in ("export", "import")
    ]
    return [_stated("edition").alias("edition"), *flows]


def _stated(column: str, where: pl.Expr | None = None) -> pl.Expr:
    """What the rows say, several things with commas between them; null where none says any."""
    said = pl.col(column) if where is None else pl.col(column).filter(where)
    return pl.when(said.count() > 0).then(said.drop_nulls().unique().sort().str.join(", "))


def _kinds(sums: dict[str, dict[str, float]], moves: pl.DataFrame) -> pl.DataFrame:
    """A line per kind of commodity, and one for all of them."""
    lines = []
    for kind, (chapters, families) in KINDS.items():
        step = moves.filter(pl.col("sector").is_in(families))
        change = (step["close"] / step["before"] - 1.0).median() if step.height else None
        parts = [_part(sums[flow], chapters) for flow in sums]
        lines.append((kind, *parts, change, step.height))
    frame = pl.DataFrame(lines, schema=_KINDS, orient="row")
    whole = frame.select(
        pl.lit("all").alias("kind"),
        *(
            pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
            for name in ("exports_usd", "imports_usd")
        ),
        pl.lit(None, pl.Float64).alias("price_change"),
        pl.col("priced").sum(),
    )
    return pl.concat([frame, whole])


def _part(values: dict[str, float], chapters: tuple[str, ...]) -> float | None:
    known = [values[chapter] for chapter in chapters if values.get(chapter) is not None]
    return float(np.sum(known)) if known else None


def terms_of_trade(at: At, *, country: str, level: int = 2) -> Answer:
    """Unit values of exports over those of imports by year: the net barter terms of trade.

    Chained Fisher indices of unit values over the products that have a value and a weight in both
    years; one whose unit value more than trebles or falls below a third is left out. `covered` is
    the share of the year's value in the link. A change of edition ends the chain: a new `segment`
    begins at 100. Unit values follow the mix of goods as well as their prices.
    """
    if level not in (2, 4, 6):
        raise ConfigError(f"level={level}: expected 2, 4 or 6")
    last, seen = last_year(at, country)
    found = report(at, country, last, back=BACK, level=level)
    rows = found.rows.filter(
        pl.col("kind") == "country", ~pl.col("is_unspecified_product"), pl.col("value_usd") > 0
    )
    weighed = pl.col("net_weight_kg") > 0
    yearly = rows.group_by("year", "flow", "product", maintain_order=True).agg(
        pl.col("value_usd").filter(weighed).sum().alias("value"),
        pl.col("net_weight_kg").filter(weighed).sum().alias("weight"),
        pl.col("value_usd").sum().alias("whole"),
        pl.col("edition").drop_nulls().first(),
        pl.col("valuation").drop_nulls().first(),
    )
    sides = [_chained(yearly.filter(pl.col("flow") == flow), flow) for flow in ("export", "import")]
    joined = sides[0].join(sides[1], on="year", how="inner").sort("year")
    starts = (pl.col("export_link").is_null() | pl.col("import_link").is_null()).cum_sum()
    frame = joined.with_columns(starts.cast(pl.Int64).alias("segment")).with_columns(
        *(
            (100.0 * pl.col(f"{flow}_link").fill_null(1.0).cum_prod().over("segment")).alias(
                f"{flow}_unit_values"
            )
            for flow in ("export", "import")
        )
    )
    first = pl.int_range(pl.len()).over("segment") == 0
    reset = frame.with_columns(
        *(
            (pl.col(name) / pl.col(name).first().over("segment") * 100.0).alias(name)
            for name in ("export_unit_values", "import_unit_values")
        ),
        first.alias("is_start"),
    ).with_columns(
        (100.0 * pl.col("export_unit_values") / pl.col("import_unit_values")).alias(
            "terms_of_trade"
        )
    )
    result = reset.drop("export_link", "import_link")
    return found.answer.join(seen, result, "chained Fisher indices of unit values")


def _chained(yearly: pl.DataFrame, flow: str) -> pl.DataFrame:
    """A row per year: the link from the year before, null where there is none, and its cover."""
    unit = yearly.with_columns((pl.col("value") / pl.col("weight")).alias("price"))
    back = unit.select(
        (pl.col("year") + 1).cast(pl.Int32).alias("year"),
        "product",
        *(pl.col(name).alias(f"{name}_before") for name in ("price", "value", "weight", "edition")),
    )
    pairs = unit.join(back, on=["year", "product"], how="left", maintain_order="left")
    step = pl.col("price") / pl.col("price_before")
    same = is_bridged(pl.col("product"), pl.col("edition"), pl.col("edition_before"))
    counted = (step.is_between(1.0 / MOST_STEP, MOST_STEP) & same).fill_null(value=False)
    laspeyres = (pl.col("price") * pl.col("weight_before")).filter(counted).sum() / pl.col(
        "value_before"
    ).filter(counted).sum()
    paasche = (
        pl.col("value").filter(counted).sum()
        / (pl.col("price_before") * pl.col("weight")).filter(counted).sum()
    )
    return pairs.group_by("year", maintain_order=True).agg(
        pl.when(counted.any()).then((laspeyres * paasche).sqrt()).alias(f"{flow}_link"),
        (pl.col("value").filter(counted).sum() / pl.col("whole").sum()).alias(f"{flow}_covered"),
        pl.col("edition").drop_nulls().first().alias(f"{flow}_edition"),
        _stated("valuation").alias(f"{flow}_valuation"),
    )


_KINDS = {
    "kind": pl.String,
    "exports_usd": pl.Float64,
    "imports_usd": pl.Float64,
    "price_change": pl.Float64,
    "priced": pl.Int64,
}
