"""XML as a tree, from bytes that nobody vouches for: no entities, no external anything."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

from ingest.formats.body import content, said
from ingest.jobs import Reply, ReplyError

DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.I)
PREFIX = re.compile(rb"(</?)[A-Za-z_][\w.-]*:")
ATTRIBUTE = re.compile(rb"(\s)(?!xmlns)[A-Za-z_][\w.-]*:([A-Za-z_][\w.-]*\s*=)")


def tree(reply: Reply) -> Element:
    """The root of an XML body."""
    return root(content(reply))


def root(body: bytes) -> Element:
    """The root; a fragment whose prefixes are declared nowhere is read without them."""
    if DECLARES.search(body) or b"\x00" in body[:200]:
        raise ReplyError(
            "upstream", "XML with declarations of its own is refused; none is due here"
        )
    try:
        return _parse(body)
    except ParseError as error:
        if "unbound prefix" in str(error):
            return root_without_prefixes(body)
        start = said(body[:80].decode("utf-8", "replace"))
        raise ReplyError(
            "upstream", f"expected XML, found {start!r} ({error}); the body may be cut"
        ) from None


def root_without_prefixes(body: bytes) -> Element:
    """The root of a fragment, prefixes dropped."""
    try:
        return _parse(ATTRIBUTE.sub(rb"\1\2", PREFIX.sub(rb"\1", body)))
    except ParseError as error:
        raise ReplyError("upstream", f"XML that cannot be read: {error}") from None


def _parse(body: bytes) -> Element:
    parser = XMLParser()
    parser.feed(body)
    made: Element = parser.close()
    return made


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def attributes(element: Element) -> dict[str, str]:
    """Attributes by their local names."""
    return {local(key): value for key, value in element.attrib.items()}


def child_text(element: Element, name: str) -> str:
    """Text of the first child of that local name, trimmed; empty when there is none."""
    for child in element:
        if local(child.tag) == name:
            return "".join(child.itertext()).strip()
    return ""
