"""Matrices of what countries export by product: advantage, similarity of baskets, complexity.

What a country does not list is zero here, since every measure compares whole baskets; a country
that has not reported is not in the matrix at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
SMALL = 1e-4  # of the world's exports, below which a country or product is flagged


@dataclass(frozen=True, slots=True)
class Baskets:
    """Exports by country and product."""

    countries: list[str]
    products: list[str]
    values: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Baskets:
        """From a row per `reporter` and `product` with its `value`."""
        countries = frame["reporter"].unique().sort().to_list()
        products = frame["product"].unique().sort().to_list()
        rows = frame["reporter"].cast(pl.Enum(countries)).to_physical().to_numpy()
        columns = frame["product"].cast(pl.Enum(products)).to_physical().to_numpy()
        cells = rows.astype(np.int64) * len(products) + columns
        count = len(countries) * len(products)
        sums = np.bincount(cells, frame["value"].to_numpy(), minlength=count)
        values = sums.astype(np.float64).reshape(len(countries), len(products))
        return cls(countries, products, values)


def advantage(values: Floats) -> Floats:
    """Balassa (1965): a product's share of a country's exports over its share of the world's; NaN
    where a country or product has none."""
    by_country, by_product = values.sum(axis=1, keepdims=True), values.sum(axis=0, keepdims=True)
    expected = by_country * by_product
    out = np.full(values.shape, np.nan)
    np.divide(values * values.sum(), expected, out=out, where=expected > 0)
    return out


def symmetric(rca: Floats) -> Floats:
    """Dalum, Laursen and Villumsen (1998): between -1 and 1, 0 at no advantage."""
    return np.asarray((rca - 1.0) / (rca + 1.0))


def is_small(values: Floats) -> npt.NDArray[np.bool_]:
    """Cells of a country or product that trades less than 0.01 % of the world."""
    least = SMALL * values.sum()
    return np.asarray(
        (values.sum(axis=1, keepdims=True) < least) | (values.sum(axis=0, keepdims=True) < least)
    )


def similarity(values: Floats, country: int) -> Floats:
    """Finger and Kreinin (1979): the part of two baskets that is the same, from 0 to 1."""
    total = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, total, out=np.full(values.shape, np.nan), where=total > 0)
    return np.asarray(np.minimum(shares, shares[country]).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Complexity:
    """Of countries and products the index, NaN where there is none, and the plain counts."""

    countries: Floats
    products: Floats
    diversity: npt.NDArray[np.int64]
    ubiquity: npt.NDArray[np.int64]


def complexity(values: Floats) -> Complexity:
    """Hidalgo and Hausmann (2009) in the form of Hausmann et al. (2014).

    The second eigenvector of the matrix of shared advantages, standardised (sample deviation), its
    sign such that diverse countries stand high; that of products is the mean of those who have an
    advantage, standardised too. Countries and products without any advantage have none.
    """
    rca = advantage(values)
    has = np.nan_to_num(rca) >= 1.0
    diversity, ubiquity = has.sum(axis=1), has.sum(axis=0)
    rows, columns = np.flatnonzero(diversity > 0), np.flatnonzero(ubiquity > 0)
    eci, pci = np.full(len(values), np.nan), np.full(values.shape[1], np.nan)
    if len(rows) < 3 or len(columns) < 3:
        return Complexity(eci, pci, diversity, ubiquity)
    part = has[np.ix_(rows, columns)].astype(float)
    of_country, of_product = part.sum(axis=1), part.sum(axis=0)
    # The symmetric form has the same eigenvalues, and a solver that is exact and ordered.
    root = np.sqrt(of_country)
    shared = (part / of_product) @ part.T / np.outer(root, root)
    _, vectors = np.linalg.eigh(shared)
    second = vectors[:, -2] / root
    if np.corrcoef(second, of_country)[0, 1] < 0:
        second = -second
    eci[rows] = _standardised(second)
    pci[columns] = _standardised(part.T @ eci[rows] / of_product)
    return Complexity(eci, pci, diversity, ubiquity)


def _standardised(values: Floats) -> Floats:
    deviation = values.std(ddof=1)
    if not deviation > 0:
        return np.full(len(values), np.nan)
    return np.asarray((values - values.mean()) / deviation)
