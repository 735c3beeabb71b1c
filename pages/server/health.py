"""Health: whether this process can read its lake, in a form that probes and people can read."""

from __future__ import annotations

import logging
from typing import Any

from data.datasets import DATASETS
from data.errors import WorkstationError
from pages.frame.cached import SHELF
from pages.frame.resources import now, resources

LOG = logging.getLogger("barograph.web")


def health() -> dict[str, Any]:
    """What is served, and whether a query through the door of the lake answers."""
    held = resources()
    fields: dict[str, Any] = {
        "ok": True,
        "workspace": held.settings.workspace,
        "demo": held.settings.is_demo,
        "answers_kept": len(SHELF),
        "bytes_kept": SHELF.bytes,
        "troubles": [trouble.text for trouble in held.services.found().troubles],
    }
    try:
        at = held.db.at(now())
        at.sql("SELECT count(*) AS n FROM countries")
        if at.closed:
            return fields | {"ok": False, "problem": next(iter(at.closed.values()))}
    except (WorkstationError, OSError) as error:
        return fields | {"ok": False, "problem": " ".join(str(error).split())}
    except Exception:
        LOG.exception("where=healthz")
        return fields | {"ok": False, "problem": "the lake cannot be read; the log says why"}
    held_now = {name: at.versions[name] for name in DATASETS if at.versions[name]}
    return fields | {"datasets": held_now}
