"""Bash's kernel, whose errors say what has failed: the line that a cell ended with, and its exit status."""

from __future__ import annotations

from typing import Any

from bash_kernel.kernel import BashKernel
from ipykernel.kernelapp import IPKernelApp

Content = dict[str, Any]


class PyliBashKernel(BashKernel):
    _code = ""

    # ipykernel reads these names, and gives what is asked for.
    def do_execute(
        self, code: str, silent: bool, store_history: bool = True, user_expressions: Any = None, allow_stdin: bool = False
    ) -> Content:
        self._code = code
        reply = self._described(super().do_execute(code, silent, store_history, user_expressions, allow_stdin))
        if reply["status"] != "abort":
            return reply
        # Its own word for an interrupt, which nobody knows: the cells behind this one would run.
        error = {"ename": "Interrupted", "evalue": "", "traceback": ["Interrupted"]}
        self.send_response(self.iopub_socket, "error", error)
        return {**error, "status": "error", "execution_count": self.execution_count}

    def send_response(self, stream: Any, msg_or_type: Any, content: Content | None = None, *others: Any, **named: Any) -> Any:
        if msg_or_type == "error" and content is not None:
            content = self._described(content)
        return super().send_response(stream, msg_or_type, content, *others, **named)

    def _described(self, content: Content) -> Content:
        """A cell fails with its last command, as a function of the shell's would."""
        if content.get("ename") != "":
            return content
        number, line = last_line(self._code)
        what = f"exit status {content['evalue']}" if content["evalue"].isdigit() else content["evalue"]
        return {**content, "ename": "Error", "evalue": what, "traceback": [f"line {number}: {line}", what]}


def last_line(code: str) -> tuple[int, str]:
    lines = [(number, line.strip()) for number, line in enumerate(code.splitlines(), 1)]
    return next(((number, line) for number, line in reversed(lines) if line and not line.startswith("#")), (1, ""))


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=PyliBashKernel)
