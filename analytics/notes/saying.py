"""Directions, relations and states that a sentence asserts, held against the facts it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from analytics.notes.binding import BoundNumber
from analytics.notes.fact import NUMBER, Fact, FactPack
from analytics.notes.reading import TOKEN, NoteSentence, plain_words

Wrong = tuple[int, int, str]
CLAUSE = re.compile(r"[,;:]")
LOOSE_ENDINGS = ("/change", "/growth")  # named by the indicator or line alone
OVERBOUGHT, OVERSOLD = 70.0, 30.0
FLAT = 1e-9
# States that are asserted wherever the word stands; others only where their fact is named.
STRICT = frozenset(
    {"goldilocks", "reflation", "stagflation", "slowdown", "upward", "downward", "buy", "sell"}
    | {"high", "low"}
)
SIGNS = frozenset(["positive", "negative", "neutral", "overbought", "oversold"])
RISK = re.compile(
    r"(?<![\w-])(?:risks?|danger|threat)\s+(?:is|are|of|that)(?![\w-])", re.IGNORECASE
)
NEGATED = "it is denied, which no fact can show"
UNKNOWN = "no fact that the sentence names shows it"


@dataclass(frozen=True, slots=True)
class SentenceFacts:
    """A sentence with the facts that its section sees and its bound numbers."""

    pack: FactPack
    sentence: NoteSentence
    facts: tuple[Fact, ...]
    numbers: tuple[BoundNumber, ...]

    def stated(self) -> Iterator[Fact]:
        """The facts that the sentence states: by a number, a word, a day or a quoted headline."""
        yield from (one.fact for one in self.numbers)
        quoted = {words.strip() for _, _, words in self.sentence.quotes}
        for fact in self.facts:
            if (
                fact.kind == "headline"
                and fact.text in quoted
                or fact.kind in ("state", "date")
                and fact.id in self.sentence.named
            ):
                yield fact

    def named(self, *kinds: str) -> list[Fact]:
        """The facts of some kinds that the sentence names."""
        return [f for f in self.facts if f.kind in kinds and f.id in self.sentence.named]

    def first_mention(self, fact: Fact, place: int, *, after: bool) -> int | None:
        """How far the nearest head word of a fact is behind or before a place."""
        spots = [
            one.start - place if after else place - one.end
            for one in self.sentence.named.get(fact.id, ((),))[0]
        ]
        return min((spot for spot in spots if spot >= 0), default=None)

    def clause(self, place: int) -> tuple[int, int]:
        """The clause around a place: from comma to comma."""
        text = self.sentence.text
        cuts = [m.end() for m in CLAUSE.finditer(text) if not _in_number(text, m.start())]
        start = max((cut for cut in cuts if cut <= place), default=0)
        return start, min((cut for cut in cuts if cut > place), default=len(text))


def wrong_words(known: SentenceFacts) -> Iterator[Wrong]:
    """The words that assert what the facts do not show."""
    used: list[str] = []
    for one in known.numbers:
        if _is_negated(known, one.quantity.start):
            yield one.quantity.start, one.quantity.end, NEGATED
    for token in TOKEN.finditer(known.sentence.text):
        is_free = _is_possible(known, token.start(), token[0].lower())
        if not is_free and not _in_label(known, *token.span()):
            reason = _asserted(known, token, used)
            if reason:
                yield *token.span(), reason
    yield from _states(known)


def _asserted(known: SentenceFacts, token: re.Match[str], used: list[str]) -> str | None:
    """Why a relation or a direction that a word asserts is not shown."""
    words, low = plain_words(), token[0].lower()
    if low in asserting_words() and _is_negated(known, token.start()):
        return NEGATED
    after = known.sentence.text[token.end() :]
    if low in words["more"] | words["less"] and re.match(r"\s+than\b", after):
        return _relation(known, token.end(), above=low in words["more"], used=used)
    is_short = low == "short" and after.startswith(" of ")
    if low in words["above"] | words["below"] or is_short:
        return _relation(known, token.start(), above=low in words["above"], used=used)
    if low in words["up"] | words["down"]:
        return _direction(known, token.start(), is_up=low in words["up"])
    if low in ("unchanged", "flat"):
        return _direction(known, token.start(), is_up=None)
    return None


@cache
def asserting_words() -> frozenset[str]:
    """The words that assert a direction or a relation."""
    words = plain_words()
    parts = (words[name] for name in ("up", "down", "above", "below"))
    return frozenset({"unchanged", "flat"}).union(*parts)


def state_words(pack: FactPack) -> frozenset[str]:
    """The single words that are checked as states, and so need not be plain ones."""
    texts = {word for fact in pack if fact.kind == "state" for word in fact.words}
    return SIGNS | STRICT | {word for text in texts for word in text.split()}


def _in_number(text: str, place: int) -> bool:
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()


def _is_possible(known: SentenceFacts, start: int, word: str) -> bool:
    """Whether a word says what may be: behind "if" or "could" in its clause, and no past event."""
    words = plain_words()
    if word in words["past"]:
        return False
    before = known.sentence.text[known.clause(start)[0] : start]
    marked = {token.lower() for token in TOKEN.findall(before)} & words["conditional"]
    return bool(marked) or RISK.search(before) is not None


def _is_negated(known: SentenceFacts, start: int) -> bool:
    """Whether a clause denies what stands in it."""
    before = known.sentence.text[known.clause(start)[0] : start]
    tokens = [token.lower() for token in TOKEN.findall(before)]
    return any(token in plain_words()["negation"] or token.endswith("n't") for token in tokens)


def _in_label(known: SentenceFacts, start: int, end: int) -> bool:
    """Whether a word is part of a longer name: "52-week high", "net loss"."""
    spans = [(one.start, one.end) for one in known.sentence.spoken]
    spans += [(first, last) for first, last, _ in known.sentence.quotes]
    return any(a <= start and end <= b and b - a > end - start + 2 for a, b in spans)


def _direction(known: SentenceFacts, place: int, *, is_up: bool | None) -> str | None:
    """Why a direction is not shown; None where a number or a fact shows it."""
    start, end = known.clause(place)
    for one in known.numbers:
        if start <= one.quantity.start < end and is_up is not None:
            value = one.fact.value or 0.0
            if one.turned == ("up" if is_up else "down"):
                return None
            if one.fact.kind == "change" and not one.turned and (value > 0) == is_up:
                return None
    near = _loosely_named(known, place)
    if not near:
        return UNKNOWN
    value = near[0].value or 0.0
    way = 0 if abs(value) <= FLAT else 1 if value > 0 else -1
    holds = way == (0 if is_up is None else 1 if is_up else -1)
    return None if holds else f"{near[0].label} is {near[0].printed}"


def _loosely_named(known: SentenceFacts, place: int) -> list[Fact]:
    """The changes that a sentence speaks of, the nearest first."""
    found = []
    for fact in known.facts:
        if fact.kind != "change" or "/surprise" in fact.id or fact.id.endswith("/z"):
            continue
        if "distance" in fact.id or fact.id.endswith("/drawdown"):
            continue
        if fact.id in known.sentence.named:
            heads = known.sentence.named[fact.id][0]
        elif fact.id.endswith(LOOSE_ENDINGS):
            level = next((f for f in known.facts if f.id == fact.id.rsplit("/", 1)[0]), None)
            groups = known.sentence.named.get(level.id) if level else None
            heads = groups[0] if groups else ()
        else:
            continue
        if heads:
            near = min(known.sentence.apart((place, place), (h.start, h.end)) for h in heads)
            found.append((near, fact.id, fact))
    return [fact for _, _, fact in sorted(found, key=lambda item: item[:2])]


def _relation(known: SentenceFacts, place: int, *, above: bool, used: list[str]) -> str | None:
    """Why "above" or "below" is not shown; None where it is."""
    said = "up" if above else "down"
    for one in known.numbers:
        quantity = one.quantity
        if 0 <= place - quantity.end <= 2 and one.turned == said:
            return None  # "1.7% above the average" is that distance
        if quantity.relation in ("<", ">") and 0 <= quantity.start - place <= 20:
            value = (one.fact.value or 0.0) - quantity.value
            if abs(value) > quantity.half:
                return None  # "above 70" was compared when the number was bound
    right = _operand(known, place, after=True, without=())
    if right is None:
        return UNKNOWN
    left = _operand(known, place, after=False, without=(*used, right.id))
    if left is None or left.unit != right.unit:
        left = _close_for(known, right)
    used.append(right.id)
    if left is None or left.value is None or right.value is None:
        return UNKNOWN
    holds = left.value > right.value if above else left.value < right.value
    return None if holds else f"{left.label} is {left.printed}, {right.label} {right.printed}"


def _operand(
    known: SentenceFacts, place: int, *, after: bool, without: Sequence[str]
) -> Fact | None:
    """The level that is named nearest behind or before a word; a bound number's before another of
    the same name."""
    bound = {one.fact.id for one in known.numbers}
    found = []
    for fact in known.named("level"):
        far = known.first_mention(fact, place, after=after)
        if far is not None and fact.id not in without and fact.value is not None:
            last = fact.period.last.toordinal() if fact.period else 0
            found.append((far, -len(fact.named_by), fact.id not in bound, -last, fact.id, fact))
    return min(found, key=lambda item: item[:-1])[-1] if found else None


def _close_for(known: SentenceFacts, right: Fact) -> Fact | None:
    """The close, where a sentence sets the shares beside one of their levels."""
    if right.role != "technicals" or right.unit == NUMBER:
        return None
    name = f"{right.id.rsplit('/', 1)[0]}/close"
    return next((fact for fact in known.facts if fact.id == name), None)


def _states(known: SentenceFacts) -> Iterator[Wrong]:
    """Words for states that are not those of the facts."""
    text = known.sentence.text
    every = [fact for fact in known.pack if fact.kind == "state"]
    words = {*SIGNS, *STRICT, *(word for fact in every for word in fact.words)}
    options = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w-])(?:{options})(?![\w-])", text, re.IGNORECASE):
        is_free = _is_possible(known, match.start(), match[0].lower())
        if is_free or _in_label(known, *match.span()):
            continue
        reason = _state(known, every, match[0].lower(), match.span())
        if not reason and _is_negated(known, match.start()):
            reason = NEGATED
        if reason:
            yield *match.span(), reason


def _state(
    known: SentenceFacts, every: Sequence[Fact], word: str, place: tuple[int, int]
) -> str | None:
    if word in ("overbought", "oversold"):
        return _of_rsi(known, word)
    named = [f for f in every if f.id in known.sentence.named and _may_be(f, word)]
    if named:
        near = min(named, key=lambda f: (known.sentence.nearest(f, place), f.id))
        return None if _is_in(near, word) else f"{near.label} is {near.text}"
    if word in ("positive", "negative"):
        return _sign_of(known, word, place)
    if word == "neutral":
        return _of_rsi(known, word) if known.sentence.named else UNKNOWN
    if word not in STRICT:
        return None
    fitting = [fact for fact in every if word in fact.words]
    if word in ("high", "low") or not fitting:
        return UNKNOWN
    holds = any(fact.text == word for fact in fitting)
    return None if holds else f"{fitting[0].label} is {fitting[0].text}"


def _may_be(fact: Fact, word: str) -> bool:
    return any(word == other or other.endswith(f" {word}") for other in fact.words)


def _is_in(fact: Fact, word: str) -> bool:
    return fact.text == word or fact.text.endswith(f" {word}")


def _of_rsi(known: SentenceFacts, word: str) -> str | None:
    rsi = next((fact for fact in known.pack if fact.id.endswith("/rsi_14")), None)
    if rsi is None or rsi.value is None or rsi.subject not in known.pack.own:
        return UNKNOWN
    if word == "neutral" and rsi.id not in known.sentence.named:
        return UNKNOWN
    ranges = {
        "overbought": rsi.value >= OVERBOUGHT,
        "oversold": rsi.value <= OVERSOLD,
        "neutral": OVERSOLD < rsi.value < OVERBOUGHT,
    }
    return None if ranges[word] else f"{rsi.label} is {rsi.printed}"


def _sign_of(known: SentenceFacts, word: str, place: tuple[int, int]) -> str | None:
    """Whether what is named nearest has that sign."""
    named = known.named("level", "change")
    if not named:
        return UNKNOWN
    near = min(named, key=lambda f: (known.sentence.nearest(f, place), f.id))
    value = near.value or 0.0
    holds = value > 0 if word == "positive" else value < 0
    return None if holds else f"{near.label} is {near.printed}"
