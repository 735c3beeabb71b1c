"""What the scheduler tells the pages: its timetable in words, the sources, the proof of the month.

Of keys it says whether they are there, and nothing else about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from data.profiles import read_profile
from data.quotas import WINDOWS, Limit, Quota
from data.settings import Settings
from data.state import timetable as posted
from data.state.timetable import JobLine, QuotaLine, SourceLine
from ingest.jobs import Source
from ingest.quota import money
from ingest.quota.prover import Proof, demands, month_after, prove
from ingest.quota.room import most_names
from ingest.quota.watchlist_demand import room_for
from ingest.schedule.cadence import in_words
from ingest.schedule.planning import DEMO
from ingest.schedule.timetable import Timetable


def line_up(
    settings: Settings,
    table: Timetable,
    sources: Iterable[Source],
    quotas: Mapping[str, Quota],
    *,
    now: datetime,
) -> posted.StoredTimetable:
    """All that the pages are told, as of the start of a scheduler.

    Symbols of watchlists for which a quota has no room are named.
    """
    mine = [source for source in sources if (source.name == DEMO) == settings.is_demo]
    on = [source for source in mine if source.name not in table.off]
    start, end = month_after(now)
    asked = {} if settings.is_demo else quotas
    pairs, words = room_for(on, table.wishes, asked, now=now)
    proof = prove(demands(on, asked, start, end, pairs), asked, start, end)
    room = {one.name: most_names(one, asked[one.name], now=now) for one in on if one.name in asked}
    plans = money.paid_plans(on, asked)
    return posted.StoredTimetable(
        tuple(
            JobLine(
                task.name,
                task.source,
                task.job.about,
                in_words(task.job.cadence),
                task.job.datasets,
                task.job.priority,
            )
            for task in table.tasks
        ),
        tuple(_source(source, table.off.get(source.name, ""), settings) for source in mine),
        tuple(_quotas(proof, asked, room)),
        "\n".join([str(proof), *words]) if asked else "",
        money.sentence(read_profile(settings.profile), plans) if asked else "",
    )


def _source(source: Source, why_off: str, settings: Settings) -> SourceLine:
    return SourceLine(
        source.name,
        source.title,
        source.gives,
        source.licence,
        source.secret,
        source.secret is not None and bool(settings.secret(source.secret)),
        source.is_key_optional,
        why_off,
    )


def _quotas(
    proof: Proof, quotas: Mapping[str, Quota], room: Mapping[str, int | None]
) -> Iterable[QuotaLine]:
    """Those of a day or a month that somebody asks of; shorter ones are kept by waiting."""
    for line in proof.lines:
        if line.limit.per in WINDOWS:
            yield _quota(quotas[line.source], line.limit, line.asked, room.get(line.source))


def _quota(quota: Quota, limit: Limit, asked: int, room: int | None) -> QuotaLine:
    return QuotaLine(
        quota.source,
        limit.amount,
        limit.unit,
        limit.per,
        quota.zone,
        limit.kept,
        asked,
        quota.terms,
        quota.as_of.isoformat(),
        quota.plan,
        quota.price_usd,
        room,
    )
