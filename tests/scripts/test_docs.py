"""The README's tables say what the registries say."""

from __future__ import annotations

from scripts import docs


def test_the_readme_is_up_to_date() -> None:
    text = docs.README.read_text(encoding="utf-8")
    assert docs.renewed(text) == text, "run `python -m scripts.docs`"


def test_every_table_has_its_place_in_the_readme() -> None:
    text = docs.README.read_text(encoding="utf-8")
    for name in docs.TABLES:
        assert f"<!-- {name} -->" in text
        assert f"<!-- end {name} -->" in text


def test_a_table_that_is_out_of_date_is_printed_anew() -> None:
    stale = "before\n<!-- settings -->\nstale words\n<!-- end settings -->\nafter\n"
    fresh = docs.renewed(stale)
    assert fresh.startswith("before\n<!-- settings -->\n| environment |")
    assert fresh.endswith("<!-- end settings -->\nafter\n")
    assert "stale words" not in fresh
