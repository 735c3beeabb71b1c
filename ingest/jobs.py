"""The words of ingestion: what a source declares, what it asks, what came back, what it means.

A source is one file with two pure functions. `plan(window)` says which calls to make;
`parse(reply)` turns the bytes of one reply into rows of the lake's datasets, or raises
`ReplyError` with the kind of problem: no data, no access, a quota, a fault. Neither touches
network, clock or disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa

from data.errors import SourceError
from data.fields import Grade

Problem = Literal["empty", "client", "auth", "quota", "upstream", "blocked"]
Days = Literal["all", "weekdays", "sessions", "first_of_month", "first_of_february"]
CatchUp = Literal["latest", "all", "skip"]


class ReplyError(SourceError):
    """A reply that is not data. HTTP 200 proves nothing: many errors arrive as a success.

    `empty`: nothing matches. `client`: we asked wrongly. `auth`: key missing or refused.
    `quota`: too much asked, see `retry_after_s`. `upstream`: the source is in trouble, or its
    answer has another shape than documented. `blocked`: it lets no robots in.
    """

    def __init__(self, problem: Problem, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.problem: Problem = problem
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Edition:
    """A data set as a list of what is published has it: a run skips one that it has stored.

    `mark` changes whenever the data set does. `released_at` is its publication, where that is
    stated; an answer that comes after `good_until` may be of a later one.
    """

    name: str
    mark: str
    released_at: datetime | None = None
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, without its key: the transport adds that as the source's `key_in` says.

    A call with a `body` is a POST of that JSON object. `edition` is what it asks for, where a list
    of publications led to it; it is not sent.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    credits: int = 1
    edition: Edition | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `parse` reads what was asked from the call, since many bodies do not say.

    Every status but those that a repetition may mend comes to `parse`; header names are in lower
    case. The key is nowhere in it, even where the source echoed it.
    """

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the request, wherever they stood."""
        return dict(parse_qsl(urlsplit(self.call.url).query)) | dict(self.call.params)

    @property
    def path(self) -> str:
        """The path of the request."""
        return urlsplit(self.call.url).path


EVERY = "*"


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows per dataset, the calls that must follow (next page, next window), and a remark.

    Of the companies in `lists_all_of` (`EVERY` for all of the source) every instrument that is
    listed now is among the rows: one that stands in the lake and not here is listed no longer.
    """

    tables: Mapping[str, pa.Table]
    follow: tuple[Call, ...] = ()
    note: str = ""
    lists_all_of: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows over all datasets."""
        return sum(table.num_rows for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class Window:
    """What to refresh: names of the source's own (series, symbols) over a span of days.

    `since` None means all there is; `now` is the instant of planning. `watchlist_names` come from
    watchlists, which join the source's own list where no names are asked for. `has_key` says
    whether the source's key is known.
    """

    names: tuple[str, ...]
    now: datetime
    since: date | None = None
    until: date | None = None
    job: str = ""
    watchlist_names: tuple[str, ...] = ()
    has_key: bool = False

    def names_or(self, listed: Iterable[str]) -> tuple[str, ...]:
        """The names asked for; without any the source's list, and those of watchlists."""
        return self.names or tuple(dict.fromkeys((*listed, *self.watchlist_names)))


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a job is due: every so many minutes, or at a local time, on some days of its zone.

    `calendar` names an exchange calendar; with `sessions` and `every_minutes` a job is due only
    while the venue is open, with `at_close` also `minutes_after_close` after each close.
    """

    every_minutes: int | None = None
    at: str | None = None
    zone: str = "UTC"
    days: Days = "all"
    calendar: str | None = None
    at_close: bool = False
    minutes_after_close: int = 30


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to keep fresh. A lower `priority` number is kept longer when a budget is short.

    `cost` is what one run takes at most (calls, or credits where the source counts these), pages
    that follow included; none means what `plan` asks for.
    """

    name: str
    datasets: tuple[str, ...]
    about: str
    cadence: Cadence
    lookback_days: int | None = None
    priority: int = 5
    catch_up: CatchUp = "latest"
    time_limit_s: int = 900
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A party we pull from.

    `secret` is the environment variable of its key and `key_in` where the key goes, as
    `query:NAME`, `header:NAME` or `body:NAME`. `grade` is the best vintage grade it can give.
    `is_default` says whether it runs without being asked for; terms of use may forbid that.
    `is_key_optional` marks a source that also answers without its key, if less. `ids` is how the
    global ids of its instruments begin, where watchlists may name more of them than its own list
    does. `needs_contact` marks one that refuses a User-Agent without a mail address. `limits_of`
    names another source of the same party, whose pace, quota and rest after trouble hold for both.
    """

    name: str
    title: str
    gives: str
    grade: Grade
    licence: str
    jobs: tuple[Job, ...]
    plan: Callable[[Window], list[Call]]
    parse: Callable[[Reply], Parsed]
    secret: str | None = None
    key_in: str | None = None
    is_default: bool = True
    is_key_optional: bool = False
    needs_contact: bool = False
    limits_of: str | None = None
    ids: str | None = None
    cache_s: int = 0
    max_bytes: int = 50_000_000

    @property
    def limited_as(self) -> str:
        """Under which name its calls are paced, counted and let rest."""
        return self.limits_of or self.name
