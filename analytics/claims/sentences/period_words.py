"""Which span of time a number of a draft is of, and with which it is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Mention, Quantity, Span, Step

NEAR = 40  # characters from a number to the words that say of when it is
SHUT = re.compile(r"^[^(]*\)")  # a parenthesis that is closed again
APART = re.compile(r"[,;:()]")
STOP = re.compile(r"[;:(]|\d|,\s+(?:a|and|from|after|against|nach|contre)\b", re.IGNORECASE)
THAN = re.compile(
    r"[^.;,\d]{0,24}?\b(?:above|below|than|up on|down on|up from|down from|over its|als|über|unter|"
    r"gegenüber|que|menos que|más que)\b|[^.;,]{0,14}?\bqu[’']",
    re.IGNORECASE,
)


# What a number is compared with, said by how long ago it was.
AGO: dict[Step, re.Pattern[str]] = {
    "year": re.compile(
        r"\byears? (?:earlier|ago|before)|\byear[- ]on[- ]year|\by/y|\byoy\b|\bon the year\b|"
        r"\btwelve months\b|\bin the year to\b|\bin a year\b|\bvorjahr\w*|\bjahresfrist\b|"
        r"\bsur un an\b|\bun an (?:plus tôt|auparavant)|\binteranual\w*|\baño antes\b|"
        r"\bde un año\b|\bhace un año\b|\bvor (?:einem|1) jahr\b|\bil y a un an\b",
        re.IGNORECASE,
    ),
    "quarter": re.compile(
        r"\bon the quarter\b|\bq/q|\bqoq\b|\bvorquartal\w*|\bquarter (?:before|earlier)\b|"
        r"\bquarter[- ](?:on|over)[- ]quarter\b|\b(?:previous|prior|preceding) quarter\b|"
        r"\btrimestral\b|\btrimestre (?:précédent|anterior|previo)\b",
        re.IGNORECASE,
    ),
    "month": re.compile(
        r"\bon the month\b|\bm/m|\bmom\b|\bmonth (?:earlier|ago|before)\b|\bvormonat\w*|"
        r"\bmonth[- ](?:on|over)[- ]month\b|\b(?:previous|prior|preceding) month\b|"
        r"\bmois (?:plus tôt|précédent)|\bsur un mois\b|\bintermensual\b|"
        r"\bmes (?:anterior|previo)\b",
        re.IGNORECASE,
    ),
    "week": re.compile(
        r"\bon the week\b|\bweek (?:earlier|ago|before)\b|\bfriday before\b|\bvorwoche\b|"
        r"\bsur la semaine\b|\ben la semana\b",
        re.IGNORECASE,
    ),
    "day": re.compile(
        r"\bon the day\b|\bthe day before\b|\bvortag\w*|\bla veille\b", re.IGNORECASE
    ),
}
WEEKLY = re.compile(r"\bweekly\b|\blast week\b|\bon the week\b|\bthis week\b", re.IGNORECASE)
# A number that stands behind these is where something came from.
FROM = re.compile(
    r"(?:\bfrom|\bafter|\bagainst|\bversus|\bvs\.?|\bnach|\bcontre|\btras|\bfrente a|\bnach einem|"
    r"\bdesde(?: el)?|\bdepuis|"
    r"[,(/]\s*(?:prior|previous|previously|vorher|zuvor|anterior|précédent):?)\s+"
    r"(?:(?:an?|une?|einem?r?|un)\s+\w+\s+(?:of|de|von)\s+)?$",
    re.IGNORECASE,
)
# What stands before a span that something is compared with.
BASE = re.compile(
    r"(?:\b(?:above|below|than|from|after|against|that of|als|über|unter|nach|contre|que|"
    r"que en|(?:up|down) on|compared (?:with|to)|relative to|gegenüber|rapport à|respecto a)|"
    r"[\d%]\s+over)\s+(?:in |on |at |en |im |am |the |la |el )?$",
    re.IGNORECASE,
)
# "von 3,2 % auf 3,1 %": these lead the first number of such a pair, and say nothing elsewhere.
PAIR_OPENS = re.compile(r"\b(?:von|de|du|del|desde(?: el)?)\s+$", re.IGNORECASE)
PAIR_GOES_ON = re.compile(
    r"\s*(?:im \w+ |en \w+ )?(?:auf|à|a|al|hasta(?: el)?)\s+\d", re.IGNORECASE
)
# "Last Friday's 3.21": the span that owns a number is that of the number, whatever leads to it.
OWNS = re.compile(r"['’]s?\s+(?:[^\W\d]+\s+){0,2}?[$€£¥+−-]?")
# "Since September, when it stood at 2.9%".
WHEN = re.compile(r",?\s+when\s+(?:it|they|the rate|the index)\s+[^,;:\d]{0,24}", re.IGNORECASE)
# "After 0.9% in the second": the span is that of the number before it.
OF_BASE = re.compile(
    r"\b(?:after|from|against|versus|nach|contre|tras|frente a)\s+(?:(?:an?|einem?r?|une?|un)\s+)?"
    r"[^\s,;()]*\d[^,;()]{0,18}?\s*(?:\b(?:in|im|en|au|of)\s+)?(?:(?:the|el|le|la)\s+)?$",
    re.IGNORECASE,
)
# "After stagnating in April and is 1.5% lower": the span is that of what came before.
AFTERWARDS = re.compile(
    r"\b(?:after|following|nach|nachdem|après|tras)\b[^,;()]{0,44}$", re.IGNORECASE
)
CLAUSE_ENDS = re.compile(r"[,;]\s|\b(?:and|but|while|und|aber|et|mais|y|pero)\b", re.IGNORECASE)
# "Which had stood at 3.8% in April, jumped": a clause of its own, that a comma shuts.
RELATIVE = re.compile(
    r",\s+(?:which|who|whose|where|having|der|die|das|qui|que|dont)\b[^,;()]*$", re.IGNORECASE
)
# "In the fourth quarter by 0.24%": the span belongs to the number behind it.
LEADS = re.compile(
    r"\s*(?:um|auf|bei|at|to|by|from|of|de|à|en|un|it was|was)?\s*[$€£¥+−-]?\d", re.IGNORECASE
)
# "At its highest this year", "a high for the year": the span is that of the extreme.
OF_EXTREME = re.compile(
    r"\b(?:\w{3,}est|high|low|peak|trough|record|best|worst|Hoch|Tief|Höchststand|Tiefststand|"
    r"plus (?:haut|bas)|máximo|mínimo)\s+(?:(?:level|close|reading|value|point|finish|niveau)\s+)?"
    r"(?:(?:of|for|in|since|de|du|del|seit|des|this)\s+)?(?:(?:the|this|l['’])\s*)?$",
    re.IGNORECASE,
)
# "Rose 4 basis points to 3.32% on Wednesday": the day is that of the move as well.
AIMED_AT = re.compile(
    r"\s*(?:to|auf|à|a|al|hasta(?: el)?)\s+[$€£¥]?\d[\d.,]*\s*(?:%|per ?cent|Prozent)?\s*"
    r"(?:(?:on|in|im|am|en|le|el)\s+)?",
    re.IGNORECASE,
)
# "Peaked at 13,007 on 24 May and ended 10% lower": measured against that day.
PEAKED = re.compile(
    r"\b(?:peak(?:ed)?|trough(?:ed)?|bottomed|topped out|(?:all-time|record|a) (?:high|low))\b"
    r"[^;()]*$",
    re.IGNORECASE,
)
LOWER = re.compile(r"\s*(?:lower|higher|below|above|less|down|up|off)\b", re.IGNORECASE)
ON_THE_DAY = re.compile(r"\s*on the day\b|\s*am (?:selben|gleichen) Tag\b", re.IGNORECASE)
# "Has been at 7.1% since March", "is 7.1%, where it has been since March".
HELD_BEHIND = re.compile(r"\s*(?:ever )?(?:since|depuis|seit|desde)?\s*", re.IGNORECASE)
HAS_BEEN = re.compile(
    r"\b(?:has|have)(?: not| never|n['’]t)? (?:been|stayed|remained|stood|held|hovered|fallen|"
    r"risen|dropped|climbed|slipped|moved|gone)\b",
    re.IGNORECASE,
)
WHERE_IT_HAS_BEEN = re.compile(
    r",? (?:where|as) it has (?:been|stood|stayed|remained) (?:ever )?(?:since\s*)?", re.IGNORECASE
)
SENTENCE_END = re.compile(r"[.!?]\s")
COMPARED = re.compile(
    r"\b(?:than|above|below|since|from|up on|down on|compared (?:with|to)|als|gegenüber|seit|"
    r"que|depuis|desde)\b[^.,;\d]{0,28}$",
    re.IGNORECASE,
)
APART_OR_JOINED = re.compile(r"[,;:()]|\s(?:and|but|while|und|et|y|mais|pero|aber)\s", re.I)
NOW = re.compile(
    r"\b(?:now|currently|at present|today|derzeit|aktuell|heute|actuellement|actualmente)\b", re.I
)
OTHER_NUMBER = re.compile(r"\b(?:and|und|et|y)\b[^\d]*\d")
TWELVE = re.compile(
    r"\s*(?:in|over) the (?:(?:last|past) )?(?:12|twelve) months(?: to\b| ending\b)?", re.IGNORECASE
)
LED_BY_BASE = re.compile(
    r"\b(?:from|than|below|above|after|against|versus|compared (?:with|to)|contre|nach|frente a|"
    r"desde|earlier and|before and)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
AT_ONCE = re.compile(r"\s*(?:recorded|seen|reported|registered)?\s*(?:an?|one|un|the)?\s*", re.I)
# "A year ago it stood at 1.9%".
IT_STOOD = re.compile(
    r",?\s+(?:(?:it|they|the rate|the figure)\s+(?:had\s+)?(?:been|was|were|stood at|had stood at)|"
    r"(?:hatte|lag|war|betrug)\s+(?:sie|er|es|die Rate|die Quote)(?:\s+(?:noch\s+)?bei)?|"
    r"(?:il|elle|le taux)\s+(?:était (?:de|à)|s['’]établissait à|atteignait)|"
    r"(?:era del?|estaba en(?: el)?|se situaba en(?: el)?))\s+",
    re.IGNORECASE,
)
WITHIN = re.compile(r"\bon\b|[-/]", re.IGNORECASE)  # "year on year" is no time of a value
TO_DATE = re.compile(r"to[- ]date|ytd|so far|seit|verlauf|depuis|en lo que va|desde", re.IGNORECASE)
ARROW = re.compile(r"\s*(?:→|->)")
OTHER_CLAUSE = re.compile(r",\s+(?:while|and|but|whereas|während|und|mais|et|pero|y)\b", re.I)


def before_the_year(span: Span | None) -> Span | None:
    """The last day before the year of a span."""
    if span is None:
        return None
    day = date(span.first.year - 1, 12, 31)
    return Span(day, day, "day")


def _tells_ago(words: str) -> bool:
    """Whether words before a period name a number's base: "higher than a year earlier in"."""
    return any(pattern.search(words) for pattern in AGO.values())


@dataclass(frozen=True, slots=True)
class Periods:
    """The spans that a draft names."""

    text: str
    mentions: Sequence[Mention]

    def of(self, quantity: Quantity, passage: Passage) -> Span | None:
        """The period that a number is of; none where the draft leaves it to the reader.

        The first one behind the number in its clause, else the last one before it in its sentence;
        of a cell what its heads name.
        """
        stretches = passage.heads if passage.kind == "cell" else ((passage.start, passage.end),)
        inside = self._within(stretches)
        plain = [mention for mention in inside if mention.role == "of"]
        if passage.kind == "cell":
            return plain[0].span if plain else None
        if (owner := self._owner(quantity, inside)) is not None:
            return owner
        ahead = [
            mention
            for mention in plain
            if mention.end <= quantity.start
            and not BASE.search(self.text[max(passage.start, mention.start - 16) : mention.start])
            and not SHUT.search(self.text[mention.end : quantity.start])
            and not self._is_of_another(mention, passage, quantity.start)
            and not OF_BASE.search(
                self.text[max(passage.start, mention.start - 60) : mention.start]
            )
        ]
        if ahead and not re.search(r"[\w(]", self.text[ahead[-1].end : quantity.start]):
            return ahead[-1].span
        behind = next((one for one in plain if one.start >= quantity.end), None)
        if behind is not None and self._is_own_behind(quantity, behind):
            return behind.span
        if ahead and not OTHER_CLAUSE.search(self.text[ahead[-1].end : quantity.start]):
            return ahead[-1].span
        if ahead:
            return None
        return self._of_the_half_before(passage) or self._of_the_day(quantity, passage)

    def _is_own_behind(self, quantity: Quantity, behind: Mention) -> bool:
        """Whether the first span behind a number is the number's own."""
        between = self.text[quantity.end : behind.start]
        is_base = THAN.search(between) is not None and not _tells_ago(between)
        is_base = is_base or OF_EXTREME.search(between) is not None
        is_base = is_base or ("," in between and LEADS.match(self.text, behind.end) is not None)
        is_near = len(between) < NEAR and not STOP.search(between) and not is_base
        return is_near or AIMED_AT.fullmatch(between) is not None

    def _is_of_another(self, mention: Mention, passage: Passage, place: int) -> bool:
        """Whether a span before a number belongs to words of its own: "after stagnating in April
        and is", "at its highest this year"."""
        first = min(passage.start, self.text.rfind("\n", 0, mention.start) + 1)
        lead = self.text[max(first, mention.start - 60) : mention.start]
        lead = SENTENCE_END.split(lead)[-1]
        if OF_EXTREME.search(lead):
            return True
        between = self.text[mention.end : place]
        if RELATIVE.search(lead) and "," in between:
            return True
        return (
            AFTERWARDS.search(lead) is not None
            and CLAUSE_ENDS.search(self.text[mention.end : place]) is not None
        )

    def _owner(self, quantity: Quantity, inside: Sequence[Mention]) -> Span | None:
        ahead = [one for one in inside if one.end <= quantity.start]
        if not ahead:
            return None
        last, place = ahead[-1], ahead[-1].end
        is_own = last.role in ("of", "from") and OWNS.fullmatch(self.text, place, quantity.start)
        is_when = last.role != "ago" and WHEN.fullmatch(self.text, place, quantity.start)
        return last.span if is_own or is_when else None

    def _of_the_day(self, quantity: Quantity, passage: Passage) -> Span | None:
        """ "On the day": the one that the draft has spoken of last."""
        if not ON_THE_DAY.match(self.text, quantity.end):
            return None
        told = [
            one
            for one in self.mentions
            if one.role == "of" and (one.end <= passage.start or quantity.end <= one.start)
            if one.end <= passage.end
        ]
        return told[-1].span if told and told[-1].span.grain == "day" else None

    def session_before(self, passage: Passage) -> Span | None:
        """The day or week that the sentences before speak of: a report of a market that names it
        once means it until it names another one."""
        if self._within(((passage.start, passage.end),)) or passage.kind != "sentence":
            return None
        if NOW.search(self.text, passage.start, passage.end):
            return None
        first = self.text.rfind("\n", 0, passage.start) + 1
        told = [
            one
            for one in self._within(((first, passage.start),))
            if one.role == "of" and not self._is_of_another(one, passage, passage.start)
        ]
        told = [one for one in told if not self._is_base(one)]
        last = told[-1].span if told else None
        if last is None or (last.last - last.first).days > 6:
            return None
        return last

    def of_paragraph(self, passage: Passage) -> list[Span]:
        """The spans that the paragraph of a passage names, each once."""
        first = self.text.rfind("\n", 0, passage.start) + 1
        last = self.text.find("\n", passage.end)
        named = self._within(((first, last if last >= 0 else len(self.text)),))
        own = [one for one in named if one.role == "of" and not self._is_base(one)]
        return list(dict.fromkeys(one.span for one in own))

    def _is_base(self, mention: Mention) -> bool:
        """Whether something else is compared with a span: "above its level at the end of May"."""
        return COMPARED.search(self.text[max(0, mention.start - 44) : mention.start]) is not None

    def is_beside(self, quantity: Quantity, passage: Passage, span: Span | None) -> bool:
        """Whether a span is named in the clause of a number, or leads its sentence."""
        for one in self._within(((passage.start, passage.end),)):
            if one.span != span or one.role != "of":
                continue
            if one.start >= quantity.end:
                between = self.text[quantity.end : one.start]
            else:
                between = self.text[one.end : quantity.start]
            leads = len(self.text[passage.start : one.start].split()) <= 3
            if leads or not APART_OR_JOINED.search(between):
                return True
        return False

    def _of_the_half_before(self, passage: Passage) -> Span | None:
        """What the sentence named before a semicolon."""
        before = self.text[: passage.start].rstrip()
        if not before.endswith(";"):
            return None
        named = [
            one
            for one in self.mentions
            if one.end <= passage.start
            and one.role == "of"
            and not OF_BASE.search(self.text[max(0, one.start - 60) : one.start])
            and not self._is_of_another(one, passage, passage.start)
        ]
        between = self.text[named[-1].end : passage.start] if named else "\n\n"
        if SHUT.search(between) or re.search(r"[.!?\n]\s", between):
            return None
        return named[-1].span

    def stretch(self, passage: Passage) -> Span | None:
        """ "Between January and May": of a mean or a sum all of it."""
        inside = self._within(((passage.start, passage.end),))
        for one, two in zip(inside, inside[1:], strict=False):
            if one.role == "from" and two.role == "to":
                return Span(one.span.first, two.span.last, "span")
        return None

    def compared(self, quantity: Quantity, passage: Passage) -> Span | None:
        """What a change is measured against, where the draft says it behind the number."""
        if passage.kind == "cell":
            return None
        for mention in self._within(((passage.start, passage.end),)):
            between = self.text[quantity.end : mention.start]
            if mention.role == "ago":
                continue
            if mention.role == "since" and mention.end <= quantity.start:
                before = self.text[mention.end : quantity.start]
                if len(before) < NEAR and not APART.search(before):
                    return mention.span
            is_far = len(between) > NEAR or OTHER_NUMBER.search(between)
            if mention.start < quantity.end or is_far or APART.search(between):
                continue
            is_base = THAN.match(between) is not None and not _tells_ago(between)
            if mention.role in ("since", "from") or is_base:
                return mention.span
        return self._peak(quantity, passage)

    def _peak(self, quantity: Quantity, passage: Passage) -> Span | None:
        """The day of the extreme that the sentence has spoken of before it says how much lower."""
        if not LOWER.match(self.text, quantity.end) and not LOWER.search(
            self.text[quantity.start : quantity.end]
        ):
            return None
        inside = self._within(((passage.start, quantity.start),))
        for mention in inside:
            if mention.role == "of" and PEAKED.search(self.text[passage.start : mention.start]):
                return mention.span
        return None

    def is_to_date(self, span: Span | None) -> bool:
        """Whether a span is the year up to now: a move is measured from the end of the last one."""
        return any(
            one.span == span and TO_DATE.search(self.text[one.start : one.end])
            for one in self.mentions
            if one.span.grain == "span"
        )

    def held_since(self, quantity: Quantity, passage: Passage) -> Span | None:
        """Since when a level is said to have been so: right behind a number that has been."""
        before = self.text[passage.start : quantity.start]
        lead = re.split(r"[;:]|,\s", before)[-1]
        for mention in self._within(((quantity.end, passage.end),)):
            between = self.text[quantity.end : mention.start]
            if mention.role == "since" and HELD_BEHIND.fullmatch(between) and HAS_BEEN.search(lead):
                return mention.span
            if mention.role == "since" and WHERE_IT_HAS_BEEN.fullmatch(between):
                return mention.span
        return None

    def ago(self, quantity: Quantity, passage: Passage) -> Step | None:
        """How long ago the value was that a number is compared with, by the words behind it."""
        behind = self.text[quantity.end : min(quantity.end + 48, passage.end)]
        if TWELVE.match(behind):
            return "year"
        behind = re.split(r"[;:]|,\s|\d", behind)[0]
        before = self.text[max(passage.start, quantity.start - 40) : quantity.start]
        before = re.split(r"[;:\d]", before)[-1]
        for step, words in AGO.items():
            ahead = words.search(before)
            if words.search(behind) or (ahead and (step == "year" or "vor" in ahead[0].lower())):
                return step
        return None

    def value_ago(self, quantity: Quantity, passage: Passage) -> Step | None:
        """How long ago a number was the value itself: "compared with 3.6% a year earlier"."""
        before = self.text[max(passage.start, quantity.start - 60) : quantity.start]
        for step, words in AGO.items():
            told = [one for one in words.finditer(before) if not WITHIN.search(one[0])]
            if told and IT_STOOD.fullmatch(before, told[-1].end()):
                return step
        if not LED_BY_BASE.search(before):
            return None
        behind = self.text[quantity.end : min(quantity.end + 40, passage.end)]
        for step, words in AGO.items():
            found = words.search(behind)
            if found and AT_ONCE.fullmatch(behind[: found.start()]) and not WITHIN.search(found[0]):
                return step
        return None

    def is_earlier(self, quantity: Quantity, passage: Passage) -> bool:
        """Whether a number is where something came from, and no period of it is named."""
        before = self.text[passage.start : quantity.start]
        behind = self.text[quantity.end : passage.end]
        is_pair = PAIR_OPENS.search(before) and PAIR_GOES_ON.match(behind)
        if not (FROM.search(before) or ARROW.match(behind) or is_pair):
            return False
        inside = [one for one in self.mentions if quantity.end <= one.start < passage.end]
        own = inside[0] if inside else None
        if own is None or own.role != "of":
            return True
        between = self.text[quantity.end : own.start]
        return len(between) > 16 or STOP.search(between) is not None

    def _within(self, stretches: Sequence[tuple[int, int]]) -> list[Mention]:
        return [
            mention
            for start, end in stretches
            for mention in self.mentions
            if start <= mention.start and mention.end <= end
        ]
