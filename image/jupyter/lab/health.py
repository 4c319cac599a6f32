"""The container's health check: can the notebooks' volume be written, and does the server answer?

Each question has a time of its own that holds even where the volume hangs: a process that waits for a dead disk cannot be
killed, so the one that asks is another one, and is left behind. It is not started twice.
"""

import os
import sys
import time
import urllib.request
from multiprocessing import get_context
from pathlib import Path

PATIENCE = 12  # seconds, for both, which are asked at the same time; the check has 30
ASKS = Path("/tmp/pyli-health.pid")


def write(folder):
    # Who waits for the output of the check must not wait for this one.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    probe = Path(folder, ".pyli", f"health-{os.uname().nodename}")
    probe.parent.mkdir(exist_ok=True)
    descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, b"well\n")
    os.fsync(descriptor)
    os.close(descriptor)


def still_asks():
    try:
        return Path("/proc", ASKS.read_text(), "comm").exists()
    except (OSError, ValueError):
        return False


def ask_volume(folder):
    """Begins; what it gives back is to be asked in the end."""
    if still_asks():
        return lambda: f"{folder} has not been written since an earlier check"
    asking = get_context("fork").Process(target=write, args=(folder,))
    asking.start()
    ASKS.write_text(str(asking.pid))
    deadline = time.monotonic() + PATIENCE

    def fault():
        asking.join(max(0, deadline - time.monotonic()))
        if asking.exitcode == 0:
            return None
        return f"{folder} " + ("was not written in time" if asking.exitcode is None else "cannot be written")

    return fault


def server(base_url):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8888{base_url}api", timeout=PATIENCE) as answer:
            answer.read()
    except OSError as error:
        return f"the server does not answer: {error}"
    return None


volume = ask_volume(os.environ.get("PYLI_NOTEBOOKS") or "/notebooks")
faults = [server(os.environ.get("PYLI_BASE_URL") or "/"), volume()]
for fault in filter(None, faults):
    print(fault)
sys.stdout.flush()
os._exit(1 if any(faults) else 0)  # without waiting for what hangs
