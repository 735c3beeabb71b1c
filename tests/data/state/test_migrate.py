"""The schema from empty, from the schema before, from a newer program, and through kills."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from data.errors import StateError
from data.state import migrate, watchlists
from data.state.db import State

MIGRATE = """
import sys
from pathlib import Path
from data.state.db import State
print("ready", flush=True)
sys.stdin.readline() if sys.argv[3] == "wait" else None
State.open(Path(sys.argv[1]), migrations=Path(sys.argv[2])).close()
print("done", flush=True)
"""
ROWS = 400_000
LONG = """CREATE TABLE many (n INTEGER PRIMARY KEY);
INSERT INTO many WITH RECURSIVE c (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400000
) SELECT n FROM c;
"""
SECOND = """-- a second step; with a semicolon in a comment, and in a text
CREATE TABLE colour (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT 'a;b'
);
ALTER TABLE rule ADD COLUMN colour_id INTEGER REFERENCES colour (id);
INSERT INTO colour (name) VALUES ('red; not green');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The released migrations, in a folder to which a test may add."""
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, copy)
    return copy


def step(folder: Path, sql: str) -> int:
    number = len(list(folder.glob("*.sql"))) + 1
    (folder / f"{number:04d}_added.sql").write_text(sql)
    return number


def versions(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT version FROM schema_migration")]
    finally:
        connection.close()


def test_from_empty_and_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "state.db"
    State.open(path).close()
    found = versions(path)
    assert found == [migration.version for migration in migrate.listed(migrate.FOLDER)]
    State.open(path).close()
    assert versions(path) == found
    assert list(path.parent.glob("*.bak")) == []


def test_from_the_schema_before_with_data(tmp_path: Path, folder: Path, edit, at) -> None:
    path = tmp_path / "state.db"
    old = State.open(path, migrations=folder)
    made = watchlists.create(old, "Core", [watchlists.Member("AAA")], edit=edit(0))
    old.close()
    number = step(folder, SECOND)
    new = State.open(path, migrations=folder)
    assert watchlists.read(new, made.id, as_of=at(0)) == made
    assert [row["name"] for row in new.rows("SELECT name FROM colour")] == ["red; not green"]
    assert max(versions(path)) == number
    before = migrate.backup_path(path, number - 1)
    assert versions(before) == list(range(1, number))
    assert watchlists.read(State(before), made.id, as_of=at(0)) == made


def test_a_changed_file_is_refused(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "state.db"
    State.open(path, migrations=folder).close()
    first = folder / "0001_init.sql"
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    State.open(path, migrations=folder).close()  # other line ends are the same text
    first.write_text(first.read_text() + "-- changed\n")
    with pytest.raises(StateError, match="0001_init differs from the one that was applied"):
        State.open(path, migrations=folder)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "state.db"
    number = step(folder, SECOND)
    State.open(path, migrations=folder).close()
    before = path.read_bytes()
    with pytest.raises(StateError) as caught:
        State.open(path)
    assert f"has schema {number} ({number:04d}_added)" in str(caught.value)
    assert "update the program" in str(caught.value)
    assert path.read_bytes() == before


def test_a_failing_step_leaves_the_schema_before(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "state.db"
    State.open(path, migrations=folder).close()
    number = step(folder, "CREATE TABLE half (x TEXT);\nINSERT INTO missing VALUES (1);\n")
    with pytest.raises(StateError, match="missing"):
        State.open(path, migrations=folder)
    assert versions(path) == list(range(1, number))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    connection.close()


@pytest.mark.parametrize(
    ("name", "sql", "said"),
    [
        ("{after:04d}_hole.sql", "SELECT 1;", "without a hole"),
        ("second.sql", "SELECT 1;", "without a hole"),
        ("{next:04d}_open.sql", "CREATE TABLE x (y TEXT)", "without a semicolon"),
    ],
)
def test_misnamed_or_unfinished_steps(
    tmp_path: Path, folder: Path, name: str, sql: str, said: str
) -> None:
    number = len(list(folder.glob("*.sql"))) + 1
    (folder / name.format(next=number, after=number + 1)).write_text(sql)
    with pytest.raises(StateError, match=said):
        State.open(tmp_path / "state.db", migrations=folder)


def test_no_migrations_at_all(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="incomplete"):
        State.open(tmp_path / "state.db", migrations=tmp_path)


def test_processes_that_start_together_migrate_once(tmp_path: Path, folder: Path, spawn) -> None:
    path = tmp_path / "state.db"
    number = step(folder, SECOND)
    children = [spawn(MIGRATE, path, folder, "go") for _ in range(4)]
    assert [child.communicate() for child in children] == [("ready\ndone\n", "")] * 4
    assert versions(path) == list(range(1, number + 1))
    assert len(State.open(path, migrations=folder).rows("SELECT * FROM colour")) == 1


def test_a_kill_in_the_middle_is_completed_by_the_next(tmp_path: Path, folder: Path, spawn) -> None:
    path = tmp_path / "state.db"
    State.open(path, migrations=folder).close()
    number = step(folder, LONG + SECOND)
    caught = 0
    for pause in (0.0, 0.02, 0.04, 0.06, 0.08):
        child = spawn(MIGRATE, path, folder, "go")
        child.stdout.readline()
        while child.poll() is None and not migrate.backup_path(path, number - 1).exists():
            time.sleep(0.001)
        time.sleep(pause)  # the kill falls somewhere in the second or so that the step takes
        child.kill()
        said, errors = child.communicate()
        assert errors == ""
        reader = sqlite3.connect(path)
        assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        tables = {row[0] for row in reader.execute("SELECT name FROM sqlite_master")}
        reader.close()
        is_done = number in versions(path)
        assert ("many" in tables, "colour" in tables) == (is_done, is_done)
        assert is_done or "done" not in said
        caught += not is_done
    assert caught >= 1
    State.open(path, migrations=folder).close()
    found = State.open(path, migrations=folder)
    assert found.rows("SELECT COUNT(*) AS n FROM many")[0]["n"] == ROWS
    assert len(found.rows("SELECT * FROM colour")) == 1
