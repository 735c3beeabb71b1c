"""Countries and areas: our own dated table of ISO 3166, and answers of REST Countries beside it.

The table needs no network: its call names a file of the house, and the reply to it is empty. A
code that was withdrawn stays with its last day and what followed, so that old data keep theirs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

HOUSE = "house:universe/countries.csv"
# The first edition of ISO 3166.
FIRST = datetime(1974, 12, 15, tzinfo=UTC)
TEXT = ("country", "iso2", "name", "currency", "capital", "timezone")


def plan(window: Window) -> list[Call]:
    """Our own file; REST Countries closed its free service."""
    return [Call(HOUSE)]


@careful
def parse(reply: Reply) -> Parsed:
    """Our table, or an answer of REST Countries (the objects of version 3.1, the page of 5)."""
    if reply.call.url.startswith(HOUSE) and not reply.body:
        return Parsed({"countries": _table(list(listed("countries", "iso3").values()))})
    body = content(reply)
    if body[:1] not in b"{[":
        lines = body.decode("utf-8").splitlines()
        names = [line for line in lines if line.strip() and not line.startswith("#")]
        return Parsed({"countries": _table(list(csv.DictReader(names)))})
    answer = decoded(reply, body)
    follow: tuple[Call, ...] = ()
    if isinstance(answer, dict):
        answer, follow = _page(reply, answer)
    elif reply.status >= 300:
        refuse(reply)
    if not isinstance(answer, list):
        raise ReplyError("upstream", "expected a list of countries, found another kind of JSON")
    if not answer:
        raise ReplyError("empty", "REST Countries has no country that matches")
    rows = [row for item in answer if (row := _object(item))]
    if not rows:
        made = tables.reading("countries", answer)
        return Parsed(made.tables, follow, made.note)
    frame = _frame(rows).unique("country", keep="first", maintain_order=True)
    stamp = tables.seen(reply)
    made = tables.table("countries", frame, source="restcountries", **stamp)
    return Parsed({"countries": made}, follow)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(TEXT, pl.String)
    schema |= {"iso_numeric": pl.Int32, "population": pl.Float64, "area_km2": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def _table(given: Sequence[Mapping[str, str]]) -> pa.Table:
    """Every state of every code: what changed on a day is a vintage known on that day."""
    if not given or "iso3" not in given[0]:
        raise ReplyError("upstream", "expected the house's table of countries, with a column iso3")
    rows = [state for row in given for state in _states(row)]
    return tables.table("countries", _frame(rows), source="countries")


def _states(row: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    start = _day(row["since"]) or FIRST
    changes = {start, *(_day(row[n]) for n in ("currency_since", "numeric_since"))}
    moments = sorted(m for m in changes if m is not None and m >= start)
    if row["until"]:
        ended = _day(row["until"])
        moments.append((ended or start) + timedelta(days=1))
    for moment in moments:
        over = bool(row["until"]) and moment is moments[-1]
        yield _state(row, moment, over=over)


def _state(row: Mapping[str, str], moment: datetime, *, over: bool) -> dict[str, Any]:
    then = row["into"].replace("|", ", ")
    numeric = _before(row, "numeric", moment)
    return {
        "country": row["iso3"],
        "iso2": row["iso2"] or None,
        "iso_numeric": int(numeric) if numeric else None,
        "name": f"{row['name']} (until {row['until']}, then {then})" if over else row["name"],
        "currency": _before(row, "currency", moment) or None,
        "capital": row["capital"] or None,
        "timezone": row["zone"] or None,
        "known_at": moment,
        # What has no date in the table is only known to be so today.
        "vintage_grade": "current" if moment == FIRST else "native",
    }


def _before(row: Mapping[str, str], name: str, moment: datetime) -> str:
    """The value of that moment, of a column that changed once."""
    changed = _day(row[f"{name}_since"])
    earlier = changed is not None and moment < changed and row[f"{name}_before"]
    return row[f"{name}_before"] if earlier else row[name]


def _day(word: str) -> datetime | None:
    return datetime.fromisoformat(word).replace(tzinfo=UTC) if word else None


def _page(reply: Reply, answer: dict[str, Any]) -> tuple[Any, tuple[Call, ...]]:
    """Objects of a page of version 5 and the next page; errors are objects too."""
    errors = answer.get("errors") or answer.get("error")
    if answer.get("success") is False or errors:
        notes = errors if isinstance(errors, list) else [errors or answer.get("message")]
        words = "; ".join(str(n.get("message", n) if isinstance(n, dict) else n) for n in notes)
        refuse(reply, words, "client" if reply.status < 300 else None)
    if "message" in answer and "data" not in answer:
        missing = reply.status == 404 or answer.get("status") == 404
        refuse(reply, answer["message"], "empty" if missing else None)
    if reply.status >= 300:
        refuse(reply)
    data = answer.get("data")
    if not isinstance(data, dict):
        return (data if isinstance(data, list) else [answer]), ()
    objects, meta = data.get("objects"), data.get("meta") or {}
    if not meta.get("more") or not reply.call.url or not isinstance(objects, list):
        return objects, ()
    offset = int(reply.parameters.get("offset", "0")) + len(objects)
    url = reply.call.url.partition("?")[0]
    return objects, (Call(url, {**reply.parameters, "offset": str(offset)}, reply.call.headers),)


def _object(each: Any) -> dict[str, Any] | None:
    """One country in either schema; an object without a code, as when few fields were asked,
    is no row."""
    codes = each.get("codes") or {}
    iso2 = each.get("cca2") or codes.get("alpha_2")
    iso3 = each.get("cca3") or codes.get("alpha_3")
    names = each.get("name") or each.get("names") or {}
    if not iso3 or not isinstance(names, dict) or not names.get("common"):
        return None
    iso3 = "XKX" if iso2 == "XK" else str(iso3)
    ours = listed("countries", "iso3").get(iso3, {})
    numeric = str(each.get("ccn3") or codes.get("ccn3") or "")
    return {
        "country": iso3,
        "iso2": iso2,
        "iso_numeric": int(numeric) if numeric.isdigit() else None,
        "name": str(names["common"]).strip(),
        "currency": _currency(each.get("currencies"), ours.get("currency", "")),
        "capital": _capital(each.get("capital") or each.get("capitals")),
        "timezone": ours.get("zone") or None,
        "population": _amount(each.get("population")),
        "area_km2": _amount(each.get("area")),
    }


def _currency(given: Any, ours: str) -> str | None:
    """Where several circulate, the one of our table if it is among them."""
    if isinstance(given, dict):
        codes = list(given)
    else:
        codes = [str(item.get("code")) for item in given or []]
    return ours if ours in codes else (codes[0] if codes else None)


def _capital(given: Any) -> str | None:
    first = given[0] if isinstance(given, list) and given else given
    name = first.get("name") if isinstance(first, dict) else first
    return str(name).strip() if name else None


def _amount(given: Any) -> float | None:
    """A number of people or km2; a negative one is how the data set says that it has none."""
    value = given.get("kilometers") if isinstance(given, dict) else given
    return float(value) if isinstance(value, int | float) and value >= 0 else None


SOURCE = Source(
    name="countries",
    title="Countries and areas",
    gives="ISO 3166 codes, currency, capital and zone of every country, dated",
    grade="native",
    licence="Table of our own after ISO 3166. Answers of REST Countries: MPL-2.0.",
    jobs=(
        Job(
            "countries_table",
            ("countries",),
            "The house's table of countries",
            Cadence(at="03:00", days="first_of_month"),
            priority=5,
        ),
    ),
    plan=plan,
    parse=parse,
)
