"""The text of a draft as a reader sees it, of the same length as its source, so that every place in
it is a place in the source."""

from __future__ import annotations

import re
from html import unescape

NO_BREAK = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
# Without an end each of these reaches to the end of the text: so do browsers, and so no draft makes
# the search start over at every opening.
UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|noscript|code|pre|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)"
    r"|(?m:^)[ ]{0,3}(```|~~~).*?(?:\n[ ]{0,3}\2[^\n]*|\Z)",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(
    r"""<(/?[a-zA-Z][a-zA-Z0-9]*+|!|\?)(?:[^<>"']++|"[^"]{0,500}"|'[^']{0,500}'){0,60}+>"""
)
CODE = re.compile(r"`[^`\n]{1,300}`")
LINK = re.compile(r"(?<=\]\()[^()\s]{1,500}")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
CELLS = frozenset({"td", "th", "tr", "/td", "/th", "/tr"})
INLINE = frozenset(
    {
        "a",
        "b",
        "i",
        "u",
        "em",
        "strong",
        "span",
        "sub",
        "sup",
        "small",
        "mark",
        "font",
        "abbr",
        "wbr",
    }
)


def visible_text(source: str) -> str:
    """The draft with blanks where it holds what nobody reads: comments, scripts, attributes, code.

    A cell of a table begins and ends with `|` and a paragraph with a line break; apostrophes and
    spaces that do not break are each of one kind.
    """
    text = NO_BREAK.sub("\u00a0", source).replace("\u2019", "'")
    text = UNSEEN.sub(_blank, text)
    text = TAG.sub(_tag, text)
    text = CODE.sub(_blank, text)
    text = LINK.sub(_blank, text)
    return ENTITY.sub(_entity, text)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _tag(match: re.Match[str]) -> str:
    name = match[1].lower()
    if name in CELLS:
        return "|".ljust(len(match[0]))
    if name.removeprefix("/") in INLINE:
        return "\u00a0" * len(match[0])
    return "\n".ljust(len(match[0]))


def _entity(match: re.Match[str]) -> str:
    sign = unescape(match[0])
    if len(sign) != 1 or sign.isspace():
        return "\u00a0" * len(match[0])
    return ("'" if sign == "\u2019" else sign).rjust(len(match[0]), "\u00a0")
