"""Prove that a month of the timetable fits the quotas: `python -m scripts.plan`.

Every job of every source that runs by default is played through the coming month; each quota is
compared with its fullest day or month. Exit code 1 where one would burst: then it says by how
much, which jobs would run less often, and what to change. The table on stdout shows all quotas,
with the plan, its price, and how many more instruments of a source would fit.

The plans of the profile (`PROFILE`, or `--profile free`, `hobby`, `team` or a file of that form)
are added up against its budget, and the lake of a year from now is held to its disk and bucket.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from data.bus.meter import is_hosted
from data.clock import parse_instant, utc_now
from data.profiles import read_profile
from data.query import Db
from data.quotas import QUOTAS, Limit, Quota, read_quotas
from data.settings import Settings
from data.state.db import State
from ingest.jobs import Source
from ingest.live.commands import commands_a_day
from ingest.quota import money
from ingest.quota.prover import Proof, demands, month_after, prove
from ingest.quota.room import longest_window, most_names
from ingest.quota.storage import Growth, is_borne, measured, sentences
from ingest.quota.watchlist_demand import Wishes, room_for, watchlist_names
from ingest.registry import SOURCES, source_named
from scripts.support import console

COLUMNS = {
    "source": pl.String,
    "quota": pl.String,
    "fullest": pl.String,
    "asked": pl.Int64,
    "open_to_jobs": pl.Int64,
    "used_pct": pl.Float64,
    "more_names": pl.Int64,
    "plan": pl.String,
    "usd_a_month": pl.Float64,
    "as_of": pl.Date,
    "terms": pl.String,
}


def main(arguments: argparse.Namespace) -> int:
    """The table of quotas on stdout, the verdict on stderr."""
    settings = console.settings(arguments)
    profile = read_profile(arguments.profile or settings.profile)
    quotas = in_use(profile.in_force(read_quotas(Path(arguments.quotas))), settings)
    start, end = month_after(parse_instant(arguments.month))
    sources = chosen(arguments.source)
    wishes, words = room_for(sources, wishes_in(settings, sources), quotas, now=utc_now())
    proof = prove(demands(sources, quotas, start, end, wishes), quotas, start, end)
    more = {
        source.name: most_names(source, quotas[source.name], now=utc_now())
        for source in sources
        if source.name in quotas
    }
    console.emit(table(proof, quotas, more), arguments.format)
    growth, plans = growth_of(settings), money.paid_plans(sources, quotas)
    words += [
        *window_words(settings, quotas),
        money.sentence(profile, plans),
        *money.lines(plans),
        *sentences(growth, profile, settings.tick_days),
    ]
    fits = (
        proof.fits
        and money.is_within(profile, plans)
        and is_borne(growth, profile, settings.tick_days)
    )
    console.say("\n".join([str(proof), *words]))
    return console.DONE if fits else console.FAILED


def window_words(settings: Settings, quotas: Mapping[str, Quota]) -> list[str]:
    """Of a hosted Redis: for how long a day it bears the live feed."""
    if "redis" not in quotas:
        return []
    minutes = longest_window(settings, quotas["redis"], now=utc_now())
    return [
        f"redis: the live path may listen {minutes // 60} h {minutes % 60:02} min a day on this "
        "plan; set LIVE_HOURS to no more, or LIVE_SAMPLE_MS higher"
    ]


def growth_of(settings: Settings) -> list[Growth]:
    """What the lake of the workspace grows by; nothing where there is none."""
    if not settings.lake.exists():
        return []
    db = Db(settings.lake)
    try:
        return measured(db, utc_now())
    finally:
        db.close()


def chosen(names: list[str]) -> list[Source]:
    """The sources named, or all that run without being asked for."""
    if names:
        return [source_named(name) for name in names]
    return [source for source in SOURCES.values() if source.is_default]


def wishes_in(settings: Settings, sources: Iterable[Source]) -> Wishes:
    """The symbols of the workspace's watchlists by source; none where there is no state yet."""
    if settings.is_demo or not settings.state.exists():
        return {}
    state = State.open(settings.state)
    try:
        return {source.name: watchlist_names(state, source, now=utc_now()) for source in sources}
    finally:
        state.close()


def in_use(quotas: Mapping[str, Quota], settings: Settings) -> dict[str, Quota]:
    """Without the quota of a Redis that is ours, which counts no commands.

    Of a hosted one the live path uses what its settings cost.
    """
    hosted = is_hosted(settings.redis_url)
    kept = {name: quota for name, quota in quotas.items() if name != "redis" or hosted}
    if "redis" in kept:
        cost = Limit(commands_a_day(settings), "commands", "day")
        kept["redis"] = replace(kept["redis"], uses=(cost,))
    return kept


def table(
    proof: Proof, quotas: Mapping[str, Quota], more: Mapping[str, int | None]
) -> pl.DataFrame:
    """One line per quota that is asked of; `more` are instruments that would fit besides."""
    rows = [
        (
            line.source,
            str(line.limit),
            line.window,
            line.asked,
            line.allowed,
            round(100 * line.asked / line.allowed, 1),
            more.get(line.source),
            quotas[line.source].plan or None,
            quotas[line.source].price_usd,
            quotas[line.source].as_of,
            quotas[line.source].terms,
        )
        for line in proof.lines
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("plan", __doc__ or "")
    made.add_argument("--source", action="append", default=[], help="only this one; repeatable")
    made.add_argument("--month", default="now", metavar="T", help="prove the month after T")
    made.add_argument("--profile", metavar="NAME", help="free, hobby, team or a file, not PROFILE")
    made.add_argument("--quotas", default=str(QUOTAS), metavar="FILE", help="another quotas file")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
