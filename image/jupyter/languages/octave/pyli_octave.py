"""Octave's kernel, in which an error is one: its cell fails, and those behind it do not run."""

from __future__ import annotations

import re
from typing import Any

from metakernel import ExceptionWrapper
from octave_kernel.kernel import OctaveKernel

#: Octave writes its errors to the terminal like any other output, so they are told apart by what it remembers of the last.
ASK = "printf('%s', lasterr ())"
FORGET = "lasterr ('');"


class PyliOctaveKernel(OctaveKernel):
    def do_execute_direct(self, code: str, silent: bool = False) -> Any:
        engine = self.octave_engine
        if engine._has_startup:
            engine.eval(FORGET, silent=True)
        self._said = ""
        value = super().do_execute_direct(code, silent=silent)
        if "error:" not in self._said:
            return value
        message = engine.eval(ASK, silent=True).strip()
        # What a cell has caught is remembered as well, and is no error; nor is what it has merely printed.
        first = message.splitlines()[0].removeprefix("error: ") if message else ""
        if not first or f"error: {first}" not in self._said:
            return value
        return ExceptionWrapper(kind(first), first, [line for line in self._said.splitlines() if line.strip()])

    def Write(self, message: str) -> None:
        self._said = (self._said + message.replace("\r\n", "\n"))[-20_000:]
        super().Write(message)


def kind(message: str) -> str:
    return "SyntaxError" if re.match(r"parse error", message) else "error"


if __name__ == "__main__":
    PyliOctaveKernel.run_as_main()
