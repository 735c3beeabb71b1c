"""No page may see past its clock, and the check itself must catch those that do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.settings import Settings
from pages.frame import nav
from tests import tiers
from tests.pages import examples, forget, shredder, world

LEAKS = (
    "reads_now",
    "reads_vintages",
    "caches_without_clock",
    "shows_the_disk",
    "reads_the_state_of_now",
    "reads_the_newest_weights",
    "shows_the_manifest",
    "shows_the_hour",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, datetime, datetime]:
    """The whole world with one that was delisted; its bus is gone at an address of no folder."""
    built = world.build(tmp_path_factory.mktemp("world"))
    evenings = world.add_delisted(built)
    world.add_economy(built)
    world.write_later(built, datetime.combine(world.last_day(), time(23, tzinfo=UTC)))
    return replace(built, redis_url="redis://127.0.0.1:1/0"), *evenings


@pytest.fixture(scope="module")
def settings(whole: tuple[Settings, datetime, datetime]) -> Settings:
    return whole[0]


def print_of_a_release() -> datetime:
    """The minute of a release three months before the end."""
    release = (world.last_day() - timedelta(days=100)).replace(day=1) + timedelta(days=44)
    return datetime.combine(release, time(13, 30, tzinfo=UTC))


@pytest.fixture(scope="module")
def torn(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The lake of that minute."""
    return shredder.shred(settings, print_of_a_release(), tmp_path_factory.mktemp("torn"))


@pytest.fixture(scope="module")
def clocks(
    whole: tuple[Settings, datetime, datetime], tmp_path_factory: pytest.TempPathFactory
) -> dict[datetime, Settings]:
    """Each clock with the lake in which nothing later exists.

    A minute of a release and the second before it, a Sunday, a holiday, the evening on which a
    delisting became known, and the one second before.
    """
    settings, holiday, delisting = whole
    last, print_at = world.last_day(), print_of_a_release()
    sunday = last - timedelta(days=(last.weekday() + 1) % 7 + 7)
    world.add_ticks(settings, print_at)
    moments = (
        print_at,
        print_at - timedelta(seconds=1),
        datetime.combine(sunday, time(12, tzinfo=UTC)),
        holiday,
        delisting,
        delisting - timedelta(seconds=1),
    )
    return {
        moment: shredder.shred(settings, moment, tmp_path_factory.mktemp("torn"))
        for moment in tiers.daily(moments, 10, "tests/pages/test_shredder.py, clocks")
    }


def addresses(line: nav.PageLine) -> tuple[shredder.Address, ...]:
    """The fullest example of a page and, by day, half of the others."""
    first, *others = examples.addresses(line)
    key = f"tests/pages/test_shredder.py, addresses of {line.name}"
    return (first, *tiers.daily(others, 4, key))


Found = dict[str, dict[int, list[str]]]


@pytest.fixture(scope="module")
def found(settings: Settings, clocks: dict[datetime, Settings]) -> Callable[[str], Found]:
    """What the pages of a section show otherwise once the future is gone.

    Section by section: all pages at once would outlast what a hanging test is allowed.
    """

    @cache
    def of(section: str) -> Found:
        pages = {line.name: addresses(line) for line in nav.PAGES if line.section == section}
        return shredder.gallery(settings, pages, clocks)

    return of


@pytest.mark.parametrize("page", nav.PAGES, ids=lambda page: page.name)
def test_page_does_not_see_past_its_clock(
    found: Callable[[str], Found], page: nav.PageLine
) -> None:
    lines = found(page.section)[page.name]
    assert lines
    assert all(item == [] for item in lines.values()), lines


@pytest.mark.parametrize("leak", LEAKS)
def test_planted_leak_is_caught(
    settings: Settings,
    clocks: dict[datetime, Settings],
    torn: Settings,
    leak: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path(__file__).with_name("leaks")
    plant(monkeypatch, nav.PageLine(leak, leak, "Lake", "bug_report", "a leak", folder))
    some = dict(list(clocks.items())[::2]) if tiers.is_night() else {print_of_a_release(): torn}
    found = shredder.differences(settings, leak, {}, some)
    assert len(found) >= len(some)
    assert all(line.startswith(f"{leak} ") for line in found)


GRID = """
import struct
import pyarrow as pa
import streamlit as st
first, under = {first}, {under}
bits, cells = pa.py_buffer(bytes([1])), pa.py_buffer(struct.pack("<2d", first, under))
st.dataframe(pa.table({{"a": pa.Array.from_buffers(pa.float64(), 2, [bits, cells])}}))
"""


def test_a_grid_is_compared_by_its_cells_not_by_what_lies_under_an_empty_one() -> None:
    def shown(first: float, under: float) -> list[str]:
        return shredder.placed(AppTest.from_string(GRID.format(first=first, under=under)).run())

    assert len(shown(1.0, 5.0)) == 1
    assert shown(1.0, 5.0) == shown(1.0, 6.0)
    assert shown(1.0, 5.0) != shown(2.0, 5.0)


def test_shredder_destroys_what_was_known_later(settings: Settings, torn: Settings) -> None:
    from data.query import Db

    clock = print_of_a_release()
    later = (
        "SELECT count(*) AS n FROM macro_vintages WHERE known_at > $clock OR superseded_at > $clock"
    )
    counts = [
        Db(held.lake).at(clock).sql(later, clock=clock).frame["n"][0] for held in (settings, torn)
    ]
    assert counts[0] > 0
    assert counts[1] == 0


def test_every_table_of_the_state_is_forgotten(settings: Settings, torn: Settings) -> None:
    missing = forget.tables(settings.state) ^ (set(forget.WRITTEN) | forget.FOLLOWING)
    assert not missing, f"{sorted(missing)}: give each a line in tests/pages/forget.py, WRITTEN"
    counts = {}
    for held in (settings, torn):
        with sqlite3.connect(held.state) as state:
            counts[held.data_dir] = [
                state.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("watchlist", "lot", "rule", "alert", "note")
            ]
    assert all(torn < whole for whole, torn in zip(*counts.values(), strict=True))
    assert not (torn.root / "bias.toml").exists()
    assert (settings.root / "bias.toml").exists()


def plant(monkeypatch: pytest.MonkeyPatch, line: nav.PageLine) -> None:
    """Add a page to every fresh import of the frame."""
    original = shredder.look

    def look(settings: Settings, page: str, address: shredder.Address) -> shredder.Seen:
        from pages.frame import nav as fresh

        fresh.PAGES = (*[p for p in fresh.PAGES if p.name != line.name], line)
        return original(settings, page, address)

    monkeypatch.setattr(shredder, "look", look)
