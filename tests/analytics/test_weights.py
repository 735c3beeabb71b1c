"""Versions of the weights: a workspace's own, added at the end, read by the clock of their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.macro.bias import bias, bias_history
from analytics.macro.weights import Weights, added, book, own_file, read
from data.lake import Lake
from data.query import At, Db
from tests.analytics.test_surprises import keep, noon, release

TURNED = {"equities": {"labour": -1.0}, "tea": {"growth": 0.5, "policy": -0.25}}


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0, 3.0]
    keep(lake, *(release(10 * n, 100 + s, 100.0, "s:J") for n, s in enumerate(steps)))
    return db.at(noon(62))


def test_a_saved_version_counts_from_its_instant_on(at: At, db: Db) -> None:
    since = noon(61) + timedelta(hours=2, seconds=7)
    earlier = bias(db.at(noon(61))).frame
    path = bias_history(db.at(noon(61)), country="USA", since=noon(50)).frame
    own_file(at.db.root).write_text(added("", Weights(since, TURNED)))
    assert bias(db.at(noon(61))).frame.equals(earlier)
    assert bias_history(db.at(noon(61)), country="USA", since=noon(50)).frame.equals(path)
    before, after = (bias(db.at(since + timedelta(seconds=s))).frame for s in (-1, 0))
    assert set(after["asset"]) == set(TURNED)
    assert after.filter(asset="equities")["version"].item() == since
    assert before.filter(asset="equities")["version"].item() < since
    scores = [frame.filter(asset="equities")["score"].item() for frame in (before, after)]
    assert scores[0] == pytest.approx(-scores[1], rel=1e-3)
    whole = bias_history(db.at(noon(63)), country="USA", since=noon(50)).frame
    assert whole["score"].head(11).to_list() == pytest.approx(path["score"].head(11).to_list())


def test_a_version_is_added_without_changing_a_line(at: At) -> None:
    first = added("# ours\n", Weights(datetime(2024, 1, 1, tzinfo=UTC), TURNED))
    second = added(first, Weights(datetime(2025, 1, 1, 12, 30, tzinfo=UTC), {"gold": {}}))
    assert second.startswith(first.rstrip())
    own = own_file(at.db.root)
    own.write_text(second)
    assert [item.assets for item in read(own)] == [TURNED, {"gold": {}}]
    assert [version.since.year for version in book(at).versions] == [2000, 2024, 2025]


@pytest.mark.parametrize("signs", [{"growth": 1.5}, {"growth": float("nan")}, {"luck": 1.0}])
def test_odd_weights_are_refused(signs: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="beyond -1 to 1|no kind of surprise"):
        added("", Weights(datetime(2024, 1, 1, tzinfo=UTC), {"gold": signs}))
