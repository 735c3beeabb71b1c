"""Scripts for the browser: modules in files, handed over as one text.

A component takes one script and an exported document may load nothing, so a module and those it
imports are joined here. In a joined script all top-level names are neighbours; a test runs each.
"""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r"^import \{[^}]*\} from '(\.{1,2}/[^']+)';\n", re.MULTILINE)
OTHER_IMPORT = re.compile(r"^import\b.*", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def joined_script(path: Path) -> str:
    """A module after all that it needs; only its `export default` is left to import."""
    return "\n".join(_texts(path.resolve(), set()))


def plain_script(path: Path, name: str) -> str:
    """The same for a page of its own, where the default function is called by a name."""
    return joined_script(path).replace("export default function", f"function {name}")


def _texts(path: Path, known: set[Path]) -> list[str]:
    known.add(path)
    text = path.read_text(encoding="utf-8")
    before: list[str] = []
    for match in IMPORT.finditer(text):
        needed = (path.parent / match[1]).resolve()
        if needed not in known:
            before += _texts(needed, known)
    own = EXPORT.sub("", IMPORT.sub("", text))
    if left := OTHER_IMPORT.search(own):
        raise ValueError(f"{path.name}: write {left[0]!r} as import {{ names }} from './file.mjs'")
    return [*before, own]
