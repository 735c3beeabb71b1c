"""Forms and items in words: the list is whole, and what it lacks is called by its code."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.filing_words import (
    filing_forms,
    filing_items,
    form_kind,
    form_name,
    item_name,
    items_of,
)
from data.word_lists import word_lines

# Sections of Form 8-K (SEC 873) with the number of their items; 6.07 to 6.09 do not exist.
SECTIONS = {"1": 5, "2": 6, "3": 3, "4": 2, "5": 8, "6": 7, "7": 1, "8": 1, "9": 1}


def test_every_item_of_form_8k_has_a_name() -> None:
    found = [item for item in filing_items() if "." in item]
    counted = {section: sum(i.startswith(f"{section}.") for i in found) for section in SECTIONS}
    assert counted == SECTIONS
    assert [item for item in filing_items() if "." not in item] == [str(n) for n in range(1, 13)]


def test_forms_and_their_amendments() -> None:
    assert form_name("10-K") == "annual report"
    assert form_name("10-K/A") == "annual report, amended"
    assert form_name("S-4") == "S-4"
    assert (form_kind("8-K/A"), form_kind("NT 10-K"), form_kind("S-4")) == ("current", "late", None)
    assert {"20-F", "40-F", "10-KT"} < set(filing_forms())


def test_items_of_a_filing() -> None:
    assert items_of(" 2.02,9.01, 2.02") == ("2.02", "9.01")
    assert items_of(None) == items_of(" , ") == ()
    assert item_name("2.02") == item_name("12") == "results of operations"
    assert item_name("9.99") == "item not in the list"


def test_a_line_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("item,name\n1.01,one\n1.01,two\n")
    with pytest.raises(ConfigError, match="stands there twice"):
        list(word_lines(file, "items", ("item", "name"), {}))
