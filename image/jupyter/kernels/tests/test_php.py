"""What the PHP kernel promises."""

from __future__ import annotations

import pytest
from conftest import Notebook


def test_variables_functions_and_classes_stay(php: Notebook) -> None:
    php.run("$stay = 1; function stays() { return 2; } class Stay { const THREE = 3; }")
    assert php.run("$stay + stays() + Stay::THREE").value == "6"


def test_the_examples_of_the_first_lesson(php: Notebook) -> None:
    assert php.run('echo "hello world"').text() == "hello world"
    counted = php.run('for ($x = 0; $x <= 10; $x++) { echo "The number is: $x"; }')
    assert counted.text() == "".join(f"The number is: {x}" for x in range(11))
    assert counted.value is None


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1 + 1", "2"),
        ("1 + 1;", "2"),
        ("$v = 'żółw'; $v; // a comment", "'żółw'"),
        ("<?php 3 * 3", "9"),
        ("[1, 'two' => [2.5, true]]", "[0 => 1, 'two' => [2.5, true]]"),
        ("if (true) { echo 1; } 'last'", "'last'"),
        ("match (true) { default => 5 };", "5"),
        ("array_map(function ($n) { return $n * 2; }, [1, 2])", "[2, 4]"),
        ("new ArrayObject([1])", "ArrayObject {0: 1}"),
        ("enum Suit { case Hearts; } Suit::Hearts", "Suit::Hearts"),
        ("__DIR__ === getcwd()", "true"),
        ("return 7;", "7"),
        ("$a = 5;", None),
        ("$a++", None),
        ("null", None),
        ("printf('shown')", None),
        ("foreach ([1] as $x): echo $x; endforeach", None),
        ("function nothing() { return 1; }", None),
        ("echo 1 ?> text <?php", None),
    ],
)
def test_the_last_value_is_shown(php: Notebook, code: str, value: str | None) -> None:
    outcome = php.run(code)
    assert outcome.status == "ok"
    assert outcome.value == value


def test_an_error_has_class_message_and_line(php: Notebook) -> None:
    outcome = php.run("class TooBad extends RuntimeException {}\n\nthrow new TooBad('so bad');")
    assert outcome.error == ("TooBad", "so bad")
    assert f"In [{outcome.reply['execution_count']}], line 3\n  throw new TooBad" in outcome.traceback


def test_an_error_in_a_function_tells_its_line_and_the_callers(php: Notebook) -> None:
    declared = php.run("function fails($x) {\n  return intdiv($x, 0);\n}").reply["execution_count"]
    outcome = php.run("\nfails(1);")
    assert outcome.error[0] == "DivisionByZeroError"
    assert f"In [{declared}], line 2" in outcome.traceback
    assert f"In [{outcome.reply['execution_count']}], line 2: fails()" in outcome.traceback


def test_a_syntax_error_has_its_line(php: Notebook) -> None:
    outcome = php.run("$a = 1;\n$b = = 2;")
    assert outcome.error[0] == "ParseError"
    assert "line 2" in outcome.traceback


def test_a_warning_goes_to_standard_error_with_its_line(php: Notebook) -> None:
    outcome = php.run("1;\necho $never_set;")
    assert outcome.status == "ok"
    assert f"Undefined variable $never_set (In [{outcome.reply['execution_count']}], line 2)" in outcome.text("stderr")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ini_set('memory_limit', '32M'); $s = 'x'; while (true) { $s .= $s; }", "Allowed memory size"),
        ("ini_set('memory_limit', '32M'); function endless($n) { return endless($n + 1); } endless(1);", "Allowed memory"),
        ("abstract class A { abstract function a(); } class B extends A {}", "abstract"),
        ("interface I { function i(); } class C implements I {}", "abstract"),
        ("posix_kill(getmypid(), SIGKILL);", "the process died"),
        ("posix_kill(getmypid(), SIGSEGV); sleep(1);", "the process died"),
    ],
)
def test_a_fatal_error_is_told_and_the_state_from_before_is_kept(php: Notebook, code: str, told: str) -> None:
    php.run("$before = 'here';")
    outcome = php.run(f"$before = 'lost';\n{code}")
    assert told in outcome.error[1]
    assert php.run("$before").value == "'here'"
    assert php.run("class_exists('B')").value == "false"


def test_what_was_printed_before_a_fatal_error_is_shown(php: Notebook) -> None:
    assert php.run("echo 'printed'; posix_kill(getmypid(), SIGKILL);").text() == "printed"


def test_exit_ends_the_cell_and_keeps_the_state(php: Notebook) -> None:
    outcome = php.run("$left = 'kept'; exit('bye'); $left = 'not reached';")
    assert (outcome.status, outcome.text()) == ("ok", "bye")
    assert php.run("$left").value == "'kept'"
    assert php.run("exit(3);").error == ("Leave", "exit(3)")


def test_exit_in_an_included_file_ends_the_cell(php: Notebook, tmp_path) -> None:
    file = tmp_path / "leave.php"
    file.write_text("<?php exit;")
    php.run("$left = 'kept';")
    assert "included file" in php.run(f"include '{file}';").error[1]
    assert php.run("$left").value == "'kept'"


def test_interrupts_that_are_not_heeded_are_forced_in_the_end(php: Notebook) -> None:
    php.run("$before = 'here';")
    deaf = "echo 'go'; while (true) { try { usleep(1000); } catch (Throwable) { echo 'again'; } }"
    outcome = php.run(deaf, on_output=lambda _: php.interrupt())
    assert outcome.error[0] == "Interrupted"
    assert php.run("$before").value == "'here'"


def test_a_cell_that_declares_can_run_again(php: Notebook) -> None:
    cell = "function twice($x) {\n  return 2 * $x;\n}\nclass Twice { public $x = 1; }\ntwice(4)"
    assert php.run(cell).value == "8"
    assert php.run(cell).value == "8"


def test_declaring_otherwise_is_told_in_a_sentence(php: Notebook) -> None:
    php.run("function once() { return 1; }")
    outcome = php.run("\nfunction once() { return 2; }")
    assert outcome.error[0] == "Redeclared"
    assert "choose another name, or restart the kernel" in outcome.error[1]
    assert "line 2" in outcome.traceback
    assert php.run("once()").value == "1"


def test_use_holds_for_later_cells(php: Notebook) -> None:
    php.run("use ArrayObject as Things;")
    assert php.run("new Things([1])").value == "ArrayObject {0: 1}"
    assert php.run("use ArrayIterator as Things;\n(new Things([1]))->count()").value == "1"


def test_input_is_asked_of_the_user(php: Notebook) -> None:
    assert php.run("readline('Name? ')", answers=["Żaneta"]).value == "'Żaneta'"
    assert php.run("fgets(STDIN)", answers=["first"]).value == r"'first" + "\n'"
    assert php.run("fscanf(STDIN, '%d %d')", answers=["3 4"]).value == "[3, 4]"


def test_where_nobody_can_be_asked_the_input_is_at_its_end(php: Notebook) -> None:
    assert php.run("readline()").value == "false"
    assert php.run("fgets(STDIN)").value == "false"


def test_an_interrupt_ends_the_wait_for_input(php: Notebook) -> None:
    php.run("$before = 1;")
    assert php.interrupted_at_a_question("readline('? ');")["ename"] == "Interrupted"
    assert php.run("$before").value == "1"


def test_pictures_and_html_are_shown(php: Notebook) -> None:
    (shown,) = php.run("Pyli\\html('<i>x</i>')").of("display_data")
    assert shown["data"]["text/html"] == "<i>x</i>"
    (shown,) = php.run("Pyli\\png(\"\\x89PNG\")").of("display_data")
    assert shown["data"]["image/png"] == "iVBORw=="


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("str_rep", "str_repeat"),
        ("echo $comple", "$completed"),
        ("$completed->", "title"),
        ("$completed->hea", "head"),
        ("Book::", "MAX"),
        ("Book::$", "$count"),
        ("$keys['al", "alpha"),
        ("$żó", "$żółw"),
        ("Boo", "Book"),
        ("forea", "foreach"),
        ("E_US", "E_USER_ERROR"),
    ],
)
def test_completion(php: Notebook, code: str, match: str) -> None:
    php.run("class Book { const MAX = 1; static $count; public $title; private $secret; function head() {} }")
    php.run("$completed = new Book; $keys = ['alpha' => 1]; $żółw = 1;")
    reply = php.complete(code)
    assert match in reply["matches"]
    assert "secret" not in reply["matches"]
    typed = code[reply["cursor_start"] : reply["cursor_end"]]
    assert match.lower().startswith(typed.lower())


def test_inspection(php: Notebook) -> None:
    php.run("/** Adds one. */\nfunction add_one(int $n, bool $twice = false): int { return $n + 1; }\n$number = 7;")
    assert "function add_one(int $n, bool $twice = false): int" in (php.inspect("add_one") or "")
    assert "Adds one." in (php.inspect("add_one(3, ") or "")
    assert php.inspect("$number") == "int $number = 7"
    assert "function str_repeat(string $string, int $times): string" in (php.inspect("str_repeat") or "")
    assert "class ArrayObject" in (php.inspect("ArrayObject") or "")
    assert php.inspect("no_such_thing_at_all") is None
