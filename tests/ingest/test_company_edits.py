"""Edits of companies from the request to every reader: the team's value, the filed one beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.companies.screen import company_screen
from analytics.core.catalogue import find, run
from data.datasets import DATASETS
from data.errors import ConfigError, ContractError, StateError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import company_edits
from data.state.company_edits import Change
from data.state.db import State
from data.state.values import Edit
from ingest.maintenance.company_edits import take_company_edits

FILED = datetime(2024, 1, 10, tzinfo=UTC)
NOON = datetime(2024, 6, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Desk:
    """A workspace with one filed company, and the team's way to change it."""

    settings: Settings
    state: State
    lake: Lake
    db: Db

    def ask(self, at: datetime, author: str = "ann", company: str = "x:co", **new: Change) -> None:
        company_edits.ask(self.state, company, new, edit=Edit(author, at))

    def take_in(self, at: datetime) -> tuple[int, str]:
        outcome = take_company_edits(self.settings, self.state, at)
        return outcome.rows_added, outcome.message

    def shown(self, at: datetime, company: str = "x:co") -> dict[str, Any]:
        answer = find("company_record").call(self.db.at(at), company=company)
        return answer.frame.row(0, named=True) if answer.frame.height else {}


def filed(**values: Any) -> pl.DataFrame:
    row = {"company": "x:co", "name": "Filed Inc.", "sector": "Energy", "country": "USA"}
    stored = row | {"currency": "USD", "known_at": FILED, "source": "office"} | values
    return pl.DataFrame([stored | {"vintage_grade": "native"}])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})
    settings.root.mkdir(parents=True)
    lake = Lake(settings.lake, workspace="desk")
    lake.upsert("companies", filed())
    state, db = State.open(settings.state), Db(settings.lake, memory_limit_mb=256, threads=1)
    yield Desk(settings, state, lake, db)
    db.close()
    state.close()


def test_a_corrected_sector_stands_from_its_writing_on(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology", note="sells software since 2022")
    before = desk.shown(NOON + SECOND)
    assert desk.take_in(NOON + 60 * SECOND) == (1, "1 edits of companies written, 0 refused")
    assert desk.shown(NOON + 59 * SECOND) == before  # what was shown while it waited stays
    row = desk.shown(NOON + 60 * SECOND)
    assert (row["sector"], row["filed_sector"], row["edited"]) == ("Technology", "Energy", "sector")
    assert (row["name"], row["filed_name"]) == ("Filed Inc.", "Filed Inc.")
    assert (row["note"], row["author"]) == ("sells software since 2022", "ann")
    stored = desk.db.at(NOON + 60 * SECOND).sql(
        "SELECT sector FROM companies WHERE source='office'"
    )
    assert stored.frame["sector"].to_list() == ["Energy"]


def test_the_later_of_two_wins_and_both_stay(desk: Desk) -> None:
    desk.ask(NOON, "ann", sector="Technology")
    desk.ask(NOON + SECOND, "bob", sector="Utilities", country="DEU")
    desk.ask(NOON + SECOND, "ann", name="Right plc")
    assert desk.take_in(NOON + 60 * SECOND)[0] == 3
    row = desk.shown(NOON + 61 * SECOND)
    assert (row["name"], row["sector"], row["country"]) == ("Right plc", "Utilities", "DEU")
    assert row["edited"] == "name,sector,country"
    history = find("company_edits").call(desk.db.at(NOON + 61 * SECOND), company="x:co").frame
    assert history["author"].to_list() == ["ann", "bob", "ann"]
    assert history["sector"].to_list() == ["Utilities", "Utilities", "Technology"]
    assert history["name"].to_list() == ["Right plc", None, None]


def test_a_later_edit_undoes_an_earlier_one(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology", name="Wrong")
    desk.take_in(NOON)
    desk.ask(NOON + 60 * SECOND, sector=None, name=None)
    desk.take_in(NOON + 60 * SECOND)
    assert desk.shown(NOON)["sector"] == "Technology"
    row = desk.shown(NOON + 61 * SECOND)
    assert (row["sector"], row["name"], row["edited"]) == ("Energy", "Filed Inc.", "")


def test_what_is_filed_later_shows_where_nothing_was_corrected(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology")
    desk.take_in(NOON)
    later = NOON + timedelta(days=30)
    desk.lake.upsert("companies", filed(name="New Name", sector="Mining", known_at=later))
    row = desk.shown(later)
    assert (row["name"], row["sector"], row["filed_sector"]) == ("New Name", "Technology", "Mining")


def test_a_withdrawn_company_leaves_the_screen_and_returns(desk: Desk) -> None:
    desk.ask(NOON, withdrawn=True)
    desk.take_in(NOON)
    desk.ask(NOON + 60 * SECOND, withdrawn=False)
    desk.take_in(NOON + 60 * SECOND)
    for moment, count in ((-SECOND, 1), (0 * SECOND, 0), (59 * SECOND, 0), (61 * SECOND, 1)):
        assert company_screen(desk.db.at(NOON + moment)).frame.height == count
    (known,) = find("company_directory").call(desk.db.at(NOON)).frame.to_dicts()
    assert (known["bare"], known["detail"]) == (True, "Energy · USA · withdrawn by the team")
    assert desk.shown(NOON)["withdrawn"]


def test_a_company_is_added_with_a_name(desk: Desk) -> None:
    desk.ask(NOON, company="team:new-works", name="New Works", sector="Energy", country="FRA")
    desk.ask(NOON, company="team:nameless", sector="Energy")
    written, message = desk.take_in(NOON)
    assert (written, message) == (1, "1 edits of companies written, 1 refused")
    (refused,) = company_edits.recent(desk.state, "team:nameless", as_of=NOON)
    assert "one that is new has a name" in refused.message
    assert company_screen(desk.db.at(NOON)).frame["name"].to_list() == ["New Works", "Filed Inc."]
    row = desk.shown(NOON, "team:new-works")
    assert (row["filed_name"], row["edited"]) == (None, "name,sector,country")


def test_a_run_that_broke_off_writes_nothing_twice(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology")
    (edit,) = company_edits.waiting(desk.state)
    desk.take_in(NOON)
    with desk.state.transaction() as connection:  # as if the request had not been ended
        connection.execute("UPDATE company_edit SET ended_at = NULL WHERE id = ?", (edit.id,))
    desk.ask(NOON, sector="Utilities")
    desk.take_in(NOON + SECOND)
    assert desk.shown(NOON + 2 * SECOND)["sector"] == "Utilities"
    vintages = desk.db.at(NOON + 2 * SECOND).sql(
        "SELECT sector FROM companies_known WHERE source = 'team' ORDER BY known_at"
    )
    assert vintages.frame["sector"].to_list() == ["Technology", "Utilities"]


def test_the_directory_finds_by_the_filed_name_too(desk: Desk) -> None:
    desk.ask(NOON, name="Right plc")
    desk.take_in(NOON)
    (known,) = find("company_directory").call(desk.db.at(NOON)).frame.to_dicts()
    assert known["label"] == "Right plc"
    assert "Filed Inc." in known["more"]
    named = run(desk.db.at(NOON), "parts/nameable_companies").frame
    assert named["name"].to_list() == ["Right plc"]


def test_the_profile_keeps_what_was_filed(desk: Desk) -> None:
    """Also where the filing is of a worse grade, as a list of today is."""
    profile = {"website": "filed.example", "known_at": FILED + SECOND}
    desk.lake.upsert("companies", filed(**profile).with_columns(vintage_grade=pl.lit("current")))
    desk.ask(NOON, name="Right plc")
    desk.take_in(NOON)
    found = find("company_profile").call(desk.db.at(NOON), company="x:co").frame.to_dicts()
    assert [(row["name"], row["website"], row["former_names"]) for row in found] == [
        ("Right plc", "filed.example", None)
    ]
    assert desk.shown(NOON)["filed_sector"] == "Energy"


def test_only_the_team_leaves_a_name_out(desk: Desk) -> None:
    assert DATASETS["companies"].schema.field("name").nullable
    with pytest.raises(ContractError, match="companies.name: 1 row without a value"):
        desk.lake.upsert("companies", filed(name=None).cast({"name": pl.String}))


@pytest.mark.parametrize(
    "changes", [{}, {"sector": ""}, {"cik": "1"}, {"withdrawn": "yes"}, {"name": "a\u202eb"}]
)
def test_what_cannot_be_edited_is_refused(desk: Desk, changes: dict[str, Change]) -> None:
    with pytest.raises(ConfigError):
        company_edits.ask(desk.state, "x:co", changes, edit=Edit("ann", NOON))


def test_an_edit_ends_once(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology")
    (edit,) = company_edits.waiting(desk.state)
    desk.take_in(NOON)
    with pytest.raises(StateError, match="ended already"):
        company_edits.end(desk.state, edit, now=NOON)


def test_an_earlier_clock_sees_an_edit_waiting(desk: Desk) -> None:
    desk.ask(NOON, sector="Technology")
    desk.take_in(NOON + 60 * SECOND)
    assert company_edits.recent(desk.state, "x:co", as_of=NOON - SECOND) == ()
    (between,) = company_edits.recent(desk.state, "x:co", as_of=NOON + SECOND)
    (after,) = company_edits.recent(desk.state, "x:co", as_of=NOON + 60 * SECOND)
    assert (between.ended_at, after.ended_at) == (None, NOON + 60 * SECOND)
