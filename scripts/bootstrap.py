"""The virtual environment: made, filled from the locks, found again; it imports nothing of ours.

Runs on a bare Python of any age, so that an old one is refused with a sentence rather than a
traceback. Installs only what the locks name, hash by hash, and only ready-built packages, so no
compiler is ever asked for.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

OLDEST = (3, 11)
ROOM_MB = 2500
RUNTIME = ("requirements.lock",)
EVERYTHING = ("requirements.lock", "requirements-dev.lock")
STAMP = "barograph.json"

# What pip says, and the sentence for it. First match wins, so the particular comes first.
REASONS = (
    (
        r"ensurepip|No module named '?venv",
        "this Python cannot make virtual environments; on Debian or Ubuntu run "
        "`apt install python{python}-venv` (or python3-venv), and run again",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        "the disk filled up during the installation; free about {room} MB and run again",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a downloaded package is not the one that was locked (its hash differs), so it was not "
        "installed; clear pip's cache with `pip cache purge`, or ask who serves your package index",
    ),
    (
        r"NewConnectionError|NameResolutionError|Temporary failure in name resolution"
        r"|Network is unreachable|ConnectTimeout|ReadTimeout|ProxyError|Connection refused",
        "the package index cannot be reached; connect to the network, or set PIP_INDEX_URL or "
        "HTTPS_PROXY if yours is reached another way, and run again",
    ),
    (
        r"SSLError|CERTIFICATE_VERIFY_FAILED",
        "the package index shows a certificate that this machine does not trust; set PIP_CERT to "
        "the file of your network's certificates and run again",
    ),
    (
        r"No matching distribution found for ([^\s(]+)",
        "there is no ready-built package of {match} for Python {python} on this machine; use "
        "Python 3.11, 3.12 or 3.13 on Linux or macOS (64 bit), so that no compiler is needed",
    ),
    (
        r"Permission denied|Read-only file system",
        "{folder} cannot be written to; give yourself the right to, or copy the project to a "
        "folder of your own",
    ),
)


class BootstrapError(Exception):
    """Why there is no environment, as one sentence that says what to do."""


def ensure(root: Path, locks: Sequence[str] = RUNTIME) -> Path:
    """The Python of `root/.venv`, holding at least what `locks` (names below root) pin.

    A moment's work when nothing changed. Two callers at once wait for each other; one that was
    interrupted leaves no stamp, so the next one starts anew.
    """
    _refuse_old_python()
    folder = root / ".venv"
    python = folder / "bin" / "python"
    wanted = _wanted(root, locks)
    if _is_current(folder, python, wanted):
        return python
    with _alone(root):
        held = _stamp(folder)
        if not _is_current(folder, python, wanted):
            names = [name for name in EVERYTHING if name in locks or name in held]
            _make(folder, python)
            _install(root, python, names)
            _write_stamp(folder, _wanted(root, names))
    return python


def _refuse_old_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise BootstrapError(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed and this is {found}; run the same "
            "command with a newer one, for example `python3.12`"
        )


def _wanted(root: Path, locks: Sequence[str]) -> dict[str, str]:
    """Name of each lock -> the fingerprint of its text."""
    wanted = {}
    for name in locks:
        try:
            wanted[name] = hashlib.sha256((root / name).read_bytes()).hexdigest()
        except OSError as error:
            raise BootstrapError(
                f"{root / name} cannot be read ({error.strerror}); the checkout is incomplete, "
                "so fetch it again"
            ) from None
    return wanted


def _is_current(folder: Path, python: Path, wanted: dict[str, str]) -> bool:
    held = _stamp(folder)
    return all(held.get(name) == print_ for name, print_ in wanted.items()) and _runs(python)


def _stamp(folder: Path) -> dict[str, str]:
    try:
        held = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def _write_stamp(folder: Path, held: dict[str, str]) -> None:
    half = folder / (STAMP + ".new")
    half.write_text(json.dumps(held, indent=1) + "\n", "utf-8")
    half.replace(folder / STAMP)


def _runs(python: Path) -> bool:
    """Whether the environment's Python still starts: the one it was made from may be gone."""
    probe = f"import sys; sys.exit(sys.version_info < {OLDEST!r} or sys.prefix == sys.base_prefix)"
    try:
        done = subprocess.run([str(python), "-I", "-c", probe], check=False, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the checkout's folder itself: no lock file, and nothing left after a kill."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is installing; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            # Some network disks know no locks; then two first starts at once are on their own.
            _say("this disk knows no locks; start only one installation at a time")
        yield
    finally:
        os.close(handle)


def _make(folder: Path, python: Path) -> None:
    free_mb = shutil.disk_usage(folder.parent).free // 2**20
    if free_mb < ROOM_MB and not folder.exists():
        raise BootstrapError(
            f"{folder} needs about {ROOM_MB} MB and its disk has {free_mb} MB left; "
            "free some and run again"
        )
    try:
        (folder / STAMP).unlink(missing_ok=True)
    except OSError as error:
        raise BootstrapError(_reason(str(error), folder, "the old environment is stuck")) from None
    if _runs(python) and _has_pip(python):
        return
    _say(f"making {folder}")
    done = _run([sys.executable, "-m", "venv", "--clear", str(folder)], folder.parent)
    if done.returncode == 0:
        return
    raise BootstrapError(_reason(done.stdout, folder, "making the virtual environment failed"))


def _has_pip(python: Path) -> bool:
    return _run([str(python), "-m", "pip", "--version"], python.parent).returncode == 0


def _install(root: Path, python: Path, names: Sequence[str]) -> None:
    _say(f"installing what {' and '.join(names)} pin; the first time takes a minute or two")
    flags = ["--require-hashes", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    files = [part for name in names for part in ("-r", name)]
    done = _run([str(python), "-m", "pip", "install", "--quiet", *flags, *files], root)
    if done.returncode:
        raise BootstrapError(_reason(done.stdout, python.parents[1], "pip failed"))


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Both outputs as one text. PIP_USER and the like of the caller must not redirect pip."""
    stray = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_NO_BINARY")
    env = {key: value for key, value in os.environ.items() if key not in stray}
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            check=False,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EACCES, errno.ENOENT):
            return subprocess.CompletedProcess(command, 127, str(error))
        raise


def _reason(output: str, folder: Path, otherwise: str) -> str:
    """One sentence for what pip or venv printed; their own last words where none is known."""
    python = ".".join(str(part) for part in sys.version_info[:2])
    for pattern, sentence in REASONS:
        found = re.search(pattern, output)
        if found:
            match = found.group(1) if found.groups() else ""
            return sentence.format(match=match, python=python, room=ROOM_MB, folder=folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = (
        [line for line in lines if "error" in line.lower()] or lines[-1:] or ["no reason given"]
    )
    return f"{otherwise}: {errors[-1]}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
