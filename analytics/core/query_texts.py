"""Texts of query files: what stands in braces is written out, by the lists and rules it names.

`{each dataset: SELECT ...}` is that SELECT once for each dataset of the lake, and `{each dataset
with a rhythm: SELECT ...}` once for each that has one, joined by UNION ALL. Inside `<name>` is the
dataset, `<day>` the date of its time column, and `<rhythm_days>` as its contract states. The rest
is the rule of which source is shown, see `ranking`.
"""

from __future__ import annotations

import re

import pyarrow as pa

from analytics.core.ranking import ranking
from data.contracts import Dataset
from data.datasets import DATASETS

EACH = re.compile(r"\{each dataset( with a rhythm)?:\s*(.*?)\}", re.DOTALL)


def expanded(text: str) -> str:
    """The text of a query as it is run."""
    return ranking().expanded(EACH.sub(_of_each, text))


def _of_each(match: re.Match[str]) -> str:
    only_paced, select = match.groups()
    chosen = [one for one in DATASETS.values() if one.rhythm_days or not only_paced]
    return "\n    UNION ALL\n    ".join(_filled(select, dataset) for dataset in chosen)


def day_of(dataset: Dataset) -> str:
    """The day that a row speaks of, as SQL."""
    is_year = pa.types.is_integer(dataset.schema.field(dataset.time).type)
    return f"make_date({dataset.time}, 1, 1)" if is_year else dataset.time


def _filled(select: str, dataset: Dataset) -> str:
    words = {
        "<name>": dataset.name,
        "<day>": day_of(dataset),
        "<rhythm_days>": str(dataset.rhythm_days),
    }
    for word, value in words.items():
        select = select.replace(word, value)
    return select
