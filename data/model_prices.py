"""What a question to a model takes at most and what it took: tokens, and dollars by a dated table.

Refuses to guess a price: a model that the table lacks has none.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.errors import ConfigError
from data.settings import REPOSITORY

PRICES = REPOSITORY / "ingest" / "models" / "prices.toml"
BYTES_PER_TOKEN = 3  # about four in English, fewer in other scripts: an estimate from above
MILLION = 1_000_000
# A version of a model has its price: gemini-2.5-flash-001, but not gemini-2.5-flash-lite.
VERSION = re.compile(r"-(?:\d{3}|preview(?:-\d{2}-\d{2,4}){0,1}|\d{2}-\d{4})$")


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """Dollars for a million tokens, as of the day they were looked up."""

    model: str
    tokens_in: float
    tokens_out: float
    as_of: date

    def dollars(self, tokens_in: int, tokens_out: int) -> float:
        """Of so many tokens."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / MILLION


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What a question takes at most; `dollars` is none where the model has no price here."""

    tokens_in: int
    most_tokens_out: int
    dollars: float | None

    @property
    def tokens(self) -> int:
        """Both ways."""
        return self.tokens_in + self.most_tokens_out


def estimate(bytes_sent: int, most_tokens: int, model: str) -> CostEstimate:
    """By the bytes of everything that is sent and the most tokens that may come back."""
    tokens_in = -(-bytes_sent // BYTES_PER_TOKEN)
    price = price_of(model)
    dollars = None if price is None else price.dollars(tokens_in, most_tokens)
    return CostEstimate(tokens_in, most_tokens, dollars)


def dollars_of(
    model_version: str, model: str, tokens_in: int | None, tokens_out: int | None
) -> float | None:
    """Of a call that was made, by the model that answered; none where a figure is not known."""
    price = price_of(model_version) or price_of(model)
    if price is None or tokens_in is None or tokens_out is None:
        return None
    return price.dollars(tokens_in, tokens_out)


def price_of(model: str) -> ModelPrice | None:
    """The price of a model or of one of its versions."""
    name = model.removeprefix("models/")
    found = read_prices()
    return found.get(name) or found.get(VERSION.sub("", name))


@functools.cache
def read_prices(path: Path = PRICES) -> dict[str, ModelPrice]:
    """The table, by model; a figure without its day is refused."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = [ModelPrice(**row) for row in raw["price"]]
        is_dated = all(isinstance(row["as_of"], date) for row in raw["price"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}") from None
    if not is_dated or any(min(row.tokens_in, row.tokens_out) < 0 for row in rows):
        raise ConfigError(f"{path.name}: each price needs a day in `as_of` and at least 0 dollars")
    return {row.model: row for row in rows}
