"""A supervised process sees the keys of the environment only if it is one that needs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scripts.support.supervisor import Supervisor

TELL = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))"


def test_only_a_process_that_needs_keys_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRED_API_KEY", "4f9d1c")
    told = {name: tmp_path / f"{name}.json" for name in ("web", "scheduler")}
    with Supervisor(tmp_path) as supervisor:
        for name, path in told.items():
            words = [sys.executable, "-c", TELL, str(path)]
            supervisor.start(name, words, has_keys=name == "scheduler")
        assert supervisor.until(lambda: all(_whole(path) for path in told.values()), 20)
    seen = {name: json.loads(path.read_text()).get("FRED_API_KEY") for name, path in told.items()}
    assert seen == {"web": None, "scheduler": "4f9d1c"}


def _whole(path: Path) -> bool:
    return path.exists() and path.read_text().endswith("}")
