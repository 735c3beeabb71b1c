"""The command that writes a note from facts."""

from __future__ import annotations

import json

from tests.demo_fixture import DemoLake
from tests.scripts.test_check_text import command


def test_a_note_is_written_with_its_facts(demo_lake: DemoLake) -> None:
    words = ("scripts.note", "Fictor Motors", "--as-of", "2024-06-14T21:00Z")
    done = command(demo_lake, *words)
    assert done.returncode == 0, done.stderr
    assert "The close was 159.44 USD on 14 Jun 2024." in done.stdout
    found = json.loads(command(demo_lake, *words, "--format", "json").stdout)
    ids = {fact["id"] for fact in found["facts"]}
    assert found["figures"] and {one["fact"] for one in found["figures"]} <= ids
    assert not found["problems"]


def test_an_unknown_name_is_one_sentence(demo_lake: DemoLake) -> None:
    done = command(demo_lake, "scripts.note", "Nobody Inc", "--as-of", "2024-06-14T21:00Z")
    assert done.returncode == 2
    assert done.stderr.startswith("'Nobody Inc' is not known at this time")
