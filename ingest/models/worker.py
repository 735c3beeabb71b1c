"""Answers what was asked of a model, one question after the other; the page makes no call.

Without a key each question ends at once with a note. What the deterministic checks found stands
whatever becomes of a question: nothing here writes anything but its answer.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.clock import utc_now
from data.errors import ConfigError, StateError, WorkstationError
from data.lake.views import MODES
from data.profiles import quotas_in_force
from data.query import At, Db
from data.settings import Settings
from data.state import checks, model_calls
from data.state.checks import Check, CheckVerdict
from data.state.db import State
from data.state.runs import Outcome
from data.state.values import choice
from ingest.models.asking import ModelDesk, Purpose
from ingest.models.gemini import BASE_URL, GeminiModel, check_base_url
from ingest.models.limits import ModelBudget, read_limits
from ingest.models.model import ModelFault, TextModel
from ingest.models.note_writer import write_answered_notes
from ingest.models.tasks import TASKS
from ingest.runs.budget import CallBudget
from ingest.runs.keys import Keys, guard_logs

KEY = "GEMINI_API_KEY"
OFF = "off"
SILENT = timedelta(minutes=20)
WORKS_FOR_S = 600.0
NO_KEY = (
    f"No key is set for the model, so it was not asked: put {KEY} into the environment of the "
    "scheduler or into the secrets file. The checks against the lake need none."
)
IS_OFF = "The model is switched off (MODEL=off), so it was not asked."
TOO_LATE = "The question was not answered in time and was not sent; ask again."
# After these every further question of the run would fare the same.
ENDING = ("no_key", "bad_key")

log = logging.getLogger(__name__)


def answer_questions(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job: all that waits, as far as time and limits reach."""
    checks.give_back(state, claimed_before=now - SILENT)
    owner = f"models-{os.getpid()}"
    try:
        desk: ModelDesk | str = open_desk(settings, state)
    except (ModelFault, ConfigError) as error:
        desk = str(error)
    worker = ModelWorker(settings, state, owner, desk)
    outcome = worker.run()
    written = write_answered_notes(settings, state, utc_now())
    if not written:
        return outcome
    many = "1 note" if written == 1 else f"{written} notes"
    return Outcome("ok", message=f"{outcome.message}; {many} archived")


def open_desk(settings: Settings, state: State) -> ModelDesk:
    """The desk of the model that the settings name; ModelFault where none can be asked."""
    if settings.model == OFF:
        raise ModelFault("no_key", IS_OFF)
    limits = read_limits(settings.model_limits)
    base_url = check_base_url(settings.model_url or BASE_URL)
    key = settings.secret(KEY)
    if not key:
        raise ModelFault("no_key", NO_KEY)
    keys = Keys(settings.secret)
    keys.plant(key, KEY)
    guard_logs(keys)
    model: TextModel = GeminiModel(settings.model, key, base_url, keys.redact_bytes)
    budget = ModelBudget(state, limits, CallBudget(state, quotas_in_force(settings)))
    return ModelDesk(state, model, budget, settings.run / "pace")


@dataclass(slots=True)
class ModelWorker:
    """The questions of one run. `desk` is where they are asked, or why none can be."""

    settings: Settings
    state: State
    owner: str
    desk: ModelDesk | str
    answered: int = 0
    failed: int = 0

    def run(self) -> Outcome:
        """Until nothing waits or the time is over."""
        end = time.monotonic() + WORKS_FOR_S - self.settings.model_seconds
        while time.monotonic() < end:
            check = checks.claim_next(self.state, self.owner, now=utc_now())
            if check is None:
                break
            self._answer(check)
        if not self.answered + self.failed:
            return Outcome("empty", message="no question waits")
        words = f"{self.answered} questions answered, {self.failed} without an answer"
        return Outcome("ok", message=words)

    def _answer(self, check: Check) -> None:
        try:
            verdict, call_id = self._verdict(check)
        except ModelFault as fault:
            if fault.kind in ENDING:
                self.desk = str(fault)
            self._fail(check, str(fault))
        except WorkstationError as error:
            if isinstance(error, StateError):
                raise
            self._fail(check, str(error))
        else:
            self.answered += 1
            checks.answer(self.state, check, verdict, now=utc_now(), model_call_id=call_id)

    def _verdict(self, check: Check) -> tuple[CheckVerdict, int]:
        expires_at = check.subject.expires_at
        if expires_at is not None and expires_at <= utc_now():
            raise ConfigError(TOO_LATE)
        task = TASKS.get(check.kind)
        if task is None:
            raise ConfigError(f"there is no task {check.kind!r}; ask for {', '.join(TASKS)}")
        if isinstance(self.desk, str):
            raise ConfigError(self.desk)
        payload = check.subject.payload
        question = task.prepare(payload)
        request = task.request(question, float(self.settings.model_seconds))
        purpose = Purpose(check.requested_by, task.name, task.prompt_version)
        call = self.desk.ask(request, purpose)
        document = dict(call.reply or {})
        with self._lake() as lake:
            verdict = task.settle(payload, question, document, lake.at)
        tokens = (call.cost.tokens_in or 0) + (call.cost.tokens_out or 0)
        model = call.model_version or call.key.model
        return replace(verdict, model=model, tokens=tokens), call.id

    def _fail(self, check: Check, message: str) -> None:
        self.failed += 1
        log.info("check_id=%d kind=%s without_an_answer", check.id, check.kind)
        call_id = self._call_of(check)
        checks.fail(self.state, check, message, now=utc_now(), model_call_id=call_id)

    def _call_of(self, check: Check) -> int | None:
        """The call that was made for this question, if one was: one at a time goes out here."""
        last = model_calls.recent(self.state, as_of=utc_now(), limit=1)
        is_ours = last and check.claimed_at is not None and last[0].asked_at >= check.claimed_at
        same = is_ours and (last[0].reader, last[0].purpose) == (check.requested_by, check.kind)
        return last[0].id if same else None

    @contextmanager
    def _lake(self) -> Iterator[_Lake]:
        """The lake, for answers whose numbers are looked up."""
        lake = _Lake(self.settings)
        try:
            yield lake
        finally:
            lake.close()


@dataclass(slots=True)
class _Lake:
    """Opened by the first answer that needs it."""

    settings: Settings
    db: Db | None = None

    def at(self, as_of: datetime, mode: str) -> At:
        """The lake at a clock."""
        if self.db is None:
            limit = self.settings.memory_limit_mb
            self.db = Db(self.settings.lake, memory_limit_mb=limit, threads=1)
        return self.db.at(as_of, choice(mode, "the mode", MODES))

    def close(self) -> None:
        if self.db is not None:
            self.db.close()
