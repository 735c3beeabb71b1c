"""Gravity in levels: equal to statsmodels and to the published values, with zeros and effects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from analytics.trade.distances import kilometres
from analytics.trade.gravity import gravity_model, gravity_residuals
from analytics.trade.ppml import log_ols, ppml
from data.errors import ConfigError
from tests.demo_fixture import DemoLake

NAMES = ("gdp_o", "gdp_d", "distance", "contig", "language", "rta", "currency")
PUBLISHED = (-10.0283, 0.8240, 0.9431, -0.6964, 0.6258, 0.1910, -0.0195, -0.0096)
Sample = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def sample(shared: Path) -> Sample:
    file = pl.read_csv(shared / "real" / "gravity_2006_sub.csv")
    variables = file.select(
        *(pl.col(name).log() for name in ("gdp_o", "gdp_d", "distw")),
        *("contig", "comlang_off", "rta", "comcur"),
    ).to_numpy()
    codes = [
        np.unique(file[side].to_numpy(), return_inverse=True)[1] for side in ("iso_o", "iso_d")
    ]
    return file["flow"].to_numpy(), variables, codes[0], codes[1]


def poisson(flows: np.ndarray, columns: np.ndarray) -> object:
    model = sm.GLM(flows, columns, family=sm.families.Poisson())
    return model.fit(cov_type="HC0", tol=1e-13, maxiter=200)


def test_the_published_estimates(sample: Sample) -> None:
    flows, variables, _, _ = sample
    found = ppml(flows, variables, NAMES)
    assert found.names == ("constant", *NAMES)
    assert found.estimates == pytest.approx(PUBLISHED, abs=5e-5)
    peer = poisson(flows, sm.add_constant(variables))
    assert found.estimates == pytest.approx(peer.params, abs=1e-8)  # type: ignore[attr-defined] # a peer's result
    assert found.errors == pytest.approx(peer.bse, rel=1e-8)  # type: ignore[attr-defined] # a peer's result
    assert found.fitted.sum() == pytest.approx(flows.sum(), rel=1e-12)


def test_effects_of_both_sides(sample: Sample) -> None:
    """Sizes are taken in by the effects, so they are dropped and named."""
    flows, variables, seller, buyer = sample
    found = ppml(flows, variables, NAMES, first=seller, second=buyer)
    assert found.dropped == ("gdp_o", "gdp_d")
    dummies = [(seller == at).astype(float) for at in range(seller.max() + 1)]
    dummies += [(buyer == at).astype(float) for at in range(1, buyer.max() + 1)]
    peer = poisson(flows, np.column_stack([variables[:, 2:], *dummies]))
    assert found.estimates == pytest.approx(peer.params[:5], abs=1e-8)  # type: ignore[attr-defined] # a peer's result
    assert found.errors == pytest.approx(peer.bse[:5], rel=1e-7)  # type: ignore[attr-defined] # a peer's result
    for code in (seller, buyer):
        assert np.bincount(code, found.fitted) == pytest.approx(np.bincount(code, flows), rel=1e-9)


def test_zeros_stay_in_and_an_empty_country_is_left_out(sample: Sample) -> None:
    flows, variables, seller, buyer = sample
    holed = np.where(np.arange(len(flows)) % 7 == 0, 0.0, flows)
    peer = poisson(holed, sm.add_constant(variables))
    assert ppml(holed, variables, NAMES).estimates == pytest.approx(peer.params, abs=1e-8)  # type: ignore[attr-defined] # a peer's result
    silent = np.where(seller == 3, 0.0, flows)
    found = ppml(silent, variables, NAMES, first=seller, second=buyer)
    assert not found.rows[seller == 3].any()
    assert found.fitted.sum() == pytest.approx(silent.sum(), rel=1e-9)


def test_log_least_squares_beside_it(sample: Sample) -> None:
    flows, variables, _, _ = sample
    found = log_ols(flows, variables, NAMES)
    peer = sm.OLS(np.log(flows), sm.add_constant(variables)).fit(cov_type="HC0")
    assert found.estimates == pytest.approx(peer.params, abs=1e-8)
    assert found.errors == pytest.approx(peer.bse, rel=1e-8)


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(ConfigError, match="below zero"):
        ppml(np.array([1.0, -1.0]), np.zeros((2, 0)), ())
    with pytest.raises(ConfigError, match="nothing to fit"):
        ppml(np.zeros(9), np.ones((9, 1)), ("x",))
    two = np.repeat(np.array([0, 1]), 8)  # each sells to buyers of its own
    sides = two * 2 + np.tile([0, 1], 8), two * 4 + np.tile([0, 0, 1, 1, 2, 2, 3, 3], 2)
    flows, near = np.arange(1.0, 17.0), np.sin(np.arange(16.0)).reshape(-1, 1)
    for fit in (ppml, log_ols):
        with pytest.raises(ConfigError, match="2 groups that no flow connects"):
            fit(flows, near, ("x",), first=sides[0], second=sides[1])
    with pytest.raises(ConfigError, match="do not determine"):
        ppml(np.ones(2), np.array([[1.0], [2.0]]), ("x",))


def test_distances_of_known_places() -> None:
    """Paris to London 344 km, Tokyo to Berlin 8,918 km, within a tenth of a degree."""
    found = kilometres(["Europe/Paris", "Europe/London", "Asia/Tokyo", "Europe/Berlin", None])
    assert found[0, 1] == pytest.approx(344, abs=15)
    assert found[2, 3] == pytest.approx(8918, abs=40)
    assert np.isnan(found[4]).all()
    assert np.isnan(found[:, 4]).all()


def test_the_model_of_the_demo_world(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    model = gravity_model(at, year=2021).frame
    assert model["fitted_usd"][0] == pytest.approx(model["flows_usd"][0], rel=1e-9)
    rows = gravity_residuals(at, year=2021, top=1000).frame
    assert rows["flow_usd"].sum() == pytest.approx(model["flows_usd"][0])
    slow = np.log(rows["flow_usd"].to_numpy() / rows["fitted_usd"].to_numpy())
    assert rows["residual"].to_numpy() == pytest.approx(slow)
