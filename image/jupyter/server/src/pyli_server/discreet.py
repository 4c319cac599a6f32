"""Tokens in addresses are in no log. Jupyter hides them in its own lines, and Tornado, which tells of what went wrong, does not:
a browser that goes away while its WebSocket opens is enough."""

from __future__ import annotations

import logging
import re

#: Of an address, wherever it stands in a line. What ends it: the next of its parameters, or what stands around it.
TOKEN = re.compile(r"([?&]token=)[^&#\s'\"<>]+")


class Discreet(logging.Formatter):
    """Writes what another one writes, a traceback included, without tokens."""

    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self._formatter = formatter or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub(r"\1[secret]", self._formatter.format(record))


def hide_tokens(log: logging.Logger) -> None:
    """Of a server that makes its own token, which its log is there to tell, this should not be asked."""
    for handler in log.handlers:
        handler.setFormatter(Discreet(handler.formatter))
