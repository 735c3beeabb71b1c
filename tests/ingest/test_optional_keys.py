"""A source that also answers without its key is not off for the lack of it."""

from __future__ import annotations

import pytest

from ingest.runs.keys import Keys, MissingKeyError
from ingest.sources import coingecko, marketstack


def test_a_key_that_is_optional_is_used_where_there_is_one() -> None:
    held = {"COINGECKO_API_KEY": "CG-0123456789"}
    assert Keys(lambda name: None).of(coingecko.SOURCE) is None
    assert Keys(held.get).of(coingecko.SOURCE) == "CG-0123456789"
    with pytest.raises(MissingKeyError, match="MARKETSTACK_API_KEY"):
        Keys(held.get).of(marketstack.SOURCE)
