"""Which tests belong to a change: by name, by import, by text, and nothing that is far away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts._changed import Candidate, NearbyTests, candidates, known_seconds, make_plan

TREE = {
    "data/lake.py": "",
    "data/query.py": "from data import lake\n",
    "data/sub/deep.py": "from ..lake import upsert\n",
    "analytics/catalogue.py": "QUERIES = ['moves.sql']\n",
    "analytics/markets/sql/moves.sql": "SELECT 1",
    "pages/heatmaps.py": "",
    "pages/drawing.py": "SCRIPT = 'map.mjs'\n",
    "pages/static/map.mjs": "import { x } from './scales.mjs';\n",
    "pages/static/scales.mjs": "export const x = 1;\n",
    "scripts/load.py": "",
    "tests/conftest.py": "",
    "tests/data/conftest.py": "",
    "tests/data/rows.py": "from data.lake import Lake\n",
    "tests/data/test_lake.py": "",
    "tests/data/test_query.py": "from data.query import Db\n",
    "tests/data/test_rows.py": "from tests.data.rows import row\n",
    "tests/data/test_merge.py": "import data.lake as lake\n",
    "tests/data/test_deep.py": "from data.sub import deep\n",
    "tests/ingest/test_lake.py": "from data.clock import now\n",
    "tests/analytics/test_catalogue.py": "",
    "tests/analytics/test_moves.py": "from analytics.catalogue import find\n",
    "tests/pages/test_markets.py": "PAGE = 'heatmaps'\n",
    "tests/pages/test_drawing.py": "SCALES = 'scales'\n",
    "tests/javascript/scales.test.mjs": "import { x } from '../../pages/static/scales.mjs';\n",
    "tests/test_javascript.py": "",
    "tests/scripts/test_commands.py": "CALL = ['-m', 'scripts.load']\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def near(tree: Path, *files: str) -> dict[str, int]:
    return {
        candidate.file.removeprefix("tests/"): candidate.near
        for candidate in candidates(tree, list(files))
    }


def test_the_mirror_comes_first_then_importers_then_one_hop(tree: Path) -> None:
    assert near(tree, "data/lake.py") == {
        "data/test_lake.py": 0,
        "data/test_merge.py": 1,
        "data/test_query.py": 3,
        "data/test_rows.py": 3,
        "data/test_deep.py": 3,
    }


def test_a_changed_test_is_its_own_and_a_support_module_belongs_to_who_imports_it(
    tree: Path,
) -> None:
    assert near(tree, "tests/data/test_merge.py") == {"data/test_merge.py": 0}
    assert near(tree, "tests/data/rows.py") == {"data/test_rows.py": 1}


def test_a_conftest_serves_its_folder(tree: Path) -> None:
    found = near(tree, "tests/data/conftest.py")
    assert found and {name.split("/")[0] for name in found} == {"data"}
    assert len(near(tree, "tests/conftest.py")) == sum("/test_" in name for name in TREE)


def test_a_query_belongs_to_the_module_that_names_it(tree: Path) -> None:
    assert near(tree, "analytics/markets/sql/moves.sql") == {
        "analytics/test_catalogue.py": 0,
        "analytics/test_moves.py": 1,
    }


def test_a_script_belongs_to_the_module_that_names_it_and_to_the_tests_of_scripts(
    tree: Path,
) -> None:
    assert near(tree, "pages/static/map.mjs") == {
        "test_javascript.py": 0,
        "pages/test_drawing.py": 0,
    }
    for name in ("pages/static/scales.mjs", "tests/javascript/scales.test.mjs"):
        assert near(tree, name) == {"test_javascript.py": 0}


def test_a_page_and_a_command_belong_to_who_names_them(tree: Path) -> None:
    assert near(tree, "pages/heatmaps.py") == {"pages/test_markets.py": 2}
    assert near(tree, "scripts/load.py") == {"scripts/test_commands.py": 1}


def test_a_module_that_is_gone_still_has_its_tests(tree: Path) -> None:
    (tree / "data" / "lake.py").unlink()
    assert near(tree, "data/lake.py")["data/test_merge.py"] == 1


def test_the_time_is_filled_with_the_nearest_and_the_rest_is_named(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {"tests/data/test_merge.py": 90, "tests/data/test_lake.py": 70}
    (tree / "tests" / "seconds.json").write_text(json.dumps(seconds))
    monkeypatch.setattr("scripts._changed.changed", lambda root: ("main", ["data/lake.py"]))
    plan = make_plan(tree, 44, 2)
    # The mirror is begun though it is long; what is left is too short for the importer.
    assert [item.file for item in plan.taken][0] == "tests/data/test_lake.py"
    assert [item.file for item in plan.left] == ["tests/data/test_merge.py"]
    assert len(plan.taken) == 4 and plan.left == [Candidate("tests/data/test_merge.py", 1, 90)]


def test_what_was_measured_here_counts_more_than_what_is_kept(tree: Path) -> None:
    (tree / "tests" / "seconds.json").write_text('{"a": 1, "b": 2}')
    cache = tree / ".pytest_cache" / "v" / "barograph"
    cache.mkdir(parents=True)
    (cache / "seconds").write_text('{"a": 9}')
    assert known_seconds(tree) == {"a": 9, "b": 2}


def test_the_words_name_every_file_left_out() -> None:
    left = [Candidate("tests/a.py", 1, 50), Candidate("tests/b.py", 3, 60)]
    text = "\n".join(NearbyTests("main", ["x.py"], [Candidate("tests/c.py", 0, 1)], left).lines())
    assert "run (changed, or has its name): 1 files" in text
    assert text.count("left out for time") == 2
    assert "tests/a.py 50 s" in text and "tests/b.py 60 s" in text
