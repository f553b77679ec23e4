"""One SQLite file in which every finished replicate is safe at once, so that a study that was cut short goes on."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .experiment import Experiment
from .outcome import Outcome, checksum

FILE = "study.sqlite"
DAMAGED = "its record was damaged, and it is computed anew"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS design (document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replicates (
    size INTEGER, number INTEGER, record TEXT NOT NULL, checksum TEXT, PRIMARY KEY (size, number)
);
CREATE TABLE IF NOT EXISTS incidents (size INTEGER, number INTEGER, attempt INTEGER, what TEXT NOT NULL);
"""


class Store[R: Outcome]:
    """The finished replicates of one design, and the incidents on the way to them, in a ``folder``."""

    def __init__(self, connection: sqlite3.Connection, record: type[R], folder: Path) -> None:
        self.folder = folder
        self._connection = connection
        self._record = record

    @classmethod
    @contextmanager
    def open(cls, folder: Path, design: Experiment[R]) -> Iterator[Store[R]]:
        """Open the store of a design in a folder, which is made when there is none.

        Raises
        ------
        ValueError
            When the folder holds a study of another design, or a file of the store's name that is none.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with _as_sentences(folder):
            connection = sqlite3.connect(folder / FILE)
        try:
            with _as_sentences(folder):
                _claim(connection, folder, design)
                store = cls(connection, design.record, folder)
                store._forget_damaged()
            yield store
        finally:
            connection.close()

    def add(self, record: R) -> None:
        """Keep a record: when this returns it is on disk."""
        with self._room(), self._connection:
            text = record.to_json()
            row = (record.size, record.number, text, checksum(text))
            self._connection.execute(
                "INSERT OR REPLACE INTO replicates (size, number, record, checksum) VALUES (?, ?, ?, ?)", row
            )

    def note(self, size: int, number: int, attempt: int, what: str) -> None:
        """Keep an incident, such as a worker that died."""
        with self._room(), self._connection:
            self._connection.execute("INSERT INTO incidents VALUES (?, ?, ?, ?)", (size, number, attempt, what))

    def done(self) -> set[tuple[int, int]]:
        """Return size and number of every finished replicate."""
        return set(self._connection.execute("SELECT size, number FROM replicates"))

    def records(self) -> Iterator[R]:
        """Yield all records by size and number, whatever the order they came in."""
        rows = self._connection.execute("SELECT record FROM replicates ORDER BY size, number")
        return (self._record.from_json(record) for (record,) in rows)

    def incidents(self) -> list[tuple[int, int, int, str]]:
        """Return size, number, attempt and what happened, by size, number and attempt."""
        return list(self._connection.execute("SELECT size, number, attempt, what FROM incidents ORDER BY 1, 2, 3"))

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Raise what SQLite cannot write as the system's error, such as that of a full disk."""
        try:
            yield
        except sqlite3.OperationalError as error:
            _, _, path = self._connection.execute("PRAGMA database_list").fetchone()
            raise OSError(
                errno.EIO, f"{error}; what was kept before stays, and the same command goes on", path
            ) from None

    def _forget_damaged(self) -> None:
        """Leave out each record that is not what was kept, so that it is computed anew, and note that it is."""
        rows = self._connection.execute("SELECT size, number, record, checksum FROM replicates").fetchall()
        for size, number, text, kept in rows:
            if self._is_whole(size, number, text, kept):
                continue
            with self._connection:
                self._connection.execute("DELETE FROM replicates WHERE size IS ? AND number IS ?", (size, number))
                self._connection.execute("INSERT INTO incidents VALUES (?, ?, ?, ?)", (size, number, 0, DAMAGED))

    def _is_whole(self, size: object, number: object, text: object, kept: str | None) -> bool:
        # Stores of earlier versions have no checksums.
        if not isinstance(text, str) or (kept is not None and checksum(text) != kept):
            return False
        try:
            record = self._record.from_json(text)
        except (TypeError, ValueError):
            return False
        return (record.size, record.number) == (size, number)


@contextmanager
def _as_sentences(folder: Path) -> Iterator[None]:
    """Say which file cannot be used as a store, and why."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ValueError(f"the study's store {str(folder / FILE)!r} cannot be used ({error}).") from None
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{str(folder / FILE)!r} is not a study's store ({error}): choose another folder.") from None


def _claim[R: Outcome](connection: sqlite3.Connection, folder: Path, design: Experiment[R]) -> None:
    """Make the file this design's own, or make sure that it is."""
    document = json.dumps(design.document(), sort_keys=True)
    with connection:
        connection.executescript(_SCHEMA)
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(replicates)")]
        if "checksum" not in columns:  # a store of an earlier version
            connection.execute("ALTER TABLE replicates ADD COLUMN checksum TEXT")
        found = connection.execute("SELECT document FROM design").fetchone()
        if found is None:
            connection.execute("INSERT INTO design VALUES (?)", (document,))
    if found is not None and found[0] != document:
        raise ValueError(
            f"the folder {str(folder)!r} holds a study of another design ({_difference(found[0], document)}): choose "
            "another folder with --out, or ask for that design again to go on with it."
        )


def _difference(there: str, here: str) -> str:
    old, new = json.loads(there), json.loads(here)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return "; ".join(f"{name} {json.dumps(old.get(name))} there, {json.dumps(new.get(name))} here" for name in names)
