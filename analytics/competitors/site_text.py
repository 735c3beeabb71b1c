"""A text of a site, ours or a competitor's, as it is compared with others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from analytics.claims.naming.names import plain
from analytics.claims.statement import Language
from data.drafts.draft import DraftText
from data.errors import ConfigError
from data.state.documents import Side

FILE = Path(__file__).with_name("topics.toml")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class SiteText:
    """A text with its side and site; `published_at` is none where nobody says when it was, and
    `known_at` when it was first seen here, where that is later."""

    id: str
    side: Side
    site: str
    url: str
    title: str
    published_at: datetime | None
    draft: DraftText
    language: Language = "en"
    known_at: datetime | None = None

    def is_known(self, clock: datetime) -> bool:
        """Whether a reader at the clock could know the text."""
        dates = [one for one in (self.published_at, self.known_at) if one is not None]
        return bool(dates) and max(dates) <= clock


@cache
def topic_rules() -> Mapping[str, Any]:
    """The table beside this module."""
    try:
        return tomllib.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{FILE.name} cannot be read: {error}") from None


def copied_from(text: SiteText, ours: Iterable[SiteText]) -> SiteText | None:
    """The text of ours that has most of a text's runs of words; none where it is no copy."""
    rules = topic_rules()["rules"]
    runs = _runs(text.draft, rules["run"])
    if len(runs) < rules["fewest_runs"]:
        return None
    shares = [(len(runs & _runs(one.draft, rules["run"])) / len(runs), one) for one in ours]
    best = max(shares, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= rules["copied"] else None


def _runs(draft: DraftText, length: int) -> set[tuple[str, ...]]:
    words = [
        plain(word)
        for block in draft.blocks
        if not block.part
        for word in WORD.findall(draft.text[block.start : block.end])
    ]
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
