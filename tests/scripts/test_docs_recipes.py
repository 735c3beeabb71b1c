"""The recipes of docs/queries.md run on the demo world as they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.core.catalogue import find
from tests.demo_fixture import DemoLake

PAGE = Path(__file__).resolve().parents[2] / "docs" / "queries.md"
SECTION = PAGE.read_text(encoding="utf-8").split("## Ten recipes\n")[1].split("\n## ")[0]
RECIPES = dict(re.findall(r"^### (.+?)\n+```sql\n(.+?)```", SECTION, re.M | re.S))
CRASH = datetime(2020, 3, 16, tzinfo=UTC)


def test_there_are_ten_with_a_query_each() -> None:
    assert len(RECIPES) == SECTION.count("\n### ") == 10


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_rows_now_and_at_a_past_clock(demo_lake: DemoLake, name: str) -> None:
    now, then = (demo_lake.at(clock).sql(RECIPES[name]).frame for clock in (None, CRASH))
    assert now.height and then.height
    assert not now.equals(then)
    assert not [column for column in now.columns if now[column].null_count() == now.height]


def test_the_recipe_of_adjusted_closes_agrees_with_the_analytic(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    recipe = at.sql(RECIPES["Closes of one instrument, adjusted for splits"]).frame
    analytic = find("history").run(at, {"symbol": "demo:IMRB"}).frame
    both = recipe.join(analytic.filter(source="demo"), on="date", suffix="_analytic")
    assert both.height == recipe.height
    assert both["split_ratio"].drop_nulls().len() >= 2
    assert (both["adjusted"] / both["adjusted_close"] - 1).abs().max() < 1e-12
