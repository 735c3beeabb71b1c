"""A file's trades and bookings are entered together, dated, and undone together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.state import file_layouts, imports, ledger, positions
from data.state.db import State
from data.state.imports import File, ImportContent
from data.state.ledger import Booking
from data.state.positions import Draft, Exit, Part
from data.state.values import Edit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
BOUGHT = datetime(2024, 1, 1, tzinfo=UTC)
SOLD = datetime(2024, 2, 1, tzinfo=UTC)
LOT = Draft("p", "x:A", 10, 5.0, "USD", BOUGHT, import_key="a")
DIVIDEND = Booking("dividend", SOLD, "x:A", 3.0, "USD", 10, "a dividend", "d")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state.db")


def test_a_file_is_entered_and_undone_whole(state: State) -> None:
    part = Part(Exit(4, 6.0, SOLD), draft=0, import_key="s")
    number = imports.enter(
        state,
        File("p", "a.csv", "Broker"),
        ImportContent([LOT], [part], [DIVIDEND]),
        edit=Edit("me", NOW),
    )
    (found,) = imports.listed(state, "p", as_of=NOW)
    assert (found.id, found.lots, found.closings, found.bookings) == (number, 1, 1, 1)
    assert found.file == File("p", "a.csv", "Broker")
    assert ledger.bookings(state, "p", as_of=NOW) == (DIVIDEND,)
    assert ledger.bookings(state, "p", as_of=BOUGHT, recorded_by=NOW) == ()
    assert imports.keys(state, "p") == {"a", "s", "d"}
    imports.undo(state, number, edit=Edit("you", LATER))
    assert positions.held(state, as_of=LATER, portfolio="p") == ()
    assert [lot.open_quantity for lot in positions.held(state, as_of=NOW, portfolio="p")] == [6.0]
    assert ledger.bookings(state, "p", as_of=LATER) == ()
    assert ledger.bookings(state, "p", as_of=NOW)[0].kind == "dividend"
    assert imports.keys(state, "p") & {"a", "s", "d"} == set()
    (undone,) = imports.listed(state, "p", as_of=LATER)
    assert undone.undone_at == LATER
    with pytest.raises(ConfigError, match="no import"):
        imports.undo(state, number, edit=Edit("me", LATER))
    imports.enter(state, File("p", "a.csv"), ImportContent([LOT], [part]), edit=Edit("me", LATER))
    assert [lot.open_quantity for lot in positions.held(state, as_of=LATER)] == [6.0]


def test_undoing_a_sale_opens_the_lot_of_another_file_again(state: State) -> None:
    edit = Edit("me", NOW)
    first = imports.enter(state, File("p", "a.csv"), ImportContent([LOT]), edit=edit)
    (lot,) = positions.held(state, as_of=NOW, portfolio="p")
    part = Part(Exit(4, 6.0, SOLD), lot_id=lot.id, import_key="s")
    second = imports.enter(state, File("p", "b.csv"), ImportContent((), [part]), edit=edit)
    with pytest.raises(ConfigError, match="1 later closings sell lots of this import"):
        imports.undo(state, first, edit=Edit("me", LATER))
    imports.undo(state, second, edit=Edit("me", LATER))
    assert [item.open_quantity for item in positions.held(state, as_of=LATER)] == [10.0]
    imports.undo(state, first, edit=Edit("me", LATER))
    assert positions.held(state, as_of=LATER) == ()


def test_nothing_of_a_file_is_entered_where_one_line_cannot_be(state: State) -> None:
    odd = Booking("gift", SOLD, None, 1.0, "USD", key="g")
    with pytest.raises(ConfigError, match="no kind of booking"):
        imports.enter(
            state, File("p", "a.csv"), ImportContent([LOT], (), [odd]), edit=Edit("me", NOW)
        )
    assert imports.listed(state, "p", as_of=NOW) == ()
    assert positions.lots(state, as_of=NOW) == ()


def test_what_a_file_does_not_state_is_none_and_never_zero(state: State) -> None:
    bare = Booking("split", None, None, None, "", key="k")
    imports.enter(state, File("p", "a.csv"), ImportContent((), (), [bare]), edit=Edit("me", NOW))
    assert ledger.bookings(state, "p", as_of=NOW) == (bare,)


def test_a_layout_is_kept_once_for_its_columns(state: State) -> None:
    first = {"name": "mine", "headings": ["b", "a"], "columns": {"price": ["a"]}}
    file_layouts.keep(state, first, edit=Edit("me", NOW))
    file_layouts.keep(state, first | {"headings": ["a", "b"], "name": "ours"}, edit=Edit("me", NOW))
    assert [item["name"] for item in file_layouts.kept(state)] == ["ours"]
