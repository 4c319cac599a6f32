"""What users see of the examples, asked of real servers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Server

Serve = Callable[..., Server]
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def server(serve: Serve, tmp_path: Path) -> Server:
    folder = tmp_path / "examples"
    (folder / "below").mkdir(parents=True)
    (folder / "R.ipynb").write_text(json.dumps(NOTEBOOK))
    (folder / "below" / "data.csv").write_text("1,2\n")
    return serve(
        f"--ContentsWithExamples.examples_dir={folder}",
        "--ServerApp.contents_manager_class=pyli_server.examples.ContentsWithExamples",
    )


def names(model: dict[str, Any]) -> list[str]:
    return sorted(each["path"] for each in model["content"])


def test_they_stand_beside_the_users_own(server: Server) -> None:
    assert server.ask("POST", "api/contents", {"type": "notebook"})[0] == 201
    root = server.ask("GET", "api/contents")[1]
    assert names(root) == ["Examples", "Untitled.ipynb"]
    folder = server.ask("GET", "api/contents/Examples")[1]
    assert (folder["name"], folder["writable"], names(folder)) == ("Examples", False, ["Examples/R.ipynb", "Examples/below"])
    assert names(server.ask("GET", "api/contents/Examples/below")[1]) == ["Examples/below/data.csv"]
    notebook = server.ask("GET", "api/contents/Examples/R.ipynb?hash=1")[1]
    assert (notebook["path"], notebook["writable"], notebook["content"]["nbformat"]) == ("Examples/R.ipynb", False, 4)
    assert notebook["hash"]
    assert server.ask("GET", "api/contents/Examples/R.ipynb/checkpoints") == (200, [])
    assert server.ask("GET", "files/Examples/below/data.csv") == (200, "1,2\n")
    assert server.ask("GET", "api/contents/Examples/none.ipynb")[0] == 404
    assert server.ask("GET", "api/contents/Examples/../../etc/passwd")[0] == 404


def test_nobody_changes_them(server: Server) -> None:
    for method, path, body in [
        ("PUT", "Examples/R.ipynb", {"type": "notebook", "content": NOTEBOOK}),
        ("PUT", "Examples/mine.ipynb", {"type": "notebook", "content": NOTEBOOK}),
        ("POST", "Examples", {"type": "notebook"}),
        ("PATCH", "Examples/R.ipynb", {"path": "mine.ipynb"}),
        ("PATCH", "Examples", {"path": "Mine"}),
        ("POST", "Examples/R.ipynb/checkpoints", None),
        ("DELETE", "Examples/R.ipynb", None),
        ("DELETE", "Examples", None),
        ("POST", "", {"copy_from": "Examples"}),
    ]:
        status, answer = server.ask(method, f"api/contents/{path}", body)
        assert (status, "xamples are" in json.dumps(answer)) == (403, True), (method, path, answer)
    assert names(server.ask("GET", "api/contents/Examples")[1]) == ["Examples/R.ipynb", "Examples/below"]


def test_a_copy_is_ones_own(server: Server) -> None:
    for folder, path in [("Examples", "R.ipynb"), ("", "R-Copy1.ipynb")]:
        model = server.ask("POST", f"api/contents/{folder}", {"copy_from": "Examples/R.ipynb"})[1]
        assert (model["path"], model["writable"]) == (path, True)


def test_a_kernel_begins_where_one_may_write(server: Server) -> None:
    notebook = {"path": "Examples/R.ipynb", "type": "notebook", "name": "R.ipynb", "kernel": {"name": "python3"}}
    assert server.ask("POST", "api/sessions", notebook)[0] == 201
    [child] = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    assert Path("/proc", child, "cwd").readlink() == server.log.parent / "notebooks"


def test_who_has_such_a_folder_keeps_it(server: Server) -> None:
    own = server.log.parent / "notebooks" / "Examples"
    own.mkdir()
    (own / "mine.txt").write_text("mine")
    assert names(server.ask("GET", "api/contents")[1]) == ["Examples"]
    assert names(server.ask("GET", "api/contents/Examples")[1]) == ["Examples/mine.txt"]
    assert server.ask("GET", "files/Examples/mine.txt") == (200, "mine")
    assert server.ask("DELETE", "api/contents/Examples/mine.txt")[0] == 204
