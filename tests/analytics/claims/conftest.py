"""A lake with claims on record, and what of them is judged again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.claims.judging.judge import judge_many
from analytics.claims.ledger import recheck as module
from analytics.claims.statement import Statement
from data.lake import Lake
from data.state.db import State
from tests.analytics.claims.recorded_claims import VALUES
from tests.analytics.claims.small_lakes import months
from tests.analytics.months import describe
from tests.analytics.quotes import quotes, table


@pytest.fixture
def world(lake: Lake) -> Lake:
    """Two series, two shares."""
    for name in ("x:A", "x:B"):
        months(lake, VALUES, name=name)
    describe(lake, {name: "percent" for name in ("x:A", "x:B")})
    closes: dict[int, float | None] = {n: 100.0 + n for n in range(150)}
    lake.upsert("prices", table(quotes(closes), quotes(closes, "x:BBB")))
    return lake


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "state.db")
    yield found
    found.close()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """Every statement that is judged again."""
    found: list[Statement] = []

    def counted(at: Any, statements: list[Statement], later: Any = None, **more: Any) -> Any:
        found.extend(statements)
        return judge_many(at, statements, later, **more)

    monkeypatch.setattr(module, "judge_many", counted)
    return found
