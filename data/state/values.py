"""How instants, names, numbers and small documents are written into the state.

Refuses what could not be read back the same: naive times, names with control characters or steps
of a path, numbers that are not finite.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from data.errors import ConfigError

NAME_LENGTH = 80
NOTE_LENGTH = 10_000
DOCUMENT_LENGTH = 100_000
Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Edit:
    """Who changes something, at what instant, and why."""

    author: str
    at: datetime
    note: str = ""


def stamp(moment: datetime) -> str:
    """UTC text of 27 characters, whose order as text is its order in time."""
    if moment.tzinfo is None:
        raise ConfigError(f"the time {moment.isoformat()} has no zone; give an aware UTC datetime")
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text + "Z"


def moment(text: str) -> datetime:
    """The instant that `stamp` wrote."""
    return datetime.fromisoformat(text)


def maybe_stamp(instant: datetime | None) -> str | None:
    """`stamp`, where there may be none yet."""
    return None if instant is None else stamp(instant)


def maybe_moment(text: str | None) -> datetime | None:
    """`moment`, where there may be none yet."""
    return None if text is None else moment(text)


def name(text: str, what: str, *, limit: int = NAME_LENGTH) -> str:
    """A name fit to be shown and searched: NFKC, single blanks, one line.

    Names never become paths (rows have ids); a step of a path is refused all the same, since it
    can only be a mistake or an attempt.
    """
    clean = " ".join(unicodedata.normalize("NFKC", text).split())
    if not clean:
        raise ConfigError(f"{what} is empty; give it a name of 1 to {limit} characters")
    if len(clean) > limit:
        raise ConfigError(
            f"{what} has {len(clean)} characters, at most {limit} are kept; shorten {clean[:40]!r}"
        )
    hidden = [mark for mark in clean if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Co")]
    if hidden:
        raise ConfigError(
            f"{what} {ascii(clean)[:60]} holds the invisible character U+{ord(hidden[0]):04X}; "
            "remove it"
        )
    if {".", ".."} & set(clean.replace("\\", "/").split("/")):
        raise ConfigError(f"{what} {clean[:60]!r} holds a step of a path; use a plain name")
    return clean


def folded(text: str) -> str:
    """What two spellings of one name have in common: used to find it and to keep it unique."""
    return text.casefold()


def prose(text: str, what: str, *, limit: int = NOTE_LENGTH) -> str:
    """Free text, kept as written: any language, line breaks and markup included."""
    if len(text) > limit:
        raise ConfigError(
            f"{what} has {len(text)} characters, at most {limit} are kept; shorten it"
        )
    strange = [mark for mark in text if mark == "\0" or "\ud800" <= mark <= "\udfff"]
    if strange:
        raise ConfigError(
            f"{what} holds U+{ord(strange[0]):04X}, which is not text; remove it and try again"
        )
    return text


def finite(number: float, what: str) -> float:
    """A number that can be compared and added."""
    if isinstance(number, bool) or not math.isfinite(number):
        raise ConfigError(f"{what} is {number}; expected a finite number")
    return float(number)


def whole(number: int, what: str, *, least: int = 0) -> int:
    """A count; at most what SQLite and Postgres keep exactly."""
    if isinstance(number, bool) or not least <= number < 2**63:
        raise ConfigError(f"{what} is {number}; expected a whole number of at least {least}")
    return number


def choice(word: str, what: str, allowed: Sequence[Word]) -> Word:
    """One word of a closed list."""
    for one in allowed:
        if one == word:
            return one
    raise ConfigError(f"{what} is {word[:40]!r}; expected one of {', '.join(allowed)}")


def pack(document: Mapping[str, object] | Sequence[object], what: str) -> str:
    """Canonical JSON: equal documents are equal texts."""
    try:
        text = json.dumps(
            document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{what} cannot be kept as JSON: {error}") from None
    return prose(text, what, limit=DOCUMENT_LENGTH)


def unpack(text: str) -> dict[str, object]:
    """The document that `pack` wrote."""
    found: dict[str, object] = json.loads(text)
    return found


def words(text: str) -> tuple[str, ...]:
    """The list of words that `pack` wrote."""
    return tuple(str(word) for word in json.loads(text))
