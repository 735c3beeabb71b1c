"""`python -m scripts.verify ledger`: what a whole ledger prints, and what a broken one."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from data.drafts.draft import DraftText
from data.settings import Settings
from data.state import documents
from data.state.db import State
from data.state.documents import DocumentHeading
from data.state.hash_chain import head
from data.state.values import Edit
from scripts.support import console
from tests.scripts.command_line import run_command

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def test_a_whole_ledger_and_one_that_was_changed(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path), "WORKSPACE": "desk"}
    none = run_command("verify", "ledger", environment=environment)
    assert none.returncode == console.USAGE
    assert "there is no ledger" in none.stderr
    path = Settings.from_env("desk", environment).state
    state = State.open(path)
    for text in ("One.", "Two."):
        heading = DocumentHeading("ours", text, NOW)
        documents.add(state, DraftText(text, "text"), heading=heading, edit=Edit("ann", NOW))
    last = head(state)
    state.close()
    words = ("verify", "ledger", "--format", "json")
    done = run_command(*words, "--noted", last.hash, environment=environment)
    assert done.returncode == console.DONE, done.stderr
    expected = {"entries": 2, "head": last.hash, "first broken entry": None, "why": ""}
    assert json.loads(done.stdout) == [expected]
    cut = run_command(*words, "--noted", "0f" * 32, environment=environment)
    assert cut.returncode == console.DIFFERS
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER claim_ledger_update")
    connection.execute("UPDATE claim_ledger SET author = 'bob' WHERE id = 2")
    connection.commit()
    connection.close()
    broken = run_command(*words, environment=environment)
    assert broken.returncode == console.DIFFERS
    (row,) = json.loads(broken.stdout)
    assert row["first broken entry"] == 2
    assert row["why"] == "its content is not what was hashed"
    assert "broken" in broken.stderr
