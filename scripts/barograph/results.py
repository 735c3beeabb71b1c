"""What a query or an analytic answered: the frame, its receipt, and what must be said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from data.errors import ConfigError
from data.proof.receipts import make_receipt, save_receipt
from data.query import Answer
from data.query.standing_in import described_today, restated

DEMO_WORDS = "DEMO: every number is invented"


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """One answer; `answer` is what the rest of Barograph works with."""

    answer: Answer
    demo: bool

    def polars(self) -> pl.DataFrame:
        """The rows as a Polars frame."""
        return self.answer.frame

    def pandas(self) -> Any:
        """The rows as a pandas frame with Arrow types, in which null stays null."""
        try:
            return self.answer.frame.to_pandas(use_pyarrow_extension_array=True)
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"{error.name or 'pandas'} is not installed, so there is no pandas frame; run "
                f"`python -m pip install {error.name or 'pandas'}`, or take .polars()"
            ) from error

    def receipt(self, *, whole: bool = False) -> dict[str, Any]:
        """What the figure rests on; `whole` keeps all rows whatever it weighs."""
        return make_receipt(self.answer, whole=whole)

    def save_receipt(self, path: str | Path, *, whole: bool = False) -> Path:
        """The receipt as a file, which `python -m scripts.receipt` runs again."""
        save_receipt(self.answer, Path(path), whole=whole)
        return Path(path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside the rows: invented data, files left out, figures of today."""
        notes = [DEMO_WORDS] if self.demo else []
        notes += [f"left out, damaged: {file}" for file in self.answer.damaged]
        notes += [
            f"{dataset}: figures are included that their source gives only as they are today"
            for dataset in restated(self.answer)
        ]
        notes += [
            f"{dataset}: names and sectors may be those of today"
            for dataset in described_today(self.answer)
        ]
        return tuple(notes)

    def __len__(self) -> int:
        return self.answer.frame.height

    def __repr__(self) -> str:
        return "\n".join([*self.notes, repr(self.answer.frame)])

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return notes + self.answer.frame._repr_html_()
