"""Terminals are started by an extension of their own, whose handlers come before ours: so its manager refuses."""

from __future__ import annotations

from typing import Any

from jupyter_server_terminals.terminalmanager import TerminalManager
from tornado import web

from .handlers import DRAINS, drain_of


class DrainingTerminalManager(TerminalManager):
    """`TerminalsExtensionApp.terminal_manager_class`, as `jupyter-config/jupyter_jupyter_server_terminals_config.json` says."""

    def create(self, **options: Any) -> dict[str, Any]:
        if not drain_of(self.parent.web_app.settings).takes_new:
            raise web.HTTPError(503, DRAINS)
        return super().create(**options)
