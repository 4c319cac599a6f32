"""The PHP kernel."""

from __future__ import annotations

import os
from pathlib import Path

from ..base import LanguageKernel

SIDE = Path(__file__).parent / "side"

# readline() reads the process's own terminal; ours, which asks the front end, takes its place.
REPLACED = ("readline", "readline_add_history")

SETTINGS = {
    "auto_prepend_file": str(SIDE / "main.php"),
    "disable_functions": ",".join(REPLACED),
    "display_errors": "0",
    "html_errors": "0",
    "log_errors": "0",
    "max_execution_time": "0",
    # Endless recursion is ended by this alone: PHP calls take memory and no stack. A cell may set more.
    "memory_limit": os.environ.get("PYLI_PHP_MEMORY_LIMIT", "512M"),
    "opcache.enable_cli": "0",
}


class PhpKernel(LanguageKernel):
    language_title = "PHP"
    implementation = "pyli-php"
    banner = "PHP"
    has_successor = True
    language_info = {
        "name": "php",
        "mimetype": "text/x-php",
        "file_extension": ".php",
        "pygments_lexer": "php",
        # Without this CodeMirror takes a cell for HTML until it meets <?php.
        "codemirror_mode": {"name": "php", "startOpen": True},
    }
    help_links = [{"text": "PHP manual", "url": "https://www.php.net/manual/en/"}]

    def command(self) -> tuple[list[str], dict[str, str]]:
        # The script is the empty standard input and all is done in the file prepended to it: only so does PHP leave
        # the names STDIN, STDOUT and STDERR for us to define.
        settings = [part for name, value in SETTINGS.items() for part in ("-d", f"{name}={value}")]
        return [os.environ.get("PYLI_PHP", "php"), *settings, "--"], {}
