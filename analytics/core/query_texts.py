"""Query files by name, and their texts: what stands in braces is written out, by the lists and
rules it names.

`{each dataset: SELECT ...}` is that SELECT once for each dataset of the lake, and `{each dataset
with a rhythm: SELECT ...}` once for each that has one, joined by UNION ALL. Inside `<name>` is the
dataset, `<day>` the date of its time column, and `<rhythm_days>` as its contract states. `{part
NAME}` is the text of `parts/NAME.sql`, `{companies}` every company as it is shown (see
`company_values`). The rest is the rule of which source is shown: `ranking`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyarrow as pa

from analytics.core.company_values import with_companies
from analytics.core.ranking import ranking
from data.contracts import Dataset
from data.datasets import DATASETS
from data.errors import ConfigError

ROOMS = Path(__file__).parents[1]
PART = re.compile(r"\{part (\w+)\}")
EACH = re.compile(r"\{each dataset( with a rhythm)?:\s*(.*?)\}", re.DOTALL)


@cache
def query_text(name: str) -> str:
    """The text of a query file, with what stands in braces written out."""
    text = query_files()[name].read_text(encoding="utf-8")
    return expanded(PART.sub(lambda match: query_text(f"parts/{match.group(1)}"), text))


@cache
def query_files() -> dict[str, Path]:
    """Every query file by its name; in two rooms no two have the same."""
    found: dict[str, Path] = {}
    for path in sorted(ROOMS.glob("*/sql/**/*.sql")):
        name = path.as_posix().rpartition("/sql/")[2].removesuffix(".sql")
        if name in found:
            raise ConfigError(f"two queries are called {name}: {found[name]} and {path}")
        found[name] = path
    return found


def expanded(text: str) -> str:
    """The text of a query as it is run."""
    return ranking().expanded(with_companies(EACH.sub(_of_each, text)))


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
