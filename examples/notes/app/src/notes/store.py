"""Where notes are kept."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One note."""

    id: int
    text: str


class NoteStore:
    """Notes in a SQLite file. Each call opens the file anew, so that threads need not share a connection."""

    def __init__(self, path):
        self._path = path
        with closing(self._connect()) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

    def _connect(self):
        return sqlite3.connect(self._path)

    def add(self, text):
        """Keeps a note and returns it."""
        with closing(self._connect()) as connection, connection:
            cursor = connection.execute("INSERT INTO notes (text) VALUES (?)", (text,))
            return Note(cursor.lastrowid, text)

    def all(self):
        """All notes, newest first."""
        with closing(self._connect()) as connection:
            return [Note(*row) for row in connection.execute("SELECT id, text FROM notes ORDER BY id DESC")]
