"""The language process: started, spoken to, interrupted and ended. PROTOCOL.md says what is spoken."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from .streams import CAPACITY, OutputStream, pipe

Message = dict[str, Any]

# How long a process that takes over from one that died has to say so, in seconds.
SUCCESSION = 2.0

# How long an idle process has to end by itself once its pipe was closed, in seconds.
FAREWELL = 1.0


class Child:
    """A language process in a session of its own, so that a signal meets it, all that it started, and not us.

    `on_output(name, text)` gets its standard output ("stdout") and error ("stderr"), `on_message(message)` what it
    says, `on_death(reason)` one sentence once it is gone without our wish. All three are called in the event loop.
    """

    def __init__(
        self,
        argv: list[str],
        *,
        env: dict[str, str] | None = None,
        on_output: Callable[[str, str], None],
        on_message: Callable[[Message], None],
        on_death: Callable[[str], None],
    ) -> None:
        """Start the process. Raises OSError where it cannot be started. The wire's two descriptors end its argv."""
        self._on_message = on_message
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._is_ended = False

        requests, self._requests = pipe()
        self._replies, replies = pipe()
        stdout, stdout_writer = pipe(CAPACITY)
        stderr, stderr_writer = pipe(CAPACITY)
        theirs = (requests, replies, stdout_writer, stderr_writer)
        try:
            self._process = subprocess.Popen(
                [*argv, str(requests), str(replies)],
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=stdout_writer,
                stderr=stderr_writer,
                pass_fds=(requests, replies),
                start_new_session=True,
            )
        except OSError:
            for fd in (self._requests, self._replies, stdout, stderr):
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        self.pid = self._process.pid
        self._guard = _guard(self.pid)
        self._outputs = [
            OutputStream(stdout, lambda text: on_output("stdout", text)),
            OutputStream(stderr, lambda text: on_output("stderr", text)),
        ]
        os.set_blocking(self._replies, False)
        self._loop.add_reader(self._replies, self._on_replies)
        self._watch(self.pid)

    def send(self, message: Message) -> None:
        """Say something to the process. One that is gone does not hear it: `on_death` tells of that."""
        data = json.dumps(message).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._requests, data) :]
        except OSError:
            pass

    def drain(self) -> None:
        """Publish all that has been written to standard output and error until now."""
        for output in self._outputs:
            output.drain()

    def signal(self, number: int) -> None:
        """Send a signal to the process and all that it started and that stayed in its group."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    def kill_leader(self) -> None:
        """Kill the process that runs the cell, not the one that may take over from it."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def succeed(self, pid: int) -> None:
        """Another process of the group has taken over from the one that died."""
        self.pid = pid
        self._watch(pid)

    def end(self, is_idle: bool) -> None:
        """End the process and its group, an idle one with a moment to end by itself. From any thread; blocks for it."""
        if self._is_ended:
            return
        self._is_ended = True
        if is_idle:
            os.close(self._requests)
            self._requests = -1
            _await_exit(self.pid, FAREWELL)
        self.signal(signal.SIGKILL)
        self._process.wait()
        assert self._guard.stdin
        self._guard.stdin.close()
        self._guard.wait()

    def close(self) -> None:
        """Let go of the pipes, after `end`. In the event loop."""
        self._loop.remove_reader(self._replies)
        for output in self._outputs:
            output.close()
        for fd in (self._replies, self._requests):
            if fd >= 0:
                os.close(fd)
        self._requests = self._replies = -1

    def _on_replies(self) -> None:
        try:
            data = os.read(self._replies, 1 << 20)
        except BlockingIOError:
            return
        if not data:
            self._loop.remove_reader(self._replies)
            return
        self._buffer += data
        if b"\n" not in data:
            return
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._on_message(json.loads(line))

    def _watch(self, pid: int) -> None:
        """Have `_on_exit` called when the process ends, whoever its parent is."""
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._loop.call_soon(self._on_exit, pid)
            return

        def exited() -> None:
            self._loop.remove_reader(fd)
            os.close(fd)
            self._on_exit(pid)

        self._loop.add_reader(fd, exited)

    def _on_exit(self, pid: int) -> None:
        if self._is_ended:
            return
        status = self._process.poll() if pid == self._process.pid else None

        def give_up() -> None:
            if self.pid == pid and not self._is_ended:
                self._on_death(_reason(status))

        # Its last words may still be in the pipe, or another process takes over.
        self._loop.call_later(SUCCESSION if self.may_succeed else 0.1, give_up)

    may_succeed = False


def _guard(group: int) -> subprocess.Popen[bytes]:
    """A shell that kills the process group once we are gone, however we went: only we hold the other end of its pipe.

    Not PR_SET_PDEATHSIG: that is lost at a fork, and the PHP side forks.
    """
    # By -s, for dash takes the -- of `kill -KILL -- -1` for a number.
    script = 'read -r _; kill -s KILL -- "-$0"'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _await_exit(pid: int, seconds: float) -> None:
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([fd], [], [], seconds)
    os.close(fd)


def _reason(status: int | None) -> str:
    if status is None:
        return "the process ended"
    if status >= 0:
        return f"the process ended with status {status}"
    return f"the process was ended by {signal.Signals(-status).name}"
