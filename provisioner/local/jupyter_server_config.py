# ruff: noqa: F821  (`c`, `get_config` and `load_subconfig` are put here by Jupyter)
"""The servers of `npm start`: those of the image, on one machine.

What one run or one server has of its own comes in PYLI_… variables, which are taken out of the environment here, so that
kernels and terminals do not inherit them.
"""

import os
import sys
from pathlib import Path

from jupyter_client import localinterfaces

load_subconfig(str(Path(__file__).parents[2] / "image" / "jupyter" / "lab" / "interchangeable.py"))
c = get_config()


def told(name):
    return os.environ.pop("PYLI_JUPYTER_" + name)


def secret(name):
    return Path(told(name)).read_text().strip()


c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(told("PORT"))
c.ServerApp.base_url = told("BASE_URL")
c.ServerApp.root_dir = told("ROOT_DIR")
c.IdentityProvider.token = secret("TOKEN_FILE")
c.ServerApp.cookie_secret = bytes.fromhex(secret("COOKIE_SECRET_FILE"))
c.ServerApp.allow_root = True  # without effect for anyone else

# The user's kernels are welcome (JUPYTER_PATH), extensions built for the user's own JupyterLab are not.
c.LabApp.labextensions_path = [str(Path(sys.prefix, "share", "jupyter", "labextensions"))]

# A server chooses free ports for a kernel, which takes them seconds later: two servers on one machine may choose the same.
# One of them then speaks to the other's kernel, and hangs for ever when it ends its own (Session.send, on a socket that
# has lost its peer). So the kernels of each server have a loopback address of their own. Other systems have only one.
if sys.platform == "linux":
    pid = os.getpid()  # of 22 bits, at most
    kernels_ip = f"127.{64 + (pid >> 16)}.{(pid >> 8) & 255}.{pid & 255}"
    localinterfaces.local_ips().append(kernels_ip)  # it lists the addresses of interfaces, not all that are local
    c.KernelManager.ip = kernels_ip
