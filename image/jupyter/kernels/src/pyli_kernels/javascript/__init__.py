"""The JavaScript kernel: Node, with Babel before it."""

from __future__ import annotations

import os
from pathlib import Path

from ..base import LanguageKernel

SIDE = Path(__file__).parent / "side"


class JavaScriptKernel(LanguageKernel):
    language_title = "Node"
    implementation = "pyli-javascript"
    banner = "JavaScript (Node, Babel)"
    language_info = {
        "name": "javascript",
        "mimetype": "text/javascript",
        "file_extension": ".js",
        "pygments_lexer": "javascript",
        "codemirror_mode": {"name": "javascript"},
        "nbconvert_exporter": "script",
    }
    help_links = [
        {"text": "Node", "url": "https://nodejs.org/api/"},
        {"text": "JavaScript", "url": "https://developer.mozilla.org/docs/Web/JavaScript"},
        {"text": "Babel", "url": "https://babeljs.io/docs/"},
    ]

    def command(self) -> tuple[list[str], dict[str, str]]:
        # An interrupt ends what runs, wherever it is. Where that is a timer's callback, Node's bookkeeping of
        # asynchronous contexts is left unbalanced, and without this flag Node ends itself over it.
        node = os.environ.get("PYLI_NODE", "node")
        # Node warns that import() from a script is experimental; it would at the first import of every notebook.
        flags = ["--no-force-async-hooks-checks", "--disable-warning=ExperimentalWarning"]
        return [node, *flags, str(SIDE / "main.js")], {}
