"""Whether the programs that check alert rules are at work, and since when one of them is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from analytics.live.rules import LAKE, METRICS, SCREENS
from data.state.db import State
from pages.desk.processes import last_report
from pages.frame.errors import Trouble
from pages.frame.resources import now, resources
from pages.frame.run import current
from pages.lake import job_rows

Checker = Literal["scheduler", "monitor"]
WATCHED: Mapping[Checker, str] = {
    "scheduler": "Rules on daily closes and published data",
    "monitor": "Rules on live prices and positions",
}
FLAG = {"demo": "", "live": " --live"}  # of the command that starts a workspace
WAIT_S = 1.5  # for the first reading of the bus in this web process


@dataclass(frozen=True, slots=True)
class Absence:
    """A program that checks no rules now: why, and when it was last seen at work."""

    checker: Checker
    reason: str
    last_seen: datetime | None

    def trouble(self) -> Trouble:
        """One sentence, and the command that starts it."""
        seen = f" (last seen {_clock(self.last_seen)})" if self.last_seen else ""
        workspace = current().settings.workspace
        flag = FLAG.get(workspace, f" --workspace {workspace}")
        return Trouble(
            f"{WATCHED[self.checker]} are not being checked: {self.reason}{seen}.",
            f"Start it with `python3 scripts/up.py{flag}`.",
        )


def checker_of(metric: object) -> Checker | None:
    """Which program checks rules on a metric; none where the metric is not known."""
    if metric not in METRICS:
        return None
    return "scheduler" if metric in LAKE | SCREENS else "monitor"


def absences(state: State, metrics: Iterable[object]) -> dict[Checker, Absence]:
    """Of the programs that these metrics need, those that are not at work; none at a past clock."""
    if not current().view.is_now:
        return {}
    needed = {checker_of(metric) for metric in metrics}
    found = [_scheduler(state)] if "scheduler" in needed else []
    found += [_monitor()] if "monitor" in needed else []
    return {absence.checker: absence for absence in found if absence}


def _scheduler(state: State) -> Absence | None:
    if job_rows.is_scheduled(state, now()):
        return None
    return Absence("scheduler", "no scheduler is at work", job_rows.last_scheduled(state))


def _monitor() -> Absence | None:
    reader = resources().reader
    reader.wait(WAIT_S)
    desk = reader.look()
    report = last_report(desk, "monitor")
    last_seen = report.at if report else None
    if desk.trouble:
        return Absence("monitor", "the live desk is offline", last_seen)
    if report is None or report.is_overdue:
        return Absence("monitor", "no monitor is at work", last_seen)
    return None


def _clock(moment: datetime) -> str:
    """The time of day, with its date where it is not the clock's own."""
    view = current().view
    words = view.local(moment.replace(second=0, microsecond=0))
    return words.removeprefix(view.day.strftime("%a %d %b %Y "))
