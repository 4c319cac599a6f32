"""Put kernelspecs where Jupyter finds them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpecManager

TITLES = {"php": "PHP", "javascript": "JavaScript (Node, Babel)"}


class InstallError(Exception):
    """One sentence on what is missing."""


def spec(language: str) -> dict[str, object]:
    """What stands in kernel.json. Interrupts come as messages: signals would meet us and not the language."""
    return {
        "argv": [sys.executable, "-m", f"pyli_kernels.{language}", "-f", "{connection_file}"],
        "display_name": TITLES[language],
        "language": language,
        "interrupt_mode": "message",
    }


def install(language: str, *, prefix: str | None, user: bool, npm: str) -> str:
    """Install one language's kernelspec. Returns its folder. Raises InstallError."""
    if language == "javascript":
        install_babel(npm)
    with TemporaryDirectory() as folder:
        (Path(folder) / "kernel.json").write_text(json.dumps(spec(language), indent=1) + "\n")
        Path(folder).chmod(0o755)
        try:
            return KernelSpecManager().install_kernel_spec(folder, language, user=user, prefix=prefix)
        except OSError as error:
            raise InstallError(f"The kernelspec of {language} could not be written: {error}") from error


def install_babel(npm: str) -> None:
    """Install the Node side's packages beside it, just as its lock file has them."""
    from .javascript import SIDE

    if (SIDE / "node_modules" / "@babel" / "core").is_dir():
        return
    if not shutil.which(npm):
        raise InstallError(f"{npm} is not there; it is needed to install @babel/core.")
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=SIDE, check=False).returncode != 0:
        raise InstallError(f"@babel/core could not be installed: {npm} ci failed in {SIDE}.")
