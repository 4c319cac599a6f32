# ruff: noqa: F821  (`get_config` is put here by Jupyter)
"""What makes Jupyter servers interchangeable: any of them can answer any request that needs no kernel.

The same for `npm start` (provisioner/local) and for the image; each adds what it has of its own.
"""

c = get_config()

c.ServerApp.port_retries = 0  # the gateway was told this port and no other

# One login for all: with one token and one cookie secret, and a cookie name that does not depend on the Host header.
c.IdentityProvider.cookie_name = "jupyter-login"
c.PasswordIdentityProvider.hashed_password = ""
c.PasswordIdentityProvider.allow_password_change = False  # would change the password of one server only

# The gateway stands before it: it sets the forwarded headers and passes the browser's Host on unchanged.
c.ServerApp.trust_xheaders = True
c.ServerApp.allow_remote_access = True

c.ServerApp.open_browser = False
c.ServerApp.quit_button = False  # would stop one server, with the kernels of everybody on it

# Installing an extension would change one server, under the feet of running pages.
c.LabApp.extension_manager = "readonly"

# Nothing goes to the internet unasked. Nor does JupyterLab ask whether it may: see defaults/labconfig/.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
