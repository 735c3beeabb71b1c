"""Many sessions at once: nothing may wait for itself."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest

from tests.machine import ROOT
from tests.pages import browse, world

# Polars runs these on its own threads, each of which then waits for the interpreter while a page's
# thread waits for them: two sessions at once stopped the whole server for good.
PYTHON_INSIDE_POLARS = ("map_elements", "map_batches", "map_groups", "rolling_map", "apply")


@pytest.mark.parametrize("folder", ["pages", "analytics"])
def test_no_python_runs_inside_polars(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in PYTHON_INSIDE_POLARS
    ]
    assert found == []


def test_sessions_at_once_all_finish(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    browse.visit(settings, "data")
    texts: list[str] = []

    def work(page: str) -> None:
        app = browse.arrive(page, as_of=f"{world.last_day()}T12:00:00Z", dataset="macro")
        for _ in range(3):
            app.run()
        texts.append(browse.text(app))

    threads = [threading.Thread(target=work, args=(page,)) for page in ("overview", "data") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # That they finish is what is asked here. The test driver replaces parts of the server for all
    # threads at once, so what a page shows meanwhile is asked in tests/browser, of a real server.
    assert len(texts) == 6
    assert not any(thread.is_alive() for thread in threads)
