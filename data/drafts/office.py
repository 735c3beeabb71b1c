"""The parts of an office file; its XML has no DOCTYPE, so no entity, and nothing of it is run."""

from __future__ import annotations

import posixpath
import zipfile
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from data.archives import open_archive
from data.confined import MB
from data.errors import UploadError

UNPACKED = 50 * MB
ADVICE = ".docx"
OTHERS = {
    "xl/": "a workbook; import tables on Positions or Watchlists",
    "ppt/": "a presentation; export it as PDF",
    "content.xml": "an OpenDocument file; save it as .docx",
    "Index/": "a Pages file; export it as .docx",
    "META-INF/container.xml": "an e-book; save the text as .html",
}
DEEPEST = 200  # elements within one another; Word itself writes a few dozen
CORE = {"title": "title", "creator": "author", "subject": "subject", "description": "description"}
CORE |= {"keywords": "keywords", "created": "created", "modified": "modified"}
CORE |= {"lastModifiedBy": "last modified by", "language": "language"}


class OfficePackage:
    """The parts of the archive and how they refer to one another."""

    def __init__(self, payload: bytes) -> None:
        self.archive = open_archive(payload, most=UNPACKED, advice=ADVICE)
        self.names = {member.filename for member in self.archive.infolist()}

    def main(self) -> str:
        """The part with the text; an archive without one is something else."""
        targets = self.relations("")
        found = [to for kind, to in targets.values() if kind == "officeDocument"]
        for name in [*found, "word/document.xml"]:
            is_other = name.startswith(("xl/", "ppt/")) or not name.endswith(".xml")
            if name in self.names and not is_other:
                return name
        for start, what in OTHERS.items():
            if any(name.startswith(start) for name in self.names):
                raise UploadError(f"it is {what}")
        raise UploadError("it is an archive without a document; expected a .docx, so unpack it")

    def has_macros(self) -> bool:
        """Whether a program could run something of it; nothing here does."""
        return any(name.lower().endswith("vbaproject.bin") for name in self.names)

    def tree(self, name: str) -> Element:
        """The XML of a part."""
        try:
            return parse_xml(self.archive.read(name), name=name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
            raise UploadError(
                f"its part {name} is damaged or locked; save it again as .docx without a password"
            ) from None

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> kind and target of what a part refers to."""
        folder, base = posixpath.split(part)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if name not in self.names:
            return {}
        found = {}
        for each in self.tree(name):
            target = each.get("Target", "")
            if each.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[each.get("Id", "")] = each.get("Type", "").rpartition("/")[2], target
        return found

    def related(self, part: str, kind: str) -> Element | None:
        """The first part of a kind that another one refers to."""
        targets = (to for found, to in self.relations(part).values() if found == kind)
        name = next((to for to in targets if to in self.names), None)
        return self.tree(name) if name else None

    def properties(self) -> dict[str, str]:
        """What the document says of itself."""
        name = "docProps/core.xml"
        if name not in self.names:
            return {}
        stated = {
            CORE[e.tag]: " ".join((e.text or "").split()) for e in self.tree(name) if e.tag in CORE
        }
        return {key: value[:2_000] for key, value in stated.items() if value}


def parse_xml(payload: bytes, *, name: str) -> Element:
    """The tree of a part; its names without their namespaces."""
    builder = TreeBuilder()
    depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise UploadError(f"its part {name} is nested too deeply; save it again as .docx")
        builder.start(local(tag), {local(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(local(tag))

    def refuse(*_: object) -> None:
        raise UploadError(
            f"its part {name} has a DOCTYPE, which no office program writes; save it again as .docx"
        )

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(payload, True)
    except expat.ExpatError as error:
        raise UploadError(
            f"its part {name} is damaged (line {error.lineno}); save it again as .docx"
        ) from None
    return builder.close()


def local(name: str) -> str:
    """A name without its namespace; those of strict and of older files differ in that alone."""
    return name.rpartition("}")[2]
