"""A real server with the extension, as a program of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

TOKEN = "a-token-of-the-tests"
T = TypeVar("T")


class Server:
    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def ask(self, method: str, path: str, body: Any = None, token: str | None = TOKEN) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if token is None else {"Authorization": f"token {token}"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, parsed(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, parsed(error.read())

    def start_kernel(self) -> str:
        status, model = self.ask("POST", "api/kernels", {})
        assert status == 201
        return model["id"]

    def sigterm(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ends(self, within: float = 30) -> int:
        return self.process.wait(within)


def parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode()


def until(what: str, look: Callable[[], T], within: float = 30) -> T:
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.05)
    return found


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*flags: str, **variables: str) -> Server:
        folder = tmp_path / str(len(started))
        for name in ("data", "runtime", "notebooks"):
            (folder / name).mkdir(parents=True)
        log = folder / "log"
        environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_TOKEN": TOKEN,
            **variables,
        }
        options = ["--allow-root", "--no-browser", "--port=0", "--ServerApp.base_url=/base/"]
        command = [sys.executable, "-P", "-m", "jupyter_server", *options, f"--ServerApp.root_dir={folder / 'notebooks'}", *flags]
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder)
        started.append(process)
        told = folder / "runtime" / f"jpserver-{process.pid}.json"

        def port() -> int | None:
            assert process.poll() is None, log.read_text()
            text = told.read_text() if told.exists() else ""
            return json.loads(text)["port"] if text.endswith("}") else None  # the server writes it in its place

        server = Server(process, f"http://127.0.0.1:{until('it listens', port, within=90)}/base/", log)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return server.ask("GET", "pyli/ready")[0] == 200
            except urllib.error.URLError:
                return False  # its file comes before its socket

        until("it answers", answers)
        return server

    yield start
    for process in started:
        process.kill()
        process.wait()
