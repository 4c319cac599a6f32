"""What the JavaScript kernel promises."""

from __future__ import annotations

import pytest
from conftest import Notebook, until

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


def test_the_examples_of_the_first_lesson(javascript: Notebook) -> None:
    assert javascript.run('console.log("hello");').text() == "hello\n"
    assert javascript.run("%load_ext babel").status == "ok"
    assert javascript.run("%%babel\nconst greeting = (text) => console.log(`${text}!`);").status == "ok"
    assert javascript.run('greeting("hello");').text() == "hello!\n"
    assert javascript.run("%%babel\nclass Awesome { constructor() { console.log('yeah!') } }").status == "ok"
    assert javascript.run("const awesome = new Awesome();").text() == "yeah!\n"


@pytest.mark.parametrize(
    "declaration", ["const again = 1", "let again = 1", "var again = 1", "class again {}", "function again() {}"]
)
def test_every_cell_can_run_again(javascript: Notebook, declaration: str) -> None:
    javascript.run("const again = 0")
    assert javascript.run(declaration).status == "ok"
    assert javascript.run(declaration).status == "ok"
    assert javascript.run("again").value not in (None, "0")


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1 + 1", "2"),
        ("'text'", "'text'"),
        ("const { a, b: [c, ...d], ...e } = { a: 1, b: [2, 3], f: 4 }; [a, c, d, e]", "[ 1, 2, [ 3 ], { f: 4 } ]"),
        ("hoisted(); function hoisted() { return 'up' }", None),
        ("hoisted()", "'up'"),
        ("for (var i = 0; i < 3; i++); i", "3"),
        ("for (var key in { k: 1 }); key", "'k'"),
        ("if (true) { var inner = 4 } inner", "4"),
        ("await Promise.resolve(5)", "5"),
        ("for await (const x of [1]) globalThis.last = x; last", "1"),
        ("Promise.resolve(1)", "Promise { 1 }"),
        ("({ a: 1 })", "{ a: 1 }"),
        ("let x", None),
        ("const y = 1", None),
        ("undefined", None),
        ("x = 6", "6"),
        ("export const exported = 1; exported", "1"),
        ("const crypto = require('crypto'); typeof crypto.createHash", "'function'"),
        ("import { join as j } from 'node:path'; import os, * as all from 'os'; [j('a', 'b'), os === all.default]", "[ 'a/b', true ]"),
        ("(await import('node:path')).sep", "'/'"),
        ("`\n%%babel\n`", "'\\n%%babel\\n'"),
        ("'żółw 🐢'", "'żółw 🐢'"),
        ("this === globalThis", "true"),
    ],
)
def test_the_last_value_is_shown(javascript: Notebook, code: str, value: str | None) -> None:
    outcome = javascript.run(code)
    assert outcome.status == "ok", outcome.published
    if value is not None or "hoisted" not in code:
        assert outcome.value == value


def test_functions_see_what_later_cells_declare(javascript: Notebook) -> None:
    javascript.run("const calls = () => called(); function called() { return 'first' }")
    javascript.run("function called() { return 'second' }")
    assert javascript.run("calls()").value == "'second'"


def test_a_constant_is_constant_in_its_cell(javascript: Notebook) -> None:
    assert javascript.run("const fixed = 1; fixed = 2").error == ("TypeError", "Assignment to constant variable.")


def test_files_are_imported_from_the_working_directory(javascript: Notebook, tmp_path) -> None:
    (tmp_path / "lib.mjs").write_text("export default 'esm'")
    (tmp_path / "lib.cjs").write_text("module.exports = 'cjs'")
    code = f"import esm from '{tmp_path}/lib.mjs'; [esm, require('{tmp_path}/lib.cjs')]"
    assert javascript.run(code).value == "[ 'esm', 'cjs' ]"


@pytest.mark.parametrize(
    ("code", "error", "line"),
    [
        ("1\n\nnull.x", ("TypeError", "Cannot read properties of null (reading 'x')"), 3),
        ("await 1\n\nthrow new RangeError('far')", ("RangeError", "far"), 3),
        ("function f() {\n  throw new Error('deep')\n}\n\nf()", ("Error", "deep"), 2),
        ("f()\nlet z = 1\nfunction f() {\n\n  throw new Error('hoisted')\n}", ("Error", "hoisted"), 5),
        ("const a = 1\nconst b = = 2", ("SyntaxError", "Unexpected token"), 2),
        ("%%babel\nconst q = <a>\n  {1}\n</a>", ("ReferenceError", "React is not defined"), 2),
        ("%%babel\nconst k = {\n  a: 1,\n}\nk.a |> nothing(%)", ("ReferenceError", "nothing is not defined"), 5),
        ("%nothing", ("UnknownMagic", "There is no %nothing here; there are %load_ext babel and %%babel."), None),
    ],
)
def test_an_error_has_class_message_and_line(
    javascript: Notebook, code: str, error: tuple[str, str], line: int | None
) -> None:
    javascript.run("delete globalThis.React")
    outcome = javascript.run(code)
    name, message = outcome.error
    assert name == error[0] and message.startswith(error[1])
    if line:
        assert f"In [{outcome.reply['execution_count']}], line {line}" in outcome.traceback


def test_whatever_is_thrown_is_told(javascript: Notebook) -> None:
    assert javascript.run("throw { a: 1 }").error == ("Uncaught", "{ a: 1 }")


def test_babel_cells_have_jsx_and_proposals(javascript: Notebook) -> None:
    javascript.run("const React = { createElement: (type, props, ...children) => ({ type, children }) }")
    assert javascript.run("%%babel\n<b>{1 + 1}</b>").value == "{ type: 'b', children: [ 2 ] }"
    assert javascript.run("%%babel\n[1, 2] |> %.map((n) => n * 2)").value == "[ 2, 4 ]"
    assert javascript.run("%%babel\nconst size = do { if (2 > 1) 'big'; else 'small' }; size").value == "'big'"
    decorated = "const loud = (method) => function () { return method.call(this) + '!' }\nclass Dog { @loud bark() { return 'woof' } }"
    assert javascript.run(f"%load_ext babel\n%%babel\n{decorated}\nnew Dog().bark()").value == "'woof!'"


def test_an_endless_loop_after_an_await_is_interrupted(javascript: Notebook) -> None:
    javascript.run("let before = 'here'")
    assert javascript.interrupted("await 1; console.log('go'); for (;;) {}").error[0] == "Interrupted"
    loop = "setTimeout(() => { console.log('go'); for (;;) {} }); await new Promise(() => {})"
    assert javascript.interrupted(loop).error[0] == "Interrupted"
    assert javascript.run("before").value == "'here'"


def test_an_interrupt_ends_the_wait_for_input(javascript: Notebook) -> None:
    assert javascript.interrupted_at_a_question("prompt('? ')")["ename"] == "Interrupted"
    assert javascript.run("prompt('? ')", answers=["a line"]).value == "'a line'"


def test_a_timer_writes_to_the_cell_that_ran_last(javascript: Notebook) -> None:
    outcome = javascript.run("setTimeout(() => console.log('late'), 50); 0")
    assert outcome.text() == ""
    late = until(lambda: next_stream(javascript))
    assert late["content"]["text"] == "late\n"
    assert late["parent_header"]["msg_type"] == "execute_request"


def next_stream(notebook: Notebook) -> dict | None:
    message = notebook.client.get_iopub_msg(timeout=40)
    return message if message["msg_type"] == "stream" else None


@pytest.mark.parametrize("code", ["setTimeout(() => { throw new Error('late') })", "Promise.reject(new Error('late'))"])
def test_an_error_that_no_cell_waits_for_is_told_and_ends_nothing(javascript: Notebook, code: str) -> None:
    outcome = javascript.run(f"{code}; await new Promise((resolve) => setTimeout(resolve, 50))")
    assert "Uncaught Error: late" in outcome.text("stderr")
    assert outcome.status == "ok"


@pytest.mark.parametrize(
    ("code", "mime", "data"),
    [
        ("display.html('<b>x</b>')", "text/html", "<b>x</b>"),
        ("display.svg('<svg/>')", "image/svg+xml", "<svg/>"),
        ("display.markdown('# x')", "text/markdown", "# x"),
        ("display.json({ a: [1] })", "application/json", {"a": [1]}),
        (f"display.png(Buffer.from('{PNG}', 'base64'))", "image/png", PNG),
        (f"await display(Buffer.from('{PNG}', 'base64'))", "image/png", PNG),
    ],
)
def test_rich_display(javascript: Notebook, code: str, mime: str, data: object) -> None:
    (shown,) = javascript.run(code).of("display_data")
    assert shown["data"][mime] == data


def test_a_value_says_how_it_is_shown(javascript: Notebook) -> None:
    code = "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<i>x</i>' }) })"
    (result,) = javascript.run(code).of("execute_result")
    assert result["data"]["text/html"] == "<i>x</i>"
    (result,) = javascript.run(f"Buffer.from('{PNG}', 'base64')").of("execute_result")
    assert result["data"]["image/png"] == PNG


def test_a_display_can_be_updated_and_cleared(javascript: Notebook) -> None:
    outcome = javascript.run("display.html('1', { id: 'd' }); display.html('2', { id: 'd', update: true }); console.clear()")
    assert [kind for kind, _ in outcome.published] == ["display_data", "update_display_data", "clear_output"]
    assert outcome.published[1][1]["transient"] == {"display_id": "d"}


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("conso", "console"),
        ("console.lo", "log"),
        ("Math.ma", "max"),
        ("shelf.books.", "length"),
        ("shelf?.boo", "books"),
        ("'🐢'; she", "shelf"),
        ("require('chi", "child_process"),
        ("import x from 'node:pa", "node:path"),
        ("functio", "function"),
    ],
)
def test_completion(javascript: Notebook, code: str, match: str) -> None:
    javascript.run("const shelf = { books: [], get trap() { throw new Error('run') } }")
    reply = javascript.complete(code)
    assert match in reply["matches"]
    assert match.startswith(code[reply["cursor_start"] : reply["cursor_end"]])


def test_completion_runs_no_getter_of_the_users(javascript: Notebook) -> None:
    javascript.run("let ran = 0; const trap = { get it() { ran++; return {} } }")
    assert javascript.complete("trap.it.")["matches"] == []
    assert javascript.run("ran").value == "0"


def test_inspection(javascript: Notebook) -> None:
    javascript.run("function addOne(n) { return n + 1 }\nconst seven = 7; const things = [1, 2]")
    described = javascript.inspect("addOne(3") or ""
    assert "a function of 1 parameter" in described and "return n + 1" in described
    assert javascript.inspect("seven") == "number seven = 7"
    assert javascript.inspect("things") == "Array things = [ 1, 2 ]"
    assert javascript.inspect("nothingOfTheKind") is None
