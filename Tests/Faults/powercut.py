"""What a power cut could leave: a log of calls played back up to any of them, without what was not made durable by then.

The model is stricter than file systems are. Bytes are durable once their file was synced after they were written, names
once their folder was synced after they were given; everything else may be there or not, in any combination, and data
in pieces of 4 KiB.
"""

import os

PIECE = 4096


class Disk:
    """Files by a number of ours (an inode's may be given again), folders, and what of both is not durable yet."""

    def __init__(self, base, root):
        """As `base` is; paths of the log are below `root`, a copy of it."""
        self.root = root
        self.known, self.content, self.pending = {}, [], []
        self.names, self.waiting = {}, []
        self.live = {}
        for place, folders, files in os.walk(base):
            relative = os.path.relpath(place, base)
            for name in folders:
                self.names[os.path.normpath(os.path.join(relative, name))] = "folder"
            for name in files:
                path = os.path.normpath(os.path.join(relative, name))
                with open(os.path.join(place, name), "rb") as file:
                    self.names[path] = self.make(None, bytearray(file.read()))
        self.live = dict(self.names)

    def make(self, inode, content):
        self.content.append(content)
        self.pending.append([])
        if inode:
            self.known[inode] = len(self.content) - 1
        return len(self.content) - 1

    def path(self, text):
        return os.path.normpath(os.path.relpath(text, self.root) if os.path.isabs(text) else text)

    def file(self, call):
        """The number of the file that a call acts on; of one from before, by its name."""
        if call.inode not in self.known:
            self.known[call.inode] = self.live.get(self.path(call.one))
        return self.known[call.inode]

    def rename(self, *changes):
        """Names given (a number) or taken away (None), together or not at all."""
        for path, what in changes:
            if what is None:
                self.live.pop(path, None)
            else:
                self.live[path] = what
        self.waiting.append(changes)

    def play(self, call):
        if call.result < 0 or call.descriptor == 1:
            return
        one, two = self.path(call.one) if call.one else "", self.path(call.two) if call.two else ""
        if call.name in ("create", "nameless"):
            number = self.make(call.inode, bytearray())
            if call.name == "create":
                self.rename((one, number))
        elif call.name == "mkdir":
            self.rename((one, "folder"))
        elif call.name in ("unlink", "rmdir"):
            self.rename((one, None))
        elif call.name == "rename":
            self.rename((one, None), (two, self.live[one]))
        elif call.name == "exchange":
            self.rename((one, self.live[two]), (two, self.live[one]))
        elif call.name == "link":
            self.rename((two, self.known[call.inode]))
        elif call.name == "write":
            self.pending[self.file(call)] += pieces(call.offset, call.data)
        elif call.name == "truncate":
            self.pending[self.file(call)].append(("cut", call.length))
        elif call.name == "sync" and self.live.get(one) == "folder" or one == ".":
            durable = [changes for changes in self.waiting if any(os.path.dirname(p) == one.strip(".") for p, _ in changes)]
            self.waiting = [changes for changes in self.waiting if changes not in durable]
            for changes in durable:
                apply(self.names, changes)
        elif call.name == "sync":
            number = self.file(call)
            for change in self.pending[number]:
                write(self.content[number], change)
            self.pending[number] = []

    def left(self, survives):
        """Paths with bytes, or None for folders, when what is not durable is there where `survives()` says so."""
        names = dict(self.names)
        for changes in self.waiting:
            if survives():
                apply(names, changes)
        files = {}
        for path, what in sorted(names.items()):
            parent = os.path.dirname(path)
            if parent and parent not in files:
                continue
            if what == "folder":
                files[path] = None
                continue
            content = bytearray(self.content[what])
            for change in self.pending[what]:
                if survives():
                    write(content, change)
            files[path] = bytes(content)
        return files


def pieces(offset, data):
    """A write, cut where pages end."""
    found, at = [], 0
    while at < len(data):
        length = min(PIECE - (offset + at) % PIECE, len(data) - at)
        found.append(("put", offset + at, data[at : at + length]))
        at += length
    return found


def write(content, change):
    if change[0] == "cut":
        del content[change[1] :]
        content.extend(bytes(change[1] - len(content)))
    else:
        _, offset, data = change
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


def apply(names, changes):
    for path, what in changes:
        if what is None:
            names.pop(path, None)
        else:
            names[path] = what


def states(base, root, calls, random, every):
    """After each call: how many calls that is, and the files that may be left; equal ones once."""
    disk, seen = Disk(base, root), set()
    for number, call in enumerate(calls, 1):
        disk.play(call)
        chance = random.choice([0.2, 0.5, 0.8])
        drawn = [lambda: False] if every > 1 else []
        if number % every == 0:
            drawn = [lambda: False, lambda: True, lambda: random.random() < chance]
        for survives in drawn:
            files = disk.left(survives)
            told = b"".join(call.data for call in calls[:number] if call.descriptor == 1 and call.data)
            key = hash((told, tuple(sorted(files.items(), key=lambda item: item[0]))))
            if key not in seen:
                seen.add(key)
                yield number, files, told.decode()


def lay_out(files, folder):
    os.makedirs(folder)
    for path, content in files.items():
        place = os.path.join(folder, path)
        if content is None:
            os.makedirs(place, exist_ok=True)
        else:
            with open(place, "wb") as file:
                file.write(content)
