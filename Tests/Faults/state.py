"""What a folder holds, as values that can be compared: records by what they say, files by their digests."""

import hashlib
import os
import sqlite3

# Of a record: everything but its row, and what is shown and never compared (and the hash over that).
UNCOMPARED = {"id", "record", "circumstances", "link"}


def records(database):
    """A sorted list of all that is recorded; of our own origin, which is drawn at random, just that it is ours."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        def rows(query, *arguments):
            return connection.execute(query, arguments).fetchall()

        own = rows("SELECT origin FROM registry")[0][0]
        found, says = [("format", rows("PRAGMA user_version")[0][0])], {}
        tables = [name for name, in rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in rows(f"PRAGMA table_info({table})")]
            if "record" not in columns or table == "ledger":
                continue
            compared = [c for c in columns if c not in UNCOMPARED]
            for record, *values in rows(f"SELECT record, {', '.join(compared)} FROM {table}"):
                says[record] = (table, *("own" if value == own else value for value in values))
        for chain, origin, slug in rows("SELECT id, origin, slug FROM chain"):
            entries = [says.get(r) for r, in rows("SELECT record FROM ledger WHERE chain = ? ORDER BY position", chain)]
            found.append(("chain", "own" if origin == own else origin, slug, entries))
        found.append(("attempts", rows("SELECT run, state, attempt FROM attempt ORDER BY run")))
        return sorted(map(repr, found))
    finally:
        connection.close()


def registered(database):
    """The ids of registered runs."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return [run.hex() for run, in connection.execute("SELECT run FROM registered_run")]
    finally:
        connection.close()


def files(folder):
    """Every file below a folder by its path there, with its digest; a folder with nothing in it by its name."""
    found = {}
    for place, folders, names in os.walk(folder):
        relative = os.path.relpath(place, folder)
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.normpath(os.path.join(relative, name))] = hashlib.sha256(file.read()).hexdigest()
        if not folders and not names and relative != ".":
            found[relative + "/"] = ""
    return found


class State:
    """A working folder: each registry's records, and every other file."""

    def __init__(self, folder):
        self.records, self.files = {}, {}
        for path, digest in files(folder).items():
            name = os.path.basename(path)
            if name == "registry.sqlite":
                self.records[path] = records(os.path.join(folder, path))
            elif name == "registry.sqlite-journal":
                # Empty, it says that nothing is under way.
                if os.path.getsize(os.path.join(folder, path)) > 0:
                    self.files[path] = digest
            elif path.split(os.sep)[-2:-1] == ["backups"] and name.endswith(".sqlite"):
                self.files[path] = repr(records(os.path.join(folder, path)))
            elif not (path.endswith("/") and os.path.dirname(path[:-1]) in ("registry", "registry/objects")):
                # A registry's folders are made when they are needed; a lock that nobody holds is nothing.
                if not path.startswith("registry/locks/"):
                    self.files[path] = digest

    def difference(self, wanted):
        """Empty, or what is not as it should be, in words."""
        words = []
        for path in sorted(set(self.files) | set(wanted.files)):
            if path not in wanted.files:
                words.append(f"left behind: {path}")
            elif path not in self.files:
                words.append(f"missing: {path}")
            elif self.files[path] != wanted.files[path]:
                words.append(f"differs: {path}")
        for path in sorted(set(self.records) | set(wanted.records)):
            here, there = self.records.get(path), wanted.records.get(path)
            if here != there:
                more, less = set(here or []) - set(there or []), set(there or []) - set(here or [])
                words.append(f"records of {path}: {sorted(more)} for {sorted(less)}"[:600])
        return "; ".join(words)

    def part(self, prefix):
        """The files below a place."""
        return {path: digest for path, digest in self.files.items() if path.startswith(prefix + "/") or path == prefix}
