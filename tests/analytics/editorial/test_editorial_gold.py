"""The editorial checks find what was planted, and leave alone what is nearly so."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from analytics.claims.naming.directory import SubjectDirectory, directory_of
from tests.demo_fixture import DemoLake
from tests.golden.editorial_gold import cases, findings_of

FAULTS = cases("faults", "fault")
NEARS = cases("faults", "near")


def _id(case: dict[str, Any]) -> str:
    return f"{case['check']}: {case.get('why') or case['quote']}"


@pytest.fixture(scope="module")
def directory(demo_lake: DemoLake) -> SubjectDirectory:
    return directory_of(demo_lake.at())


@pytest.mark.parametrize("case", FAULTS, ids=_id)
def test_a_planted_fault_is_found(case: dict[str, Any], directory: SubjectDirectory) -> None:
    found = [one for one in findings_of(case, directory) if one.check == case["check"]]
    assert len(found) == 1, found
    assert case["quote"] in found[0].quote or found[0].quote in case["quote"], found
    assert found[0].note[0] != " "


@pytest.mark.parametrize("case", NEARS, ids=_id)
def test_a_near_miss_is_left_alone(case: dict[str, Any], directory: SubjectDirectory) -> None:
    assert not [one for one in findings_of(case, directory) if one.check == case["check"]]


@pytest.mark.parametrize("case", cases("whole", "draft"), ids=lambda case: case["name"])
def test_nothing_else_is_remarked(case: dict[str, Any], directory: SubjectDirectory) -> None:
    found = [(one.check, one.quote) for one in findings_of(case, directory)]
    wanted = [tuple(pair) for pair in case["findings"]]
    assert [check for check, _ in sorted(found)] == [check for check, _ in sorted(wanted)], found
    for check, quote in wanted:
        assert any(one == check and quote in said for one, said in found), (check, quote)


def test_there_are_enough_of_each() -> None:
    faults = Counter(case["check"] for case in FAULTS)
    nears = Counter(case["check"] for case in NEARS)
    assert len(FAULTS) >= 40
    assert len(NEARS) >= 40
    assert min(faults.values()) >= 3
    assert min(nears.values()) >= 3
    assert faults.keys() == nears.keys()
