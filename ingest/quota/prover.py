"""The proof that a month of the timetable fits the quotas, or the figures by which it does not.

Refuses nothing at run time, which is the ledger's work: it says beforehand what would be refused,
what to change, and which jobs run less often meanwhile, the least important first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from data.quotas import Limit, Quota
from ingest.jobs import Source
from ingest.runs.runner import window
from ingest.schedule.cadence import occurrences

STEP = timedelta(microseconds=1)
# Short limits are kept by waiting, so what must fit is the work of an hour, not of a second.
HOUR = {"second": 3600, "minute": 60}


@dataclass(frozen=True, slots=True)
class Demand:
    """What one job asks of one source: so much of each unit at each due instant."""

    job: str
    source: str
    dues: tuple[datetime, ...]
    cost: Mapping[str, int] = field(default_factory=lambda: {"calls": 1})
    priority: int = 5
    is_fixed: bool = False
    every: int = 1

    @property
    def runs(self) -> tuple[datetime, ...]:
        """The due instants that are kept when only every so-many-th is."""
        return self.dues[:: self.every] if self.every else ()


@dataclass(frozen=True, slots=True)
class Burst:
    """A quota that the plan would exceed: in the worst window, and by which jobs."""

    source: str
    limit: Limit
    window: str
    asked: int
    allowed: int
    by: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        over = self.asked - self.allowed
        kept = self.limit.kept
        rest = f" ({self.limit.amount:,} less {kept:,} kept for people)" if kept else ""
        jobs = ", ".join(f"{job} {amount:,}" for job, amount in self.by[:5])
        return (
            f"{self.source}: {self.asked:,} {self.limit.unit} in {self.window} on a quota of "
            f"{self.limit}: {over:,} more than the {self.allowed:,} open to jobs{rest}, "
            f"{self.asked / max(self.allowed, 1):.1f} times as many; asked by {jobs}"
        )


@dataclass(frozen=True, slots=True)
class QuotaChange:
    """A job that runs less often: every so-many-th time, or not at all where that is 0."""

    job: str
    priority: int
    every: int
    before: int
    after: int

    def __str__(self) -> str:
        if not self.after:
            return f"{self.job} (priority {self.priority}): not at all, instead of {self.before:,}"
        return (
            f"{self.job} (priority {self.priority}): every {_nth(self.every)} time, "
            f"{self.after:,} runs in the month instead of {self.before:,}"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One quota and the fullest of its windows."""

    source: str
    limit: Limit
    window: str
    asked: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What the month asks, what bursts, and what must run less often for the rest to fit."""

    start: datetime
    end: datetime
    lines: tuple[Line, ...]
    bursts: tuple[Burst, ...]
    changes: tuple[QuotaChange, ...]
    hopeless: tuple[Burst, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the timetable as it stands keeps every quota."""
        return not self.bursts

    @property
    def every(self) -> dict[str, int]:
        """For the scheduler: of which job only every so-many-th instant is to run; 0 is none."""
        return {change.job: change.every for change in self.changes}

    def __str__(self) -> str:
        span = f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"
        if self.fits:
            return f"{span}: the plan fits; {len(self.lines)} quotas were checked"
        words = [f"{span}: the plan does not fit", *(f"- {burst}" for burst in self.bursts)]
        words.append("To fit without change of plan, these would run less often:")
        words += [f"- {change}" for change in self.changes] or ["- none that could"]
        for burst in self.hopeless:
            words.append(f"- no timetable of jobs mends {burst.source}: lower what it uses by hand")
        words.append("Or buy a larger plan and enter its figures in the quotas file.")
        return "\n".join(words)


def month_after(now: datetime) -> tuple[datetime, datetime]:
    """The longest month there is, from the first of the coming one (UTC)."""
    first = (
        now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)
    ).replace(day=1)
    return first, first + timedelta(days=31)


def demands(
    sources: Iterable[Source],
    quotas: Mapping[str, Quota],
    start: datetime,
    end: datetime,
    wishes: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Demand]:
    """What all jobs of these sources ask in that time, and what people and ticks use besides.

    `wishes` are the names from watchlists that each source fetches besides its own.
    """
    found = []
    for source in sources:
        for job in source.jobs:
            dues = tuple(occurrences(job.cadence, start - STEP, end - STEP))
            if job.cost is None:
                span = replace(
                    window(job, start), watchlist_names=(wishes or {}).get(source.name, ())
                )
                calls = source.plan(span)
                cost = {"calls": len(calls), "credits": sum(call.credits for call in calls)}
            else:
                cost = {"calls": job.cost, "credits": job.cost}
            name = f"{source.name}.{job.name}"
            found.append(Demand(name, source.name, dues, cost, job.priority))
    for quota in quotas.values():
        found += [_used(quota.source, limit, start, end) for limit in quota.uses]
    return found


def _used(source: str, use: Limit, start: datetime, end: datetime) -> Demand:
    """Demand of people or ticks: the same every day or hour, and not ours to thin out."""
    step = timedelta(days=1) if use.per in ("day", "month") else timedelta(hours=1)
    share = {"day": 1, "month": 30}.get(use.per)
    amount = -(-use.amount // share) if share else use.amount * HOUR[use.per]
    # At noon, which is the same day in the zones of all providers we know.
    first = start + timedelta(hours=12) if share else start
    dues = tuple(first + step * at for at in range(int((end - start) / step)))
    return Demand(f"{source} ({use})", source, dues, {use.unit: amount}, is_fixed=True)


def prove(
    asked: Sequence[Demand], quotas: Mapping[str, Quota], start: datetime, end: datetime
) -> Proof:
    """Run the month in thought; where it bursts, thin the jobs until it fits."""
    bursts = _bursts(asked, quotas)
    kept, hopeless = list(asked), []
    left = bursts
    while left:
        worst = left[0]
        thinner = _thinned(kept, worst, quotas)
        if thinner is None:
            hopeless.append(worst)
        else:
            kept = thinner
        known = {(burst.source, burst.limit) for burst in hopeless}
        left = [b for b in _bursts(kept, quotas) if (b.source, b.limit) not in known]
    changes = tuple(
        QuotaChange(new.job, new.priority, new.every, len(old.runs), len(new.runs))
        for old, new in zip(asked, kept, strict=True)
        if new.every != old.every
    )
    lines = tuple(_lines(asked, quotas))
    return Proof(start, end, lines, tuple(bursts), changes, tuple(hopeless))


def _lines(asked: Sequence[Demand], quotas: Mapping[str, Quota]) -> list[Line]:
    """The fullest window of each quota that is asked of at all."""
    lines = []
    for name, quota in quotas.items():
        mine = [demand for demand in asked if demand.source == name]
        for limit in quota.limits:
            use = _use(mine, quota, limit)
            if use:
                where = max(use, key=lambda window: sum(use[window].values()))
                total = sum(use[where].values())
                lines.append(Line(name, limit, where, total, _allowed(limit)))
    return lines


def _bursts(asked: Sequence[Demand], quotas: Mapping[str, Quota]) -> list[Burst]:
    bursts = []
    for line in _lines(asked, quotas):
        if line.asked > line.allowed:
            mine = [demand for demand in asked if demand.source == line.source]
            use = _use(mine, quotas[line.source], line.limit)[line.window]
            bursts.append(
                Burst(
                    line.source,
                    line.limit,
                    line.window,
                    line.asked,
                    line.allowed,
                    tuple(use.most_common()),
                )
            )
    return bursts


def _allowed(limit: Limit) -> int:
    return limit.amount * HOUR[limit.per] if limit.per in HOUR else limit.open_to_jobs


def _use(mine: Sequence[Demand], quota: Quota, limit: Limit) -> dict[str, Counter[str]]:
    """How much each job takes of the limit in each window."""
    use: dict[str, Counter[str]] = defaultdict(Counter)
    for demand in mine:
        cost = demand.cost.get(limit.unit, 0)
        for due in demand.runs if cost else ():
            use[_window(quota, limit, due)][demand.job] += cost
    return use


def _window(quota: Quota, limit: Limit, due: datetime) -> str:
    if limit.per in HOUR:
        return f"the hour from {due.astimezone(UTC):%Y-%m-%d %H}:00Z"
    return quota.window(limit, due)


def _thinned(
    kept: Sequence[Demand], burst: Burst, quotas: Mapping[str, Quota]
) -> list[Demand] | None:
    """One of the least important jobs of the burst made rarer; none if no job can be."""
    shares = dict(burst.by)
    free = [
        (demand.priority, shares[demand.job], at)
        for at, demand in enumerate(kept)
        if demand.source == burst.source and demand.job in shares and not demand.is_fixed
    ]
    if not free:
        return None
    _, share, at = max(free)
    room = burst.allowed - (burst.asked - share)
    demand = kept[at]
    one_run = demand.cost.get(burst.limit.unit, 0)
    changed = list(kept)
    if room < one_run:  # not even one run of it fits beside the others
        changed[at] = replace(demand, every=0)
        return changed
    guess = max(demand.every + 1, demand.every * share // room)
    for every in range(guess, len(demand.dues) + 1):
        changed[at] = replace(demand, every=every)
        use = _use([changed[at]], quotas[burst.source], burst.limit)
        if use[burst.window][demand.job] <= room:
            return changed
    changed[at] = replace(demand, every=len(demand.dues) + 1)
    return changed


def _nth(number: int) -> str:
    words = {1: "single", 2: "second", 3: "third"}
    return words.get(number, f"{number}th")
