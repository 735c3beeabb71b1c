"""SOURCES: the one list of the parties we pull from."""

from __future__ import annotations

from data.errors import ConfigError
from ingest.jobs import Source
from ingest.sources import (
    demo,
    fred,
    worldbank,
)

_ALL: tuple[Source, ...] = (
    demo.SOURCE,
    fred.SOURCE,
    worldbank.SOURCE,
)
SOURCES: dict[str, Source] = {source.name: source for source in _ALL}


def source_named(name: str) -> Source:
    """The source of that name, or one sentence that lists the names there are."""
    try:
        return SOURCES[name]
    except KeyError:
        names = ", ".join(sorted(SOURCES))
        raise ConfigError(f"no source named {name[:60]!r}; there are {names}") from None
