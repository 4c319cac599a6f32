# ruff: noqa: F821  (`c`, `get_config` and `load_subconfig` are put here by Jupyter)
"""The servers of the image. What an operator may choose comes as PYLI_… variables; the defaults are those of the image."""

import os
import site
import sys
from pathlib import Path

load_subconfig(str(Path(__file__).with_name("interchangeable.py")))
c = get_config()


def refuse(sentence):
    sys.exit(f"pyli: {sentence}")


# Taken out of the environment: kernels and terminals inherit what is left.
def told(name, usual):
    return os.environ.pop("PYLI_" + name, "") or usual


def secret(name, usual, what):
    """Of a file, as an environment and a command line are read by every process of the user."""
    path = Path(told(name, usual))
    try:
        text = path.read_text().strip()
    except OSError as error:
        refuse(f"{path}, the file of {what}, cannot be read ({error.strerror}). Give it as a secret of that name, or name another file in PYLI_{name}.")
    if len(text) < 32:
        refuse(f"{path} must hold {what} of 32 characters or more; it has {len(text)}.")
    return text


def seconds(name, usual):
    text = told(name, str(usual))
    if not text.isdigit():
        refuse(f"PYLI_{name} must be a number of seconds, for example PYLI_{name}={usual}; it is {text!r}.")
    return int(text)


def switch(name):
    text = told(name, "on")
    if text not in ("on", "off"):
        refuse(f"PYLI_{name} must be on or off; it is {text!r}.")
    return text == "on"


def writable(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".pyli-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        refuse(f"{folder} cannot be written by user {os.getuid()} ({error.strerror}). Mount the notebooks' folder there, owned by 1000:100.")
    return folder


c.ServerApp.ip = "0.0.0.0"  # of a container: who may reach it is said by its networks
c.ServerApp.port = 8888
c.ServerApp.base_url = told("BASE_URL", "/")

c.IdentityProvider.token = secret("TOKEN_FILE", "/run/secrets/jupyter-token", "the token")
c.ServerApp.cookie_secret = secret("COOKIE_SECRET_FILE", "/run/secrets/jupyter-cookie-secret", "the cookie secret").encode()

notebooks = writable(Path(told("NOTEBOOKS", "/notebooks")))
c.ServerApp.root_dir = str(notebooks)
# Shared, as plain files can be: all servers show the same settings and workspaces. What is of one server alone (its
# runtime files) and what is SQLite (signatures, history), which a network disk would hang or break, is in its own home.
c.LabApp.user_settings_dir = str(notebooks / ".pyli" / "settings")
c.LabApp.workspaces_dir = str(notebooks / ".pyli" / "workspaces")

# The same in all servers, as they are of the image; in the launcher they are shown by labextensions/pyli-examples.
c.ServerApp.contents_manager_class = "pyli_server.examples.ContentsWithExamples"
c.ContentsWithExamples.examples_dir = "/opt/examples"

# The environment of the server is no place for notebooks: its Python is not offered.
c.KernelSpecManager.ensure_native_kernel = False

# A kernel that nobody has used for so long is ended, unless somebody looks at it: memory is what runs out first.
c.MappingKernelManager.cull_idle_timeout = seconds("CULL_IDLE", 12 * 3600)
c.MappingKernelManager.cull_interval = 300
c.TerminalManager.cull_inactive_timeout = c.MappingKernelManager.cull_idle_timeout
c.TerminalManager.cull_interval = 300

c.ServerApp.terminals_enabled = switch("TERMINALS")

# A Python looks for this folder when it starts. Were it made by the first `%pip install`, that kernel could not import it.
Path(site.getusersitepackages()).mkdir(parents=True, exist_ok=True)
