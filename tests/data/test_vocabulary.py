"""The vocabulary: whole, without a negative where none can be, and refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import vocabulary
from data.errors import ConfigError
from data.vocabulary import COLUMNS, good, labels, meaning, named, sign

HEAD = ",".join(COLUMNS) + "\n"


def test_every_word_is_whole_and_policy_and_inflation_count_upwards() -> None:
    held = vocabulary.vocabulary()
    assert len(held) > 100
    for word, found in held.items():
        assert (found.word, word.strip()) == (word, word)
        assert found.name[0].isupper(), word
        if found.dimension in vocabulary.POSITIVE:
            assert found.direction in (0, 1), word


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("policy_rate", ("policy", 1)),
        ("POLICY", ("policy", 1)),
        ("overnight_rate", ("policy", 1)),
        ("yield_10y", ("policy", 1)),
        ("yield_1.5m", ("policy", 1)),  # by how it begins
        ("bills_bill4w-close", ("policy", 1)),
        ("broad_money", ("policy", 0)),
        ("CPIYOY", ("inflation", 1)),
        ("UNEMP", ("labour", -1)),
        ("initial_claims", ("labour", -1)),
        ("CLAIMS", ("labour", -1)),
        ("GDPG", ("growth", 1)),
        ("XYZQABC", ("other", 0)),  # a word that it lacks means nothing
        ("yield", ("other", 0)),
    ],
)
def test_what_a_word_means(word: str, wanted: tuple[str, int]) -> None:
    assert sign(word) == wanted


def test_names_and_colours() -> None:
    assert named("CPIYOY") == "Consumer price inflation"
    assert (named("XYZQABC"), named("yield_8y")) == ("XYZQABC", "yield_8y")
    assert [good(word) for word in ("UNEMP", "GDPG", "POLICY", "XYZQABC")] == [-1, 1, 0, 0]
    assert labels(["UNEMP", "cpi", "cpi_index"]) == {
        "UNEMP": "Unemployment rate",
        "cpi": "Consumer price index (cpi)",
        "cpi_index": "Consumer price index (cpi_index)",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("word,name\n", "expected the columns word,name,unit"),
        (HEAD + "a,A,percent,growth,1,sa\n", r"v\.csv:2: expected 7 filled columns"),
        (HEAD + "a,,percent,growth,1,sa,higher\n", r"v\.csv:2: expected 7 filled columns"),
        ("# why\n" + HEAD + "\na,A,litres,growth,1,sa,higher\n", r"v\.csv:4: unit 'litres'"),
        (HEAD + "a,A,percent,weather,1,sa,higher\n", r"v\.csv:2: dimension 'weather'"),
        (HEAD + "a,A,percent,growth,2,sa,higher\n", r"v\.csv:2: direction '2'"),
        (HEAD + "a,A,percent,policy,-1,sa,neither\n", r"v\.csv:2: policy counts upwards"),
        (HEAD + "a,A,percent,inflation,-1,sa,lower\n", r"v\.csv:2: inflation counts upwards"),
        (HEAD + 2 * "a,A,percent,growth,1,sa,higher\n", r"v\.csv:3: 'a' stands there twice"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "v.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        vocabulary.vocabulary(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the vocabulary"):
        vocabulary.vocabulary(tmp_path / "none.csv")


def test_the_longest_beginning_counts() -> None:
    found = meaning("yield_8y")
    assert found is not None
    assert found.word == "yield_*"
    exact = meaning("yield_10y")
    assert exact is not None
    assert exact.word == "yield_10y"
