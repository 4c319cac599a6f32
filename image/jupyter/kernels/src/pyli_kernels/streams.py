"""What the language process writes to its standard output and error, read as it comes."""

from __future__ import annotations

import array
import asyncio
import codecs
import fcntl
import os
import termios
from collections.abc import Callable

# A first piece of output is passed on at once; what follows within this many seconds goes together.
# So a loop of a million prints is a hundred messages a second and not a million.
PAUSE = 0.01

# While we pause the process must not block: its pipe takes this many bytes, where Linux lets us.
CAPACITY = 1 << 20

CHUNK = 1 << 16


def pipe(capacity: int = CHUNK) -> tuple[int, int]:
    """A new pipe as (read end, write end), both closed in processes that we start."""
    reader, writer = os.pipe()
    try:
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, capacity)
    except OSError:
        pass  # the user has no more pipe memory: 64 KiB then, only slower
    return reader, writer


class OutputStream:
    """The read end of one output pipe. `publish(text)` gets what was written, never half a character."""

    def __init__(self, fd: int, publish: Callable[[str], None]) -> None:
        self._fd = fd
        self._publish = publish
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._on_readable)

    def drain(self) -> None:
        """Publish what has been written until now; not what is written meanwhile, or this could take for ever."""
        if self._fd < 0:
            return
        waiting = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, waiting)
        self._read(waiting[0])

    def close(self) -> None:
        """Publish what is left and close the pipe."""
        if self._fd < 0:
            return
        self.drain()
        self._finish()

    def _on_readable(self) -> None:
        self._loop.remove_reader(self._fd)
        self._timer = self._loop.call_later(PAUSE, self._resume)
        if not self._read(CAPACITY):
            self._finish()

    def _resume(self) -> None:
        self._loop.add_reader(self._fd, self._on_readable)

    def _read(self, limit: int) -> bool:
        """Read up to `limit` bytes. False at the end of the stream."""
        pieces = []
        is_open = True
        while limit > 0:
            try:
                piece = os.read(self._fd, min(limit, CHUNK))
            except BlockingIOError:
                break
            if not piece:
                is_open = False
                break
            pieces.append(piece)
            limit -= len(piece)
        text = self._decoder.decode(b"".join(pieces), final=not is_open)
        if text:
            self._publish(text)
        return is_open

    def _finish(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._fd = -1
