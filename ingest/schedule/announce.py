"""Says on the bus that datasets changed, so that who listens need not ask the lake.

One entry per run: a run that is told again, as after a restart, is said once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from data.bus import Bus
from data.state.runs import Run
from ingest.schedule.planning import Task

STREAM = "data-events"
LOOKED_BACK = 500
KEPT = timedelta(days=2)
SCHEMA = pa.schema(
    [
        pa.field("event", pa.string()),
        pa.field("dataset", pa.string()),
        pa.field("job", pa.string()),
        pa.field("run_id", pa.int64()),
        pa.field("rows_added", pa.int64()),
        pa.field("vintages_added", pa.int64()),
        pa.field("at", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(slots=True)
class Announcer:
    """One per scheduler: the stream has one producer. News waits while the bus is away."""

    bus: Bus
    clock: Callable[[], datetime]
    _waiting: list[tuple[Task, Run]] = field(default_factory=list)
    _said: set[int] | None = None

    def note(self, task: Task, run: Run) -> None:
        """A run that changed the datasets of its job."""
        if task.job.datasets:
            self._waiting.append((task, run))

    def flush(self) -> None:
        """Say what waits; BusError leaves it waiting."""
        while self._waiting:
            task, run = self._waiting[0]
            said = self._read()
            if run.id not in said:
                self.bus.publish(STREAM, block(task, run))
                said.add(run.id)
                # Who needs older news reads the ledger, which forgets nothing.
                oldest = int((self.clock() - KEPT).timestamp() * 1000)
                self.bus.trim(STREAM, f"{oldest}-0")
            self._waiting.pop(0)

    def _read(self) -> set[int]:
        if self._said is None:
            entries = self.bus.tail(STREAM, LOOKED_BACK)
            self._said = {
                number for entry in entries for number in entry.block.column("run_id").to_pylist()
            }
        return self._said


def block(task: Task, run: Run) -> pa.Table:
    """One row per dataset of the job: `macro_data_updated` and its like."""
    done = run.outcome
    facts = (run.job, run.id, done.rows_added, done.vintages_added, run.ended_at)
    rows = [(f"{name}_data_updated", name, *facts) for name in task.job.datasets]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)
