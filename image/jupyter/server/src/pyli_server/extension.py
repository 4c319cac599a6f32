"""Ties the drain to a server: its routes, its signals, its end; and its log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from jupyter_server.services.sessions.handlers import default_handlers as session_routes
from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback

from .discreet import hide_tokens
from .drain import Again, Drain, Event, Patience, State
from .handlers import DrainHandler, KernelsHandler, OneSessionHandler, ReadyHandler, SessionsHandler, drain_of
from .occupancy import occupancy

#: How often a server that leaves looks whether it may end. Milliseconds.
LOOK_EVERY = 500

#: Seconds. The deadline should be a little under the time that the orchestrator gives before it kills.
VARIABLES = {"PYLI_DRAIN_DEADLINE": 0.0, "PYLI_DRAIN_QUIET": 60.0}


def patience(environment: Mapping[str, str]) -> Patience:
    """Raises ValueError with a sentence for the operator."""
    deadline, quiet = (seconds(environment, name, usual) for name, usual in VARIABLES.items())
    return Patience(deadline=deadline, quiet=quiet, again=again(environment))


def seconds(environment: Mapping[str, str], name: str, usual: float) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else usual
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be a number of seconds, for example {name}=60; got {text!r}")
    return value


def again(environment: Mapping[str, str]) -> Again:
    text = environment.get("PYLI_DRAIN_AGAIN", "") or Again.END.value
    if text not in [each.value for each in Again]:
        raise ValueError(f"PYLI_DRAIN_AGAIN must be end or stay; got {text!r}")
    return Again(text)


def patience_or_end() -> Patience:
    """Any other error Jupyter would log, and serve on without the extension."""
    try:
        return patience(os.environ)
    except ValueError as mistake:
        sys.exit(f"pyli: {mistake}.")


def load(serverapp: Any) -> None:
    """Before the server listens."""
    if not serverapp.identity_provider.token_generated:
        hide_tokens(serverapp.log)
    serverapp.web_app.settings["pyli_drain"] = Drain(patience_or_end(), time.monotonic)
    base = serverapp.base_url
    one_session = session_routes[0][0]  # with the pattern of a session's id, which has no public name
    routes = [
        (r"/pyli/ready", ReadyHandler),
        (r"/pyli/(drain|restore)", DrainHandler),
        (r"/api/kernels", KernelsHandler),
        (r"/api/sessions", SessionsHandler),
        (one_session, OneSessionHandler),
    ]
    # What is added later is asked first, so these stand before Jupyter's own.
    serverapp.web_app.add_handlers(".*$", [(url_path_join(base, path), handler) for path, handler in routes])


async def start(serverapp: Any) -> None:
    """Once the loop runs. From here on SIGTERM is ours; Jupyter's own handler would end everything at once."""
    drain = drain_of(serverapp.web_app.settings)

    def look() -> None:
        if drain.is_over(occupancy(serverapp)):
            looking.stop()
            serverapp.log.info("Nobody needs this server any more: it ends")
            serverapp.stop()

    def leave() -> None:
        was_leaving = drain.is_leaving
        if drain.take(Event.LEAVE) is State.ENDED:
            serverapp.log.warning("Told to end twice: it ends at once")
            serverapp.stop()
            return
        if was_leaving:
            serverapp.log.info("Told to end again: it stays for what it serves on")
            return
        lives = occupancy(serverapp)
        serverapp.log.info("Told to end: %d kernels and %d terminals are served on", lives.kernels, lives.terminals)
        looking.start()
        look()

    looking = PeriodicCallback(look, LOOK_EVERY)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave)
