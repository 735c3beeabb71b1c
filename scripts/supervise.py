"""The main of `scripts/up.py` inside the virtual environment: claim, fill, start, report, wait.

It imports none of the heavy libraries: it lives as long as the workstation does.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import shutil
import socket
import sys
import time
import webbrowser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from data.errors import WorkstationError
from data.private import private_settings
from data.settings import Settings
from scripts.support.claim import WorkspaceClaim, holder
from scripts.support.processes import (
    HOST,
    PROCESSES,
    SEED,
    Command,
    Process,
    ProcessPlan,
    web_answers,
)
from scripts.support.supervisor import Child, Supervisor, say
from scripts.up import options

ROOM_MB = 200
READY_S = 90.0
OTHERS_READY_S = 10.0
OTHER_START_S = 60.0
DEATHS_TOO_MANY = 3

REASONS = {
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "your disk quota is used up; free some space and start again",
    errno.EROFS: "the disk is read-only; set DATA_DIR to a folder that can be written",
    errno.EACCES: "no right to write there; set DATA_DIR to a folder of your own",
    errno.EPERM: "no right to write there; set DATA_DIR to a folder of your own",
    errno.ENOTDIR: "a file is in the way of a folder; set DATA_DIR to a folder",
}


class StartError(WorkstationError):
    """Why the workstation does not run."""


def main() -> int:
    """Exit status 0: ran and was stopped, or runs already; 1: one sentence on stderr says why."""
    choice = options(sys.argv[1:])
    return said(lambda: run(_plan(choice), opens_browser=choice.browser))


def said(work: Callable[[], int]) -> int:
    """What the work returns, or 1 and one sentence."""
    try:
        return work()
    except WorkstationError as error:
        say(str(error))
    except OSError as error:
        say(_sentence(error))
    except KeyboardInterrupt:
        say("stopped before anything was started")
    return 1


def _plan(choice: argparse.Namespace) -> ProcessPlan:
    return ProcessPlan(private_settings(choice.workspace), choice.port)


def run(
    plan: ProcessPlan,
    *,
    processes: Sequence[Process] = PROCESSES,
    seed: Command = SEED,
    opens_browser: bool = False,
) -> int:
    """The life of one workstation, until it is told to stop."""
    _make_room(plan.settings)
    claim = _claim(plan.settings)
    if claim is None:
        return 0
    try:
        _refuse_taken_port(plan.port)
        claim.note(plan)
        with Supervisor(plan.settings.logs) as supervisor:
            if _fill(plan, supervisor, seed) and _start(plan, supervisor, processes):
                _report(plan, supervisor.children, processes)
                if opens_browser:
                    webbrowser.open(plan.address)
                while not supervisor.is_stopping:
                    supervisor.step()
            say("stopping")
    finally:
        claim.close()
    say("stopped")
    return 0


def _make_room(settings: Settings) -> None:
    for folder in (settings.root, settings.run, settings.logs):
        folder.mkdir(parents=True, exist_ok=True)
    free_mb = shutil.disk_usage(settings.root).free // 2**20
    if free_mb < ROOM_MB:
        raise StartError(
            f"{settings.root}: at least {ROOM_MB} MB free are needed and {free_mb} MB are left; "
            "free some space, or set DATA_DIR to a folder on another disk"
        )


def _claim(settings: Settings) -> WorkspaceClaim | None:
    """The workspace for us; None where it runs already, which is said with its address."""
    end = time.monotonic() + OTHER_START_S
    is_told = False
    while True:
        if claim := WorkspaceClaim.take(settings):
            return claim
        found = holder(settings)
        if found and web_answers(found[1]):
            sys.stdout.write(
                f"Barograph runs already: {found[1].address}  "
                f"(workspace {settings.workspace}, process {found[0]})\n"
            )
            return None
        who = f"process {found[0]}" if found else "an earlier start"
        if time.monotonic() > end:
            raise StartError(
                f"{who} holds workspace {settings.workspace} and its page does not answer; look "
                f"into {settings.logs}, or stop that process and start again"
            )
        if not is_told:
            say(f"{who} holds workspace {settings.workspace}; waiting for its page")
            is_told = True
        time.sleep(0.2)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise StartError(
                f"port {port} needs the administrator's rights; choose one above 1023: --port 8501"
            ) from None
        except OSError:
            raise StartError(
                f"port {port} on {HOST} is taken by another program; stop that program, or choose "
                f"another port: python3 scripts/up.py --port {port + 1 if port < 65535 else 8501}"
            ) from None


def _fill(plan: ProcessPlan, supervisor: Supervisor, seed: Command) -> bool:
    """Invented rows for an empty demo workspace; False where a stop came first."""
    settings = plan.settings
    mark = settings.lake / ".seeded"  # inside the lake, so that it goes when the lake does
    words = seed(plan) if settings.is_demo and not mark.exists() else None
    if words is None:
        return True
    say(f"filling workspace {settings.workspace} with invented data; this is done once")
    code = supervisor.run(words)
    if code:
        raise StartError(
            f"filling workspace {settings.workspace} failed (status {code}); the lines above say "
            "why, and the next start takes it up again"
        )
    if code == 0:
        settings.lake.mkdir(exist_ok=True)
        mark.touch()
    return code == 0


def _start(plan: ProcessPlan, supervisor: Supervisor, processes: Sequence[Process]) -> bool:
    """Each in turn, the next once this one is ready; False where a stop came first."""
    for process in processes:
        words = process.command(plan)
        if words is None:
            continue
        child = supervisor.start(process.name, words, has_keys=process.has_keys)
        say(f"starting {process.name}")
        limit_s = READY_S if process.is_needed else OTHERS_READY_S
        is_settled = supervisor.until(partial(_is_settled, child, process, plan), limit_s)
        if supervisor.is_stopping:
            return False
        if not is_settled or child.deaths >= DEATHS_TOO_MANY:
            _complain(process, child)
    return True


def _is_settled(child: Child, process: Process, plan: ProcessPlan) -> bool:
    """Ready, or so often dead that waiting on is no use."""
    if child.deaths >= DEATHS_TOO_MANY:
        return True
    return child.process is not None and process.is_ready(plan)


def _complain(process: Process, child: Child) -> None:
    lines = [line for line in _tail(child) if not line.startswith("---")]
    said = f"; its last words: {lines[-1][:200]}" if lines else ""
    sentence = f"{process.name} does not come up{said}; the whole log: {child.log}"
    if process.is_needed:
        raise StartError(sentence)
    say(f"{sentence}; the rest runs without it")


def _tail(child: Child) -> list[str]:
    with contextlib.suppress(OSError), child.log.open("rb") as log:
        log.seek(max(child.log.stat().st_size - 8192, 0))
        return log.read().decode("utf-8", "replace").strip().splitlines()
    return []


def _report(plan: ProcessPlan, children: Sequence[Child], processes: Sequence[Process]) -> None:
    running = {child.name: child for child in children}
    kind = "invented data" if plan.settings.is_demo else "real data"
    rows = [("process", "pid", "what it does", "log")]
    for process in processes:
        child = running.get(process.name)
        if child:
            rows.append((process.name, str(child.pid or "-"), process.about, _short(child.log)))
        else:
            rows.append((process.name, "-", process.instead(plan), "-"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    table = "\n".join("  " + "  ".join(line).rstrip() for line in lines)
    sys.stdout.write(
        f"\nBarograph runs: {plan.address}  (workspace {plan.settings.workspace}, {kind})\n\n"
        f"{table}\n\nCtrl-C stops all of it.\n"
    )
    sys.stdout.flush()


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _sentence(error: OSError) -> str:
    why = REASONS.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename}: {why}" if error.filename else why


if __name__ == "__main__":
    sys.exit(main())
