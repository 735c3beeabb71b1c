"""The subjects of the gold set are found among the names of its drafts, and no others."""

from __future__ import annotations

from collections import Counter

from analytics.claims.naming.subjects import directory_of
from tests.analytics.claims.world import claimed, ids
from tests.demo_fixture import DemoLake
from tests.golden import gold

LEAST = 0.95
# Two or more subjects are those of a comparison, which its own words have to find.
COMPARED = 2


def test_the_subjects_of_the_gold_set_are_found(demo_lake: DemoLake) -> None:
    right: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    missed: list[tuple[str, str, str]] = []
    for draft in gold.drafts("demo"):
        directory = directory_of(demo_lake.at(draft.date))
        for claim in draft.claims:
            wanted = sorted(claim["subject"])
            if len(wanted) >= COMPARED and claim["verdict"] != "ambiguous":
                continue
            kind = {0: "none", 1: "one"}.get(len(wanted), "ambiguous")
            _, found = claimed(directory, draft, claim)
            others = [subject.id for subject in found.otherwise]
            is_right = ids(found) == wanted or (kind == "one" and wanted[0] in others)
            if kind == "none":
                is_right = found.state == "absent"
            whole[kind] += 1
            right[kind] += is_right
            if not is_right:
                missed.append((draft.name, claim["id"], claim["quote"]))
    shares = {kind: right[kind] / whole[kind] for kind in whole}
    assert whole["one"] >= 300, whole
    assert min(shares.values()) >= LEAST, (shares, missed)
