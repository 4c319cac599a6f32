# ruff: noqa: F821  (`c` and `get_config` are put here by Jupyter)
"""What makes Jupyter servers interchangeable: any of them can answer any request that needs no kernel.

Written for all servers alike. What one run or one server has of its own comes in PYLI_… variables, which are taken out
of the environment here, so that kernels and terminals do not inherit them.
"""

import os
import sys
from pathlib import Path

from jupyter_client import localinterfaces

c = get_config()


def told(name):
    return os.environ.pop("PYLI_JUPYTER_" + name)


def secret(name):
    return Path(told(name)).read_text().strip()


c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(told("PORT"))
c.ServerApp.port_retries = 0  # the gateway was told this port and no other
c.ServerApp.base_url = told("BASE_URL")
c.ServerApp.root_dir = told("ROOT_DIR")

# One login for all: same token, same signature, and a cookie name that does not depend on the Host header.
c.IdentityProvider.token = secret("TOKEN_FILE")
c.IdentityProvider.cookie_name = "jupyter-login"
c.ServerApp.cookie_secret = bytes.fromhex(secret("COOKIE_SECRET_FILE"))
c.PasswordIdentityProvider.hashed_password = ""
c.PasswordIdentityProvider.allow_password_change = False  # would change the password of one server only

# The gateway stands before it: it sets the forwarded headers and passes the browser's Host on unchanged.
c.ServerApp.trust_xheaders = True
c.ServerApp.allow_remote_access = True

c.ServerApp.open_browser = False
c.ServerApp.quit_button = False  # would stop one server, with the kernels of everybody on it
c.ServerApp.allow_root = True  # containers and CI; without effect for anyone else

# Installing an extension would change what one folder of this machine serves, under the feet of running pages.
c.LabApp.extension_manager = "readonly"
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

# Nothing goes to the internet unasked. Nor does JupyterLab ask whether it may: see jupyter-config/ beside this file.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
