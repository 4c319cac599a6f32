"""A kernel of each language, started as Jupyter starts it, and a client that is easy to ask."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from pyli_kernels.install import install

# For whatever is slow on a busy machine. Nothing here expects anything to be quick.
PATIENCE = 40


# The tests of a language that is not there are skipped.
PROGRAMS = {"php": os.environ.get("PYLI_PHP", "php"), "javascript": os.environ.get("PYLI_NODE", "node")}
MISSING = {name: f"{program} is not installed" for name, program in PROGRAMS.items() if not shutil.which(program)}


@pytest.fixture(scope="session", autouse=True)
def kernelspecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    prefix = tmp_path_factory.mktemp("prefix")
    for language in PROGRAMS:
        install(language, prefix=str(prefix), user=False, npm="npm")
    os.environ["JUPYTER_PATH"] = str(prefix / "share" / "jupyter")
    # Not below pytest's folder: the path of a Unix socket has a hundred characters at most.
    with TemporaryDirectory(prefix="kernels-") as runtime:
        os.environ["JUPYTER_RUNTIME_DIR"] = runtime
        yield


class Outcome:
    """What came of a cell: the reply, and what was published, in its order."""

    def __init__(self) -> None:
        self.reply: dict[str, Any] = {}
        self.published: list[tuple[str, dict[str, Any]]] = []

    @property
    def status(self) -> str:
        return self.reply["status"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [content for published, content in self.published if published == kind]

    def text(self, name: str = "stdout") -> str:
        return "".join(content["text"] for content in self.of("stream") if content["name"] == name)

    @property
    def value(self) -> str | None:
        """The plain text of the last value, None if there is none."""
        results = self.of("execute_result")
        return results[0]["data"]["text/plain"] if results else None

    @property
    def error(self) -> tuple[str, str]:
        (error,) = self.of("error")
        assert self.status == "error" and self.reply["ename"] == error["ename"]
        return error["ename"], error["evalue"]

    @property
    def traceback(self) -> str:
        return "\n".join(self.of("error")[0]["traceback"])


class Notebook:
    """A running kernel and its client."""

    def __init__(self, name: str) -> None:
        if name in MISSING:
            pytest.skip(MISSING[name])
        # As in the image, and of many kernels that start at once none finds its port taken.
        self.manager = KernelManager(kernel_name=name, transport="ipc")
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(
        self, code: str, *, on_output: Callable[[str], None] | None = None, answers: list[str] | None = None, **more: Any
    ) -> Outcome:
        """Run a cell. `on_output(text)` is called with each piece of output as it comes."""
        outcome = Outcome()
        left = list(answers or [])

        def publish(message: dict[str, Any]) -> None:
            kind = message["header"]["msg_type"]
            if kind not in ("status", "execute_input"):
                outcome.published.append((kind, message["content"]))
            if kind == "stream" and on_output:
                on_output(message["content"]["text"])

        reply = self.client.execute_interactive(
            code,
            output_hook=publish,
            stdin_hook=lambda message: self.client.input(left.pop(0)),
            allow_stdin=answers is not None,
            timeout=PATIENCE,
            **more,
        )
        outcome.reply = reply["content"]
        return outcome

    def interrupt(self) -> None:
        # Not the manager's: it numbers its messages as the client does, and idle would be that of another request.
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def interrupted(self, code: str) -> Outcome:
        """Run a cell that prints `go` and then does not end, and interrupt it."""
        once = threading.Event()

        def interrupt(text: str) -> None:
            if "go" in text and not once.is_set():
                once.set()
                self.interrupt()

        return self.run(code, on_output=interrupt)

    def interrupted_at_a_question(self, code: str) -> dict[str, Any]:
        """Run a cell that asks something, and interrupt it instead of answering. Returns the reply's content."""
        asked = self.client.execute(code, allow_stdin=True)
        self.client.get_stdin_msg(timeout=PATIENCE)
        self.interrupt()
        while (reply := self.client.get_shell_msg(timeout=PATIENCE))["parent_header"]["msg_id"] != asked:
            pass
        # An error cancels the cells that come with it, as if they had been queued. This is none, and outlasts that moment.
        self.client.kernel_info(reply=True, timeout=PATIENCE)
        return reply["content"]

    def complete(self, code: str, cursor: int | None = None) -> dict[str, Any]:
        return self.client.complete(code, cursor, reply=True, timeout=PATIENCE)["content"]

    def inspect(self, code: str, cursor: int | None = None) -> str | None:
        content = self.client.inspect(code, cursor, reply=True, timeout=PATIENCE)["content"]
        return content["data"]["text/plain"] if content["found"] else None

    def stop(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)


def start(language: str) -> Iterator[Notebook]:
    notebook = Notebook(language)
    yield notebook
    notebook.stop()


@pytest.fixture(scope="module")
def php() -> Iterator[Notebook]:
    yield from start("php")


@pytest.fixture(scope="module")
def javascript() -> Iterator[Notebook]:
    yield from start("javascript")


def until(condition: Callable[[], Any]) -> Any:
    """Wait for what comes from outside of us. Returns what it gives; fails when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return value
