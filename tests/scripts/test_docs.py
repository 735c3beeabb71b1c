"""The generated parts of the documentation say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import docs
from scripts.documents import commands, guides, registries
from scripts.documents.markdown import has_block, plain, table, with_block


def test_every_generated_part_is_current() -> None:
    stale = [path.relative_to(docs.DOCS).as_posix() for path in docs.stale()]
    assert not stale, f"out of date: {', '.join(stale)}; run `python -m scripts.docs`"


@pytest.mark.parametrize("page", docs.BLOCKS)
def test_every_block_has_its_marks(page: str) -> None:
    text = (docs.DOCS / page).read_text(encoding="utf-8")
    assert not [name for name in docs.BLOCKS[page] if not has_block(text, name)]


def test_a_block_that_is_out_of_date_is_printed_anew() -> None:
    stale = "before\n<!-- settings -->\nstale words\n<!-- end settings -->\nafter\n"
    fresh = with_block(stale, "settings", registries.settings())
    assert fresh.startswith("before\n<!-- settings -->\n\n| environment |")
    assert fresh.endswith("<!-- end settings -->\nafter\n")
    assert "stale words" not in fresh


def test_check_names_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "docs" / "old.md"
    monkeypatch.setattr(docs, "REPOSITORY", tmp_path)
    monkeypatch.setattr(docs, "wanted", lambda: {stale: "new\n"})
    assert docs.main(docs.parser().parse_args(["--check"])) == docs.console.DIFFERS
    assert "out of date: docs/old.md" in capsys.readouterr().err
    assert not stale.exists()
    assert docs.main(docs.parser().parse_args([])) == docs.console.DONE
    assert stale.read_text(encoding="utf-8") == "new\n"
    assert docs.main(docs.parser().parse_args(["--check"])) == docs.console.DONE


def test_no_document_of_a_page_is_left_without_its_page() -> None:
    kept = {path.stem for path in guides.FOLDER.glob("*.md")} - {"index"}
    assert kept == set(guides.names())


def test_every_command_is_described_with_its_arguments() -> None:
    text = commands.commands()
    for name in commands.names():
        assert f"\n## {name}\n" in text
    assert "| `--as-of T` | the clock (required)" in text
    assert str(docs.REPOSITORY) not in text


def test_every_dataset_names_its_columns_with_units() -> None:
    text = registries.columns()
    for name, dataset in registries.DATASETS.items():
        part = text.split(f"## {name}\n")[1].split("\n## ")[0]
        assert not [field.name for field in dataset.columns if f"| `{field.name}` |" not in part]
    assert "| `volume` | number | units | yes | traded volume |" in text


def test_a_table_keeps_its_columns_whatever_stands_in_a_cell() -> None:
    assert table(("a", "b"), [("x|y", "z")]).splitlines()[-1] == "| x/y | z |"
    assert plain("a <b> and `c > d`") == "a &lt;b&gt; and `c > d`"
