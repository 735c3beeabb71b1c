"""The engine of one process: settings, state, lake and transport, opened together."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from data.disk import make_folder
from data.lake import Lake
from data.profiles import quotas_in_force
from data.quotas import Quota
from data.settings import Settings
from data.state.db import State
from ingest.runs.budget import CallBudget
from ingest.runs.http_client import Waits
from ingest.runs.keys import guard_logs
from ingest.runs.pace import Tempo
from ingest.runs.transport import Transport

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engine:
    """What a run needs."""

    settings: Settings
    state: State
    lake: Lake
    budget: CallBudget
    transport: Transport
    tempo: Tempo


@contextmanager
def open_engine(
    settings: Settings,
    *,
    quotas: Mapping[str, Quota] | None = None,
    tempo: Tempo | None = None,
    waits: Waits | None = None,
) -> Iterator[Engine]:
    """Everything opened; from here on no log line of this process can hold a key."""
    clockwork = tempo or Tempo()
    make_folder(settings.root)
    state = State.open(settings.state)
    budget = CallBudget(state, quotas_in_force(settings) if quotas is None else quotas)
    transport = Transport(settings, state, budget, tempo=clockwork, waits=waits)
    guard_logs(transport.keys)
    lake = Lake(
        settings.lake, workspace=settings.workspace, memory_limit_mb=settings.memory_limit_mb
    )
    try:
        yield Engine(settings, state, lake, budget, transport, clockwork)
    finally:
        transport.close()
        state.close()
