"""Copies made while others write, and damage that is not passed on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from data.errors import StateError
from data.state import backup
from data.state.db import State

ADD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from data.state import rules
from data.state.db import State
from data.state.values import Edit
state = State.open(Path(sys.argv[1]))
print("ready", flush=True)
while True:  # each leaves a rule with exactly two versions
    with state.transaction():
        edit = Edit("ann", datetime(2024, 1, 2, tzinfo=UTC))
        rule = rules.create(state, rules.Terms("one", {"above": 1}), edit=edit)
        rules.save(state, rule.id, rules.Terms("one", {"above": 2}), edit=edit)
    print(rule.id, flush=True)
    time.sleep(0.005)  # or the copy waits long for its turn
"""


def test_a_copy_under_writers_is_whole(state: State, tmp_path: Path, spawn) -> None:
    writer = spawn(ADD, state.path)
    assert [writer.stdout.readline() for _ in range(3)] == ["ready\n", "1\n", "2\n"]
    target = tmp_path / "copy.db"
    for _ in range(4):
        backup.copy(state, target)
        copy = State(target)
        counts = copy.rows(
            "SELECT (SELECT COUNT(*) FROM rule) AS rules,"
            " (SELECT COUNT(*) FROM rule_version) AS versions"
        )
        copy.close()
        assert counts[0]["versions"] == 2 * counts[0]["rules"] >= 4
    assert writer.poll() is None
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]


def test_a_copy_opens_as_a_state(state: State, tmp_path: Path) -> None:
    backup.copy(state, tmp_path / "copy.db")
    (tmp_path / "copy.db.partial").write_text("left by a killed copy")
    backup.copy(state, tmp_path / "copy.db")
    assert State.open(tmp_path / "copy.db").rows("SELECT * FROM rule") == []


def test_damage_is_not_passed_on(state: State, tmp_path: Path) -> None:
    with state.transaction() as tx:
        tx.executemany(
            "INSERT INTO lease VALUES (?, 'ann', 1, '')", [(f"name {n:06d}",) for n in range(9999)]
        )
    state.close()
    content = bytearray(state.path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    state.path.write_bytes(bytes(content))
    with pytest.raises(StateError, match="damaged"):
        backup.copy(State(state.path), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_damage_of_an_index_alone_is_found_in_the_copy(state: State, tmp_path: Path) -> None:
    state.close()
    raw = sqlite3.connect(state.path, isolation_level=None)
    raw.execute("INSERT INTO rule (id, created_at) VALUES (1, 'x')")
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute(
        "UPDATE sqlite_master SET sql = 'CREATE TABLE rule (id INTEGER PRIMARY KEY,"
        " created_at TEXT NOT NULL CHECK (created_at <> ''x''))' WHERE name = 'rule'"
    )
    raw.close()
    with pytest.raises(StateError, match="damaged"):
        backup.copy(State(state.path), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
