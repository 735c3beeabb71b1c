"""Gold sets: drafts whose claims were marked by hand, and how well a check agrees with them.

tests/golden/claims/README.md says how a file looks; other sets of the same form can be scored.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from analytics.claims.check import CheckedStatement
from analytics.claims.finding import CLASS_OF
from analytics.claims.statement import Language
from data.drafts.draft import DraftText
from data.drafts.formats import draft_of_text
from data.errors import ConfigError

NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class MarkedDraft:
    """One file of a gold set."""

    name: str
    draft: DraftText
    date: datetime
    checked_at: datetime
    world: str
    language: Language
    claims: tuple[Mapping[str, Any], ...]
    decoys: tuple[Mapping[str, Any], ...]


def read_gold(folder: Path) -> list[MarkedDraft]:
    """All drafts of a folder, by name."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            found.append(
                MarkedDraft(
                    path.stem,
                    draft_of_text(raw["text"], raw["format"]),
                    raw["date"],
                    raw["checked_at"],
                    raw["world"],
                    raw["language"],
                    tuple(raw.get("claim", ())),
                    tuple(raw.get("decoy", ())),
                )
            )
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(f"{path} is no draft of a gold set: {error}") from error
    if not found:
        raise ConfigError(f"{folder} holds no draft of a gold set; expected files NAME.toml")
    return found


@dataclass(slots=True)
class ClaimScore:
    """Verdicts that are right against those that were found, and every one that is not right."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[dict[str, Any]] = field(default_factory=list)
    decoys: int = 0
    supported_decoys: int = 0
    unlisted: int = 0

    def add(self, draft: MarkedDraft, checked: Sequence[CheckedStatement]) -> None:
        """Count one draft: a statement belongs to the claim that it overlaps most."""
        taken: dict[int, CheckedStatement] = {}
        for one in checked:
            span = draft.draft.source_span(one.statement.start, one.statement.end) or (0, 0)
            marked = _overlapped(span, draft.claims)
            if marked is not None:
                taken.setdefault(marked, one)
            elif _overlapped(span, draft.decoys) is None:
                self.unlisted += 1
            elif one.finding.verdict_class != "unverifiable":
                self.decoys += 1
                self.supported_decoys += one.finding.holds
                self._miss(draft, one.quote, "no claim", one.finding.verdict, one.finding.note)
        for place, claim in enumerate(draft.claims):
            found = taken.get(place)
            verdict = found.finding.verdict if found else NOT_FOUND
            kind = found.finding.verdict_class if found else NOT_FOUND
            self.pairs[claim["verdict"], verdict] += 1
            self.classes[claim["class"], kind] += 1
            if verdict != claim["verdict"] and verdict not in claim.get("also", ()):
                note = found.finding.note if found else ""
                self._miss(draft, claim["quote"], claim["verdict"], verdict, note)

    def _miss(self, draft: MarkedDraft, quote: str, right: str, found: str, note: str) -> None:
        self.misses.append(
            {"draft": draft.name, "quote": quote, "right": right, "found": found, "note": note}
        )

    @property
    def false_supported(self) -> int:
        """Claims called supported that are not, and decoys."""
        wrong = (n for (right, found), n in self.classes.items() if right != found == "supported")
        return sum(wrong) + self.supported_decoys

    @property
    def recall(self) -> float:
        """The share of claims whose class was found."""
        right = sum(n for (one, other), n in self.classes.items() if one == other)
        return right / max(sum(self.classes.values()), 1)

    @property
    def precision(self) -> float:
        """Of the statements called contradicted the share that is."""
        called = sum(n for (_, found), n in self.classes.items() if found == "contradicted")
        return self.classes["contradicted", "contradicted"] / max(called + self.decoys, 1)

    def table(self) -> pl.DataFrame:
        """A row for each right verdict, a column for each that was found."""
        columns = [*CLASS_OF, NOT_FOUND]
        rows = [
            {"right": right} | {found: self.pairs[right, found] for found in columns}
            for right in CLASS_OF
        ]
        return pl.DataFrame(rows)


def _overlapped(span: tuple[int, int], marked: Iterable[Mapping[str, Any]]) -> int | None:
    shared = [
        (min(span[1], one["span"][1]) - max(span[0], one["span"][0]), -place)
        for place, one in enumerate(marked)
    ]
    best = max(shared, default=(0, 0))
    return -best[1] if best[0] > 0 else None
