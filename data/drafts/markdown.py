"""Markdown as a draft: the words without the marks that dress them, each traced to its place.

It follows CommonMark and its tables as far as drafts go; HTML within it is left out, its words are
kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise

from data.drafts.draft import FOLD, DraftText
from data.drafts.lines import LineBlock, find_blocks
from data.drafts.plain import addresses
from data.drafts.web_page import first_heading, not_read
from data.drafts.writer import DraftWriter

FRONT = re.compile(r"---[ \t]*\r?\n((?:[^\n]{0,2000}\n){0,100}?)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)")
STATEMENT = re.compile(r"([A-Za-z][\w-]{0,50}):[ \t]*(.*)")
DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)([^\]\n]{1,200})\]:[ \t]*<?([^\s>]{1,2000})>?[^\n]*$", re.M
)
ADDRESS_PART = (
    r"<?((?:[^()\s<>]|\([^()\s]{0,500}\)){0,2000})>?(?:\s{1,9}[\"'(][^\n]{0,300}?[\"')])?"
)
TOKEN = re.compile(
    r"\\(?:(?P<escape>[!-/:-@\[-`{-~])|(?P<hard>(?=\r?\n)))"
    r"|(?P<ticks>`{1,3})(?P<code>[^`](?:[^\n]{0,500}?[^`])?)(?P=ticks)(?!`)"
    rf"|(?P<image>!\[[^\]\n]{{0,500}}\](?:\({ADDRESS_PART}\)|\[[^\]\n]{{0,200}}\]))"
    r"|\[\^(?P<note>[^\]\s]{1,50})\]"
    r"|<(?P<auto>https?://[^>\s]{1,2000}|[\w.+-]{1,100}@[\w.-]{1,100})>"
    r"|<sup>(?P<raised>[^<]{1,40})</sup>"
    r"|(?P<break><br[ \t]*/?>)"
    r"|(?P<tag></?[a-zA-Z](?:[^<>]{0,500})>)"
    r"|(?P<reference>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<marks>\*{1,3}|_{1,3}|~~)"
    r"|(?P<link>\[)"
)
TARGET = re.compile(rf"\]\({ADDRESS_PART}\)|\]\[(?P<id>[^\]\n]{{0,200}})\]|\]")
MOST_WORDS = 1_000  # of one link
MASKED = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))


def read_markdown(source: str, notes: list[str]) -> DraftText:
    """The draft of a Markdown text, with the statements at its head."""
    front = FRONT.match(source)
    meta = dict(_statements(front[1])) if front else {}
    masked = _masked(source, front.end() if front else 0)
    targets = {name.casefold(): href for name, href in DEFINITION.findall(masked)}
    masked = DEFINITION.sub(lambda match: " " * len(match[0]), masked)
    blocks = list(find_blocks(masked))
    reader = _Inline(_unquoted(masked, blocks), targets)
    for block in blocks:
        reader.block(block)
    writer = reader.writer
    if reader.images:
        notes = [*notes, not_read(reader.images, "image")]
    return DraftText(
        writer.text,
        "markdown",
        tuple(writer.blocks),
        title=meta.get("title") or first_heading(writer),
        meta=meta,
        links=writer.links_in_order(),
        notes=tuple(notes),
        source=source,
        runs=writer.runs,
    )


def _statements(front: str) -> Iterator[tuple[str, str]]:
    for line in front.splitlines():
        if (match := STATEMENT.fullmatch(line.rstrip())) and match[2]:
            yield match[1].casefold(), match[2].strip().strip("\"'")


def _masked(source: str, start: int) -> str:
    """The source with blanks for what no reader sees, so that every place stays."""
    hidden = [(0, start)]
    lower = source.lower() if len(source.lower()) == len(source) else source
    for opening, closing in MASKED:
        at = start
        while (begin := lower.find(opening, at)) >= 0:
            end = lower.find(closing, begin)
            if end < 0:
                break
            at = end + len(closing)
            hidden.append((begin, at))
    letters = list(source)
    for begin, end in hidden:
        letters[begin:end] = ["\n" if mark == "\n" else " " for mark in letters[begin:end]]
    return "".join(letters)


def _unquoted(masked: str, blocks: list[LineBlock]) -> str:
    """With blanks between the lines of a block, so that a quotation's marks are no words."""
    letters = list(masked)
    for block in blocks:
        if block.kind == "quotation":
            for left, right in pairwise(block.spans):
                letters[left[1] : right[0]] = " " * (right[0] - left[1])
    return "".join(letters)


class _Inline:
    """Writes the words of blocks, whose places in the source are their places in `letters`."""

    def __init__(self, letters: str, targets: dict[str, str]) -> None:
        self.letters = letters
        self.targets = targets
        self.writer = DraftWriter()
        self.images = 0
        self.dressing: set[int] = set()

    def block(self, block: LineBlock) -> None:
        """One block with everything in it."""
        writer = self.writer
        if block.kind == "table row":
            writer.begin_row(block.table)
            writer.is_header = block.is_header
            for column, (start, end) in enumerate(block.spans):
                writer.begin_cell(column)
                self._dressed_words(start, end)
            writer.end_row()
            return
        writer.begin(block.kind, block.level)
        if block.kind == "code":
            for start, end in block.spans:
                writer.put(self.letters[start:end], start, end)
                writer.break_line()
        else:
            self._dressed_words(block.spans[0][0], block.spans[-1][1])
        writer.end()

    def _dressed_words(self, start: int, end: int) -> None:
        self.dressing = _dressing(self.letters, start, end)
        self._words(start, end)

    def _words(self, start: int, end: int) -> None:
        at = start
        while (token := TOKEN.search(self.letters, at, end)) is not None:
            self._flow(at, token.start())
            at = self._link(token, end) if token["link"] else self._token(token)
        self._flow(at, end)

    def _flow(self, start: int, end: int) -> None:
        """Words as they are; a bare address leads where it says."""
        at = start
        for left, right in addresses(self.letters[start:end]):
            self.writer.flow(self.letters[at : start + left], at, start + left)
            began = self.writer.next_word
            at = start + right
            self.writer.flow(self.letters[start + left : at], start + left, at)
            self.writer.link(self.letters[start + left : at], began)
        self.writer.flow(self.letters[at:end], at, end)

    def _token(self, token: re.Match[str]) -> int:
        """What a mark means; where the text goes on."""
        kind, writer = token.lastgroup, self.writer
        start, end = token.span()
        if kind == "image":
            self.images += 1
        elif kind == "break":
            writer.break_line()
        elif kind == "marks" and start not in self.dressing:
            writer.flow(token[0], start, end)
        elif kind == "auto":
            began = writer.next_word
            writer.flow(token["auto"], *token.span("auto"))
            writer.link(("mailto:" if "://" not in token["auto"] else "") + token["auto"], began)
        elif kind == "reference":
            writer.flow(html.unescape(token[0]), start, end)
        elif kind in ("escape", "code", "note", "raised"):
            words = token[kind].translate(FOLD) if kind in ("note", "raised") else token[kind]
            writer.flow(words, *token.span(kind))
        return end

    def _link(self, token: re.Match[str], end: int) -> int:
        """Words that lead somewhere; a bracket without an address is a letter."""
        target = _target(self.letters, token.end(), end)
        href = None
        if target is not None:
            words = self.letters[token.end() : target.start()]
            named = " ".join((target["id"] or words).split()).casefold()
            href = target[1] if target[1] is not None else self.targets.get(named)
        if target is None or href is None:
            self.writer.flow("[", *token.span())
            return token.end()
        began = self.writer.next_word
        self._words(token.end(), target.start())
        self.writer.link(href, began)
        return target.end()


def _target(letters: str, start: int, end: int) -> re.Match[str] | None:
    """The bracket that closes the one before `start`, with the address after it."""
    depth = 0
    for at in range(start, min(end, start + MOST_WORDS)):
        if letters[at] == "[":
            depth += 1
        elif letters[at] == "]" and depth == 0:
            return TARGET.match(letters, at, end)
        elif letters[at] == "]":
            depth -= 1
    return None


def _dressing(letters: str, start: int, end: int) -> set[int]:
    """Where the marks stand that set words off; those without a partner are letters."""
    found: set[int] = set()
    opened: dict[str, list[int]] = {}
    for token in TOKEN.finditer(letters, start, end):
        marks = token["marks"]
        if marks is None:
            continue
        before = letters[token.start() - 1] if token.start() > start else " "
        after = letters[token.end()] if token.end() < end else " "
        inner = marks[0] == "_"  # within a word it is a letter of a name
        if opened.get(marks) and not before.isspace() and not (inner and after.isalnum()):
            began = opened[marks].pop()
            found |= {began, token.start()}
        elif not after.isspace() and not (inner and before.isalnum()):
            opened.setdefault(marks, []).append(token.start())
    return found
