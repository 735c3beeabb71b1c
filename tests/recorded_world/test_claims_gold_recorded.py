"""The gold set of content checks agrees with the recorded world, claim by claim."""

from __future__ import annotations

import pytest

from tests.golden import checks, gold
from tests.recorded_world.conftest import Fetched

pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]


@pytest.mark.parametrize("draft", gold.drafts("recorded"), ids=lambda draft: draft.name)
def test_every_proof_finds_the_expected_value(recorded: Fetched, draft: gold.GoldDraft) -> None:
    for claim in draft.claims:
        checks.check_claim(recorded.at, draft, claim)
