"""What was run in this kernel's life. Nothing is written to disk."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

# The session's number: a kernel knows of no other.
SESSION = 1


class History:
    """Cells and their values, asked for as Jupyter's history_request does."""

    def __init__(self) -> None:
        self._cells: list[tuple[int, str]] = []
        self._values: dict[int, str] = {}

    def add(self, line: int, code: str) -> None:
        self._cells.append((line, code))

    def add_value(self, line: int, text: str) -> None:
        self._values[line] = text

    def ask(self, access: str, *, output: bool = False, **wanted: Any) -> list[tuple[int, int, Any]]:
        """Entries as (session, line, code), or with `output` (session, line, (code, value or None))."""
        return [(SESSION, line, (code, self._values.get(line)) if output else code) for line, code in self._pick(access, wanted)]

    def _pick(self, access: str, wanted: dict[str, Any]) -> list[tuple[int, str]]:
        if access == "range":
            return self._range(wanted)
        cells = self._cells
        if access == "search":
            cells = [cell for cell in cells if fnmatchcase(cell[1], wanted.get("pattern") or "*")]
            if wanted.get("unique"):
                cells = list({code: (line, code) for line, code in cells}.values())
        count = wanted.get("n")
        return cells if count is None else cells[-count:] if count > 0 else []

    def _range(self, wanted: dict[str, Any]) -> list[tuple[int, str]]:
        if wanted.get("session") not in (0, SESSION):
            return []
        start, stop = wanted.get("start") or 0, wanted.get("stop")
        return [cell for cell in self._cells if start <= cell[0] and (stop is None or cell[0] < stop)]
