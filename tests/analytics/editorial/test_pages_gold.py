"""The search checks say of the gold pages what was listed by hand, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from analytics.claims.naming.directory import SubjectDirectory, directory_of
from analytics.editorial.search import PAGE_CHECKS
from analytics.editorial.word_lists import table
from tests.demo_fixture import DemoLake
from tests.golden.pages_gold import PAGES, report_of


@pytest.fixture(scope="module")
def directory(demo_lake: DemoLake) -> SubjectDirectory:
    return directory_of(demo_lake.at())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["file"])
def test_a_page_has_the_findings_listed_for_it(
    page: dict[str, Any], directory: SubjectDirectory
) -> None:
    report = report_of(page, directory)
    assert sorted(one.check for one in report.findings) == sorted(page["expected"])
    unknown = {part.check for part in report.parts if part.value is None}
    assert unknown >= set(page.get("unknown", ()))
    assert all(": " in one.note for one in report.findings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["file"])
def test_the_score_is_the_sum_of_its_parts(
    page: dict[str, Any], directory: SubjectDirectory
) -> None:
    report = report_of(page, directory)
    known = [part for part in report.parts if part.value is not None]
    weight = sum(part.weight for part in known)
    slow = sum(100 * part.weight * (part.value or 0) for part in known) / weight
    if report.score is None:
        assert report.known < 0.5
    else:
        assert report.score == pytest.approx(slow, abs=0.06)
    assert all(0 <= (part.value or 0) <= 1 for part in report.parts)
    assert all((part.points is None) == (part.value is None) for part in report.parts)


def test_each_check_fires_twice_and_has_a_page_where_it_does_not() -> None:
    fired = Counter(check for page in PAGES for check in page["expected"])
    assert fired.keys() == PAGE_CHECKS.keys() == table("search")["weights"].keys()
    assert min(fired.values()) >= 2
    assert sum(table("search")["weights"].values()) == 100


def test_a_page_with_a_fault_scores_less(directory: SubjectDirectory) -> None:
    scores = {page["file"]: report_of(page, directory).score for page in PAGES}
    best = scores["good.html"]
    assert best is not None
    faulty = [page["file"] for page in PAGES if page["expected"]]
    assert all((scores[name] or 0) < best for name in faulty)
    assert scores["short.txt"] is None
