"""A Jupyter server that drains: told to end, it serves what runs, takes nothing new, and says so."""

from .extension import load, start

_load_jupyter_server_extension = load
_start_jupyter_server_extension = start


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "pyli_server"}]
