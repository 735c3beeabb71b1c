"""A desk at which a model on loopback is asked, over a state of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.quotas import Limit, Quota
from data.state import checks
from data.state.checks import Check, CheckSubject
from data.state.db import State
from data.state.values import Edit
from ingest.models.asking import ModelDesk
from ingest.models.gemini import GeminiModel
from ingest.models.limits import ModelBudget, read_limits
from ingest.models.worker import ModelWorker
from ingest.runs.budget import CallBudget
from ingest.runs.keys import Keys, guard_logs
from tests.demo_fixture import DemoLake
from tests.ingest.models.gemini_server import GeminiServer

KEY = "AIza-canary-0123456789-abcdefgh"
CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)
QUOTA = Quota("gemini", (Limit.parse("1000 calls per second"),), "UTC", "x", date(2026, 11, 1))


@dataclass
class Office:
    """Everything between a question of a reader and its answer."""

    state: State
    folder: Path
    lake: DemoLake

    def desk(self, server: GeminiServer, limits: str | None = None, **more: Any) -> ModelDesk:
        keys = Keys(lambda name: None)
        keys.plant(KEY, "GEMINI_API_KEY")
        guard_logs(keys)
        name = more.pop("model", "gemini-2.5-flash")
        quotas = CallBudget(self.state, {"gemini": more.pop("quota", QUOTA)})
        budget = ModelBudget(self.state, read_limits(limits), quotas)
        model = GeminiModel(name, KEY, server.url, keys.redact_bytes)
        return ModelDesk(self.state, model, budget, self.folder / "pace")

    def ask(self, task: str, reader: str = "ann", **payload: Any) -> int:
        now = datetime.now(UTC)
        expires_at = payload.pop("expires_at", None)
        subject = CheckSubject({"as_of": CLOCK.isoformat(), **payload}, 7, 1, expires_at)
        edit = Edit(reader, now)
        return checks.ask(self.state, task, f"Draft {payload}"[:60], edit=edit, subject=subject).id

    def work(self, desk: ModelDesk | str) -> str:
        return ModelWorker(self.lake.settings, self.state, "worker", desk).run().message

    def answer(self, desk: ModelDesk | str, task: str, **payload: Any) -> Check:
        """One question from asking to its end."""
        number = self.ask(task, **payload)
        self.work(desk)
        return self.read(number)

    def read(self, number: int) -> Check:
        found = checks.read(self.state, number)
        assert found is not None
        return found

    def written(self) -> bytes:
        """Every byte that the state keeps on the disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("state.db*")))


@pytest.fixture
def office(tmp_path: Path, demo_lake: DemoLake) -> Iterator[Office]:
    state = State.open(tmp_path / "state.db")
    yield Office(state, tmp_path, demo_lake)
    state.close()
