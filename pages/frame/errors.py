"""Failures as the analyst reads them: one sentence and the next step; the log keeps the rest."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass

from data.errors import (
    AccountsError,
    BusError,
    ConfigError,
    LakeError,
    QueryError,
    StateError,
    UploadError,
    WorkstationError,
)

LOG = logging.getLogger("barograph.pages")

NEXT: tuple[tuple[type[WorkstationError], str], ...] = (
    (LakeError, "Data shows what lies on the disk; nothing is written from here."),
    (QueryError, "Change the filter or the clock; the SQL is under the panel's menu."),
    (StateError, "Watchlists and runs are missing until then; the lake is not touched."),
    (BusError, "Live prices are missing until it answers; everything from the lake works."),
    (UploadError, "Nothing was imported; mend the file and give it again."),
    (AccountsError, "Choose another company, or a clock with other accounts."),
    (ConfigError, "Correct the address or the setting that is named."),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, said; `mark` finds it in the log when the sentence cannot say it all."""

    text: str
    step: str
    mark: str = ""
    where: str = ""


def explain(error: Exception, where: str) -> Trouble:
    """A sentence for people; an unforeseen error is logged under a mark that they can quote."""
    if isinstance(error, WorkstationError):
        step = next((text for kind, text in NEXT if isinstance(error, kind)), "")
        LOG.warning("where=%s error=%s text=%s", where, type(error).__name__, error)
        return Trouble(sentence(str(error)), step, where=where)
    mark = uuid.uuid4().hex[:8]
    LOG.error("where=%s mark=%s", where, mark, exc_info=error)
    return Trouble(
        "This part failed for a reason that was not foreseen.",
        f"Everything else works on; the log has the details under {mark}.",
        mark,
        where,
    )


def sentence(text: str) -> str:
    """The text on one line, with a capital at its beginning and a full stop at its end."""
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
