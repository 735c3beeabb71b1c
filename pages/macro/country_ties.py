"""Trade of a country beside rates: balance with a partner, commodities, terms of trade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.trade.flows import trade_partners
from analytics.trade.ties import DEPENDENT, commodity_dependence, terms_of_trade, trade_ties
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.search.directory import country_names
from pages.search.pickers import pick_country
from pages.world_trade.words import NEEDS, scale_of

SIDE_BY_SIDE = "Two things that move together are not cause and effect."
# The market quotes a pair by its first currency here; of any other pair this country's comes first.
QUOTED_FIRST = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF")
# Told apart by colour-blind eyes, in both themes (Okabe and Ito).
EXPORTS, IMPORTS, BALANCE, MINE, THEIRS = "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00"
LEAST_SPAN = 2.0  # points to either side, so that an index that stands still looks like it
PARTNERS = 400  # as many as there are


def country_ties(country: str, name: str, row: DeltaGenerator) -> None:
    """Trade and rates of a country, once it is known with whom it trades; `row` has the choices."""
    try:
        listed = cached(trade_partners, current().at, country=country, top=PARTNERS).frame
    except Exception as error:  # noqa: BLE001 - the panels below say the same; explain() logs it
        say(explain(error, "partners"), "error")
        return
    codes = by_size(listed)
    nothing = f"{name} has reported no trade that was published at this clock."
    if not codes:
        Panel("Trade and rates", name, NEEDS, nothing, key="ties").show(
            trade_partners, lambda answer: None, country=country, top=PARTNERS
        )
        return
    names = {code: found for code, found in country_names().items() if code != country}
    if (asked := st.query_params.get("partner", "")) in names and asked not in codes:
        codes.append(asked)
    with row:
        partner = pick_country("countries", "partner", "Partner", codes, codes[0])
    other = names.get(partner, partner)
    balance(country, name, partner, other)
    commodities(country, name)
    index(country, name)


def stated_on(edition: str | None, **valuations: str | None) -> str:
    """`HS2022, exports FOB, imports CIF`; what a report does not state is said."""
    parts = [f"{flow} {said or 'CIF or FOB not stated'}" for flow, said in valuations.items()]
    return ", ".join([edition or "edition of the goods not stated", *parts])


def by_size(partners: pl.DataFrame) -> list[str]:
    """The countries that are partners, those with most trade in both directions first."""
    both = pl.col("value_usd").fill_null(0.0) + pl.col("opposite_usd").fill_null(0.0)
    ranked = partners.filter(kind="country").with_columns(both.alias("both"))
    codes: list[str] = ranked.sort("both", "code", descending=[True, False])["code"].to_list()
    return codes


def balance(country: str, name: str, partner: str, other: str) -> None:
    """The balance of both by year, over their exchange rate and policy rates; then as numbers."""
    nothing = f"{name} has reported no trade with {other} that was published at this clock."
    fields = {"country": country, "partner": partner}
    title = f"{name} and {other}: trade, exchange rate, policy rates"
    Panel(title, "by year", NEEDS, nothing, key="ties-balance").show(
        trade_ties, lambda answer: _balance(answer, name, other, fields), **fields
    )
    Panel(
        f"{name} and {other} by year",
        f"goods, as {name} reports them",
        NEEDS,
        nothing,
        key="ties-years",
    ).show(trade_ties, lambda answer: _years(answer, name, other, fields), **fields)


def quotation(mine: str | None, theirs: str | None) -> tuple[str, str] | None:
    """The two currencies in the order of the market; none where they are one or not known."""
    if not mine or not theirs or mine == theirs:
        return None
    place = {code: number for number, code in enumerate(QUOTED_FIRST)}
    last = len(QUOTED_FIRST)
    is_turned = place.get(theirs, last) < place.get(mine, last)
    return (theirs, mine) if is_turned else (mine, theirs)


def _quoted(frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The exchange rate as the market quotes it, with its name; empty where there is none."""
    mine, theirs = frame["currency"][0], frame["partner_currency"][0]
    pair = quotation(mine, theirs)
    if pair is None:
        gone = (pl.lit(None, pl.Float64).alias(name) for name in ("rate", "rate_change"))
        return frame.with_columns(gone), ""
    if pair != (mine, theirs):
        turned = (1.0 / (1.0 + pl.col("rate_change")) - 1.0).alias("rate_change")
        frame = frame.with_columns((1.0 / pl.col("rate")).alias("rate"), turned)
    return frame, "/".join(pair)


def _balance(answer: Answer, name: str, other: str, fields: Mapping[str, str]) -> Drawn:
    frame, pair = _quoted(answer.frame)
    scale = scale_of([*frame["exports_usd"], *frame["imports_usd"]])
    unit = scale.unit
    whole = _every_year(frame)

    def course(label: str, column: str, tone: str, size: float = 1.0) -> charts.Course:
        values = whole.select("day", (pl.col(column) / size).alias("value"))
        return charts.Course(label, values, tone=tone)

    panes = [
        charts.Pane(
            f"goods, {unit}",
            [
                course("exports", "exports_usd", EXPORTS, scale.size),
                course("imports", "imports_usd", IMPORTS, scale.size),
                course("balance", "balance_usd", BALANCE, scale.size),
            ],
        ),
        charts.Pane(pair, [course(pair, "rate", "dim")]),
        charts.Pane(
            "policy rates, %",
            [
                course(f"policy rate, {name}", "policy_rate", MINE),
                course(f"policy rate, {other}", "partner_policy_rate", THEIRS),
            ],
        ),
    ]
    st.html(_note(frame, name, other, pair, fields))
    return charts.courses(panes, palette(current().theme), yearly=True)


def _note(frame: pl.DataFrame, name: str, other: str, pair: str, fields: Mapping[str, str]) -> str:
    """What the chart is stated on, what the lake lacks for it, and where there is more."""
    last = frame.row(-1, named=True)
    stated = stated_on(
        last["edition"], exports=last["exports_valuation"], imports=last["imports_valuation"]
    )
    words = [f"{stated[0].upper()}{stated[1:]}, as {name} reports them."]
    if pair:
        words.append(
            f"{pair}: geometric mean of the year's sessions. Policy rates: last of the year."
        )
    words += [
        f"Not known at this clock: {what}." for what in [_lacking(frame, name, other)] if what
    ]
    to = address("trade", country=fields["country"], partner=fields["partner"])
    link = f'<a class="b-name" href="{escape(to)}" target="_self">Open on the Trade page</a>'
    return f'<div class="b-note">{escape(" ".join([*words, SIDE_BY_SIDE]))} {link}</div>'


def _lacking(frame: pl.DataFrame, name: str, other: str) -> str:
    """The rates that the lake does not have for these two."""
    mine, theirs = frame["currency"][0], frame["partner_currency"][0]
    lacking = [
        f"policy rate of {who}"
        for who, column in ((name, "policy_rate"), (other, "partner_policy_rate"))
        if not frame[column].count()
    ]
    if not mine or not theirs:
        whose = [who for who, money in ((name, mine), (other, theirs)) if not money]
        lacking.insert(0, f"currency of {' and '.join(whose)}")
    elif mine != theirs and not frame["rate"].count():
        lacking.insert(0, f"exchange rate of {mine} and {theirs}")
    return ", ".join(lacking)


def _every_year(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows by the last day of each year; a year that is missing is a gap."""
    first, last = int(frame["year"][0]), int(frame["year"][-1])
    years = pl.DataFrame({"year": range(first, last + 1)}, schema={"year": frame.schema["year"]})
    return years.join(frame, on="year", how="left").with_columns(
        pl.date("year", 12, 31).alias("day")
    )


def _years(answer: Answer, name: str, other: str, fields: Mapping[str, str]) -> str:
    frame, pair = _quoted(answer.frame)
    scale = scale_of([*frame["exports_usd"], *frame["imports_usd"]])
    unit = scale.unit
    amounts = [
        (pl.col(f"{what}_usd") / scale.size).alias(what)
        for what in ("exports", "imports", "balance")
    ]
    rows = frame.sort("year", descending=True).with_columns(
        *amounts, pl.col("year").cast(pl.String), pl.col("rate_change") * 100.0
    )
    last = frame.row(-1, named=True)
    rates = (
        Column("rate", pair, "number", digits=4, hint="geometric mean of the year's sessions"),
        Column("rate_change", "change, %", "signed", hint="on the year before"),
    )
    columns = (
        Column("year", "year"),
        Column("exports", f"exports {last['exports_valuation'] or ''}, {unit}", "number"),
        Column("imports", f"imports {last['imports_valuation'] or ''}, {unit}", "number"),
        Column("balance", f"balance, {unit}", "signed"),
        Column("cover_ratio", "cover", "number", hint="exports over imports"),
        *(rates if pair else ()),
        *(
            Column(
                column,
                f"{code} policy, %",
                "number",
                hint=f"policy rate of {who}, last of the year",
            )
            for column, code, who in (
                ("policy_rate", fields["country"], name),
                ("partner_policy_rate", fields["partner"], other),
            )
        ),
        Column("policy_gap", "difference, pp", "signed"),
    )
    shown = table(rows, columns, caption="Trade and rates by year")
    return f'<div class="b-box">{shown}</div>'


def commodities(country: str, name: str) -> None:
    """Commodities in exports and imports, by kind, beside what their prices did."""
    Panel(
        "Commodity dependence",
        f"{name}, goods by kind; prices over a year up to the clock",
        NEEDS,
        f"{name} has reported no trade that was published at this clock.",
        key="ties-commodities",
    ).show(commodity_dependence, _commodities, country=country)


def _commodities(answer: Answer) -> str:
    frame = answer.frame
    scale = scale_of([*frame["exports_usd"], *frame["imports_usd"]])
    unit = scale.unit
    shares = ("export_share", "import_share", "price_change", "export_effect", "net_effect")
    rows = [
        row
        | {name: None if row[name] is None else 100 * row[name] for name in shares}
        | {
            "exports": scale.of(row["exports_usd"]),
            "imports": scale.of(row["imports_usd"]),
        }
        | {"kind": "all commodities" if row["kind"] == "all" else row["kind"]}
        for row in frame.iter_rows(named=True)
    ]
    columns = (
        Column("kind", "kind", "wide"),
        Column("exports", f"exports, {unit}", "number"),
        Column("export_share", "% of exports", "number", digits=1),
        Column("imports", f"imports, {unit}", "number"),
        Column("import_share", "% of imports", "number", digits=1),
        Column(
            "price_change", "price, 1y, %", "signed", digits=1, hint="median of its instruments"
        ),
        Column("priced", "prices", "count", hint="commodities in the lake that belong to the kind"),
        Column(
            "export_effect", "% of exports × price", "signed", digits=1, hint="share × price change"
        ),
        Column("net_effect", "net of imports", "signed", digits=1, hint="in % of exports"),
    )
    shown = table(rows, columns, caption="Commodity dependence")
    return f'<div class="b-note">{escape(_verdict(frame))}</div>{shown}'


def _verdict(frame: pl.DataFrame) -> str:
    whole = frame.row(-1, named=True)
    stated = stated_on(
        whole["edition"], exports=whole["exports_valuation"], imports=whole["imports_valuation"]
    )
    year, share, floor = whole["year"], whole["export_share"], f"{100 * DEPENDENT:.0f} %"
    if share is None:
        return f"{year}: the share of commodities in exports is not known ({stated})."
    if whole["is_dependent"] is None:
        covered = f"chapters cover {100 * whole['export_covered']:.0f} % of exports"
        return (
            f"{year}: insufficient coverage, {covered}; commodities are at least "
            f"{100 * share:.1f} % ({stated})."
        )
    side = "dependent" if whole["is_dependent"] else "not dependent"
    return (
        f"{year}: commodities are {100 * share:.1f} % of exports: {side} (UNCTAD: from {floor} up)."
        f" {stated[0].upper()}{stated[1:]}."
    )


def index(country: str, name: str) -> None:
    """Terms of trade, in segments that do not compare with each other."""
    Panel(
        "Terms of trade",
        f"{name}, unit values of exports over those of imports",
        NEEDS,
        "No year has exports and imports with weights, from which unit values follow.",
        key="ties-terms",
    ).show(terms_of_trade, _index, country=country)


def _index(answer: Answer) -> Drawn:
    frame = answer.frame.with_columns(pl.date("year", 12, 31).alias("day"))
    starts = frame.filter("is_start")
    levels = (
        ("terms of trade", "terms_of_trade", BALANCE),
        ("export unit values", "export_unit_values", EXPORTS),
        ("import unit values", "import_unit_values", IMPORTS),
    )
    drawn = [
        charts.Course(label, in_segments(frame, column), tone=tone)
        for label, column, tone in levels
    ]
    first = starts.select("day", pl.col("terms_of_trade").alias("value"))
    drawn.append(charts.Course("segment start", first, "dots", "ink"))
    covered = charts.Course("covered", _covered(frame), tone="dim")
    names = [column for _, column, _ in levels]
    panes = [
        charts.Pane("index", drawn, span(frame, names)),
        charts.Pane("% of value covered", [covered], (0.0, 105.0)),
    ]
    st.html(f'<div class="b-note">{escape(_segments(frame))}</div>')
    return charts.courses(panes, palette(current().theme), yearly=True)


def _covered(frame: pl.DataFrame) -> pl.DataFrame:
    """The part of exports, or of imports if that is less, in each link; a start has none."""
    least = 100.0 * pl.min_horizontal("export_covered", "import_covered")
    kept = pl.when(~pl.col("is_start")).then(least).alias("covered")
    return in_segments(frame.with_columns(kept), "covered")


def in_segments(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """`day` and `value` of a line that breaks between segments."""
    values = frame.select("day", pl.col(column).cast(pl.Float64).alias("value"))
    breaks = frame.filter(pl.col("is_start")).select(
        pl.date("year", 6, 30).alias("day"), pl.lit(None, pl.Float64).alias("value")
    )
    return pl.concat([values, breaks.slice(1)]).sort("day")


def span(frame: pl.DataFrame, columns: Iterable[str]) -> tuple[float, float] | None:
    """The axis of an index that hardly moves; none where the values make their own."""
    values = pl.concat([frame[name].rename("value") for name in columns]).drop_nulls()
    if values.is_empty():
        return None
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type] # not empty
    return None if high - low > LEAST_SPAN else (low - LEAST_SPAN, high + LEAST_SPAN)


def _segments(frame: pl.DataFrame) -> str:
    """Which years are one segment, in which edition, and how the unit values are made."""
    lines = frame.group_by("segment", maintain_order=True).agg(
        pl.col("year").first().alias("first"),
        pl.col("year").last().alias("last"),
        pl.col("export_edition", "import_edition").first(),
    )
    words = [_segment(row) for row in lines.iter_rows(named=True)]
    last = frame.row(-1, named=True)
    how = (
        f"Exports {last['export_valuation'] or 'CIF or FOB not stated'}, imports "
        f"{last['import_valuation'] or 'CIF or FOB not stated'}; Fisher indices of unit values by "
        "code of two digits. Covered: the lesser of both flows."
    )
    if len(words) == 1:
        return f"{words[0]}. {how}"
    return f"Segments do not compare with each other: {'; '.join(words)}. {how}"


def _segment(row: Mapping[str, Any]) -> str:
    editions = dict.fromkeys(row[name] or "edition not stated" for name in _EDITIONS)
    years = str(row["first"]) if row["first"] == row["last"] else f"{row['first']}–{row['last']}"
    return f"{years} {' and '.join(editions)}"


_EDITIONS = ("export_edition", "import_edition")
