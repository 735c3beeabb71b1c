"""What only the reader can say of a file: one question for all rows that it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.errors import UploadError

ALONE = "alone"  # an option that takes one word of the question
COLUMN = "column:"  # begins the key of a question that is answered by choosing a column


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the answers to choose from by what they are kept as.

    Without options it is answered by choosing a column, or by a text such as a date.
    """

    key: str
    text: str
    options: Mapping[str, str] = field(default_factory=dict)


class Unanswered(UploadError):
    """A row that waits for the answer to a question."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


def column(role: str, what: str) -> Question:
    """Which column has what is needed."""
    return Question(f"{COLUMN}{role}", f"No column says {what}: choose which one does")
