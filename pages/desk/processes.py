"""The processes of the live desk: how far behind each is, and what troubles it reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.bus.blocks import order
from data.clock import parse_instant
from pages.frame.live_reader import Desk
from pages.frame.resources import now
from pages.frame.tables import Column

REPORTED_S = 10.0  # each process reports so often, unless it says otherwise
WHO = (
    Column("who", "process", "key"),
    Column("behind", "behind, s", "number", digits=1, hint="behind the newest trade here"),
    Column("rows", "trades", "count", hint="since it was started"),
    Column("troubles", "troubles", "wide"),
)


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """When a process last said something of itself, and how long it may be silent."""

    at: datetime
    silent_s: float
    patience_s: float

    @property
    def is_overdue(self) -> bool:
        """Whether it has missed three reports."""
        return self.silent_s > self.patience_s


def last_report(desk: Desk, process: str) -> ProcessReport | None:
    """The last report of a process; none where it never reported."""
    fields = desk.notes.get(process, {})
    if not isinstance(at := fields.get("at"), str):
        return None
    moment = parse_instant(at)
    patience = 3 * max(REPORTED_S, fields.get("says_every_s") or 0)
    return ProcessReport(moment, (now() - moment).total_seconds(), patience)


def process_rows(desk: Desk) -> list[dict[str, Any]]:
    """A row for each process; what was reported before a pause of this page says nothing of now."""
    found = []
    for who, fields in sorted(desk.notes.items()):
        place, behind = fields.get("position"), None
        report = last_report(desk, who)
        silent = report.silent_s if report else 0.0
        watched = (now() - desk.watched_since).total_seconds() if desk.watched_since else silent
        patience = report.patience_s if report else 3 * REPORTED_S
        # After a pause of this page an old report says nothing of now.
        if place and desk.newest and (silent <= patience or watched > patience):
            behind = max(0.0, desk.newest.timestamp() - order(place)[0] / 1000)
        words = [
            f"{name} {fields[name]:,}"
            for name in ("lost", "missed", "refused", "late")
            if fields.get(name)
        ]
        words += [f"the last miss {fields['span']}"] if fields.get("span") else []
        words += [f"rule {number}: {why}" for number, why in fields.get("errors", {}).items()]
        words += [f"silent for {silent:.0f} s"] if min(silent, watched) > patience else []
        if slow := fields.get("slowed_to_s"):
            words.append(f"slowed to every {slow:g} s: the server's quota of commands is short")
        found.append(
            {
                "who": who,
                "behind": behind,
                "rows": fields.get("rows"),
                "troubles": "; ".join(words) or None,
            }
        )
    return found
