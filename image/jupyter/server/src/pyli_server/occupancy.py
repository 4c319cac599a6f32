"""What lives in a server, as its managers tell it."""

from __future__ import annotations

from typing import Any

from .drain import Occupancy


def occupancy(serverapp: Any) -> Occupancy:
    kernels = [serverapp.kernel_manager.get_kernel(id) for id in serverapp.kernel_manager.list_kernel_ids()]
    terminals = terminals_of(serverapp)
    in_use = sum(is_used(serverapp, kernel) for kernel in kernels) + sum(bool(each.clients) for each in terminals)
    return Occupancy(kernels=len(kernels), terminals=len(terminals), in_use=in_use)


def is_used(serverapp: Any, kernel: Any) -> bool:
    """One that starts is not: without a client Jupyter may call it so for ever, and the quiet time gives one time to come."""
    has_client = serverapp.kernel_manager._kernel_connections.get(kernel.kernel_id, 0) > 0
    return has_client or kernel.execution_state == "busy"


def terminals_of(serverapp: Any) -> list[Any]:
    manager = serverapp.web_app.settings.get("terminal_manager")
    return [] if manager is None else list(manager.terminals.values())
