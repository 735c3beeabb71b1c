"""Event study: an instrument around all events of one kind, compared with other days.

**Paths** are logs of the close against the last close before the event was known; paths of a rate
are differences of its level, in points. Session 0 is the first close that knew of it. The line is
their **median**; its band holds the median in 95 of 100 resamplings of the events. The grey band
holds the medians of as many **other days** drawn near each event (250 sessions to either side). *p*
is how often other days moved at least as far; of twenty-six sessions one or two have a p below 0.05
by chance.

Surprises count from the print, in standard deviations of that indicator before it: *upside* where
it was above the expected value, *downside* where it was below. Rate decisions and events count from
when they had happened and were known. A **drawdown** counts once between
two new highs. A **daily move** is a session whose close fell or rose by the percent that you type,
or more, against the close before; of a rate the number is in points. Each such session counts, also
several in a row, from when its close was known: session 0 is the one after it.

Windows that share sessions **overlap**. They are not independent, so the band is narrower than it
should be; their number stands above the chart.

**Events** lead to its replay. *Other news* lists what else was published in the
sessions before and after it: the effect may have another cause.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.macro.surprises import surprises
from analytics.markets.event_study import event_paths, event_study
from analytics.replay.replay import replay
from data.query import Answer
from data.vocabulary import named
from pages.desk.tables import short
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import number, pick, pick_indicator, segment
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.replaying.window_picker import moment_link, stand_in
from pages.search.directory import instrument_name
from pages.search.pickers import pick_country, pick_instrument

KINDS = {
    "surprises": "surprises",
    "decisions": "rate decisions",
    "events": "events",
    "falls": "drawdowns",
    "moves": "daily moves",
}
WAYS = {"fall": "fell by at least", "rise": "rose by at least"}
LARGE, BOUNDS = 3.0, (0.01, 1_000.0)  # of a daily move, in percent
SIDES = {"any": "All decisions", "up": "Rate hikes", "down": "Rate cuts"}
BEYOND = {
    sign + size: f"{word} surprises, {shown}{size} σ or more"
    for sign, word, shown in (("", "Upside", "+"), ("-", "Downside", "−"))
    for size in ("1", "1.5", "2")
}
SHARES = ["0.05", "0.1", "0.2"]
REACH = ["5", "10", "20", "60"]
NEEDS = ("prices", "events")
FEW = 8
NOTHING = "No event of this kind lies within the sessions of this instrument."
BY_SESSION = (
    Column("offset", "session", "count"),
    Column("events", "events", "count"),
    Column("median", "median, %", "signed"),
    Column("low", "from", "number", hint="95 of 100 resamplings of the events"),
    Column("high", "to", "number"),
    Column("paths_low", "paths from", "number", hint="eight paths of ten"),
    Column("paths_high", "to", "number"),
    Column("others_low", "other days from", "number", hint="medians of days drawn near"),
    Column("others_high", "to", "number"),
    Column("p", "p", "number", digits=3, hint="how often other days moved as far"),
)
PERCENT = 100
EACH = (
    Column("when", "known", "link", hint="opens its replay"),
    Column("title", "event", "wide"),
    Column("first", "session 0", "signed"),
    Column("last", "to the end", "signed"),
    Column("worst", "lowest", "number"),
    Column("best", "highest", "number"),
)
CAME = (
    Column("side", ""),
    Column("known_at", "known", "instant"),
    Column("kind", "kind"),
    Column("text", "what", "wide"),
)


def chosen() -> tuple[str, str]:
    """The kind of event in the words of the analytic, and its country; both may be empty."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = segment(
            "studies", "by", "Events", list(KINDS), "surprises", format_func=KINDS.__getitem__
        )
        if kind == "falls":
            share = pick("studies", "share", "Drawdown of", SHARES, SHARES[1], format_func=_percent)
            return f"drawdown:{share}", ""
        if kind == "moves":
            return _daily_move(), ""
        if kind == "events":
            found = cached(find("notable_events").call, current().at, each=1).frame
            names = sorted({*found["kind"]})
            if not names:
                return "", ""
            first = "crash" if "crash" in names else names[0]
            return f"event:{pick('studies', 'kind', 'Kind', names, first)}", ""
        codes = cached(find("release_countries").call, current().at).frame["country"].to_list()
        if not codes:
            return "", ""
        country = pick_country(
            "studies", "country", "Country", codes, "USA" if "USA" in codes else codes[0]
        )
        if kind == "decisions":
            side = pick(
                "studies", "side", "Decisions", list(SIDES), "up", format_func=SIDES.__getitem__
            )
            return f"event:rate_decision:{country}" + ("" if side == "any" else f":{side}"), country
        frame = cached(surprises, current().at, countries=[country]).frame.drop_nulls("z")
        names = sorted({*frame["indicator"]})
        if not names:
            return "", country
        first = next((name for name in ("CPIYOY", "CPI") if name in names), names[0])
        indicator = pick_indicator("studies", names, first)
        beyond = pick(
            "studies",
            "z",
            "Surprises",
            list(BEYOND),
            "1",
            format_func=BEYOND.__getitem__,
            width=255,
        )
    return f"surprise:{indicator}:{country}:{beyond}", country


def _percent(share: str) -> str:
    return f"{100 * float(share):g} %"


def _daily_move() -> str:
    """A day on which the instrument moved so far, in the words of the analytic."""
    way = pick(
        "studies", "way", "In one session it", list(WAYS), "fall", format_func=WAYS.__getitem__
    )
    bound = number("studies", "percent", "Move, % (of a rate: points)", LARGE, among=BOUNDS)
    return f"{way}:{bound:.12g}"


def instrument(country: str) -> tuple[str, int, int]:
    """Whose sessions, and how many before and after."""
    first = next(iter(stand_in(country)), "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        symbol = pick_instrument("studies", "id", "Instrument", first, width=320)
        if symbol:
            name_tab(instrument_name(symbol))
        before = pick("studies", "before", "Sessions before", REACH, REACH[0])
        after = pick("studies", "after", "Sessions after", REACH, REACH[2])
        st.toggle("Show each path", key="studies_each")
    return symbol, int(before), int(after)


def study(fields: dict[str, Any]) -> Answer | None:
    """The median path and its bands."""
    paths = None
    if st.session_state.get("studies_each"):
        try:
            paths = cached(event_paths, current().at, **fields).frame
        except Exception as error:  # noqa: BLE001 - the panel says the same; explain() logs it
            explain(error, "paths")

    def draw(answer: Answer) -> Drawn:
        st.html(_facts(answer.frame))
        count = answer.frame.select(pl.col("events").max()).item()
        if count is not None and count < FEW:
            say(
                Trouble(
                    f"{count} windows are few: band and p say little.",
                    "A commoner kind of event, or a milder bound, gives more.",
                ),
                "partial",
            )
        return charts.aligned(answer.frame, paths, palette(current().theme))

    return Panel(
        f"{short(fields['symbol'])} around the events",
        f"{_begins(fields['of'])}log change of the close in %; of a rate in pp",
        NEEDS,
        NOTHING,
    ).show(event_study, draw, **fields)


def _begins(of: str) -> str:
    """Where the path of a daily move begins: the move itself is no part of it."""
    if of.partition(":")[0] not in WAYS:
        return ""
    return "from the close of the day of the move; session 0 is the next session · "


def _facts(frame: pl.DataFrame) -> str:
    last, size = frame.row(-1, named=True), _size(frame)
    unit = "%" if size == PERCENT else "pp"
    rows = {row["offset"]: row for row in frame.iter_rows(named=True)}
    strip = [("Events", f"{rows[0]['events']}", "windows")]
    if last["overlapping"]:
        words = "windows share sessions with another: the band is too narrow"
        strip.append(("Overlapping", f"{last['overlapping']}", words))
    for name, row in (("Session 0", rows[0]), (f"By session {last['offset']}", last)):
        if row["median"] is None:
            strip.append((name, "–", "no window reaches it"))
            continue
        text = f"{size * row['median']:+.2f} {unit}".replace("-", "−")
        chance = f"p {row['p']:.3f}" if row["p"] >= 0.001 else "p < 0.001"
        band = f"{size * row['low']:+.2f} to {size * row['high']:+.2f}".replace("-", "−")
        strip.append((name, text, f"{band}, {chance}"))
    return facts(strip)


def _size(frame: pl.DataFrame) -> int:
    """What turns a path into what is shown: percent, for a rate its own points."""
    return 1 if frame["is_rate"].any() else PERCENT


def by_session(fields: dict[str, Any]) -> None:
    """The same as numbers."""

    def draw(answer: Answer) -> str:
        shown = answer.frame.with_columns(
            pl.col("median", "low", "high", "paths_low", "paths_high", "others_low", "others_high")
            * _size(answer.frame)
        )
        return f'<div class="b-box">{table(shown, BY_SESSION, caption="By session")}</div>'

    Panel(
        "By session",
        f"{_begins(fields['of'])}against the last close before, in %; of a rate in pp",
        NEEDS,
        NOTHING,
    ).show(event_study, draw, **fields)


def each(fields: dict[str, Any], country: str) -> pl.DataFrame | None:
    """Every event with where it led."""

    def draw(answer: Answer) -> str:
        rows = [
            row
            | {
                "title": event_title(row["title"]),
                "when": moment_link(row["moment"], (fields["symbol"],), country),
            }
            for row in _summed(answer.frame).iter_rows(named=True)
        ]
        return f'<div class="b-box">{table(rows, EACH, caption="Events")}</div>'

    answer = Panel(
        "Events", "in %, of a rate in pp; newest first; the moment opens its replay", NEEDS, NOTHING
    ).show(event_paths, draw, **fields)
    return None if answer is None else _summed(answer.frame)


def event_title(title: str) -> str:
    """`CPIYOY of 2026-10-01: z 1.69` by the indicator's name, month and surprise."""
    match = re.fullmatch(r"(\w+) of (\d{4}-\d\d-\d\d): z (\S+)", title)
    if match is None:
        return re.sub(r"^-(?=\d)", "−", title)
    word, period, z = match.groups()
    month = f"{date.fromisoformat(period):%b %Y}"
    return f"{named(word)}, {month}: surprise {float(z):+.2f} σ".replace("-", "−")


def _summed(paths: pl.DataFrame) -> pl.DataFrame:
    after = pl.col("path").filter(pl.col("offset") >= 0) * _size(paths)
    return (
        paths.group_by("event", "title", "moment", maintain_order=True)
        .agg(
            after.first().alias("first"),
            after.drop_nulls().last().alias("last"),
            after.min().alias("worst"),
            after.max().alias("best"),
        )
        .sort("moment", "event", descending=True)
    )


def came(events: pl.DataFrame, fields: dict[str, Any], country: str) -> None:
    """What else was published around one of them."""
    labels = {
        f"{row['moment']:%Y-%m-%d %H:%M} · {row['title']}": row["moment"]
        for row in events.iter_rows(named=True)
    }
    chosen_: str | None = st.selectbox("Other news around", list(labels), key="studies_event")
    if chosen_ is None:
        return
    moment = labels[chosen_]
    start = moment - timedelta(days=_days(fields["before"]))
    end = min(moment + timedelta(days=_days(fields["after"])), current().view.as_of)
    Panel(
        "Other news",
        "in the sessions before and after",
        ("events",),
        "Nothing else was published.",
    ).show(
        replay,
        lambda answer: _came(answer, moment),
        symbols=[fields["symbol"]],
        start=start,
        end=end,
        scale="days",
        country=country or None,
    )


def _days(sessions: int) -> int:
    return 1 + sessions * 7 // 5


def _came(answer: Answer, moment: datetime) -> str:
    side = (
        pl.when(pl.col("known_at") < moment)
        .then(pl.lit("before"))
        .otherwise(
            pl.when(pl.col("known_at") == moment).then(pl.lit("with it")).otherwise(pl.lit("after"))
        )
    )
    rows = answer.frame.filter(~pl.col("kind").is_in(["bar", "bias"])).with_columns(
        side.alias("side")
    )
    if rows.is_empty():
        return '<div class="b-note">Nothing else was published.</div>'
    shown = table(rows, CAME, caption="Other news", zone=current().view.zone)
    return f'<div class="b-box">{shown}</div>'


def page() -> None:
    """Choices, then the study."""
    try:
        of, country = chosen()
    except Exception as error:  # noqa: BLE001 - said where the choices would stand; explain() logs it
        if str(error) not in current().at.closed.values():
            say(explain(error, "events"), "error")
        of, country = "", ""
    if not of:
        Panel("Study", "", NEEDS, "No event of this kind is known at this clock.").show(
            find("notable_events").call, lambda answer: None, each=1
        )
        return
    symbol, before, after = instrument(country)
    if not symbol:
        say(
            Trouble("No instrument is chosen.", "Choose one by its name, ticker or ISIN."),
            "empty",
        )
        return
    fields = {"symbol": symbol, "of": of, "before": before, "after": after}
    if study(fields) is None:
        return
    events = each(fields, country)
    by_session(fields)
    if events is not None:
        came(events, fields, country)


page()
