"""What the gateway must not forget: commands it took, events it owes, the state of each leg."""

import json
import sqlite3
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_TABLES = """
CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, said TEXT, answer TEXT, status INTEGER);
CREATE TABLE IF NOT EXISTS events (call_id TEXT, seq INTEGER, body TEXT, acked INTEGER DEFAULT 0,
                                   PRIMARY KEY (call_id, seq));
CREATE TABLE IF NOT EXISTS legs (id TEXT PRIMARY KEY, call_id TEXT, state TEXT, cause TEXT);
CREATE TABLE IF NOT EXISTS boots (id INTEGER PRIMARY KEY AUTOINCREMENT);
"""


class Journal:
    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_TABLES)
        self.boot = self._db.execute("INSERT INTO boots DEFAULT VALUES").lastrowid or 0

    def close(self) -> None:
        self._db.close()

    # commands: the same id and body has the same answer for ever

    def answered(self, command_id: str) -> tuple[str, int, Json] | None:
        row = self._db.execute(
            "SELECT said, status, answer FROM commands WHERE id = ?", (command_id,)
        ).fetchone()
        return (row[0], row[1], json.loads(row[2])) if row else None

    def answer(self, command_id: str, said: str, status: int, answer: Json) -> None:
        row = (command_id, said, json.dumps(answer), status)
        self._db.execute("INSERT INTO commands (id, said, answer, status) VALUES (?, ?, ?, ?)", row)

    # events: numbered for each call, written before they are sent

    def next_seq(self, call_id: str) -> int:
        last = "SELECT coalesce(max(seq), 0) + 1 FROM events WHERE call_id = ?"
        return int(self._db.execute(last, (call_id,)).fetchone()[0])

    def write(self, call_id: str, seq: int, event: Json) -> None:
        row = (call_id, seq, json.dumps(event, ensure_ascii=False))
        self._db.execute("INSERT INTO events (call_id, seq, body) VALUES (?, ?, ?)", row)

    def owed(self, call_id: str) -> Json | None:
        """The first event of the call that nobody has acknowledged."""
        row = self._db.execute(
            "SELECT body FROM events WHERE call_id = ? AND NOT acked ORDER BY seq LIMIT 1",
            (call_id,),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def acknowledge(self, call_id: str, seq: int) -> None:
        done = "UPDATE events SET acked = 1 WHERE call_id = ? AND seq = ?"
        self._db.execute(done, (call_id, seq))

    def calls_owed(self) -> list[str]:
        rows = self._db.execute("SELECT DISTINCT call_id FROM events WHERE NOT acked")
        return [row[0] for row in rows]

    # legs: what a snapshot shows

    def leg(self, leg_id: str, call_id: str, state: str, cause: str | None = None) -> None:
        row = (leg_id, call_id, state, cause)
        self._db.execute("INSERT OR REPLACE INTO legs VALUES (?, ?, ?, ?)", row)

    def snapshot(self, call_id: str) -> Json | None:
        rows = self._db.execute("SELECT id, state, cause FROM legs WHERE call_id = ?", (call_id,))
        legs = {row[0]: {"state": row[1], "cause": row[2]} for row in rows}
        if not legs:
            return None
        return {"call_id": call_id, "last_seq": self.next_seq(call_id) - 1, "legs": legs}

    def live_calls(self) -> dict[str, int]:
        rows = self._db.execute("SELECT DISTINCT call_id FROM legs WHERE state != 'ended'")
        return {row[0]: self.next_seq(row[0]) - 1 for row in rows.fetchall()}
