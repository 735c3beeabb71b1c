"""Parsed replies on their way into the lake: gathered, committed together, then journalled.

Refuses to let one bad reply take the others with it: a batch that breaks a contract is stored
reply by reply.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from data.clock import iso
from data.datasets import dataset_named
from data.errors import ContractError
from data.lake import Lake
from data.lake.batch import Batch as Together
from data.lake.manifest import Publication
from ingest.jobs import Parsed, Reply, Source
from ingest.runs.cache import call_id
from ingest.runs.ended_listings import ended_listings
from ingest.runs.engine import Engine
from ingest.runs.journal import Journal, Stored, Tally

Door = Lake | Together
Published = tuple[str, Publication]  # with the name of its dataset
LOG = logging.getLogger(__name__)
# A commit rewrites the partitions it touches, so it is made for many replies at once; what waits
# is lost by a kill, and fetched again.
ROWS = 40_000
BYTES = 12_000_000
AGE_S = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """One reply that waits to be stored."""

    reply: Reply
    parsed: Parsed
    digest: str


@dataclass(slots=True)
class ReplyBatch:
    """What waits, and the counts of the whole run."""

    engine: Engine
    source: Source
    job: str
    due_at: datetime
    journal: Journal
    tally: Tally = field(default_factory=Tally)
    waiting: list[Fetched] = field(default_factory=list)
    waiting_rows: int = 0
    waiting_bytes: int = 0
    since: float = 0.0
    counted: Tally = field(default_factory=Tally)
    published: set[str] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """Rows of the run so far, those that wait included."""
        return self.tally.rows + self.waiting_rows

    def resume(self, datasets: Sequence[str]) -> Stored:
        """Go on from what an earlier attempt of this run stored; gives what its journal says.

        One that died between the lake and the journal left publications that are not noted: their
        rows will come again and add nothing, so they are counted here.
        """
        stored = self.journal.read()
        self.published |= stored.published
        self.tally.add(stored.tally)
        self.counted = Tally(calls=self.tally.calls, bytes=self.tally.bytes)
        lake = self.engine.lake
        made = [(name, done) for name in datasets for done in lake.publications(name, self._prefix)]
        if not self.published.issuperset(_key(*item) for item in made):
            self._note([], made, Tally())
        return stored

    def take(self, reply: Reply, parsed: Parsed) -> None:
        """Let a reply wait for the next commit."""
        if not self.waiting:
            self.since = self.engine.tempo.monotonic()
        digest = hashlib.sha256(call_id(reply.call).encode() + reply.body).hexdigest()
        self.waiting.append(Fetched(reply, parsed, digest))
        self.waiting_rows += parsed.rows
        self.waiting_bytes += len(reply.body)

    def is_full(self) -> bool:
        """Whether it is time for a commit."""
        aged = self.waiting and self.engine.tempo.monotonic() - self.since > AGE_S
        return bool(aged) or self.waiting_rows >= ROWS or self.waiting_bytes >= BYTES

    def store(self) -> list[str]:
        """Commit what waits; gives what was refused, and why."""
        waiting, self.waiting = self.waiting, []
        self.waiting_rows = self.waiting_bytes = 0
        if not waiting:
            return []
        try:
            self._commit(waiting)
            return []
        except (ContractError, pa.ArrowException) as error:
            if len(waiting) == 1:
                return [self._refused(waiting[0], error)]
        refused = []
        for fetched in waiting:
            try:
                self._commit([fetched])
            except (ContractError, pa.ArrowException) as error:
                refused.append(self._refused(fetched, error))
        return refused

    def _commit(self, several: Sequence[Fetched]) -> None:
        """Into the lake, then into the journal: in this order, so that a kill loses nothing."""
        tables: dict[str, list[tuple[Fetched, pa.Table]]] = {}
        for fetched in several:
            for name, table in fetched.parsed.tables.items():
                if table.num_rows:
                    tables.setdefault(name, []).append((fetched, table))
        ended = self._ended(several)
        lake, made = self.engine.lake, list[Published]()
        count = len(tables) + len(ended)
        with lake.batch() if count > 1 else contextlib.nullcontext(lake) as door:
            for name, found in tables.items():
                if dataset_named(name).appended:
                    made += [
                        (name, self._append(door, name, fetched, table)) for fetched, table in found
                    ]
                else:
                    made.append((name, self._upsert(door, name, found)))
            for digest, rows in ended:
                name = f"{self._prefix}{digest}"
                made.append(("instruments", door.upsert("instruments", rows, publish_id=name)))
        self._note(several, made, Tally(rows=sum(fetched.parsed.rows for fetched in several)))

    def _ended(self, several: Sequence[Fetched]) -> list[tuple[str, pa.Table]]:
        """Instruments that a list no longer has, under a name that follows from what they are."""
        made = []
        for fetched in several:
            rows = ended_listings(
                self.engine.settings, self.source.name, fetched.reply, fetched.parsed
            )
            if rows is not None:
                told = "".join([fetched.digest, *sorted(rows["symbol"].to_pylist())])
                made.append((f"ended:{hashlib.sha256(told.encode()).hexdigest()[:26]}", rows))
        return made

    def _note(self, several: Sequence[Fetched], made: Sequence[Published], part: Tally) -> None:
        """Count what is in the lake, each publication once, and write it into the journal."""
        fresh = {_key(*item): item[1] for item in made if _key(*item) not in self.published}
        for done in fresh.values():
            part.rows_added += done.rows_added
            part.vintages_added += done.vintages_added
        self.published |= fresh.keys()
        self.tally.add(part)
        part.calls = self.tally.calls - self.counted.calls
        part.bytes = self.tally.bytes - self.counted.bytes
        self.counted = Tally(calls=self.tally.calls, bytes=self.tally.bytes)
        follow = [call for fetched in several for call in fetched.parsed.follow]
        calls = [call_id(fetched.reply.call) for fetched in several]
        self.journal.write(calls, follow, sorted(fresh), part)

    @property
    def _prefix(self) -> str:
        """How the names of this run's publications begin."""
        return f"{self.job}:{iso(self.due_at)}:"

    def _upsert(
        self, door: Door, name: str, found: Sequence[tuple[Fetched, pa.Table]]
    ) -> Publication:
        """One publication of one dataset under a name that follows from what is published.

        The same replies of the same run bring the same name, and the lake answers a repetition
        with the first commit; replies that were fetched anew are merged like any others, since
        they may date their rows by it.
        """
        table = pa.concat_tables([table for _, table in found], promote_options="default")
        told = "".join(f"{fetched.digest}{iso(fetched.reply.fetched_at)}" for fetched, _ in found)
        digest = hashlib.sha256(told.encode()).hexdigest()[:32]
        return door.upsert(name, table, publish_id=f"{self._prefix}{digest}")

    def _append(self, door: Door, name: str, fetched: Fetched, table: pa.Table) -> Publication:
        """Nothing is merged there: the reply itself is what must not come twice."""
        digest = hashlib.sha256(fetched.digest.encode()).hexdigest()[:32]
        publish_id = f"{self.source.name}:{digest}"
        known = self.engine.lake.publication(name, publish_id)
        return known or door.append(name, table, publish_id=publish_id)

    def _refused(self, fetched: Fetched, error: Exception) -> str:
        """A reply whose rows break a contract: kept with the reason, the lake as it was."""
        words = str(error).splitlines()[0]
        LOG.warning("source=%s job=%s refused: %s", self.source.name, self.job, words)
        self.engine.transport.rejects.keep(
            self.source.name, fetched.reply, problem="contract", reason=words
        )
        return words


def _key(name: str, done: Publication) -> str:
    """One name may be given in several datasets."""
    return f"{name} {done.id}"
