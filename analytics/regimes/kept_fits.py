"""Fits of the two states, kept on the disk by the data that they were made of.

A fit takes a fifth of a second, a country has one a year, and the data of past years never change.
The scheduler writes them; whoever finds none, or one that cannot be read, fits anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from analytics.regimes.two_states import SEED, STARTS, Fit, fit_two_states
from data.disk import make_folder, write_file
from data.query import At

FORMAT = 1


def fits_folder(at: At) -> Path:
    """Beside the lake of a workspace, with what else can be had again."""
    return at.db.root.parent / "cache" / "fits"


@lru_cache(maxsize=4_096)
def kept_fit(folder: Path | None, data: bytes) -> tuple[Fit | None, str | None]:
    """The fit of some data, or why there is none: as it was kept, else made."""
    found = None if folder is None else _read(_path(folder, data))
    return found or fit_two_states(data)


def keep_fit(folder: Path, data: bytes) -> bool:
    """Make a fit and keep it, where none can be read yet; whether one was made."""
    path = _path(folder, data)
    if _read(path) is not None:
        return False
    fit, note = fit_two_states(data)
    make_folder(folder)
    content = json.dumps({"fit": fit and asdict(fit), "note": note})
    seal = sha256(content.encode()).hexdigest()
    write_file(path, f"{seal}\n{content}\n".encode())
    return True


def _path(folder: Path, data: bytes) -> Path:
    """By the data and by all that makes a fit of them."""
    made_by = (
        f"{FORMAT} {STARTS} {SEED} statsmodels {version('statsmodels')} numpy {version('numpy')}"
    )
    return folder / f"{sha256(made_by.encode() + b' ' + data).hexdigest()}.json"


def _read(path: Path) -> tuple[Fit | None, str | None] | None:
    """What a file holds; none where it is not there or not as it was written."""
    try:
        seal, content = path.read_text(encoding="utf-8").splitlines()
        if sha256(content.encode()).hexdigest() != seal:
            return None
        raw = json.loads(content)
        fit, note = raw["fit"], raw["note"]
        if fit is None:
            return None, str(note)
        stay, mean = tuple(map(float, fit["stay"])), tuple(map(float, fit["mean"]))
        return Fit((stay[0], stay[1]), (mean[0], mean[1]), float(fit["deviation"])), note
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
