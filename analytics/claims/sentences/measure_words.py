"""Which measure a number is of, and its sign, by the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from analytics.claims.sentences.around import POINTS, REACH, UM, Around, Placed
from analytics.claims.sentences.direction_words import DirectionWord
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.period_marks import LED_BY_BASE, THAN
from analytics.claims.sentences.subject_kinds import are_changes, is_share
from analytics.claims.statement import Measure, Quantity, Relation, Subject

COUNTS = {"months", "quarters", "years", "days", "meetings"}
BALANCE = re.compile(r"balance|current account", re.IGNORECASE)
SHORTFALL = re.compile(r"deficit|trade gap|shortfall|déficit|defizit|fehlbetrag", re.IGNORECASE)
GAINED = re.compile(r"surplus|überschuss|excédent|superávit", re.IGNORECASE)
TOLD = ("indicator", "instrument", "concept")
AVERAGED = re.compile(
    r"\baveraged\b|\bon average\b|\ban average of\b|"
    r"durchschnitt\w*|\bim Mittel\b|\ben moyenne\b|\bpromedio\b|"
    r"\bde media\b",
    re.IGNORECASE,
)
TOTALLED = re.compile(r"\btotal\w*|\bsumm\w*|\bwhole of\b|\bsum of\b|\bcumul\w*", re.IGNORECASE)
REACHED = re.compile(
    r"\b(?:to|at|auf|bei|à|al|hasta(?: el)?|en el)\s+"
    r"(?:(?:a|an|einem?|une?) \w+ (?:of|von|de)\s+)?[$€£¥]?$",
    re.IGNORECASE,
)
ROW = re.compile(
    r"in a row|running|consecutive|in folge|de suite|consécuti|seguid|consecutiv", re.I
)
FOR_A = re.compile(r"\bfor (?:a|the) $", re.IGNORECASE)
# "14 basis points below April's": which way it is told by the words behind the number.
LESS_BEHIND = re.compile(
    r"\s*(?:[^\W\d]+\s+)?(?:below|under|lower|less|fewer|weaker|down|smaller|unter|niedriger|tiefer|"
    r"weniger|de moins|inférieure?s?|plus bas|sous|menos|por debajo|inferior|más bajo)\b",
    re.IGNORECASE,
)
# "January's increase was 142k": what a noun of a move is.
NOUN_OF_MOVE = re.compile(
    r"\b(?:increase|decrease|rise|decline|drop|gain|fall)\s+(?:in \w+ )?"
    r"(?:was|came to|came in at|amounted to|totalled)\s+(?:an? \w+ )?[$€£¥]?$",
    re.IGNORECASE,
)
TWICE = re.compile(r"twice|thrice|three times", re.IGNORECASE)
BY = re.compile(r"(?:^|\s)(?:by|um|un)(?:\s|$)|(?:^|\s)en\s+$", re.IGNORECASE)


def measure_of(around: Around, placed: Placed, subject: Subject | None) -> Measure | None:
    """Which measure a number is of; none where it is of none that can be told."""
    quantity, passage, word = placed.quantity, placed.passage, placed.word
    if around.is_same_move(quantity, passage):
        return "percent change"
    if quantity.unit in COUNTS or quantity.unit == "times" or _is_run(quantity):
        return _of_count(around, quantity)
    if subject is None:
        return "level"
    if passage.kind == "cell":
        return _of_cell(around, quantity, passage, subject)
    clause = around.draft.text[max(passage.start, quantity.start - REACH) : quantity.start]
    clause = clause[max(clause.rfind(";"), clause.rfind(", ")) + 1 :]
    behind = around.draft.text[quantity.end :].lstrip()
    if AVERAGED.search(clause) or behind.startswith("on average"):
        return "average"
    if TOTALLED.search(clause) and subject.kind == "series":
        return "sum"
    if quantity.unit == "%" and subject.kind == "instrument":
        is_move = word is not None or quantity.is_signed or _is_moved(around, quantity, word)
        return "percent change" if is_move else None
    level: Measure = "close" if subject.kind == "instrument" else "level"
    return level if REACHED.search(clause) else _of_move(around, quantity, subject, word, level)


def _of_count(around: Around, quantity: Quantity) -> Measure | None:
    """Of words and counts: a streak, or how many times as much."""
    words = around.draft.text[quantity.start : quantity.end]
    is_row = ROW.search(words) or FOR_A.search(
        around.draft.text[max(0, quantity.start - 12) : quantity.start]
    )
    if quantity.is_word and quantity.unit != "times" and is_row:
        return "streak"
    return "ratio" if quantity.unit == "times" and not TWICE.match(words) else None


def _of_move(
    around: Around, quantity: Quantity, subject: Subject, word: DirectionWord | None, level: Measure
) -> Measure | None:
    """A level, or how far something went; of a rate the way is in points."""
    unit, is_rate = quantity.unit, is_share(subject)
    moved = _is_moved(around, quantity, word)
    if are_changes((subject,)) and unit not in POINTS:
        return level
    if unit in POINTS or (unit == "points" and is_rate):
        return "change" if moved or word is not None or quantity.is_signed else level
    if unit == "%" and not is_rate:
        return "percent change" if word is not None or moved or quantity.is_signed else None
    is_beside = (
        unit == "%"
        and word is not None
        and not _between(around, word, quantity).strip()
        and "," not in around.draft.text[quantity.end : word.start]
    )
    return "change" if moved or is_beside else level


def _between(around: Around, word: DirectionWord, quantity: Quantity) -> str:
    return around.draft.text[word.end : quantity.start]


def _of_cell(around: Around, quantity: Quantity, passage: Passage, subject: Subject) -> Measure:
    if quantity.unit == "%" and not is_share(subject):
        return "percent change"
    if around.heads_change(passage) or quantity.unit in POINTS:
        return "change"
    return "close" if subject.kind == "instrument" else "level"


def _is_moved(around: Around, quantity: Quantity, word: DirectionWord | None) -> bool:
    """Whether a number says how far something went, and not where it came to."""
    if NOUN_OF_MOVE.search(around.draft.text[max(0, quantity.start - REACH) : quantity.start]):
        return True
    between = around.draft.text[word.end : quantity.start] if word else ""
    told = word is not None and (
        word.leads == "moved"
        or UM.search(around.draft.text[max(0, quantity.start - REACH) : quantity.start])
    )
    behind = around.draft.text[quantity.end : quantity.end + REACH]
    is_against = THAN.match(behind) is not None and not behind.startswith(")")
    return bool(told) or BY.search(between) is not None or is_against


def signed(
    around: Around, placed: Placed, measure: Measure, subjects: Sequence[Subject]
) -> Quantity:
    """The number with the sign that its words give it, of persons where it counts some."""
    passage, word = placed.passage, placed.word
    quantity = _counted(placed.quantity, passage, subjects)
    if quantity.is_signed or quantity.value < 0 or not subjects:
        return quantity
    counts = measure in ("change", "percent change") or are_changes(subjects)
    before = around.draft.text[passage.start : quantity.start]
    counts = counts and not (word and word.leads == "reached") and not REACHED.search(before)
    is_down = counts and word is not None and word.direction == "down"
    if word is None and are_changes(subjects) and LED_BY_BASE.search(before):
        word = _word_before(around, placed)  # "fell by 43,000, compared with 30,000 in April"
        is_down = word is not None and word.direction == "down"
    elif counts and word is None:
        is_down = LESS_BEHIND.match(around.draft.text, quantity.end) is not None
    is_short = measure in ("level", "sum") and _is_short(around, quantity, passage, subjects[0])
    if counts and _is_short(around, quantity, passage, subjects[0]):
        is_down = word is not None and word.direction == "up"  # a deficit that grows
    if not (is_down or is_short):
        return quantity
    turned: dict[Relation, Relation] = {">": "<", "<": ">"}
    relation = turned.get(quantity.relation, quantity.relation)
    return replace(quantity, value=-quantity.value, relation=relation)


def _word_before(around: Around, placed: Placed) -> DirectionWord | None:
    """The word of the number before, where both are in one unit."""
    inside = [
        one for one in around.numbers if placed.passage.start <= one.start < placed.quantity.start
    ]
    last = inside[-1] if inside else None
    if last is None or (last.unit or "persons") != (placed.quantity.unit or "persons"):
        return None
    return around.word(last, placed.passage)


def _is_short(around: Around, quantity: Quantity, passage: Passage, subject: Subject) -> bool:
    """Whether a balance is called a deficit; the nearer word counts."""
    if not BALANCE.search(subject.title):
        return False
    near = around.draft.text[passage.start : quantity.end + 12]
    short = [match.start() for match in SHORTFALL.finditer(near)]
    gained = [match.start() for match in GAINED.finditer(near)]
    if not short and not gained:  # "it had come to 17.14 billion": what is told before
        before = [name for name in around.names if name.end <= passage.start]
        told = [around.draft.text[name.start : name.end] for name in before if name.kind in TOLD]
        return bool(told) and SHORTFALL.search(told[-1]) is not None
    return max(short, default=-1) > max(gained, default=-1)


def _counted(quantity: Quantity, passage: Passage, subjects: Sequence[Subject]) -> Quantity:
    """In a sentence "382 claims" are so many, whatever the series counts in."""
    is_bare = quantity.unit is None and quantity.scale == 1.0 and quantity.relation == "="
    are_persons = bool(subjects) and all("persons" in subject.unit for subject in subjects)
    if is_bare and are_persons and passage.kind == "sentence":
        return replace(quantity, unit="persons")
    return quantity


def _is_run(quantity: Quantity) -> bool:
    """ "Fifth decline in a row": a count of nothing that has a unit."""
    return quantity.is_word and quantity.unit is None
