"""Cells of tables as HTML: a value and its column -> text, escaped; no Streamlit here.

A missing value is a dash, never zero; a signed number carries its sign and an arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pages.frame.figures import price_text

Kind = Literal[
    "text",
    "wide",
    "id",
    "count",
    "number",
    "percent",
    "signed",
    "instant",
    "day",
    "session",
    "bar",
    "move",
    "money",
    "status",
    "gauge",
    "clock",
    "key",
    "heat",
    "score",
    "link",
    "outside",
    "name",
    "spark",
    "figure",
    "dated",
    "linked",
    "tinted",
    "time",
    "minute",
    "warned",
]
MOST_WRITTEN = 1e15  # beyond it no figure of accounts or markets is real
MISSING = '<span class="b-none" title="not known">–</span>'
# Hatched, so that what is not known never looks like a value near zero.
HATCHED = '<span class="b-heat b-hatch" title="not known">–</span>'
HEATED = ("heat", "score", "tinted", "warned")
MINUTE = (
    "%a\N{NO-BREAK SPACE}%d\N{NO-BREAK SPACE}%b %H:%M"  # a narrow column breaks before the time
)
# Word -> mark and tone; the word is always written, so neither mark nor colour has to be known.
STATUS = {
    **dict.fromkeys(("fresh", "ok", "done", "fits", "accepted"), ("●", "up")),
    **dict.fromkeys(("running", "taken up"), ("▶", "accent")),
    **dict.fromkeys(("late", "stale", "partial", "resting", "over_budget"), ("▲", "stale")),
    "not checked": ("▲", "stale"),
    **dict.fromkeys(("will be short", "spent", "needs a key"), ("▲", "stale")),
    **dict.fromkeys(("failed", "unreadable", "rejected"), ("✕", "down")),
    **dict.fromkeys(("not below", "no longer below"), ("●", "up")),
    **dict.fromkeys(("still below",), ("▲", "stale")),
    "crossed": ("✕", "down"),
    "normal": ("●", "up"),
    "question": ("▲", "stale"),
    "left out": ("○", "dim"),
    "hit": ("●", "up"),
    "as then": ("●", "up"),
    "only now": ("▲", "stale"),
    "only then": ("○", "dim"),
    "sent": ("●", "up"),
    "dry run": ("○", "dim"),
    "given up": ("✕", "down"),
    **dict.fromkeys(("pending", "recovering"), ("▶", "accent")),
    "again": ("○", "dim"),
    "false alarm": ("✕", "down"),
    "missed": ("▲", "stale"),
    "firing": ("▲", "down"),
    "no data": ("▲", "stale"),
    "ended": ("○", "dim"),
    **dict.fromkeys(
        ("empty", "off", "skipped", "not run yet", "waiting", "duplicate"), ("○", "dim")
    ),
}


@dataclass(frozen=True, slots=True)
class Absent:
    """A value that is not there, and why: what would have given it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: `scale` is the value that fills a bar or a ground; below zero it
    turns the colours round. `total` asks for the sum of the column at the foot: for amounts of one
    currency, weights and counts, never for prices, percentages of different bases, or rates."""

    name: str
    label: str
    kind: Kind = "text"
    digits: int = 2
    scale: float = 4.0
    hint: str = ""
    total: bool = False


def cell(value: Any, column: Column, zone: str = "UTC") -> str:
    """One value as HTML."""
    if value is None:
        return HATCHED if column.kind in HEATED else MISSING
    if isinstance(value, Absent):
        return MISSING.replace("not known", escape(value.reason))
    if column.kind == "instant" and isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%d %b %Y %H:%M")
    if column.kind == "instant" and isinstance(value, date):
        return value.strftime("%d %b %Y")  # a day whose time was not stated
    if column.kind == "time" and isinstance(value, datetime):
        return _ordered(value, value.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S"))
    if column.kind == "minute" and isinstance(value, datetime):
        return _ordered(value, value.astimezone(ZoneInfo(zone)).strftime(MINUTE))
    if column.kind == "clock" and isinstance(value, datetime):
        return _ordered(value, value.astimezone(ZoneInfo(zone)).strftime("%d %b %H:%M:%S"))
    return FORMS.get(column.kind, _text)(value, column)


def _ordered(value: date, text: str) -> str:
    """What is written without its year or day, so that it sorts by the whole of it."""
    at = value.timestamp() if isinstance(value, datetime) else value.toordinal()
    return f'<span data-sort="{at!r}">{escape(text)}</span>'


def signed(value: float, text: str) -> str:
    """A number whose direction is told by arrow, sign and colour."""
    side, arrow = ("up", "▲") if value > 0 else ("down", "▼") if value < 0 else ("dim", "■")
    return f'<span class="b-{side}">{arrow} {text}</span>'


def _move(value: Any, column: Column) -> str:
    """A number and how it is written: {"value": -0.01, "text": "-1.00 %"}."""
    if value["value"] is None:
        return MISSING
    return signed(value["value"], escape(value["text"].replace("-", "−")))


def _money(value: Any, column: Column) -> str:
    """A price in its own currency, to five digits that say something."""
    price = value["value"]
    if price is None:
        return MISSING
    unit = escape(str(value["unit"] or ""))
    return f'{price_text(price)} <span class="b-dim">{unit}</span>'


def _status(value: Any, column: Column) -> str:
    mark, tone = STATUS.get(value, ("·", "dim"))
    return f'<span class="b-{tone}">{mark} {escape(value.replace("_", " "))}</span>'


def _gauge(value: Any, column: Column) -> str:
    """Shares of a quota: what is used is filled, what is still planned is faint behind it."""
    used, ahead = (min(max(value[key], 0.0), 1.0) * 100 for key in ("used", "ahead"))
    tone = "down" if value["used"] >= 1 else "warn" if value["ahead"] >= 1 else "accent"
    return (
        f'<span class="b-gauge" aria-hidden="true"><i style="width:{ahead:.1f}%"></i>'
        f'<i style="width:{used:.1f}%;background:var(--b-{tone});opacity:1"></i></span> '
        f"{100 * value['used']:.0f} %"
    )


def _text(value: Any, column: Column) -> str:
    return escape(str(value))


def _id(value: Any, column: Column) -> str:
    return f'<span class="id">{escape(str(value))}</span>'


def _link(value: Any, column: Column) -> str:
    """A name that leads somewhere: {"text": "AAPL", "to": "instrument?id=..."}; or a name alone."""
    if isinstance(value, str):
        return escape(value)
    to, text = escape(value["to"]), escape(str(value["text"]))
    return f'<a class="id" href="{to}" target="_self">{text}</a>'


def _outside(value: Any, column: Column) -> str:
    """A name that leads to another site, in a window of its own: {"text", "to"}."""
    to, text = escape(value["to"]), escape(str(value["text"]))
    return f'<a class="b-name" href="{to}" target="_blank" rel="noopener noreferrer">{text}</a>'


def _name(value: Any, column: Column) -> str:
    """A title that leads somewhere, in the type of prose."""
    if isinstance(value, str):
        return escape(value)
    to, text = escape(value["to"]), escape(str(value["text"]))
    return f'<a class="b-name" href="{to}" target="_self">{text}</a>'


def _spark(value: Sequence[float | None], column: Column) -> str:
    """A line of the last values, as wide as a word; no line where fewer than two are known."""
    known = [(at, number) for at, number in enumerate(value) if number is not None]
    if len(known) < 2:
        return MISSING
    low, high = min(v for _, v in known), max(v for _, v in known)
    first, reach, height = known[0][0], known[-1][0] - known[0][0], high - low
    points = " ".join(
        f"{80 * (at - first) / reach:.1f},{15 - 14 * ((v - low) / height if height else 0.5):.1f}"
        for at, v in known
    )
    start, end = known[0][1], known[-1][1]
    side = "up" if end >= start else "down"
    # By what its table sorts it: how far the line has come.
    change = end / start - 1 if start > 0 else end - start
    # As a mask, so that the line has the theme's colour; markup of its own would be taken out.
    drawn = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 80 16'><polyline fill='none' "
        f"stroke='black' stroke-width='1.3' points='{points}'/></svg>"
    )
    return (
        f'<span class="b-spark b-{side}" role="img" data-sort="{change:.6f}" '
        f'aria-label="{len(known)} values from {low:.4g} to {high:.4g}" '
        f"style=\"mask-image:url('data:image/svg+xml,{quote(drawn, safe=' ,.:/=')}')\"></span>"
    )


def spark(values: Sequence[float | None]) -> str:
    """The line alone, for places that are no table."""
    return _spark(values, Column("", ""))


def written(value: float, digits: int) -> str:
    """A number as it is read; one whose digits would fill the screen as a power of ten."""
    text = f"{value:,.{digits}f}" if abs(value) < MOST_WRITTEN else f"{value:.2e}"
    return text.replace("-", "−")


def _number(value: Any, column: Column) -> str:
    return written(value, column.digits)


def _figure(value: Any, column: Column) -> str:
    """A number as somebody gave it, without zeros that they did not write; with a word beside it
    where it comes from elsewhere: {"value": 2.1, "word": "from series"}."""
    if isinstance(value, Mapping):
        word = f' <span class="b-dim">{escape(value["word"])}</span>'
        return _figure(value["value"], column) + word
    return f"{value:,.10f}".rstrip("0").rstrip(".").replace("-", "−")


def _dated(value: Any, column: Column) -> str:
    """A value with its period: {"value": 2.4, "text": "2.4", "period": "Oct 2026", "about": ""};
    it sorts by the value alone, words that have none by their letters."""
    order = "" if value["value"] is None else f' data-sort="{value["value"]!r}"'
    return (
        f'<span{order} title="{escape(value["about"])}">'
        f'{escape(value["text"])} <small class="b-dim">{escape(value["period"])}</small></span>'
    )


def _linked(value: Any, column: Column) -> str:
    """A number that leads to where it is from: {"value": 2.4, "text": "2.4", "to", "about"}."""
    order = "" if value["value"] is None else f' data-sort="{value["value"]!r}"'
    text = escape(value["text"].replace("-", "−"))
    return (
        f'<a class="b-name"{order} href="{escape(value["to"])}" target="_self" '
        f'title="{escape(value["about"])}">{text}</a>'
    )


def _percent(value: Any, column: Column) -> str:
    return signed(value, f"{100 * value:+z.{column.digits}f} %".replace("-", "−"))


def _signed(value: Any, column: Column) -> str:
    """A change; or an amount with its own currency: {"value", "unit"}."""
    if isinstance(value, Mapping):
        if value["value"] is None:
            return MISSING
        unit = escape(str(value["unit"] or ""))
        return f'{_signed(value["value"], column)} <span class="b-dim">{unit}</span>'
    return signed(value, f"{value:+z,.{column.digits}f}".replace("-", "−"))


def _session(value: Any, column: Column) -> str:
    """A day of this year; or several as somebody wrote them: {"day", "text"}."""
    if isinstance(value, Mapping):
        return _ordered(value["day"], value["text"])
    return _ordered(value, value.strftime("%d %b"))


def _day(value: date, column: Column) -> str:
    return value.strftime("%d %b %Y")


def _bar(value: Any, column: Column) -> str:
    share = min(abs(value) / column.scale, 1.0) * 50
    side, at = ("up", "left:50%") if value >= 0 else ("down", "right:50%")
    text = f"{value:+z.{column.digits}f}".replace("-", "−")
    return (
        f'<span class="b-bar" aria-hidden="true">'
        f'<i style="{at};width:{share:.1f}%;background:var(--b-{side})"></i></span> {text}'
    )


def _heat(value: float, column: Column) -> str:
    """A percentage on a ground as strong as it is large; `scale` is the value of full strength."""
    return _ground(value, column, f"{100 * value:+z.{column.digits}f}")


def _score(value: float, column: Column) -> str:
    """The same for a number that is no share, as of standard deviations."""
    return _ground(value, column, f"{value:+z.{column.digits}f}")


def _tinted(value: Any, column: Column) -> str:
    """A number on a ground that says where it stands among others: {"value", "share"}, the share
    from 0 for the lowest to 1 for the highest; no ground where that is not known."""
    text = written(value["value"], column.digits)
    if value["share"] is None:
        return f'<span data-sort="{value["value"]!r}">{text}</span>'
    strength, tone = 2 * value["share"] - 1, "up" if value["share"] >= 0.5 else "down"
    return (
        f'<span class="b-heat" data-sort="{value["value"]!r}" title="percentile '
        f'{100 * value["share"]:.0f}" style="--s:{55 * abs(strength):.0f}%;--c:var(--b-{tone})">'
        f"{text}</span>"
    )


def _warned(value: Any, column: Column) -> str:
    """A number, with a mark and a ground where something is said of it: {"value", "about"}; where
    there is none, what is said is why."""
    number, about = value["value"], escape(value["about"])
    if number is None:
        return f'<span class="b-heat">{MISSING.replace("not known", about)}</span>'
    mark, strength = (" !", 35) if about else ("", 0)
    return (
        f'<span class="b-heat" data-sort="{number!r}" title="{about}" '
        f'style="--s:{strength}%;--c:var(--b-down)">{_number(number, column)}{mark}</span>'
    )


def _ground(value: float, column: Column, text: str) -> str:
    strength = 70 * min(abs(value / column.scale), 1.0) if column.scale else 0.0
    side = "up" if value * column.scale >= 0 else "down"
    return (
        f'<span class="b-heat" style="--s:{strength:.0f}%;--c:var(--b-{side})">'
        f"{text.replace('-', '−')}</span>"
    )


def side(column: Column) -> str:
    """The class of a column's cells: where they stand and how wide they are."""
    if column.kind in HEATED:
        return "h"
    right = (
        "count",
        "number",
        "figure",
        "dated",
        "linked",
        "percent",
        "signed",
        "bar",
        "move",
        "money",
    )
    if column.kind in right:
        return "n"
    return {"wide": "w", "name": "w", "minute": "m", "text": "t", "id": "i", "link": "i"}.get(
        column.kind, "d"
    )


FORMS: dict[str, Callable[[Any, Column], str]] = {
    "id": _id,
    "key": _id,  # an id that must be read whole
    "count": lambda value, _: f"{value:,}",
    "number": _number,
    "figure": _figure,
    "dated": _dated,
    "percent": _percent,
    "signed": _signed,
    "day": _day,
    "session": _session,
    "bar": _bar,
    "move": _move,
    "money": _money,
    "status": _status,
    "gauge": _gauge,
    "link": _link,
    "outside": _outside,
    "linked": _linked,
    "tinted": _tinted,
    "warned": _warned,
    "name": _name,
    "spark": _spark,
    "heat": _heat,
    "score": _score,
}
