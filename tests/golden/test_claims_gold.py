"""The gold set of content checks agrees with the small demo world, claim by claim."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.demo_fixture import DemoLake
from tests.golden import checks, gold

DEMO = gold.drafts("demo")
ALL = (*DEMO, *gold.drafts("recorded"))


@pytest.mark.parametrize("draft", ALL, ids=lambda draft: draft.name)
def test_every_quote_is_at_its_span_and_no_digit_is_forgotten(draft: gold.GoldDraft) -> None:
    checks.check_text(draft)


@pytest.mark.parametrize("draft", DEMO, ids=lambda draft: draft.name)
def test_every_proof_finds_the_expected_value(demo_lake: DemoLake, draft: gold.GoldDraft) -> None:
    for claim in draft.claims:
        checks.check_claim(demo_lake.at, draft, claim)


def test_each_verdict_is_there_ten_times() -> None:
    verdicts = Counter(claim["verdict"] for draft in DEMO for claim in draft.claims)
    assert verdicts.keys() == gold.CLASSES.keys()
    assert min(verdicts.values()) >= 10, verdicts
    assert verdicts.total() >= 150
    assert len(ALL) >= 25
    assert sum(len(draft.decoys) for draft in DEMO) >= 50


def test_a_planted_error_in_the_gold_set_is_found(demo_lake: DemoLake) -> None:
    draft = next(draft for draft in DEMO if draft.name == "us-week-2024-06-14")
    claim = draft.claims[0]
    for wrong in (
        {"expected": 4.5},
        {"stated": 4.5},
        {"verdict": "within rounding"},
        {"verdict": "superseded", "later": 4.4},
        {"verdict": "wrong value", "class": "contradicted"},
        {"verdict": "not in the lake", "class": "unverifiable"},
        {"direction": "down"},
    ):
        with pytest.raises(AssertionError):
            checks.check_claim(demo_lake.at, draft, claim | wrong)
