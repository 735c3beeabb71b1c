"""What a query file says in braces is written out for every dataset there is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.core import query_texts
from analytics.core.coverage import lake_coverage, lake_months, lake_since
from analytics.core.query_texts import expanded, query_text
from data.datasets import DATASETS, IN_DEMO
from tests.demo_fixture import DemoLake

START = datetime(1900, 1, 1, tzinfo=UTC)


def test_a_new_dataset_is_asked_without_a_further_line(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {name: DATASETS[name] for name in ("instruments", "prices")}
    held["taxes"] = replace(DATASETS["prices"], name="taxes", time="year")
    monkeypatch.setattr(query_texts, "DATASETS", held)
    assert expanded("{each dataset: SELECT max(<day>) FROM <name>}").split(
        "\n    UNION ALL\n    "
    ) == [
        "SELECT max(known_at) FROM instruments",
        "SELECT max(date) FROM prices",
        "SELECT max(make_date(year, 1, 1)) FROM taxes",
    ]
    paced = expanded("{each dataset with a rhythm: FROM <name> <rhythm_days>}")
    assert paced == "FROM prices 400\n    UNION ALL\n    FROM taxes 400"


@pytest.mark.parametrize("name", ["lake_coverage", "lake_months", "lake_since"])
def test_nothing_is_left_in_braces(name: str) -> None:
    assert not re.findall(r"[{}]|<\w+>", query_text(name))


def test_the_lake_is_told_whole(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    told = lake_coverage(at).frame
    assert set(told["dataset"]) == set(lake_since(at, moment=START).frame["dataset"]) == {*IN_DEMO}
    assert set(lake_months(at, months=1200).frame["dataset"]) == {*IN_DEMO}
    counted = {name: at.sql(f"SELECT count(*) FROM {name}").frame.item() for name in IN_DEMO}
    assert dict(told.select("dataset", "rows").iter_rows()) == counted


def test_what_has_no_rhythm_is_never_late(demo_lake: DemoLake) -> None:
    told = lake_coverage(demo_lake.at()).frame
    due = {name for name, by in told.select("dataset", "expected_by").iter_rows() if by}
    assert due and due <= {name for name, one in DATASETS.items() if one.rhythm_days}
