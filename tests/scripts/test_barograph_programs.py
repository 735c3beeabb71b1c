"""The code of docs/scripts.md runs as it stands, and an editable installation works anywhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.demo_fixture import DemoLake
from tests.machine import ROOT
from tests.scripts.command_line import run_command

PAGE = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.+?)^```", PAGE, re.M | re.S)
TEN_LINES = PAGE.split("## A script in ten lines\n")[1].split("\n## ")[0]


def python(
    program: str, folder: Path, data_dir: Path, *, interpreter: str = sys.executable, **more: str
) -> str:
    """What a program prints that runs in a folder of its own, far from the checkout."""
    environment = os.environ | {"DATA_DIR": str(data_dir)} | more
    ran = subprocess.run(
        [interpreter, "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_script_in_ten_lines_runs(demo_lake: DemoLake, tmp_path: Path) -> None:
    assert BLOCKS[0] in TEN_LINES and len(BLOCKS[0].splitlines()) == 10
    data_dir = demo_lake.settings.data_dir
    (tmp_path / "data").mkdir()  # as many notebooks have beside them
    said = python(BLOCKS[0], tmp_path, data_dir, PYTHONPATH=str(ROOT / "scripts"))
    assert "total_return" in said and "demo:" in said
    chart = (tmp_path / "closes.html").read_text(encoding="utf-8")
    assert "DEMO \\u00b7 invented data" in chart or "DEMO · invented data" in chart
    assert not re.findall(r"<(?:script|link)[^>]+(?:src|href)=", chart)
    receipt = str(tmp_path / "movers.json")
    ran = run_command("receipt", receipt, environment={"DATA_DIR": str(data_dir)})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_walk_through_the_module_runs(demo_lake: DemoLake, tmp_path: Path) -> None:
    assert len(BLOCKS) >= 8
    program = "\n".join(BLOCKS[1:])
    data_dir = demo_lake.settings.data_dir
    said = python(program, tmp_path, data_dir, PYTHONPATH=str(ROOT / "scripts"))
    assert "<Barograph: demo · DEMO: every number is invented · as of 2020-03-16T00:00:00Z" in said
    assert "no dataset named 'price'; did you mean prices?" in said
    spec = json.loads((tmp_path / "unemployment.json").read_text(encoding="utf-8"))
    assert spec["title"] == {"text": "Unemployment, percent", "subtitle": "DEMO · invented data"}
    receipt = str(tmp_path / "history.json")
    ran = run_command("receipt", receipt, environment={"DATA_DIR": str(data_dir)})
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment into which a copy of the checkout was installed."""
    folder = tmp_path_factory.mktemp("installed")
    checkout = folder / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", "var")
    for name in ("data", "analytics", "scripts/barograph"):
        shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
    for name in ("pyproject.toml", "requirements.txt", "LICENSE", "THIRD_PARTY.md"):
        shutil.copy(ROOT / name, checkout / name)
    venv.create(folder / "env")
    paths = {"base": str(folder / "env"), "platbase": str(folder / "env")}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "house.pth").write_text(sysconfig.get_path("purelib") + "\n")
    interpreter = folder / "env" / "bin" / "python"
    pip = [str(interpreter), "-m", "pip", "install", "--no-index", "--no-build-isolation"]
    ran = subprocess.run(
        [*pip, "--editable", str(checkout)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # The top level of the checkout stays as it was.
    assert {path.name for path in checkout.iterdir()} == {
        "data",
        "analytics",
        "scripts",
        "pyproject.toml",
        "requirements.txt",
        "LICENSE",
        "THIRD_PARTY.md",
    }
    return interpreter


def test_an_editable_installation_works_from_any_folder(
    installed: Path, demo_lake: DemoLake, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    program = "import barograph\nprint(barograph.__file__)\nprint(barograph.open(as_of='now'))\n"
    said = python(program, tmp_path, demo_lake.settings.data_dir, interpreter=str(installed))
    place, handle = said.splitlines()
    assert Path(place).parts[-4:] == ("checkout", "scripts", "barograph", "__init__.py")
    assert handle.startswith("<Barograph: demo · DEMO")


def test_an_installation_adds_one_name(installed: Path, tmp_path: Path) -> None:
    program = (
        "import importlib.util\n"
        "print([n for n in ('barograph', 'data', 'analytics', 'scripts', 'pages')"
        " if importlib.util.find_spec(n)])\n"
    )
    assert python(program, tmp_path, tmp_path, interpreter=str(installed)) == "['barograph']\n"


def test_a_module_of_the_reader_in_the_way_is_named(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "data.py").write_text("MINE = 1\n")
    program = "try:\n    import barograph\nexcept ImportError as error:\n    print(error)\n"
    said = python(program, tmp_path, tmp_path, interpreter=str(installed))
    assert (
        f"barograph needs its own package `data`, but another one is imported first ({tmp_path}"
        in said
    )
