"""What a check of one statement found: the verdict, the value behind it, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from analytics.claims.statement import Span, Subject
from data.query import Answer

ClaimVerdict = Literal[
    "supported",
    "within rounding",
    "superseded",
    "wrong value",
    "wrong period",
    "wrong direction",
    "unit error",
    "not in the lake",
    "ambiguous",
]
ClaimClass = Literal["supported", "contradicted", "unverifiable"]
CLASS_OF: dict[ClaimVerdict, ClaimClass] = {
    "supported": "supported",
    "within rounding": "supported",
    "superseded": "supported",
    "wrong value": "contradicted",
    "wrong period": "contradicted",
    "wrong direction": "contradicted",
    "unit error": "contradicted",
    "not in the lake": "unverifiable",
    "ambiguous": "unverifiable",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a statement.

    `value` is in `unit`, as the lake has it, `drafted` the same in `draft_unit`, the draft's own;
    both are none where a day or a subject is what was asked for: `day`, `leader`. `period` is what
    `value` is of, `compare` what it was compared with. `other` is the value that the draft states
    where it is that of `other_period`; `later` what a superseded value became. `answer` has the
    rows that were read, and its receipt runs again; none where nothing was read.
    """

    verdict: ClaimVerdict
    note: str
    value: float | None = None
    unit: str = ""
    drafted: float | None = None
    draft_unit: str = ""
    period: Span | None = None
    compare: Span | None = None
    subject: Subject | None = None
    known_at: datetime | None = None
    source: str = ""
    day: date | None = None
    leader: str | None = None
    other: float | None = None
    other_period: Span | None = None
    later: float | None = None
    candidates: tuple[Subject, ...] = ()
    answer: Answer | None = None

    @property
    def verdict_class(self) -> ClaimClass:
        """Supported, contradicted or unverifiable: it follows from the verdict."""
        return CLASS_OF[self.verdict]

    @property
    def holds(self) -> bool:
        """Whether the statement is supported."""
        return self.verdict_class == "supported"
