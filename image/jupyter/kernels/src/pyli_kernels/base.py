"""A Jupyter kernel in front of one language process that keeps the state."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import sys
import time
from typing import Any, ClassVar

import zmq
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from . import __version__
from .child import Child, Message
from .history import History

# How long a language process may take until it is ready, in seconds, before it counts as broken.
READY_WITHIN = 30.0

# A signal is lost on a language that is about to sleep and has not begun to. So an interrupt is sent anew, after so many
# seconds each time, until the cell is over or the language says that it was heeded.
INSIST_AFTER = 0.1

# An interrupt that comes so many seconds after the cell's first one is for a cell that does not heed it. Whoever presses
# the button twice means one interrupt.
FORCE_AFTER = 1.0

# The class of the error that an interrupt is to the client, in every language.
INTERRUPTED = "Interrupted"


class LanguageDied(Exception):
    """The language process is gone, and what it knew with it. The text says why."""


class LanguageKernel(Kernel):
    """What PHP and JavaScript have in common. A language is a subclass that names its process.

    Messages that mean work for the language go to the process as they are; what it says in between (a picture, a
    question to the user) is published as belonging to the cell that ran last, so that a timer's output finds its place.
    """

    implementation_version = __version__
    language_title: ClassVar[str]
    # Whether a process that dies in a cell leaves another behind that knows all from before the cell.
    has_successor: ClassVar[bool] = False
    # A name at the text's end or begin that asks for its description in the pager: `strlen?` or `?strlen`.
    question = re.compile(r"\s*(?:\?\s*([\w$\\:.>-]+)|([\w$\\:.>-]+)\s*\?)\s*;?\s*")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._child: Child | None = None
        self._ready: asyncio.Future[Message] | None = None
        self._replies: dict[int, asyncio.Future[Message]] = {}
        self._ids = itertools.count(1)
        self._cell: Message = {}  # the execute_request that outputs belong to
        self._client = b""  # the front end that it came from, which questions go to
        self._running: int | None = None  # the id of the cell that runs
        self._interrupted_at: float | None = None  # when that cell was interrupted first, by the loop's clock
        self._is_forced = False  # whether that cell's process was killed to end it
        self._insisting: asyncio.TimerHandle | None = None
        self._question: asyncio.Task[None] | None = None
        self._history = History()

    # For the language to say

    def command(self) -> tuple[list[str], dict[str, str]]:
        """The process's argv, to which the wire's descriptors are added, and what its environment has beside ours."""
        raise NotImplementedError

    # The process

    def start(self) -> None:
        super().start()
        self.io_loop.asyncio_loop.add_signal_handler(signal.SIGINT, self.interrupt)
        self.io_loop.add_callback(self._launch)

    # ipykernel raises KeyboardInterrupt in the middle of its own loop while a handler runs. Interrupts are for the
    # language; the handler above passes them on.
    def pre_handler_hook(self) -> None: ...

    def post_handler_hook(self) -> None: ...

    def _launch(self) -> None:
        self._ready = asyncio.get_running_loop().create_future()
        argv, env = self.command()
        try:
            self._child = Child(
                argv, env=env, on_output=self._on_output, on_message=self._on_message, on_death=self._on_death
            )
            self._child.may_succeed = self.has_successor
        except OSError as error:
            self._child = None
            self._ready.set_exception(LanguageDied(f"{argv[0]} could not be started: {error.strerror}"))
            self._ready.exception()  # it is told to whoever asks, and no fault if nobody does

    async def _language(self) -> Message:
        """What the process said of itself when it was ready. A process that is not there is started."""
        if self._child is None:
            self._launch()
        assert self._ready
        return await asyncio.wait_for(asyncio.shield(self._ready), READY_WITHIN)

    async def _ask(self, request: str, **content: Any) -> Message:
        """Have the process do something. Raises LanguageDied if it cannot."""
        await self._language()
        assert self._child
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        if request == "execute":
            self._running, self._interrupted_at, self._is_forced = number, None, False
        self._child.send({"type": request, "id": number, **content})
        try:
            answer = await reply
            # Such as the failure of a program that the signal ended before the language could.
            if self._insisting and answer.get("status") == "error" and answer["ename"] != INTERRUPTED:
                text = "the cell was interrupted"
                traceback = [f"{INTERRUPTED}: {text}", "", *answer["traceback"]]
                return {"status": "error", "ename": INTERRUPTED, "evalue": text, "traceback": traceback}
            return answer
        finally:
            del self._replies[number]
            if request == "execute":
                self._running = None
                self._stop_insisting()
                self._end_question()

    def _on_death(self, reason: str) -> None:
        child, self._child = self._child, None
        if child:
            child.drain()
            child.end(is_idle=False)
            child.close()
        died = LanguageDied(reason)
        waiting = [reply for reply in self._replies.values() if not reply.done()]
        for reply in waiting:
            reply.set_exception(died)
        if self._ready and not self._ready.done():
            self._ready.set_exception(died)
            self._ready.exception()
            return  # one that cannot even start is tried again when it is asked for
        if not waiting:
            self._on_output("stderr", self._obituary(reason) + "\n")
        self._launch()

    def _obituary(self, reason: str) -> str:
        return f"{self.language_title} was started anew, its variables are lost: {reason}."

    # What the process says

    def _on_output(self, name: str, text: str) -> None:
        self._publish("stream", {"name": name, "text": text})

    def _on_message(self, message: Message) -> None:
        kind = message.pop("type")
        if self._child and kind not in ("ready", "reply"):
            self._child.drain()
        getattr(self, f"_on_{kind}")(message)

    def _on_ready(self, message: Message) -> None:
        assert self._ready
        self.language_info = {**self.language_info, "version": message["version"]}
        if not self._ready.done():
            self._ready.set_result(message)

    def _on_reply(self, message: Message) -> None:
        reply = self._replies.get(message.pop("id"))
        if self._child:
            self._child.drain()
        if reply and not reply.done():
            reply.set_result(message)

    def _on_sync(self, message: Message) -> None:
        """Answered once what was written before is published: so output, errors and pictures keep their order."""
        self._answer({"type": "synced", "id": message.get("id")})

    def _on_display(self, message: Message) -> None:
        kind = "update_display_data" if message.get("update") else "display_data"
        content = {key: message.get(key) or {} for key in ("data", "metadata", "transient")}
        self._publish(kind, content)

    def _on_clear_output(self, message: Message) -> None:
        self._publish("clear_output", {"wait": bool(message.get("wait"))})

    def _on_input(self, message: Message) -> None:
        self._end_question()
        self._question = asyncio.get_running_loop().create_task(self._put_question(message))

    def _on_succeeded(self, message: Message) -> None:
        """A process died in a cell, and the one that was kept for this case goes on."""
        if self._child:
            self._child.succeed(message["pid"])
        reply = self._replies.get(message["id"])
        if not reply or reply.done():
            return  # it could still say itself what it died of
        reason = "it did not heed the interrupt" if self._is_forced else "the process died"
        text = f"The cell was ended, {reason}. What was there before it is kept."
        name = INTERRUPTED if self._is_forced else "Fatal error"
        reply.set_result({"status": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]})

    def _answer(self, message: Message) -> None:
        if self._child:
            self._child.send(message)

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        if self.session and not self._cell.get("content", {}).get("silent"):
            self.session.send(self.iopub_socket, kind, content, parent=self._cell or None, ident=self._topic(kind))

    # Questions to the user

    async def _put_question(self, message: Message) -> None:
        """Ask the front end for a line. None is answered where it cannot ask, the end of the input."""
        value = None
        if self._cell.get("content", {}).get("allow_stdin"):
            value = await self._input(message.get("prompt", ""), bool(message.get("password")))
        self._answer({"type": "input_reply", "id": message.get("id"), "value": value})

    async def _input(self, prompt: str, password: bool) -> str:
        # Not Kernel.raw_input: it blocks the loop that reads the process's output and hears that it was interrupted.
        assert self.session
        while self.stdin_socket.poll(0):
            self.stdin_socket.recv_multipart(zmq.NOBLOCK)  # an answer to a question of an earlier cell
        content = {"prompt": prompt, "password": password}
        self.session.send(self.stdin_socket, "input_request", content, self._cell, ident=self._client)
        while True:
            if self.stdin_socket.poll(0):
                _, reply = self.session.recv(self.stdin_socket)
                if reply:
                    return str(reply["content"]["value"])
            await asyncio.sleep(0.02)

    def _end_question(self) -> None:
        if self._question:
            self._question.cancel()
            self._question = None

    # Requests

    @property
    def kernel_info(self) -> dict[str, Any]:
        # ipykernel would claim its Python debugger and subshells.
        return {**super().kernel_info, "supported_features": []}

    async def kernel_info_request(self, stream: Any, ident: Any, parent: Any) -> None:
        try:
            await self._language()
        except (LanguageDied, TimeoutError) as error:
            self.log.error("%s", error)  # the kernel answers all the same; the first cell will say it
        await super().kernel_info_request(stream, ident, parent)

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: Any = None,
    ) -> dict[str, Any]:
        self._cell = self.get_parent("shell")
        # Now, because ipykernel knows it in the request's own context only, and questions come from the process.
        self._client = self._get_shell_context_var(self._shell_parent_ident)
        if store_history and not silent:
            self._history.add(self.execution_count, code)
        if asked := self.question.fullmatch(code):
            return await self._page(asked.group(1) or asked.group(2))
        if not code.strip():
            return self._ok()
        try:
            reply = await self._ask("execute", code=code, count=self.execution_count)
        except (LanguageDied, TimeoutError) as error:
            text = self._obituary(str(error)) if self._child else str(error)
            reply = {"status": "error", "ename": "Died", "evalue": text, "traceback": [text]}
        if reply["status"] == "error":
            error = {key: reply[key] for key in ("ename", "evalue", "traceback")}
            self._publish("error", error)
            return {"status": "error", "execution_count": self.execution_count, **error}
        if (result := reply.get("result")) and not silent:
            self._history.add_value(self.execution_count, result["data"].get("text/plain", ""))
            self._publish("execute_result", {"metadata": {}, **result, "execution_count": self.execution_count})
        return self._ok(user_expressions={name: await self._express(text) for name, text in (user_expressions or {}).items()})

    async def _express(self, code: str) -> dict[str, Any]:
        reply = await self._ask("execute", code=code, count=self.execution_count)
        if reply["status"] == "error":
            return reply
        return {"status": "ok", "metadata": {}, "data": {}, **(reply.get("result") or {})}

    async def _page(self, name: str) -> dict[str, Any]:
        reply = await self.do_inspect(name, len(name))
        data = reply["data"] or {"text/plain": f"Nothing is known of {name}."}
        return self._ok(payload=[{"source": "page", "data": data, "start": 0}])

    def _ok(self, **more: Any) -> dict[str, Any]:
        reply = {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
        return {**reply, **more}

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        nothing = {"matches": [], "cursor_start": cursor_pos, "cursor_end": cursor_pos}
        reply = await self._ask_or("complete", nothing, code=code, cursor=cursor_pos)
        return {"metadata": {}, "status": "ok", "cursor_end": cursor_pos, **reply}

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        reply = await self._ask_or("inspect", {}, code=code, cursor=cursor_pos, detail=detail_level)
        data = reply.get("data") or {}
        return {"status": "ok", "found": bool(data), "data": data, "metadata": {}}

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        return await self._ask_or("is_complete", {"status": "unknown"}, code=code)

    async def _ask_or(self, request: str, otherwise: Message, **content: Any) -> Message:
        """Its answer, or another one if the process is gone: help with typing must not end in an error."""
        try:
            return await self._ask(request, **content)
        except (LanguageDied, TimeoutError):
            return otherwise

    async def do_history(self, hist_access_type: str, output: bool, raw: bool, **wanted: Any) -> dict[str, Any]:
        return {"status": "ok", "history": self._history.ask(hist_access_type, output=output, **wanted)}

    async def interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        # This runs in the control channel's thread.
        self.io_loop.asyncio_loop.call_soon_threadsafe(self.interrupt)
        assert self.session
        self.session.send(stream, "interrupt_reply", {"status": "ok"}, parent, ident=ident)

    def interrupt(self) -> None:
        """Interrupt the cell that runs; later on with force. An idle process is left alone."""
        if self._running is None or self._child is None:
            return
        now = asyncio.get_running_loop().time()
        if self._interrupted_at is not None and now - self._interrupted_at >= FORCE_AFTER:
            self._is_forced = True
            self._child.kill_leader()
            return
        if self._interrupted_at is None:
            self._interrupted_at = now
        self._child.send({"type": "interrupt"})
        self._stop_insisting()
        self._insist()

    def _insist(self) -> None:
        if self._child:
            self._child.signal(signal.SIGINT)
            self._insisting = asyncio.get_running_loop().call_later(INSIST_AFTER, self._insist)

    def _stop_insisting(self) -> None:
        if self._insisting:
            self._insisting.cancel()
            self._insisting = None

    def _on_heeded(self, message: Message) -> None:
        """The cell was thrown out of what it did. What it does next, such as to clean up, is not to be disturbed."""
        self._stop_insisting()

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        if self._child:
            self._child.end(is_idle=self._running is None)
        return {"status": "ok", "restart": restart}


def launch(kernel: type[LanguageKernel]) -> None:
    """Run a kernel as `python -m` does: the connection file is in argv."""
    # Our own standard output stays what it is, the server's log. Were it redirected to the front end, ipykernel's
    # threads would flush it at the end through one that has ended already, and now and then wait ten seconds for it.
    IPKernelApp.launch_instance(kernel_class=kernel, outstream_class=None)
