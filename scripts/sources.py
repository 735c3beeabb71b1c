"""The sources: what they give, the key they need, their quota and licence, their last run.

`python -m scripts.sources` lists them for a workspace. A source without the key that it needs is
off, and the list says which key would light it up.
"""

from __future__ import annotations

import argparse
from datetime import datetime

import polars as pl

from data.clock import iso, utc_now
from data.profiles import quotas_in_force
from data.quotas import Quota, read_quotas
from data.settings import Settings
from data.state import runs
from data.state.db import State
from ingest.jobs import Source
from ingest.registry import SOURCES
from scripts.documents.markdown import table
from scripts.support import console

RUNS = 5000
HEAD = ("source", "gives", "datasets", "best grade", "key", "quota", "licence")


def main(arguments: argparse.Namespace) -> int:
    """List them."""
    chosen = console.settings(arguments)
    console.emit(listing(chosen, utc_now()), arguments.format)
    return console.DONE


def coverage() -> str:
    """What each source covers, as a table in Markdown."""
    quotas = read_quotas()
    rows = [
        (
            f"`{source.name}`",
            source.gives,
            ", ".join(f"`{name}`" for name in datasets(source)),
            source.grade,
            key(source, mark="`"),
            quota(quotas.get(source.limited_as)),
            source.licence,
        )
        for source in SOURCES.values()
    ]
    return table(HEAD, rows)


def listing(chosen: Settings, now: datetime) -> pl.DataFrame:
    """The same for one workspace: which are on, and when each last ran."""
    quotas = quotas_in_force(chosen)
    state = State.open(chosen.state) if chosen.state.exists() else None
    rows = [
        {
            "source": source.name,
            "gives": source.gives,
            "grade": source.grade,
            "state": standing(
                source, has_key=_has_key(chosen, source), has_contact=bool(chosen.contact)
            ),
            "key": key(source),
            "quota": quota(quotas.get(source.limited_as)),
            "last run": last_run(state, source, now),
            "licence": source.licence,
        }
        for source in SOURCES.values()
    ]
    return pl.DataFrame(rows)


def datasets(source: Source) -> tuple[str, ...]:
    """What its jobs fill, in the order in which they are named."""
    return tuple(dict.fromkeys(name for job in source.jobs for name in job.datasets))


def key(source: Source, mark: str = "") -> str:
    """The variable of its key, and whether it also answers without one."""
    if not source.secret:
        return "none"
    return f"{mark}{source.secret}{mark}{' (optional)' if source.is_key_optional else ''}"


def quota(found: Quota | None) -> str:
    """Its limits in words."""
    return (
        ", ".join(str(limit) for limit in found.limits) if found and found.limits else "none stated"
    )


def standing(source: Source, *, has_key: bool, has_contact: bool = True) -> str:
    """Whether it can run, and what it would need if not."""
    if source.secret and not source.is_key_optional and not has_key:
        return f"off: needs {source.secret}"
    if source.needs_contact and not has_contact:
        return "off: needs CONTACT"
    return "on" if source.is_default else "off: asked for by hand only"


def _has_key(chosen: Settings, source: Source) -> bool:
    return bool(source.secret and chosen.secret(source.secret))


def last_run(state: State | None, source: Source, now: datetime) -> str:
    """When and how the latest of its runs ended."""
    if state is None:
        return "never"
    found = [run for run in runs.recent(state, as_of=now, limit=RUNS) if run.source == source.name]
    if not found:
        return "never"
    latest = max(found, key=lambda run: run.ended_at or run.due_at)
    return f"{latest.outcome.status} {iso(latest.ended_at or latest.due_at)}"


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("sources", __doc__ or "")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
