"""Words around a number and a span of time that say what the one is to the other."""

from __future__ import annotations

import re

from analytics.claims.statement import Step

NEAR = 40  # characters from a number to the words that say of when it is
SHUT = re.compile(r"^[^(]*\)")  # a parenthesis that is closed again
APART = re.compile(r"[,;:()]")
STOP = re.compile(r"[;:(]|\d|,\s+(?:a|and|from|after|against|nach|contre)\b", re.IGNORECASE)
THAN = re.compile(
    r"(?!\s*(?:is|was|were|are|stood|lies|lay|lag|liegt|est|était|es|era|fue)\b)"
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
        r"\bde un año\b|\bhace un año\b|\bvor (?:einem|1) jahr\b|"
        r"\bein jahr (?:zuvor|früher|vorher)\b|"
        r"\b(?:over|in|during) the (?:past|last) year\b|\bil y a un an\b",
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
        r"\bon the week\b|\bw/w|\bweek[- ](?:on|over)[- ]week\b|"
        r"\bweek (?:earlier|ago|before)\b|\bfriday before\b|\bvorwoche\b|"
        r"\bsur la semaine\b|\ben la semana\b",
        re.IGNORECASE,
    ),
    "day": re.compile(
        r"\bon the day\b|\bin (?:one|a) day\b|\bthe day before\b|\bvortag\w*|\bla veille\b",
        re.IGNORECASE,
    ),
}
WEEKLY = re.compile(
    r"\bweekly\b|\blast week\b|\bon the week\b|\bthis week\b|"
    r"\bweek in (?:review|brief)\b|\bweek end(?:ing|ed)\b|\bended the week\b|\bwochenrückblick\b|"
    r"\bla semaine en\b|\bresumen semanal\b",
    re.IGNORECASE,
)
# A number that stands behind these is where something came from.
FROM = re.compile(
    r"(?:\bfrom|\bafter|\bagainst|\bversus|\bvs\.?|\bnach|\bcontre|\baprès|\btras|\bfrente a|"
    r"\bnach einem|\bdesde(?: el)?|\bdepuis|"
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
# "Fiel auf 2,0 Prozent von 2,1 Prozent".
TO_FROM = re.compile(
    r"\b(?:auf|à|hasta(?: el)?|al)\s+\d[\d.,]*\s*(?:%|Prozent|Punkte?|points?)?,?\s+"
    r"(?:von|de|desde(?: el)?)\s+$",
    re.IGNORECASE,
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
    r"\b(?:after|following|nach|nachdem|après|tras)\b(?:[^,;()]|,(?=\d)){0,44}$", re.IGNORECASE
)
CLAUSE_ENDS = re.compile(r"[,;]\s|\b(?:and|but|while|und|aber|et|mais|y|pero)\b", re.IGNORECASE)
# "Which had stood at 3.8% in April, jumped": a clause of its own, that a comma shuts.
RELATIVE = re.compile(
    r",\s+(?:which|who|whose|where|having|der|die|das|qui|que|dont)\b(?:[^,;()]|,(?=\d))*$",
    re.IGNORECASE,
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
BEATEN = re.compile(
    r"\b(?:beat|beats|exceed(?:s|ed)|top(?:s|ped)|surpass(?:es|ed)|miss(?:es|ed)|übertraf|"
    r"dépass\w*|super[óa])\b",
    re.IGNORECASE,
)
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
# "Below the $0.80 of the first quarter", "above April's 1.9%".
THE = re.compile(r"\b(?:above|below|over|under|than)\s+the\s+$", re.IGNORECASE)
ITS_OWN = re.compile(r"\b(?:above|below|over|under|than)\s+[^\W\d]+['’]s\s+$", re.IGNORECASE)
VALUE_OF = re.compile(
    r"\s*(?:(?:recorded|seen|reported|registered)\s+)?(?:of|in|for|from)\s+(?:the\s+)?",
    re.IGNORECASE,
)
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
