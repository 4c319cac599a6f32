"""What is asked of a server that may drain."""

from __future__ import annotations

import json
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import MainKernelHandler
from jupyter_server.services.sessions.handlers import SessionHandler, SessionRootHandler
from tornado import web

from .drain import Drain, Event
from .occupancy import occupancy

DRAINS = "This Jupyter server is about to end and starts nothing new. Try again: another one will answer."


def drain_of(settings: dict[str, Any]) -> Drain:
    return settings["pyli_drain"]


class ReadyHandler(JupyterHandler):
    """`GET pyli/ready`: 200 while newcomers are welcome, 503 with `draining` while they are not. For anyone, as `/api` is."""

    @allow_unauthenticated
    async def get(self) -> None:
        drain = drain_of(self.settings)
        lives = occupancy(self.serverapp)
        left = drain.seconds_left()
        self.set_status(200 if drain.takes_new else 503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(
            {
                "draining": not drain.takes_new,
                "state": drain.state.value,
                "kernels": lives.kernels,
                "terminals": lives.terminals,
                "in_use": lives.in_use,
                "seconds_left": None if left is None else round(left),
            }
        )

    def _log(self) -> None:
        """Probes come every second or two, and a drain's 503 is no error."""


class DrainHandler(APIHandler):
    """`POST pyli/drain` and `POST pyli/restore`: by hand what SIGTERM does, short of ending."""

    auth_resource = "server"

    @web.authenticated
    @authorized
    async def post(self, event: str) -> None:
        state = drain_of(self.settings).take(Event(event))
        self.log.info("Told to %s: %s", event, state.value)
        # Who leaves cannot be restored.
        self.set_status(409 if event == "restore" and state.value != "serving" else 200)
        self.finish(json.dumps({"state": state.value}))


class RefusesNew:
    """For Jupyter's handlers of what is started: 503 while the server drains, after the caller has been let in."""

    async def prepare(self) -> None:
        await ensure_async(super().prepare())  # type: ignore[misc]
        if self._finished or drain_of(self.settings).takes_new:  # type: ignore[attr-defined]
            return
        if self.current_user and await self.is_new():  # type: ignore[attr-defined]
            self.set_header("Retry-After", "1")  # type: ignore[attr-defined]
            raise web.HTTPError(503, DRAINS)

    async def is_new(self) -> bool:
        raise NotImplementedError


class KernelsHandler(RefusesNew, MainKernelHandler):
    async def is_new(self) -> bool:
        return self.request.method == "POST"

    def get_json_body(self) -> Any:
        """A kernel without a notebook begins in the notebooks' folder, as one with it would, and not where the server began."""
        model = super().get_json_body()
        if model is None:
            return {"path": ""}
        return {**model, "path": model.get("path") or ""} if isinstance(model, dict) else model


class SessionsHandler(RefusesNew, SessionRootHandler):
    """A path that has a session gets it, and a kernel that runs here may have one more session."""

    async def is_new(self) -> bool:
        if self.request.method != "POST":
            return False
        model = self.get_json_body()
        if not isinstance(model, dict):
            return False  # Jupyter says what is wrong with it
        kernel = model.get("kernel") or {}
        if isinstance(kernel, dict) and kernel.get("id") in self.kernel_manager:
            return False
        path = model.get("path")
        return not (path and await ensure_async(self.session_manager.session_exists(path=path)))


class OneSessionHandler(RefusesNew, SessionHandler):
    """A session may be renamed and take a kernel that runs here, and not start another one."""

    async def is_new(self) -> bool:
        if self.request.method != "PATCH":
            return False
        model = self.get_json_body()
        kernel = model.get("kernel") if isinstance(model, dict) else None
        return isinstance(kernel, dict) and kernel.get("id") is None and kernel.get("name") is not None
