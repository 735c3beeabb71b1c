"""What may be asked for, and the sentence for what may not; real sessions to their bounds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data.errors import ConfigError
from ingest.sources.demo_world import regime
from ingest.sources.demo_world.sessions import VENUES, sessions, venue_of_issuer, weekdays
from ingest.sources.demo_world.spec import SCALES, make_spec
from ingest.sources.demo_world.tables import day_number, local_instants


def test_arguments_that_cannot_be_used() -> None:
    with pytest.raises(ConfigError, match="expected one of small, default, huge"):
        make_spec(1, date(2020, 1, 1), "vast")
    with pytest.raises(ConfigError, match="seed -1"):
        make_spec(-1, date(2020, 1, 1))
    with pytest.raises(ConfigError, match="until 1999-01-01"):
        make_spec(1, date(1999, 1, 1))


def test_the_small_world_is_part_of_the_default_one() -> None:
    small, whole = SCALES["small"], SCALES["default"]
    for name in ("countries", "issuers", "commodities", "pairs", "coins", "chapters"):
        assert getattr(small, name) <= getattr(whole, name)
    assert (whole.countries, whole.issuers, whole.commodities) == (40, 600, 60)
    assert (whole.pairs, whole.coins, whole.chapters) == (30, 40, 20)


def test_default_issuers_are_spread_over_venues_and_currencies() -> None:
    venues = {venue_of_issuer(number).code for number in range(600)}
    assert len(venues) == 11
    assert {"GBp", "ZAc", "JPY", "EUR"} < {VENUES[code].currency for code in venues}


def test_sessions_too_far_ahead_are_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError, match="give an earlier --until"):
        sessions("XHKG", date(2060, 1, 1))


def test_currencies_open_on_sunday_evening_in_new_york() -> None:
    found = sessions("24/5", date(2024, 6, 28))
    assert (weekdays(date(2024, 6, 28)) == found.days).all()
    hours = (found.opens // 3_600_000_000) % 24
    assert set(hours.tolist()) == {21, 22}
    assert ((found.closes - found.opens) // 3_600_000_000 >= 23).all()


def test_wall_clocks_follow_summer_time() -> None:
    days = np.array([day_number(date(2024, 1, 15)), day_number(date(2024, 7, 15))])
    found = local_instants(days, np.array([510, 510]), "America/New_York")
    assert ((found // 60_000_000) % 1440).tolist() == [13 * 60 + 30, 12 * 60 + 30]


def test_the_chain_visits_every_state_and_rests_in_none() -> None:
    """Over ten seeds crises are rare: 2 to 15 % of months, nine of them pinned."""
    shares = []
    for seed in range(10):
        story = regime.tell(make_spec(seed, date(2025, 12, 31), "small"))
        counts = np.bincount(story.states, minlength=5)
        assert (counts[[0, 1, 3]] > 0).all()
        shares.append(counts[regime.CRISIS] / story.months)
    assert 0.02 < np.mean(shares) < 0.15


def test_rows_of_the_chain_are_probabilities() -> None:
    chain = np.array(regime._CHAIN)
    assert np.allclose(chain.sum(axis=1), 1)
    assert (chain > 0).all()
