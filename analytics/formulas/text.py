"""Reads the text of a formula, such as `yoy(CPI) - policy rate`, into a tree; runs none of it.

A small language of its own: names, numbers, + - * / ( ) and the functions below. A hyphen is a
minus, unless it stands inside a name that is given as known. What it cannot read it refuses in one
sentence with the position, counted in characters from 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from analytics.core.entries import QUOTES
from data.errors import ConfigError

LONGEST, MOST_NODES, DEEPEST, LONGEST_WINDOW = 400, 100, 30, 1000
MOST_HYPHENS = 3  # inside one name


@dataclass(frozen=True, slots=True)
class FormulaFunction:
    """`series` counts its first arguments; a number may follow, of which `usual` is the default.

    Without `usual` the number must be given; `None` in `number` says that there is none.
    """

    about: str
    series: int = 1
    number: str | None = None
    usual: int | None = None


FUNCTIONS = {
    "log": FormulaFunction("natural logarithm"),
    "yoy": FormulaFunction("change on the year, in percent; of rates in percentage points"),
    "index": FormulaFunction("first value = 100"),
    "change": FormulaFunction("difference from n values before", 1, "n", 1),
    "roc": FormulaFunction("change in percent on n values before", 1, "n", 1),
    "lag": FormulaFunction("the value n before", 1, "n", 1),
    "sma": FormulaFunction("mean of the last n values", 1, "n"),
    "ema": FormulaFunction("exponential average over n values", 1, "n"),
    "spread": FormulaFunction("difference of two; of rates in basis points", 2),
}


@dataclass(frozen=True, slots=True)
class FormulaNumber:
    """A number as it was written."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class FormulaName:
    """What means an instrument or a series; `at` is the position of its first character."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class FormulaCall:
    """A function of one or two parts, with its number where it takes one."""

    function: str
    parts: tuple[FormulaNode, ...]
    number: int | None
    at: int


@dataclass(frozen=True, slots=True)
class FormulaOperation:
    """Two parts and the sign between them."""

    sign: str
    left: FormulaNode
    right: FormulaNode
    at: int


FormulaNode = FormulaNumber | FormulaName | FormulaCall | FormulaOperation


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, word, quoted, sign, end
    text: str
    at: int


NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.:&^=$#])")
# A hyphen belongs to a word only behind a colon, as in an id; elsewhere `_hyphenated` decides.
WORD = re.compile(r"(?:[\w^$]|\.(?=[^\W\d]))(?:[\w.&^=$#'])*(?::(?:[\w.&^=$#':]|-(?=\w))+)?")
SIGNS = {"−": "-", "–": "-", "×": "*", "÷": "/", ";": ","}


def parse_formula(text: str, known: Collection[str] = ()) -> FormulaNode:
    """The tree of a formula; a ConfigError with the position where it cannot be read.

    Of the names in `known` a hyphen is a part: `A-B` is one name there, `A - B` is a difference.
    """
    tokens, names = _tokens(text), dict[int, tuple[int, str]]()
    for begin, end, name in _hyphenated(text, tokens):
        if name in known:
            names.setdefault(begin, (end, name))  # the longest comes first
    joined, place = list[_Token](), 0
    while place < len(tokens):
        end, name = names.get(place, (place + 1, ""))
        token = tokens[place]
        joined.append(_Token("word", name, token.at) if name else token)
        place = end
    return _Parser(joined).whole()


def hyphenated_names(text: str) -> list[str]:
    """What a formula has with a hyphen and without a blank: each a name, or else a difference."""
    return list(dict.fromkeys(name for _, _, name in _hyphenated(text, _tokens(text))))


def _hyphenated(text: str, tokens: list[_Token]) -> Iterator[tuple[int, int, str]]:
    """The tokens, from one up to another, that may be one name; of one beginning the longest first.

    A name of several words and a function take no hyphenated word.
    """
    for begin in range(len(tokens)):
        for end in range(begin + 2 * MOST_HYPHENS + 1, begin + 2, -2):
            if end >= len(tokens) or not _may_be_name(tokens, begin, end):
                continue
            name = "".join(token.text for token in tokens[begin:end])
            if text.startswith(name, tokens[begin].at - 1):
                yield begin, end, name


def _may_be_name(tokens: list[_Token], begin: int, end: int) -> bool:
    """Whether words stand there in turn with minus signs, and no other word beside them."""
    kinds = [token.kind in ("word", "number") for token in tokens]
    is_alone = not kinds[end] and not (begin and kinds[begin - 1])
    is_call = (tokens[end].kind, tokens[end].text) == ("sign", "(")
    signs = {(token.kind, token.text) for token in tokens[begin + 1 : end : 2]}
    return is_alone and not is_call and all(kinds[begin:end:2]) and signs == {("sign", "-")}


def names_in(node: FormulaNode) -> list[FormulaName]:
    """The names of a formula in the order in which they are written, each text once."""
    found = {name.text: name for name in reversed(list(_names(node)))}
    return sorted(found.values(), key=lambda name: name.at)


def written(node: FormulaNode) -> str:
    """A part in one way of writing, as labels and units show it."""
    match node:
        case FormulaNumber() | FormulaName():
            return node.text
        case FormulaCall():
            number = [] if node.number is None else [str(node.number)]
            inside = ", ".join([*(written(part) for part in node.parts), *number])
            return f"{node.function}({inside})"
        case FormulaOperation(sign="*", left=FormulaNumber(text="-1")):
            return f"-{_bracketed(node.right)}"
        case FormulaOperation():
            return f"{_bracketed(node.left)}{node.sign}{_bracketed(node.right)}"


def _bracketed(node: FormulaNode) -> str:
    return f"({written(node)})" if isinstance(node, FormulaOperation) else written(node)


def _names(node: FormulaNode) -> Iterator[FormulaName]:
    match node:
        case FormulaName():
            yield node
        case FormulaCall():
            for part in node.parts:
                yield from _names(part)
        case FormulaOperation():
            yield from _names(node.left)
            yield from _names(node.right)


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise ConfigError(
            f"a formula of {len(text)} characters; expected at most {LONGEST}. Shorten it"
        )
    place, tokens = 0, list[_Token]()
    while place < len(text):
        mark = text[place]
        if mark.isspace():
            place += 1
            continue
        token = _token(text, place, mark)
        place += len(token.text) + (2 if token.kind == "quoted" else 0)
        tokens.append(token)
    return [*tokens, _Token("end", "", len(text) + 1)]


def _token(text: str, place: int, mark: str) -> _Token:
    if mark in QUOTES:
        end = text.find(QUOTES[mark], place + 1)
        if end < 0 or not text[place + 1 : end].strip():
            what = "is never closed" if end < 0 else "holds no name"
            raise ConfigError(f"the quotation mark at character {place + 1} {what}")
        return _Token("quoted", text[place + 1 : end], place + 1)
    if SIGNS.get(mark, mark) in "+-*/(),":
        return _Token("sign", SIGNS.get(mark, mark), place + 1)
    if found := NUMBER.match(text, place):
        return _Token("number", found.group(), place + 1)
    if found := WORD.match(text, place):
        return _Token("word", found.group(), place + 1)
    raise ConfigError(
        f"{mark!r} at character {place + 1} has no meaning in a formula; a name with such signs "
        "stands in quotation marks"
    )


class _Parser:
    """One token after the other, by recursive descent."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._place, self._depth, self._nodes = tokens, 0, 0, 0

    def whole(self) -> FormulaNode:
        """All tokens as one formula."""
        node = self._sum()
        if self._next.kind != "end":
            raise self._unexpected("an operator")
        return node

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def _is(self, *signs: str) -> bool:
        return self._next.kind == "sign" and self._next.text in signs

    def _unexpected(self, wanted: str) -> ConfigError:
        token = self._next
        found = "the end" if token.kind == "end" else repr(token.text[:40])
        return ConfigError(f"expected {wanted} at character {token.at}, found {found}")

    def _counted(self, node: FormulaNode) -> FormulaNode:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ConfigError(f"a formula of more than {MOST_NODES} parts; split it")
        return node

    def _sum(self) -> FormulaNode:
        node = self._product()
        while self._is("+", "-"):
            sign = self._take()
            node = self._counted(FormulaOperation(sign.text, node, self._product(), sign.at))
        return node

    def _product(self) -> FormulaNode:
        node = self._signed()
        while self._is("*", "/"):
            sign = self._take()
            node = self._counted(FormulaOperation(sign.text, node, self._signed(), sign.at))
        return node

    def _signed(self) -> FormulaNode:
        if not self._is("-", "+"):
            return self._primary()
        sign = self._take()
        self._deeper(sign)
        node = self._signed()
        self._depth -= 1
        if sign.text == "+":
            return node
        if isinstance(node, FormulaNumber):
            return FormulaNumber(-node.value, f"-{node.text}")
        return self._counted(FormulaOperation("*", FormulaNumber(-1.0, "-1"), node, sign.at))

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConfigError(
                f"more than {DEEPEST} brackets or signs inside each other at character {token.at}"
            )

    def _primary(self) -> FormulaNode:
        token = self._next
        if token.kind == "number":
            return self._counted(self._number())
        if token.kind == "quoted":
            self._take()
            return self._counted(FormulaName(token.text.strip(), token.at))
        if token.kind == "word":
            return self._word()
        if not self._is("("):
            raise self._unexpected("a name or number")
        self._take()
        self._deeper(token)
        node = self._sum()
        self._close()
        self._depth -= 1
        return node

    def _close(self) -> None:
        if not self._is(")"):
            raise self._unexpected("an operator or ')'")
        self._take()

    def _number(self) -> FormulaNumber:
        token = self._take()
        value = float(token.text)
        if not math.isfinite(value):
            raise ConfigError(f"the number at character {token.at} is too large")
        return FormulaNumber(value, token.text)

    def _word(self) -> FormulaNode:
        """A function where a bracket follows, else a name of one or more words: `S&P 500`."""
        first = self._take()
        if self._is("("):
            return self._call(first)
        words = [first.text]
        while self._next.kind in ("word", "number"):
            words.append(self._take().text)
        if self._is("("):
            raise self._unexpected("an operator")
        return self._counted(FormulaName(" ".join(words), first.at))

    def _call(self, word: _Token) -> FormulaNode:
        name = word.text.lower()
        function = FUNCTIONS.get(name)
        if function is None:
            raise ConfigError(
                f"there is no function {word.text[:40]!r} (character {word.at}); "
                f"there are {', '.join(FUNCTIONS)}"
            )
        self._take()
        self._deeper(word)
        parts = [self._sum()]
        for _ in range(function.series - 1):
            self._comma(f"{name} takes {function.series} names")
            parts.append(self._sum())
        number = self._window(name, function)
        self._close()
        self._depth -= 1
        return self._counted(FormulaCall(name, tuple(parts), number, word.at))

    def _comma(self, why: str) -> None:
        if not self._is(","):
            raise ConfigError(f"{self._unexpected('a comma')}; {why}")
        self._take()

    def _window(self, name: str, function: FormulaFunction) -> int | None:
        if function.number is None:
            if self._is(","):
                raise ConfigError(f"{name} takes no number (character {self._next.at})")
            return None
        if not self._is(",") and function.usual is not None:
            return function.usual
        self._comma(f"{name} needs a number of values, as in {name}(X, 20)")
        token = self._next
        value = self._number().value if token.kind == "number" else 0.0
        if value != int(value) or not 1 <= value <= LONGEST_WINDOW:
            raise ConfigError(
                f"{name} at character {token.at}: expected a whole number of values, "
                f"1 to {LONGEST_WINDOW}"
            )
        return int(value)
