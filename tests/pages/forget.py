"""What a workspace would hold beside its lake had nothing been written down after an instant.

It knows the tables of the state and their times, and nothing of the code that reads them. Every
table has its line: a new one fails the test that counts them until it has one too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

# Table: the column that says when its row was written down. Empty: a fact of the present alone,
# of which an earlier clock knows nothing.
WRITTEN: Mapping[str, str] = {
    "alert": "recorded_at",
    "alert_change": "coalesce(recorded_at, known_at)",
    "alert_delivery": "coalesce(settled_at, '9999')",
    "analyst_note": "written_at",
    "breaker": "",
    "brief_delivery": "coalesce(settled_at, '9999')",
    "budget": "",
    "claim_check": "",
    "claim_ledger": "recorded_at",
    "claim_query": "",
    "company_edit": "asked_at",
    "content_check": "requested_at",
    "document": "(SELECT min(entered_at) FROM document_version WHERE document_id = document.id)",
    "document_version": "entered_at",
    "file_layout": "created_at",
    "hypothesis": "created_at",
    "hypothesis_evidence": "created_at",
    "hypothesis_forecast": "created_at",
    "hypothesis_settlement": "settled_at",
    "inbox_read": "read_at",
    "job_due": "",
    "lease": "",
    "ledger_entry": "recorded_at",
    "lot": "recorded_at",
    "lot_close": "recorded_at",
    "model_call": "asked_at",
    "note": "written_at",
    "note_request": "asked_at",
    "reader": "",
    "reader_setting": "",
    "request": "requested_at",
    "rule": "created_at",
    "rule_version": "created_at",
    "run": "planned_at",
    "saved_view": "created_at",
    "saved_view_version": "created_at",
    "scenario": "created_at",
    "timetable": "posted_at",
    "trade_import": "recorded_at",
    "watchlist": "created_at",
    "watchlist_version": "created_at",
}
# What a row was told afterwards: statements that take it back, each with the clock as `$clock`.
TAKEN_BACK = (
    "UPDATE lot SET voided_at = NULL WHERE voided_at > $clock",
    "UPDATE lot_close SET voided_at = NULL WHERE voided_at > $clock",
    "UPDATE ledger_entry SET voided_at = NULL WHERE voided_at > $clock",
    "UPDATE trade_import SET undone_by = NULL, undone_at = NULL WHERE undone_at > $clock",
    "UPDATE note SET withdrawn_at = NULL WHERE withdrawn_at > $clock",
    "UPDATE request SET status = 'claimed', ended_at = NULL, run_id = NULL, message = ''"
    " WHERE ended_at > $clock",
    "UPDATE request SET status = 'requested', claimed_by = NULL, claimed_at = NULL"
    " WHERE claimed_at > $clock",
    "UPDATE content_check SET status = 'claimed', verdict = NULL, confidence = NULL,"
    " reasons = '[]', quotes = '[]', model = '', tokens = 0, message = '', answered_at = NULL,"
    " reply = NULL, model_call_id = NULL WHERE answered_at > $clock",
    "UPDATE content_check SET status = 'requested', claimed_by = NULL, claimed_at = NULL"
    " WHERE claimed_at > $clock",
    "UPDATE note_request SET ended_at = NULL, note_id = NULL, message = '' WHERE ended_at > $clock",
    "UPDATE company_edit SET ended_at = NULL, message = '' WHERE ended_at > $clock",
    "UPDATE model_call SET status = 'asked', ended_at = NULL, model_version = '',"
    " finish_reason = '', fault = '', message = '', reply = NULL, tokens_in = NULL,"
    " tokens_out = NULL, dollars = NULL, latency_s = NULL WHERE ended_at > $clock",
    "UPDATE run SET status = 'running', ended_at = NULL, rows_added = 0, vintages_added = 0,"
    " calls = 0, bytes = 0, message = '' WHERE ended_at > $clock",
    "UPDATE run SET status = 'planned', started_at = NULL, owner = NULL, attempt = 0"
    " WHERE started_at > $clock",
    "DELETE FROM watchlist_member WHERE NOT EXISTS (SELECT 1 FROM watchlist_version v"
    " WHERE v.watchlist_id = watchlist_member.watchlist_id"
    " AND v.version = watchlist_member.version)",
    "DELETE FROM alert_change WHERE alert_id NOT IN (SELECT id FROM alert)",
    "DELETE FROM lot_close WHERE lot_id NOT IN (SELECT id FROM lot)",
)
# What guards the record of claims, documents and scenarios against everybody else.
GUARDS = ("claim_ledger_delete", "document_version_delete", "scenario_delete")
# Members follow their version; what the migrations keep of themselves is no fact of anybody's.
FOLLOWING = frozenset({"watchlist_member"})


def tables(path: Path) -> set[str]:
    """The tables of a state, those of the engine and of the migrations left out."""
    with sqlite3.connect(path) as held:
        named = held.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in named if not name.startswith(("sqlite_", "migration", "schema"))}


def forget(path: Path, clock: datetime) -> None:
    """Take out of a copy of the state what was written down after a clock."""
    moment = clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    held = sqlite3.connect(path)
    try:
        for guard in GUARDS:
            held.execute(f"DROP TRIGGER IF EXISTS {guard}")
        for table, written in WRITTEN.items():
            later = f"{written} > $clock" if written else "true"
            held.execute(f"DELETE FROM {table} WHERE {later}", {"clock": moment})
        for statement in TAKEN_BACK:
            held.execute(statement, {"clock": moment})
        held.commit()
    finally:
        held.close()


def forget_weights(path: Path, clock: datetime) -> None:
    """Take out of a workspace's own weights the versions that came after a clock."""
    if not path.exists():
        return
    kept = []
    for block in path.read_text(encoding="utf-8").split("[[version]]")[1:]:
        since = next(line for line in block.splitlines() if line.startswith("since"))
        moment = datetime.fromisoformat(since.split("=", 1)[1].strip().replace("Z", "+00:00"))
        if moment <= clock:
            kept.append(f"[[version]]{block}")
    if kept:
        path.write_text("".join(kept), encoding="utf-8")
    else:
        path.unlink()
