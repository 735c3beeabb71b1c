"""The words that the editorial checks look for, by language, and the rules they go by."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from analytics.claims.sentences.direction_words import any_ending
from analytics.claims.statement import Language
from data.errors import ConfigError

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> Mapping[str, Any]:
    """A table beside this module."""
    try:
        return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{name}.toml cannot be read: {error}") from None


def words(language: Language, name: str) -> Sequence[str]:
    """A list of words of a language."""
    found: Sequence[str] = table(f"words/{language}")[name]
    return found


@cache
def pattern(language: Language, name: str) -> re.Pattern[str]:
    """A pattern of a list of words; one in capitals has to be in capitals."""
    listed = words(language, name)
    if not listed:
        return re.compile(r"(?!)")
    exact = [word for word in listed if word.isupper()]
    loose = [word for word in listed if not word.isupper()]
    parts = [rf"(?i:{any_ending(loose)})"] if loose else []
    parts += [any_ending(exact)] if exact else []
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


@cache
def institutions() -> re.Pattern[str]:
    """A pattern of those who publish figures, as they are written."""
    return re.compile(rf"(?<!\w)(?:{any_ending(list(table('rules')['sources']['names']))})(?!\w)")


@cache
def same_subject(idea: str) -> str:
    """What an indicator's key is called in a headline as in the text below it."""
    groups: Mapping[str, Sequence[str]] = table("rules")["same"]
    return next((name for name, ideas in groups.items() if idea in ideas), idea)


@cache
def _line(listed: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?i:{any_ending(list(listed))})\s?:\s*\S")


def any_words(listed: Sequence[str]) -> re.Pattern[str]:
    """A pattern of `Source: somebody` by any of these words."""
    return _line(tuple(listed))
