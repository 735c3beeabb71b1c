"""Symbols of the analysts' watchlists that join a source's own list of what is fetched.

A member belongs to the source whose ids begin like it (`binance:SOLUSDT`). Those who were listed
first are kept first: what a month's quota has no room for is left out, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from data.quotas import Quota
from data.state import watchlists
from data.state.db import State
from ingest.jobs import Source
from ingest.quota.prover import demands, month_after, prove

Wishes = Mapping[str, tuple[str, ...]]


def watchlist_names(state: State, source: Source, *, now: datetime) -> tuple[str, ...]:
    """Names of this source, as it spells them, in the lists of now; the oldest list first."""
    if source.ids is None:
        return ()
    lists = sorted(watchlists.listed(state, as_of=now), key=lambda item: item.id)
    symbols = (member.symbol for item in lists for member in item.members)
    mine = (symbol for symbol in symbols if symbol.startswith(source.ids))
    return tuple(dict.fromkeys(symbol.removeprefix(source.ids) for symbol in mine))


def affordable(
    source: Source, names: tuple[str, ...], quotas: Mapping[str, Quota], *, now: datetime
) -> tuple[str, ...]:
    """The first of these names with which the source's coming month keeps its quotas."""
    mine = {source.name: quotas[source.name]} if source.name in quotas else {}
    start, end = month_after(now)

    def fits(count: int) -> bool:
        wishes = {source.name: names[:count]}
        return prove(demands([source], mine, start, end, wishes), mine, start, end).fits

    if not names or fits(len(names)):
        return names
    few, many = 0, len(names)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if fits(middle) else (few, middle)
    return names[:few]


def left_out(source: Source, names: tuple[str, ...], kept: tuple[str, ...]) -> str:
    """The sentence for those that found no room; empty where all did."""
    gone = names[len(kept) :]
    if not gone:
        return ""
    shown = ", ".join(gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
    return (
        f"{source.name}: {len(gone)} of {len(names)} watchlist symbols are not fetched ({shown}); "
        "the quota has no room for them"
    )


def room_for(
    sources: Iterable[Source], wishes: Wishes, quotas: Mapping[str, Quota], *, now: datetime
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """For each source the wishes that fit, and a sentence for each that could not take all."""
    pairs, words = {}, []
    for source in sources:
        names = wishes.get(source.name, ())
        pairs[source.name] = affordable(source, names, quotas, now=now)
        if told := left_out(source, names, pairs[source.name]):
            words.append(told)
    return pairs, words
