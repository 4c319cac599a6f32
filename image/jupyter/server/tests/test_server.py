"""The whole: real servers, kernels and signals."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from conftest import TOKEN, Server, until

Serve = Callable[..., Server]


def test_by_hand_nothing_new_starts_and_what_runs_is_served(serve: Serve) -> None:
    server = serve()
    kernel = server.start_kernel()
    notebook = {"path": "a.ipynb", "type": "notebook", "name": "a.ipynb", "kernel": {"name": "python3"}}
    session = server.ask("POST", "api/sessions", notebook)[1]
    terminal = server.ask("POST", "api/terminals")[1]["name"]

    assert server.ask("POST", "pyli/drain") == (200, {"state": "draining"})
    status, ready = server.ask("GET", "pyli/ready", token=None)
    assert status == 503
    assert ready == {
        "draining": True, "state": "draining", "kernels": 2, "terminals": 1, "in_use": ready["in_use"], "seconds_left": None
    }  # fmt: skip

    for path, body in [
        ("api/kernels", {}),
        ("api/terminals", None),
        ("api/sessions", {**notebook, "path": "b.ipynb"}),
    ]:
        status, answer = server.ask("POST", path, body)
        assert (status, "another one will answer" in json.dumps(answer)) == (503, True), path
    assert server.ask("PATCH", f"api/sessions/{session['id']}", {"kernel": {"name": "python3"}})[0] == 503

    assert server.ask("POST", "api/sessions", notebook)[1]["id"] == session["id"]
    assert server.ask("POST", "api/sessions", {**notebook, "path": "c.ipynb", "kernel": {"id": kernel}})[0] == 201
    assert server.ask("PATCH", f"api/sessions/{session['id']}", {"path": "d.ipynb"})[0] == 200
    assert server.ask("PATCH", f"api/sessions/{session['id']}", {"kernel": {"id": kernel}})[0] == 200
    assert server.ask("POST", f"api/kernels/{kernel}/interrupt")[0] == 204
    assert server.ask("POST", f"api/kernels/{kernel}/restart")[0] == 200
    assert server.ask("GET", f"api/terminals/{terminal}")[0] == 200
    assert len(server.ask("GET", "api/kernels")[1]) > 0

    assert server.ask("POST", "pyli/restore") == (200, {"state": "serving"})
    assert server.ask("GET", "pyli/ready")[0] == 200
    assert server.ask("POST", "api/kernels", {})[0] == 201


def test_strangers_can_see_and_not_drain(serve: Serve) -> None:
    server = serve()
    assert server.ask("GET", "pyli/ready", token=None)[0] == 200
    for token in (None, "wrong"):
        assert server.ask("POST", "pyli/drain", token=token)[0] == 403
    assert server.ask("GET", "pyli/ready")[0] == 200
    server.ask("POST", "pyli/drain")
    assert server.ask("POST", "api/kernels", {}, token=None)[0] == 403, "and hear no more than before"


def test_sigterm_without_kernels_ends_it_at_once(serve: Serve) -> None:
    server = serve()
    server.sigterm()
    assert server.ends(within=10) == 0


def test_sigterm_waits_for_a_kernel_and_ends_when_it_is_gone(serve: Serve) -> None:
    server = serve()
    kernel = server.start_kernel()
    server.sigterm()
    until("it says so", lambda: server.ask("GET", "pyli/ready")[0] == 503)
    assert server.ask("GET", f"api/kernels/{kernel}")[0] == 200
    assert server.ask("POST", "api/kernels", {})[0] == 503
    assert server.ask("POST", "pyli/restore") == (409, {"state": "leaving"})
    assert server.ask("DELETE", f"api/kernels/{kernel}")[0] == 204
    assert server.ends() == 0


def test_what_nobody_uses_is_waited_for_no_longer_than_the_quiet_time(serve: Serve) -> None:
    server = serve(PYLI_DRAIN_QUIET="1")
    kernel = server.start_kernel()
    until("it rests", lambda: server.ask("GET", f"api/kernels/{kernel}")[1]["execution_state"] in ("idle", "starting"))
    server.ask("POST", "api/terminals")
    server.sigterm()
    assert server.ends(within=60) == 0


def test_the_deadline_ends_what_is_busy(serve: Serve) -> None:
    server = serve(PYLI_DRAIN_DEADLINE="2")
    server.start_kernel()
    server.sigterm()
    until("it says so", lambda: server.ask("GET", "pyli/ready")[0] == 503)
    assert server.ask("GET", "pyli/ready")[1]["seconds_left"] <= 2
    assert server.ends() == 0


def test_a_second_sigterm_does_not_wait(serve: Serve) -> None:
    server = serve()
    server.start_kernel()
    server.sigterm()
    until("it says so", lambda: server.ask("GET", "pyli/ready")[0] == 503)
    server.sigterm()
    assert server.ends() == 0
    assert "Told to end twice" in server.log.read_text()


def test_a_second_sigterm_may_mean_nothing(serve: Serve) -> None:
    server = serve(PYLI_DRAIN_AGAIN="stay")
    kernel = server.start_kernel()
    server.sigterm()
    until("it says so", lambda: server.ask("GET", "pyli/ready")[0] == 503)
    server.sigterm()
    until("it has heard", lambda: "Told to end again" in server.log.read_text())
    assert server.ask("GET", f"api/kernels/{kernel}")[0] == 200
    assert server.ask("DELETE", f"api/kernels/{kernel}")[0] == 204
    assert server.ends() == 0


def test_a_wrong_setting_ends_it_with_a_sentence() -> None:
    """Where Jupyter would log it, and serve on without the drain."""
    command = [sys.executable, "-P", "-m", "jupyter_server", "--allow-root", "--no-browser", "--port=0"]
    environment = {**os.environ, "PYLI_DRAIN_AGAIN": "no"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1] == "pyli: PYLI_DRAIN_AGAIN must be end or stay; got 'no'."


def test_a_kernel_without_a_notebook_begins_in_the_notebooks_folder(serve: Serve) -> None:
    server = serve()
    notebooks = server.log.parent / "notebooks"
    (notebooks / "below").mkdir()
    for body, folder in [({}, notebooks), (None, notebooks), ({"path": "below/a.ipynb"}, notebooks / "below")]:
        before = kernels_folders(server)
        assert server.ask("POST", "api/kernels", body)[0] == 201
        now = kernels_folders(server)
        assert [now[pid] for pid in now.keys() - before.keys()] == [folder], body


def kernels_folders(server: Server) -> dict[str, Path]:
    """Each kernel's own, by its process."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return {pid: Path("/proc", pid, "cwd").readlink() for pid in children}


def test_a_browser_that_goes_away_leaves_no_token_in_the_log(serve: Serve) -> None:
    server = serve()
    kernel = server.start_kernel()
    address = urlsplit(server.url)

    def told() -> bool:
        with socket.create_connection((address.hostname, address.port)) as connection:
            target = f"{address.path}api/kernels/{kernel}/channels?session_id=a&token={TOKEN}"
            connection.sendall(
                f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
            )
        time.sleep(0.1)
        return "session_id=a&token=[secret]" in server.log.read_text()

    until("it is told", told)
    assert TOKEN not in server.log.read_text()


def test_probes_are_in_no_log(serve: Serve) -> None:
    server = serve()
    server.ask("POST", "pyli/drain")
    for _ in range(3):
        server.ask("GET", "pyli/ready")
    time.sleep(0.2)
    assert "pyli/ready" not in server.log.read_text()
