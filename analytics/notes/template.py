"""The note without a model: the same sections, written from the facts by fixed sentences.

The same pack gives the same text, letter by letter. What is missing is said as missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from analytics.claims.reading.dates import day_span
from analytics.claims.wording import as_spoken
from analytics.macro.bias import INSUFFICIENT
from analytics.notes.fact import Fact, FactPack, FactRole
from analytics.notes.sections import SECTIONS

# The indicators of the section on macro, in their order; those of real sources beside the demo's.
LEADING = (
    *("CPIYOY", "cpi_inflation", "CORE", "UNEMP", "unemployment_rate", "EMPL", "payrolls"),
    *("GDPG", "gdp_growth", "gdp_usd", "PMI", "RETAIL", "retail_sales", "IP"),
    *("industrial_production", "WAGES", "hourly_earnings", "POLICY", "policy_rate", "yield_10y"),
)
MANY = re.compile(r"(?:sales|earnings|payrolls|exports|imports|starts|orders)\b", re.IGNORECASE)
PRICE_ORDER = (
    *("trend", "sma_50", "distance_50", "sma_200", "distance_200", "rsi_14", "macd"),
    *("macd_signal", "macd_histogram", "bollinger_upper", "bollinger_lower", "return_1d"),
    *("return_1w", "return_1m", "return_3m", "return_6m", "return_1y", "volatility", "drawdown"),
    "volatility_state",
)
MOST_SURPRISES, MOST_HEADLINES, MOST_MEMBERS = 4, 3, 12
NO_VIEW_OF_LIST = "A list has no view of its own."
NO_VIEW = "No view: the rule counts the trend and the macro signal, and neither is known."
NOTHING = "No facts are known at this time."


def template_note(pack: FactPack) -> dict[str, str]:
    """The sections of a note, by name."""
    writer = TemplateNote(pack)
    written = {section.name: writer.section(section.name) for section in SECTIONS}
    return {name: " ".join(parts) or NOTHING for name, parts in written.items()}


class TemplateNote:
    """Writes the sections of one pack."""

    def __init__(self, pack: FactPack) -> None:
        self.pack = pack
        self.is_list = pack.kind == "list"
        self.names = [name for name in pack.names if pack.facts]

    def section(self, name: str) -> list[str]:
        """The sentences of a section."""
        writers = {
            "summary": self.summary,
            "fundamentals": self.fundamentals,
            "technicals": self.technicals,
            "macro": self.macro,
            "news": self.news,
            "bull case": lambda: self.case(is_bull=True),
            "bear case": lambda: self.case(is_bull=False),
            "recommendation": self.recommendation,
            "risks": self.risks,
        }
        return list(writers[name]())

    def of(self, fact: Fact) -> str:
        """Whose fact it is, where a sentence has to say so."""
        is_own = len(self.pack.own) == 1 or fact.role in ("technicals", "fundamentals", "view")
        return "" if is_own and not self.is_list else f" of {_article(fact.subject)}"

    def summary(self) -> Iterator[str]:
        """The last price, the trend, the regime and the view."""
        known = list(self._known())
        yield from known
        if not known and self.pack.facts:
            yield "No price, regime or view is known at this time."

    def _known(self) -> Iterator[str]:
        for fact in self._ending("/close"):
            yield f"The close{self.of(fact)} was {fact.printed} {_when(fact)}."
        for fact in self._ending("/trend"):
            yield f"The trend{self.of(fact)} is {fact.text}."
        for fact in self._ending("/quadrant"):
            yield f"The regime{self.of(fact)} was {fact.text} {_when(fact)}."
        if (view := self.pack.get("view")) is not None:
            yield f"The view by the rule is {view.text}."

    def fundamentals(self) -> Iterator[str]:
        """Every line of the accounts, with the year before."""
        for fact in self.pack.of("fundamentals"):
            if fact.id.endswith(("/growth", "/year_before")):
                continue
            verb = "was" if not fact.label.lower().endswith(("assets", "liabilities")) else "were"
            before = self.pack.get(f"{fact.id}/year_before")
            then = f", against {before.printed} {_when(before)}" if before else ""
            yield f"{fact.label}{self.of(fact)} {verb} {fact.printed} {_when(fact)}{then}."
            growth = self.pack.get(f"{fact.id}/growth")
            if growth is not None:
                yield f"{_moved(f'{fact.label}{self.of(fact)}', growth)} on the year."
        yield from self._missing("fundamentals")

    def technicals(self) -> Iterator[str]:
        """Trend, averages, momentum, returns, volatility and drawdown of each instrument."""
        for symbol in self.pack.symbols:
            yield from self._prices(symbol)
        if not self.pack.symbols:
            yield "No instrument is part of this note."
        yield from self._missing("technicals")

    def _prices(self, symbol: str) -> Iterator[str]:
        for name in PRICE_ORDER:
            fact = self.pack.get(f"{symbol}/{name}")
            if fact is not None:
                yield self._price(fact, name)

    def _price(self, fact: Fact, name: str) -> str:
        whose = self.of(fact)
        if name in ("trend", "volatility_state"):
            return f"The {_lowered(fact.label)}{whose} is {fact.text}."
        if name.startswith("distance"):
            return f"The close{whose} lies {_apart(fact)} the {name[9:]}-session average."
        if name.startswith("return"):
            return f"The return{whose} over {fact.label[len('Change over ') :]} is {fact.printed}."
        if name == "drawdown":
            return f"The drawdown{whose} is {abs(fact.value or 0.0):.1f}%."
        return f"The {_lowered(fact.label)}{whose} stands at {fact.printed}."

    def macro(self) -> Iterator[str]:
        """The leading prints, the last surprises, bias, regime and the releases due."""
        facts = self.pack.of("macro")
        for key in LEADING:
            for fact in facts:
                if _is_indicator(fact, key):
                    verb = "were" if MANY.search(fact.label) else "was"
                    yield f"{fact.label}{self.of(fact)} {verb} {fact.printed} {_when(fact)}."
        unexpected = [fact for fact in facts if fact.id.endswith("/surprise") and fact.value]
        for fact in unexpected[:MOST_SURPRISES]:
            label = _lowered(fact.label.removesuffix(", surprise"))
            yield f"The surprise in {label}{self.of(fact)} was {fact.printed} {_when(fact)}."
        for fact in facts:
            yield from self._outlook(fact)
        yield from self._missing("macro")

    def _outlook(self, fact: Fact) -> Iterator[str]:
        """Bias, regime and the releases due."""
        whose, asset = self.of(fact), fact.id.rsplit("/", 1)[1] if "/" in fact.id else ""
        if "/signal/" in fact.id and fact.text == INSUFFICIENT:
            return  # the facts beside say so
        if "/signal/" in fact.id:
            yield f"The macro signal for {asset}{whose} is {fact.text}."
        elif "/bias/" in fact.id:
            yield f"The bias score for {asset}{whose} is {fact.printed}."
        elif asset == "quadrant":
            yield f"The regime{whose} was {fact.text} {_when(fact)}."
        elif asset == "sahm":
            yield f"The Sahm indicator{whose} was {fact.printed} {_when(fact)}."
        elif fact.kind == "date":
            yield self._due(fact)

    def _due(self, fact: Fact) -> str:
        label = _lowered(fact.label.removesuffix(", next release"))
        return f"The next release of {label}{self.of(fact)} is due on {fact.printed}."

    def news(self) -> Iterator[str]:
        """The last headlines, word for word."""
        found = self.pack.of("news")
        for fact in found[: MOST_MEMBERS if self.is_list else MOST_HEADLINES]:
            day = as_spoken(fact.period) if fact.period else ""
            yield f"Headline of {day}: “{fact.text}”."
        yield from self._missing("news")

    def case(self, *, is_bull: bool) -> Iterator[str]:
        """The facts that speak for, or against, one by one."""
        side = "for" if is_bull else "against"
        reasons = list(self._reasons(is_bull=is_bull))
        subject = "the list" if self.is_list else self.pack.title
        yield from reasons
        if not reasons:
            yield f"No fact of trend, momentum, accounts or bias speaks {side} {_article(subject)}."

    def _reasons(self, *, is_bull: bool) -> Iterator[str]:
        trend, sign = ("upward", 1) if is_bull else ("downward", -1)
        tone = "positive" if is_bull else "negative"
        for fact in self.pack:
            if fact.id.endswith("/trend") and fact.text == trend:
                yield f"The trend{self.of(fact)} is {trend}."
            elif fact.id.endswith("/growth") and sign * (fact.value or 0.0) > 0:
                line = self.pack.get(fact.id.removesuffix("/growth"))
                label = line.label if line else fact.label
                yield f"{_moved(f'{label}{self.of(fact)}', fact)} on the year."
            elif fact.id.endswith("/return_6m") and sign * (fact.value or 0.0) > 0:
                yield f"The return{self.of(fact)} over six months is {fact.printed}."
            elif fact.id.endswith("/macd_histogram") and sign * (fact.value or 0.0) > 0:
                yield f"The MACD histogram{self.of(fact)} stands at {fact.printed}."
            elif "/signal/" in fact.id and fact.text.endswith(tone):
                asset = fact.id.rsplit("/", 1)[1]
                yield f"The macro signal for {asset}{self.of(fact)} is {fact.text}."

    def recommendation(self) -> Iterator[str]:
        """The view, the rule that it follows, and how it will be scored."""
        view, score = self.pack.get("view"), self.pack.get("view/score")
        if view is None or score is None:
            yield NO_VIEW_OF_LIST if self.is_list else NO_VIEW
            return
        yield f"The view is {view.text}, with a score of {score.printed} by the rule."
        yield "The rule counts the trend and the macro signal and gives no price."
        if (chance := self.pack.get("view/probability")) is not None:
            yield f"The probability of {chance.printed} is a convention of the rule."

    def risks(self) -> Iterator[str]:
        """What would make the view wrong, what is held, and what is not known."""
        yield "The main risk is that trend and macro signal turn."
        yield from self._positions()
        yield from self._missing("positions")
        for fact in self._ending("/volatility_state"):
            if fact.text == "high":
                yield f"The volatility state{self.of(fact)} is high."
        for fact in self._ending("/drawdown"):
            yield f"The drawdown{self.of(fact)} is {abs(fact.value or 0.0):.1f}%."
        due = [fact for fact in self.pack.of("macro") if fact.kind == "date"]
        for fact in due[:2]:
            yield self._due(fact)
        if self.pack.missing:
            yield "Some facts are missing, as the sections say."

    def _positions(self) -> Iterator[str]:
        for fact in self.pack.of("positions"):
            yield f"The {_lowered(fact.label)}{self.of(fact)} is {fact.printed}."

    def _ending(self, ending: str) -> list[Fact]:
        return [fact for fact in self.pack if fact.id.endswith(ending)]

    def _missing(self, *roles: FactRole) -> Iterator[str]:
        labels = dict.fromkeys(item.label for item in self.pack.lacking(*roles))
        for label in labels:
            yield f"Missing at this time: {_lowered(label)}."


def _is_indicator(fact: Fact, key: str) -> bool:
    return fact.kind == "level" and len(fact.named_by) == 1 and fact.indicator == key


def _when(fact: Fact) -> str:
    """ "on 14 Jun 2024", "in May 2024"."""
    span = fact.period or day_span(fact.known_at.date())
    return f"{'on' if span.grain == 'day' else 'in'} {as_spoken(span)}"


def _article(name: str) -> str:
    is_plural = name.startswith(("United ", "Netherlands", "Philippines"))
    return f"the {name}" if is_plural else name


def _lowered(label: str) -> str:
    """A label inside a sentence: abbreviations and names keep their capitals."""
    first = label.split()[0]
    is_name = first.isupper() or any(letter.isupper() for letter in first[1:])
    return label if is_name or label.startswith("Sahm") else label[:1].lower() + label[1:]


def _moved(subject: str, change: Fact) -> str:
    value = change.value or 0.0
    size = replace(change, value=abs(value)).printed
    if abs(value) < 0.5 * 10**-change.decimals:
        return f"The change of {_lowered(subject)} was {size}"
    return f"{subject} {'rose' if value > 0 else 'fell'} {size}"


def _apart(distance: Fact) -> str:
    value = distance.value or 0.0
    size = f"{abs(value):.{distance.decimals}f}%"
    return f"{size} {'above' if value >= 0 else 'below'}"
