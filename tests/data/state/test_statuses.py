"""The words that the code knows of a status are those that the state's tables accept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from data.state.checks import CheckStatus
from data.state.db import State
from data.state.hypotheses import EvidenceSide, HypothesisOutcome
from data.state.model_calls import CallStatus
from data.state.requests import RequestStatus
from data.state.runs import RunStatus


def accepted(state: State, table: str, column: str) -> list[str]:
    """The words of the table's own check."""
    row = state.row("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
    assert row is not None
    found = re.search(rf"CHECK \({column} IN \(([^)]*)\)", row["sql"])
    assert found is not None, f"{table}.{column} has no check"
    return re.findall(r"'(\w+)'", found[1])


@pytest.mark.parametrize(
    ("table", "column", "status"),
    [
        ("run", "status", RunStatus),
        ("request", "status", RequestStatus),
        ("content_check", "status", CheckStatus),
        ("model_call", "status", CallStatus),
        ("hypothesis_evidence", "side", EvidenceSide),
        ("hypothesis_settlement", "outcome", HypothesisOutcome),
    ],
)
def test_the_type_names_what_the_table_accepts(
    tmp_path: Path, table: str, column: str, status: Any
) -> None:
    state = State.open(tmp_path / "state.db")
    assert sorted(accepted(state, table, column)) == sorted(get_args(status))
    state.close()
