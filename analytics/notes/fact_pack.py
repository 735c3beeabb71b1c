"""The fact pack of a note: everything that it may state of its subject at a clock, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from analytics.core.catalogue import run
from analytics.core.resolve import resolve
from analytics.notes.company_facts import company_facts
from analytics.notes.country_facts import country_facts
from analytics.notes.fact import Fact, FactPack, MissingFact, SubjectKind
from analytics.notes.instrument_facts import InstrumentName, price_facts
from analytics.notes.other_facts import headlines, position_facts
from analytics.notes.view import view_facts
from data.errors import ConfigError
from data.query import Answer, At

MOST_MEMBERS = 12
# Which class of the bias speaks for an instrument of a kind.
ASSET_OF = {
    **dict.fromkeys(("equity", "index", "etf", "crypto"), "equities"),
    "commodity": "commodities",
    "fx": "currency",
    "rate": "bonds",
}
COUNTRY_ASSETS = ("equities", "bonds", "currency")


def fact_pack(
    at: At, entity: str, *, positions: Answer | None = None, currency: str = "USD"
) -> FactPack:
    """The facts of an instrument, a company or a country by its id, ticker, code or name.

    `positions` is what `book_positions` answers, in `currency`. What is not known at the clock is
    named as missing.
    """
    word = entity.strip()
    country = _country(at, word)
    if country is not None:
        return _of_country(at, *country)
    named = _instrument(at, word)
    kind: SubjectKind = "company" if word == named.company else "instrument"
    return _of_instruments(at, kind, word, named.name, [named], positions, currency)


def list_pack(
    at: At,
    title: str,
    symbols: Sequence[str],
    *,
    positions: Answer | None = None,
    currency: str = "USD",
) -> FactPack:
    """The facts of the instruments of a list, at most twelve of them."""
    unique = list(dict.fromkeys(symbols))
    if not 1 <= len(unique) <= MOST_MEMBERS:
        raise ConfigError(
            f"a note on {len(unique)} instruments: expected 1 to {MOST_MEMBERS}; choose fewer"
        )
    named = told_apart([_instrument(at, symbol) for symbol in unique])
    return _of_instruments(at, "list", title, title, named, positions, currency)


def _of_instruments(  # noqa: PLR0913 - what a pack is made of
    at: At,
    kind: SubjectKind,
    entity: str,
    title: str,
    named: Sequence[InstrumentName],
    positions: Answer | None,
    currency: str,
) -> FactPack:
    found: list[Fact | MissingFact] = []
    names: dict[str, tuple[str, ...]] = {}
    by_country: dict[str, list[str]] = {}
    for one in named:
        names[one.name] = tuple(dict.fromkeys((one.name, one.ticker, one.symbol)))
        found += _own_facts(at, one)
        if one.country is not None:
            by_country.setdefault(one.country, []).append(ASSET_OF[one.asset_class])
    for country, assets in by_country.items():
        if (known := _country(at, country)) is not None:
            names[known[1]] = _country_words(*known)
            found += country_facts(at, country, assets)
    if not by_country:
        found.append(MissingFact("macro", title, "Macro facts", "the instrument has no country"))
    if positions is not None:
        found += position_facts(at, positions, named, currency)
    own = tuple(names) if kind != "list" else tuple(name for name in names if len(named) == 1)
    pack = _packed(at, kind, entity, title, found, names, own, tuple(one.symbol for one in named))
    pack = replace(pack, countries=tuple(by_country))
    return replace(pack, facts=(*pack.facts, *view_facts(at, pack)))


def told_apart(named: list[InstrumentName]) -> list[InstrumentName]:
    """Instruments of one name have their ticker in it: a sentence has to say which it means."""
    count = Counter(one.name for one in named)
    return [
        replace(one, name=f"{one.name} {one.ticker}") if count[one.name] > 1 else one
        for one in named
    ]


def _own_facts(at: At, one: InstrumentName) -> Iterator[Fact | MissingFact]:
    """Accounts, prices and headlines of one instrument."""
    if one.company is not None:
        yield from company_facts(at, one.company, one.name)
    elif one.asset_class == "equity":
        yield MissingFact("fundamentals", one.name, "Accounts", "no company is known")
    yield from price_facts(at, one)
    yield from headlines(at, one.symbol, one.country, one.name)


def _of_country(at: At, code: str, name: str) -> FactPack:
    found = [*country_facts(at, code, COUNTRY_ASSETS), *headlines(at, "", code, name)]
    names = {name: _country_words(code, name)}
    pack = _packed(at, "country", code, name, found, names, (name,), ())
    pack = replace(pack, countries=(code,))
    return replace(pack, facts=(*pack.facts, *view_facts(at, pack)))


def _packed(  # noqa: PLR0913 - what a pack is made of
    at: At,
    kind: SubjectKind,
    entity: str,
    title: str,
    found: Iterable[Fact | MissingFact],
    names: dict[str, tuple[str, ...]],
    own: tuple[str, ...],
    symbols: tuple[str, ...],
) -> FactPack:
    """A pack without anything that was known after the clock."""
    facts: dict[str, Fact] = {}
    missing: list[MissingFact] = []
    for item in found:
        if isinstance(item, MissingFact):
            missing.append(item)
        elif item.known_at <= at.as_of:
            facts.setdefault(item.id, item)
    return FactPack(
        kind,
        entity,
        title,
        at.as_of,
        tuple(facts.values()),
        tuple(dict.fromkeys(missing)),
        names,
        own,
        symbols,
    )


def _country(at: At, word: str) -> tuple[str, str] | None:
    found = run(at, "parts/country_names").frame
    code = pl.col("country").str.to_uppercase() == word.upper().removeprefix("COUNTRY:")
    rows = found.filter(code | (pl.col("name").str.to_lowercase() == word.lower()))
    return None if rows.is_empty() else (rows["country"][0], rows["name"][0])


def _country_words(code: str, name: str) -> tuple[str, ...]:
    return (name, f"the {name}", f"{name}'s", code)


def _instrument(at: At, word: str) -> InstrumentName:
    symbols = resolve(at, words=[word]).frame["symbol"].unique(maintain_order=True).to_list()
    if not symbols:
        symbols = _of_company(at, word)
    if len(symbols) != 1:
        reason = f"means {', '.join(symbols[:5])}; give one of them" if symbols else "is not known"
        raise ConfigError(
            f"{word[:60]!r} {reason} at this time; give an id, ticker, company or country"
        )
    rows = _described(at).filter(pl.col("symbol") == symbols[0]).to_dicts()
    if not rows:
        raise ConfigError(f"{symbols[0]} is not described at {at.as_of:%d %b %Y}; choose another")
    row = rows[0]
    columns = ("symbol", "name", "ticker", "asset_class", "country", "currency", "company")
    return InstrumentName(*(row[column] for column in columns))


def _described(at: At) -> pl.DataFrame:
    """What the lake lists; an instrument that its source gives no name is called by its ticker."""
    frame = run(at, "parts/nameable_instruments").frame
    own = pl.col("symbol").str.split(":").list.last()
    return frame.with_columns(name=pl.coalesce("name", "ticker", own))


def _of_company(at: At, company: str) -> list[str]:
    found = _described(at).filter(pl.col("company") == company)
    return [str(symbol) for symbol in found["symbol"].to_list()]
