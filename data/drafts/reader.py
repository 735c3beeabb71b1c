"""Read a draft in a process of its own, whose memory and time are bounded.

`python -m data.drafts.reader NAME [FORMAT]` reads stdin and writes one JSON document; with a format
the bytes are UTF-8 and of that format, else the content tells.
"""

from __future__ import annotations

import sys
from typing import Any

from data.confined import MB, MOST_BYTES, answer, read_confined
from data.drafts.draft import DraftText, Format, from_json
from data.drafts.formats import draft_of, draft_of_text
from data.errors import ConfigError, UploadError

ADVICE = "split it, or give it as plain text"
MODULE = "data.drafts.reader"


def read_draft(payload: bytes, name: str) -> DraftText:
    """The draft in a file; an UploadError of one clear sentence where there is none."""
    return from_json(read_confined(MODULE, [name], payload, advice=ADVICE))


def paste(text: str, form: Format = "text") -> DraftText:
    """The draft in a pasted text, or in pasted Markdown or HTML."""
    if form not in ("text", "markdown", "html"):
        raise ConfigError(f"{form} cannot be pasted; expected text, markdown or html")
    payload = text.encode("utf-8", "surrogatepass")
    if len(payload) > MOST_BYTES:
        raise UploadError(
            f"the text has {len(payload) / MB:.0f} MB, at most {MOST_BYTES // MB} are read; split "
            "it into parts"
        )
    if form == "text":  # nothing in it is parsed that could do harm
        return draft_of_text(text, form)
    return from_json(read_confined(MODULE, ["pasted", form], payload, advice=ADVICE))


def _main(name: str, form: Any = None) -> int:
    def read(payload: bytes) -> object:
        if form is None:
            return draft_of(payload, name).as_json()
        return draft_of_text(payload.decode("utf-8", "surrogatepass"), form).as_json()

    return answer(read)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:3]))
