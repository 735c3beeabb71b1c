"""How far archives are loaded, so that a load that was killed goes on where it stopped.

A place is written after its rows are in the lake, never before. The file may be lost: then an
archive is read once more, and adds nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from data.disk import write_file
from data.errors import SourceError


@dataclass(slots=True)
class LoadedArchives:
    """How many parts of each archive are loaded, by its fingerprint."""

    path: Path
    parts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> LoadedArchives:
        """Those of a workspace; none where the file is missing or cannot be read."""
        found = cls(folder / "archives.json")
        with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
            stored = json.loads(found.path.read_text(encoding="utf-8"))
            found.parts = {str(name): int(done) for name, done in stored.items()}
        return found

    def done(self, name: str) -> int:
        """How many parts of an archive are loaded."""
        return self.parts.get(name, 0)

    def remember(self, name: str, done: int) -> None:
        """So many are; a disk that refuses costs a second reading, not facts."""
        self.parts[name] = done
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self.path, json.dumps(self.parts).encode())


def fingerprint(path: Path, of: Collection[str] = ()) -> str:
    """What tells an archive, and the part of it that is asked for, from any other: its members."""
    mark = hashlib.sha256(",".join(sorted(of)).encode())
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                line = f"{member.filename} {member.CRC:08x} {member.file_size}\n"
                mark.update(line.encode("utf-8", "replace"))
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; download it from the SEC first") from None
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceError(f"{path.name} is damaged or cut ({error}): download it again") from None
    return mark.hexdigest()[:32]
