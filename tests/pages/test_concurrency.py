"""Many sessions at once: nothing may wait for itself."""

from __future__ import annotations

import ast
import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import bench_web
from tests.machine import ROOT
from tests.pages import world

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

    async def all_at_once(server: bench_web.Server) -> int:
        async with contextlib.AsyncExitStack() as stack:
            opened = [stack.enter_async_context(bench_web.session(server)) for _ in range(6)]
            desks = [await desk for desk in opened]
            pages = ("overview", "data") * 3
            address = f"as_of={world.last_day()}T12:00:00Z&dataset=macro"
            for _ in range(3):
                runs = (desk.rerun(page, address) for desk, page in zip(desks, pages, strict=True))
                await asyncio.wait_for(asyncio.gather(*runs), 60)
            return len(desks)

    # A real server: Streamlit's driver for tests shares parts of itself between threads.
    # A thread of its own: the browser of other tests keeps an event loop in this one.
    with bench_web.serve(settings.data_dir) as server, ThreadPoolExecutor(1) as aside:
        assert aside.submit(lambda: asyncio.run(all_at_once(server))).result() == 6
