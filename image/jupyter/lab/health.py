"""The container's health check: can the notebooks' volume be written, and does the server answer?

Each question has a time of its own that holds even where the volume hangs: a process that waits for a dead disk cannot be
killed, so the one that asks is another one, and is left behind. It is not started twice.
"""

import os
import sys
import urllib.request
from multiprocessing import get_context
from pathlib import Path

PATIENCE = 12  # seconds, for each; the check has 30 for both
ASKS = Path("/tmp/pyli-health.pid")


def write(folder):
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


def volume(folder):
    if still_asks():
        return f"{folder} has not been written since an earlier check"
    asking = get_context("fork").Process(target=write, args=(folder,))
    asking.start()
    ASKS.write_text(str(asking.pid))
    asking.join(PATIENCE)
    if asking.exitcode == 0:
        return None
    return f"{folder} " + ("was not written in time" if asking.exitcode is None else "cannot be written")


def server(base_url):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8888{base_url}api", timeout=PATIENCE) as answer:
            answer.read()
    except OSError as error:
        return f"the server does not answer: {error}"
    return None


faults = [volume(os.environ.get("PYLI_NOTEBOOKS") or "/notebooks"), server(os.environ.get("PYLI_BASE_URL") or "/")]
for fault in filter(None, faults):
    print(fault)
sys.stdout.flush()
os._exit(1 if any(faults) else 0)  # without waiting for what hangs
