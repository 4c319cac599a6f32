"""Octave's kernel, in which a cell is one piece: it ends with its first error, which is one to the client and tells its line.

Octave reads cells as if somebody typed them, line by line, and goes on after an error as it would then. So a cell is written
to a file, and what is typed is that this file be read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from metakernel import ExceptionWrapper
from octave_kernel.kernel import OctaveKernel

#: Octave writes its errors to the terminal like any other output, so they are told apart by what it remembers of the last.
ASK = "printf ('%s', lasterr ())"
FORGET = "lasterr ('');"
#: A file that begins with a function would be that function's. This changes nothing, not even `ans`.
NOTHING = "if (false) end; "
BEGINS_WITH_FUNCTION = re.compile(r"(\s*([%#].*)?\n)*\s*function\b")
#: The kernel that this one is made of understands these itself.
LEAVE = {"quit", "quit()", "exit", "exit()"}


class PyliOctaveKernel(OctaveKernel):
    _said = ""
    _held = ""
    _file = ""
    _was_interrupted = False
    _asked_nobody = False

    def makeWrapper(self) -> Any:
        repl = super().makeWrapper()
        interrupt = repl.interrupt

        def noticed(*options: Any, **named: Any) -> Any:
            self._was_interrupted = True
            return interrupt(*options, **named)

        repl.interrupt = noticed
        return repl

    def do_execute_direct(self, code: str, silent: bool = False) -> Any:
        if code.strip() in LEAVE:
            return super().do_execute_direct(code, silent=silent)
        engine = self.octave_engine
        if not engine._has_startup:
            engine._startup()
            # Else what is wrong with the syntax of a file is not told.
            engine.eval(f"addpath ('{engine.tmp_dir}');", silent=True)
        engine.eval(FORGET, silent=True)
        self._said, self._held, self._was_interrupted, self._asked_nobody = "", "", False, False
        cell = Path(engine.tmp_dir, f"cell_{self.execution_count}.m")
        cell.write_text((NOTHING if BEGINS_WITH_FUNCTION.match(code) else "") + code + "\n")
        self._file = str(cell)
        try:
            value = super().do_execute_direct(f"source ('{cell}')", silent=silent)
        finally:
            cell.unlink()
        self.Write("", is_last=True)
        if self._asked_nobody:
            return ExceptionWrapper("Error", "the cell asks for input, and nobody can be asked here", ["nobody to ask"])
        if self._was_interrupted:
            return ExceptionWrapper("Interrupted", "the cell was interrupted", ["Interrupted"])
        return self._error() or value

    def raw_input(self, text: str) -> str:
        if not self._allow_stdin:
            # Octave would wait for ever, and take the next cell for the answer. It prompts again when a line has come.
            self._asked_nobody = True
            self.octave_engine.repl.child.sendintr()
            return ""
        return super().raw_input(text)

    def _error(self) -> ExceptionWrapper | None:
        if "error:" not in self._said:
            return None
        message = self._readable(self.octave_engine.eval(ASK, silent=True)).strip()
        # What a cell has caught is remembered as well, and is no error; nor is what it has merely printed.
        first = message.splitlines()[0].removeprefix("error: ") if message else ""
        if not first or f"error: {first}" not in self._said:
            return None
        kind = "SyntaxError" if first.startswith("parse error") else "Error"
        return ExceptionWrapper(kind, first, [line for line in self._said.splitlines() if line.strip()])

    def Write(self, message: str, is_last: bool = False) -> None:
        message = self._held + message
        # Half of a line's end: the other half may come with the next piece.
        self._held = "\r" if message.endswith("\r") and not is_last else ""
        text = self._readable(message.removesuffix("\r") if self._held else message)
        self._said = (self._said + text)[-20_000:]
        if text:
            super().Write(text)

    def _readable(self, text: str) -> str:
        text = text.replace("\r\n", "\n")
        return text.replace(f"file {self._file}", self._name).replace(self._file, self._name) if self._file else text

    @property
    def _name(self) -> str:
        return f"In [{self.execution_count}]"


if __name__ == "__main__":
    PyliOctaveKernel.run_as_main()
