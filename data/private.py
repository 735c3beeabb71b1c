"""What a workspace holds is private to its owner: folders 0700, files 0600.

A umask does it for all that this process and its children will write; what lies there from before
is mended once, and the folder of the workspace itself last, as the sign that it was done.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from data.settings import Settings

UMASK = 0o077


def private_settings(workspace: str | None = None) -> Settings:
    """The settings of a main, and from here on the privacy of the workspace they name."""
    settings = Settings.from_env(workspace)
    keep_private(settings.root, settings.data_dir / "backups" / settings.workspace)
    return settings


def keep_private(*folders: Path) -> None:
    """Nobody but the owner reads what this process and its children write from here on."""
    os.umask(UMASK)
    for folder in folders:
        if _others_may(folder):
            for path, _, names in os.walk(folder, topdown=False):
                for name in names:
                    _close(Path(path, name))
                _close(Path(path))


def _others_may(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & UMASK)
    except FileNotFoundError:
        return False


def _close(path: Path) -> None:
    """Takes the rights of others away; what is not ours to change, or gone, stays as it is."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & UMASK and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~UMASK)
