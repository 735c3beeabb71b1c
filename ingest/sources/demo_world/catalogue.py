"""The instruments table: every listing, renaming and delisting as the vintage it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from data.codes import isin_digit
from data.datasets.instruments import INSTRUMENTS
from ingest.sources.demo_world.issuers import RENAMED, SECTORS, Issuer
from ingest.sources.demo_world.listings import coins_of, commodities_of, indices_of, pairs_of
from ingest.sources.demo_world.sessions import VENUES
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, day_number, in_order

Row = dict[str, Any]
_BEGINNING = day_number(FIRST_DAY)


def instrument_table(spec: Spec, issuers: Sequence[Issuer]) -> pa.Table:
    """One row per instrument and vintage, with the day it could be known as `known`."""
    rows = [row for issuer in issuers for row in _issuer_rows(issuer)]
    rows += [_index(index.symbol, index.name, index.sector) for index in indices_of()]
    for good in commodities_of(spec):
        row = _plain(good.symbol, good.name, "commodity", good.family, ("XCME", "USD"))
        rows.append(row)
    for pair in pairs_of(spec):
        name = f"{pair.base} in {pair.quote}"
        rows.append(_plain(pair.symbol, name, "fx", "Currencies", ("FX", pair.quote)))
    for coin in coins_of(spec):
        row = _plain(coin.symbol, coin.name, "crypto", "Coins", ("DEMOCOIN", "USD"))
        rows.append(row | {"listed_on": coin.listed, "known": max(coin.listed - 5, _BEGINNING)})
    return in_order(_table(spec, rows), INSTRUMENTS)


def _table(spec: Spec, rows: list[Row]) -> pa.Table:
    def column(name: str) -> list[Any]:
        return [row.get(name) for row in rows]

    dates = {
        name: pa.array(column(name), pa.int32()).cast(pa.date32())
        for name in ("listed_on", "delisted_on")
    }
    plain = {
        field.name: column(field.name) for field in INSTRUMENTS.columns if field.name not in dates
    }
    known = pa.array([row["known"] * DAY_US for row in rows], pa.int64())
    known_at = known.cast(pa.timestamp("us", "UTC"))
    return assemble(INSTRUMENTS, {**plain, **dates, "known_at": known_at}, spec)


def _issuer_rows(issuer: Issuer) -> list[Row]:
    stem = f"XD{issuer.number:09d}"
    row: Row = {
        "symbol": issuer.symbol,
        "ticker": issuer.ticker,
        "name": issuer.name,
        "asset_class": "equity",
        "sector": SECTORS[issuer.sector],
        "country": issuer.venue.country,
        "currency": issuer.venue.currency,
        "venue": issuer.venue.code,
        "calendar": issuer.venue.calendar,
        "company": issuer.company,
        "isin": f"{stem}{isin_digit(stem)}",
        "figi": f"BBGDEMO{issuer.number:05d}",
        "aliases": f"{issuer.name.split()[0]}|{issuer.ticker} {issuer.venue.code}",
        "shares_outstanding": issuer.shares,
        "listed_on": issuer.listed,
        "known": max(issuer.listed - 10, _BEGINNING),
    }
    rows = [row]
    if issuer.number in RENAMED:
        later = {"name": f"{issuer.name} Holdings", "aliases": f"{row['aliases']}|{issuer.name}"}
        rows.append(rows[-1] | later | {"known": day_number(RENAMED[issuer.number])})
    if issuer.delisted is not None:
        told = issuer.delisted - 21
        rows.append(rows[-1] | {"delisted_on": issuer.delisted, "known": told})
    return rows


def _index(symbol: str, name: str, sector: int | None) -> Row:
    family = "World" if sector is None else SECTORS[sector]
    return _plain(symbol, name, "index", family, ("XNYS", "USD"))


def _plain(symbol: str, name: str, kind: str, family: str, where: tuple[str, str]) -> Row:
    venue, currency = where
    return {
        "symbol": symbol,
        "ticker": symbol.removeprefix("demo:"),
        "name": name,
        "asset_class": kind,
        "sector": family,
        "currency": currency,
        "venue": venue,
        "calendar": VENUES[venue].calendar,
        "listed_on": _BEGINNING,
        "known": _BEGINNING,
    }
