"""The timetable as the scheduler posts it, and as a past clock finds it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import ConfigError, StateError
from data.state import timetable
from data.state.timetable import JobLine, QuotaLine, SourceLine, StoredTimetable

TABLE = StoredTimetable(
    (JobLine("fred.daily", "fred", "macro series", "every day at 18:30 UTC", ("macro",), 2),),
    (SourceLine("fred", "FRED", "macro series", "", "FRED_API_KEY", True),),
    (QuotaLine("fred", 500, "calls", "day", "America/Chicago", 50, 310),),
    "the plan fits",
)


def test_what_was_posted_is_read_as_of_the_clock(state, at, edit) -> None:
    assert timetable.posted(state, as_of=at(9)) is None
    timetable.post(state, TABLE, edit=edit(0, author="scheduler"))
    later = replace(TABLE, verdict="the plan does not fit")
    timetable.post(state, later, edit=edit(2, author="scheduler"))
    seen = [timetable.posted(state, as_of=at(hour)) for hour in (-1, 0, 1.9, 2)]
    assert [found and found.table for found in seen] == [None, TABLE, TABLE, later]
    assert seen[3] is not None and (seen[3].at, seen[3].author) == (at(2), "scheduler")


def test_same_timetable_is_kept_once(state, at, edit) -> None:
    for hour in range(3):
        timetable.post(state, TABLE, edit=edit(hour))
    found = timetable.posted(state, as_of=at(9))
    assert found is not None and found.at == at(0)


def test_due_instants_are_kept_in_place(state, at) -> None:
    timetable.set_due(state, "fred.daily", at(1))
    timetable.set_due(state, "ecb.rates", at(2))
    timetable.set_due(state, "fred.daily", at(3))
    timetable.set_due(state, "ecb.rates", None)
    assert timetable.dues(state) == {"fred.daily": at(3), "ecb.rates": None}
    with pytest.raises(ConfigError, match="step of a path"):
        timetable.set_due(state, "../fred", at(1))


def test_timetable_of_another_version_is_one_sentence(state, at, edit) -> None:
    timetable.post(state, TABLE, edit=edit(0))
    with state.transaction() as connection:
        connection.execute("UPDATE timetable SET document = replace(document, 'cadence', 'rhythm')")
    with pytest.raises(StateError, match="another version of Barograph; start the scheduler"):
        timetable.posted(state, as_of=at(1))
