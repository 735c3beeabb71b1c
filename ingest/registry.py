"""SOURCES: the one list of the parties we pull from."""

from __future__ import annotations

from data.errors import ConfigError
from ingest.jobs import Source
from ingest.sources import (
    bis,
    boe,
    boj,
    central_bank_rss,
    countries,
    demo,
    ecb,
    frankfurter,
    fred,
    imf,
    us_treasury,
    worldbank,
)

_ALL: tuple[Source, ...] = (
    bis.SOURCE,
    boe.SOURCE,
    boj.SOURCE,
    central_bank_rss.SOURCE,
    countries.SOURCE,
    demo.SOURCE,
    ecb.SOURCE,
    frankfurter.SOURCE,
    fred.SOURCE,
    imf.SOURCE,
    us_treasury.SOURCE,
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
