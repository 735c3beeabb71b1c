"""The gold set of content checks agrees with the recorded world, claim by claim."""

from __future__ import annotations

import pytest

from analytics.claims.check import check_draft
from analytics.claims.gold_set import ClaimScore, read_gold
from tests.golden import checks, gold
from tests.recorded_world.conftest import Fetched

pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]


@pytest.mark.parametrize("draft", gold.drafts("recorded"), ids=lambda draft: draft.name)
def test_every_proof_finds_the_expected_value(recorded: Fetched, draft: gold.GoldDraft) -> None:
    for claim in draft.claims:
        checks.check_claim(recorded.at, draft, claim)


def test_the_check_of_drafts_on_recorded_replies(recorded: Fetched) -> None:
    """Real series and prices: nothing false is called supported, and what is called wrong is."""
    score = ClaimScore()
    for draft in read_gold(gold.FOLDER):
        if draft.world == "recorded":
            at, later = recorded.at(draft.date), recorded.at(draft.checked_at)
            score.add(draft, check_draft(at, draft.draft, language=draft.language, later=later))
    assert score.false_supported == 0, score.misses
    assert score.decoys == 0
    assert score.recall >= 0.95
    assert score.precision >= 0.98
    assert sum(score.classes.values()) == 47
