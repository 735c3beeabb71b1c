"""The environment is made from the locks, found again, renewed and mended; failures read well."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import bootstrap
from scripts.bootstrap import BootstrapError, ensure

LOCK, DEV = bootstrap.EVERYTHING


def wheel(folder: Path, name: str, version: str) -> str:
    """A library of one line, packed by hand; returns its line for a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    texts = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    with zipfile.ZipFile(path, "w") as packed:
        for place, text in texts.items():
            packed.writestr(place, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            rows.append(f"{place},sha256={digest.rstrip(b'=').decode()},{len(text)}")
        packed.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,", ""]))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class House:
    """A checkout with a space in its path, and a folder of packages instead of an index."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"
        self.wheels = folder / "wheels"
        self.root.mkdir()
        self.wheels.mkdir()

    def lock(self, name: str, *packages: tuple[str, str]) -> None:
        text = "".join(wheel(self.wheels, *package) for package in packages)
        (self.root / name).write_text(text)

    def version(self, library: str) -> str:
        """What the environment imports; empty if it has no such library."""
        code = f"import {library}; print({library}.VERSION)"
        python = self.root / ".venv" / "bin" / "python"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("bootstrap"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(made.wheels))
        patch.setenv("PIP_USER", "1")  # a habit of some machines, which venvs refuse
        patch.chdir("/")
        yield made


@pytest.mark.sampled(3)
def test_life_of_an_environment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.lock(LOCK, ("alpha", "1.0"))
    python = ensure(house.root)
    assert python == house.root / ".venv" / "bin" / "python"
    assert house.version("alpha") == "1.0"

    stored = {path: path.read_bytes() for path in house.wheels.iterdir()}
    for path in stored:
        path.unlink()
    assert ensure(house.root) == python, "current, so nothing is asked of the index"
    for path, content in stored.items():
        path.write_bytes(content)

    house.lock(DEV, ("beta", "1.0"))
    ensure(house.root, bootstrap.EVERYTHING)
    assert (house.version("alpha"), house.version("beta")) == ("1.0", "1.0")

    house.lock(LOCK, ("alpha", "2.0"))
    house.lock(DEV, ("beta", "2.0"))
    ensure(house.root)
    assert (house.version("alpha"), house.version("beta")) == ("2.0", "2.0"), "tools stay in step"

    python.unlink()
    python.symlink_to("/nonexistent/python3")
    ensure(house.root)
    assert house.version("alpha") == "2.0", "the Python below was removed: made anew"

    house.lock(LOCK, ("alpha", "3.0"))
    shutil.rmtree(house.wheels)
    house.wheels.mkdir()
    with pytest.raises(BootstrapError, match="no ready-built package of alpha==3.0"):
        ensure(house.root)
    assert not (house.root / ".venv" / bootstrap.STAMP).exists(), "a failure leaves no stamp"

    house.lock(LOCK, ("alpha", "3.0"))
    line = (house.root / LOCK).read_text()
    (house.root / LOCK).write_text(re.sub(r"sha256:\w{4}", "sha256:0000", line))
    with pytest.raises(BootstrapError, match="its hash differs"):
        ensure(house.root)
    assert house.version("alpha") == "2.0"


def test_a_lock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BootstrapError, match=r"requirements\.lock cannot be read .* incomplete"):
        ensure(tmp_path)


def test_an_old_python_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(BootstrapError, match=r"3\.11 or newer is needed and this is 3\.9\.2"):
        ensure(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / LOCK).touch()
    monkeypatch.setattr(bootstrap, "ROOM_MB", 10**12)
    with pytest.raises(BootstrapError, match="needs about .* and its disk has"):
        ensure(tmp_path)
    assert not (tmp_path / ".venv").exists()


OUTPUTS = [
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "the disk filled up",
    ),
    (
        "The virtual environment was not created successfully because ensurepip is not\navailable.",
        "apt install python3",
    ),
    ("/usr/bin/python3: No module named venv", "cannot make virtual environments"),
    (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'\n"
        "ERROR: No matching distribution found for duckdb==2.0.0",
        "index cannot be reached",
    ),
    (
        "ERROR: No matching distribution found for duckdb==2.0.0 (from versions: none)",
        "no ready-built package of duckdb==2.0.0 for Python",
    ),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
    ("Error: [Errno 13] Permission denied: '/srv/x/.venv'", "/srv/x/.venv cannot be written to"),
    ("Error: [Errno 30] Read-only file system: '/srv/x/.venv'", "cannot be written to"),
    ("noise\nERROR: something new\nmore", "pip failed: ERROR: something new"),
    ("", "pip failed: no reason given"),
]


@pytest.mark.parametrize(("output", "expected"), OUTPUTS)
def test_what_pip_says_becomes_one_sentence(output: str, expected: str) -> None:
    sentence = bootstrap._reason(output, Path("/srv/x/.venv"), "pip failed")
    assert expected in sentence
    assert "\n" not in sentence
    assert "{" not in sentence


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; sys.path.insert(0, '.'); import scripts.bootstrap; import scripts.check"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=bootstrap.__file__.rsplit("/", 2)[0],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
