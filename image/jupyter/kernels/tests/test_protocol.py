"""Jupyter's own tests of a kernel's messages. Nothing that they offer is skipped."""

from __future__ import annotations

import jupyter_kernel_test
import pytest
from conftest import MISSING

needs_php = pytest.mark.skipif("php" in MISSING, reason=MISSING.get("php", ""))
needs_node = pytest.mark.skipif("javascript" in MISSING, reason=MISSING.get("javascript", ""))


@needs_php
class PhpTest(jupyter_kernel_test.KernelTests):
    kernel_name = "php"
    language_name = "php"
    file_extension = ".php"
    code_hello_world = "echo 'hello, world';"
    code_stderr = "fwrite(STDERR, 'oops');"
    completion_samples = [{"text": "str_repe", "matches": ["str_repeat"]}]
    complete_code_samples = ["1", "echo 'hi';", "if (true) {\n}", "function f() { return 1; }"]
    incomplete_code_samples = ["if (true) {", "foo(", "$a = ", "/* open"]
    invalid_code_samples = ["1 +* 2;", "} {"]
    code_page_something = "strlen?"
    code_generate_error = "throw new Exception('no');"
    code_execute_result = [{"code": "1 + 2", "result": "3"}, {"code": "'text';", "result": "'text'"}, {"code": "[1]"}]
    code_display_data = [{"code": "Pyli\\html('<b>x</b>');", "mime": "text/html"}]
    code_history_pattern = "1?[+]*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "strlen"
    code_clear_output = "Pyli\\clear_output();"


@needs_node
class JavaScriptTest(jupyter_kernel_test.KernelTests):
    kernel_name = "javascript"
    language_name = "javascript"
    file_extension = ".js"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [{"text": "console.groupC", "matches": ["groupCollapsed"]}]
    complete_code_samples = ["1", "console.log('hi')", "if (true) {\n}", "await 1", "%%babel\n<b/>"]
    incomplete_code_samples = ["if (true) {", "foo(", "const a = ", "`open", "/* open"]
    invalid_code_samples = ["1 +* 2", "} {", "const 1a"]
    code_page_something = "parseInt?"
    code_generate_error = "throw new Error('no')"
    code_execute_result = [{"code": "1 + 2", "result": "3"}, {"code": "'text'", "result": "'text'"}, {"code": "[1]"}]
    code_display_data = [{"code": "display.html('<b>x</b>')", "mime": "text/html"}]
    code_history_pattern = "1?[+]*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = "console.clear()"


@needs_php
class WelcomeTest(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "php"
    support_iopub_welcome = True
