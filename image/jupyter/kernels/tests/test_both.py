"""What both kernels promise alike, and what becomes of their processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MISSING, Notebook, until

LANGUAGES = {
    "php": {
        "pid": "getmypid()",
        "set": "$kept = 'żółw';",
        "get": "$kept",
        "kept": "'żółw'",
        "print": 'echo "{}";',
        "loop": "echo 'go'; while (true) {}",
        "wait": "echo 'go'; sleep(600);",
        "program": "echo 'go'; system('sleep 600');",
        "background": "shell_exec('sleep 600 >/dev/null 2>&1 & echo $!')",
    },
    "javascript": {
        "pid": "process.pid",
        "set": "const kept = 'żółw'",
        "get": "kept",
        "kept": "'żółw'",
        "print": "process.stdout.write(`{}`)",
        "loop": "console.log('go'); for (;;) {}",
        "wait": "console.log('go'); await new Promise(() => {})",
        "program": "console.log('go'); require('child_process').execSync('sleep 600')",
        "background": "String(require('child_process').spawn('sleep', ['600']).pid)",
    },
}


@pytest.fixture(scope="module", params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def notebook(language: str) -> Iterator[Notebook]:
    notebook = Notebook(language)
    yield notebook
    notebook.stop()


@pytest.fixture
def own(language: str) -> Iterator[Notebook]:
    """A kernel for one test alone, which it may kill."""
    notebook = Notebook(language)
    yield notebook
    notebook.stop()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def pids(notebook: Notebook, words: dict[str, str]) -> list[int]:
    """The language process and a program that it left running."""
    return [int((notebook.run(words[key]).value or "").strip("'\n\\n")) for key in ("pid", "background")]


@pytest.mark.parametrize("how", ["loop", "wait", "program"])
def test_interrupt_ends_a_cell_and_keeps_the_state(notebook: Notebook, language: str, how: str) -> None:
    words = LANGUAGES[language]
    notebook.run(words["set"])
    assert notebook.interrupted(words[how]).error[0] == "Interrupted"
    assert notebook.run(words["get"]).value == words["kept"]


def test_an_interrupt_of_nothing_harms_nothing(notebook: Notebook, language: str) -> None:
    words = LANGUAGES[language]
    notebook.run(words["set"])
    notebook.interrupt()
    assert notebook.run(words["get"]).value == words["kept"]


def test_output_comes_while_the_cell_runs(notebook: Notebook, language: str) -> None:
    # The interrupt is sent once the output is here. Were it held back, the cell would never end.
    assert "go" in notebook.interrupted(LANGUAGES[language]["loop"]).text()


def test_a_big_output_is_whole(notebook: Notebook, language: str) -> None:
    big = {"php": "echo str_repeat('żółw', 1000000);", "javascript": "process.stdout.write('żółw'.repeat(1000000))"}
    assert notebook.run(big[language]).text() == "żółw" * 1_000_000


def test_many_prints_are_few_messages(notebook: Notebook, language: str) -> None:
    loop = {
        "php": 'for ($i = 0; $i < 20000; $i++) { echo "$i\\n"; }',
        "javascript": "for (let i = 0; i < 20000; i++) console.log(i)",
    }
    outcome = notebook.run(loop[language])
    assert outcome.text() == "".join(f"{number}\n" for number in range(20000))
    assert len(outcome.of("stream")) < 2000


def test_output_and_errors_and_pictures_keep_their_order(notebook: Notebook, language: str) -> None:
    cell = {
        "php": "echo 'a'; echo $nothing; echo 'b'; Pyli\\html('<b>c</b>'); echo 'd';",
        "javascript": "for (const [n, s] of [['a','stdout'],['x','stderr'],['b','stdout']]) process[s].write(n);"
        " display.html('<b>c</b>'); process.stdout.write('d'); undefined",
    }
    order = [
        content.get("name") or content["data"]["text/html"] for _, content in notebook.run(cell[language]).published
    ]
    assert order == ["stdout", "stderr", "stdout", "<b>c</b>", "stdout"]


def test_what_is_written_in_halves_of_a_character_is_whole(notebook: Notebook, language: str) -> None:
    halves = {
        "php": 'echo "\\xf0\\x9f"; usleep(50000); echo "\\x90\\xa2";',
        "javascript": "const { writeSync } = require('fs'); writeSync(1, Buffer.from([0xf0, 0x9f]));"
        " await new Promise(r => setTimeout(r, 50)); writeSync(1, Buffer.from([0x90, 0xa2])); undefined",
    }
    assert notebook.run(halves[language]).text() == "🐢"


def test_an_empty_cell_is_fine(notebook: Notebook) -> None:
    assert notebook.run("  \n").status == "ok"


def test_a_silent_cell_shows_nothing(notebook: Notebook, language: str) -> None:
    outcome = notebook.run(LANGUAGES[language]["print"].replace("{}", "heard"), silent=True)
    assert outcome.published == []


def test_a_cell_after_an_error_is_run(notebook: Notebook, language: str) -> None:
    assert notebook.run("nothing_of_the_kind()").status == "error"
    assert notebook.run("1 + 1").value == "2"


def test_restart_forgets_the_state(own: Notebook, language: str) -> None:
    words = LANGUAGES[language]
    own.run(words["set"])
    own.manager.restart_kernel()
    own.client.wait_for_ready(timeout=40)
    outcome = own.run(words["get"])
    assert outcome.value is None and (outcome.status == "error" or "Undefined variable" in outcome.text("stderr"))


@pytest.mark.parametrize("end", ["shutdown", "kill"])
def test_no_process_outlives_the_kernel(own: Notebook, language: str, end: str) -> None:
    left = pids(own, LANGUAGES[language])
    assert not any(map(is_gone, left))
    if end == "shutdown":
        own.manager.shutdown_kernel()
    else:
        os.kill(own.manager.provisioner.pid, signal.SIGKILL)
    until(lambda: all(map(is_gone, left)))


def test_an_idle_process_that_dies_is_told_and_started_anew(own: Notebook, language: str) -> None:
    words = LANGUAGES[language]
    (pid, _) = pids(own, words)
    os.kill(pid, signal.SIGKILL)

    def told() -> bool:
        message = own.client.get_iopub_msg(timeout=40)
        return message["msg_type"] == "stream" and "started anew" in message["content"]["text"]

    until(told)
    assert own.run("1 + 1").value == "2"


def test_a_language_that_cannot_be_started_is_told(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if language in MISSING:
        pytest.skip(MISSING[language])
    monkeypatch.setenv(f"PYLI_{'PHP' if language == 'php' else 'NODE'}", "/nowhere/at-all")
    notebook = Notebook(language)
    try:
        assert "/nowhere/at-all could not be started" in notebook.run("1").error[1]
    finally:
        notebook.stop()


def test_history_is_kept_and_searched(own: Notebook) -> None:
    for code in ("1", "2", "3 + 4"):
        own.run(code)

    def ask(**wanted: object) -> list[list[object]]:
        return own.client.history(raw=True, reply=True, timeout=40, **wanted)["content"]["history"]

    assert [entry[2] for entry in ask(hist_access_type="tail", n=2)] == ["2", "3 + 4"]
    assert [entry[2] for entry in ask(hist_access_type="search", pattern="*+*")] == ["3 + 4"]
    assert ask(hist_access_type="range", session=1, start=3, stop=4, output=True)[0][2] == ["3 + 4", "7"]
