"""Who runs a workspace: a lock that dies with its holder, and a note of where the page answers."""

from __future__ import annotations

import fcntl
import json
import os
from typing import Any

from data.settings import Settings
from scripts.support.processes import ProcessPlan


class WorkspaceClaim:
    """Held until closed, or until this process and its keeper are gone."""

    def __init__(self, handle: int, settings: Settings) -> None:
        self._handle = handle
        self._settings = settings

    @classmethod
    def take(cls, settings: Settings) -> WorkspaceClaim | None:
        """None where another start holds the workspace."""
        handle = os.open(settings.run / "up.lock", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return cls(handle, settings)

    def note(self, plan: ProcessPlan) -> None:
        """Tells later starts whom to look for."""
        path = self._settings.run / "up.json"
        half = path.with_suffix(".new")
        half.write_text(json.dumps({"pid": os.getpid(), "port": plan.port}), "utf-8")
        half.replace(path)

    def close(self) -> None:
        """The note goes first: without it nobody is looked for."""
        (self._settings.run / "up.json").unlink(missing_ok=True)
        os.close(self._handle)


def holder(settings: Settings) -> tuple[int, ProcessPlan] | None:
    """The process that holds the workspace, if it still lives, and its plan."""
    try:
        note: Any = json.loads((settings.run / "up.json").read_text("utf-8"))
        pid, port = int(note["pid"]), int(note["port"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid, ProcessPlan(settings, port)
