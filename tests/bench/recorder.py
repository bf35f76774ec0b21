"""A JACK server without sound, and a process that writes down which message came on which frame.

    python -m bench.recorder PORT FILE

connects to PORT, says "ready", records until its input ends, and writes JSON.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bandmate.timing.ports import jack as servers
from bandmate.timing.ports.apis import Machine
from bandmate.timing.ports.ports import Output, PortSettings, open_output

RATE, BLOCK = 48_000, 128
_PATIENCE = 20.0


@contextmanager
def server(name: str) -> Iterator[None]:
    """Run a JACK server while the block runs; it is the one that this process talks to."""
    os.environ["JACK_DEFAULT_SERVER"] = name
    command = ["jackd", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(BLOCK)]
    with suppress(FileNotFoundError):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + _PATIENCE
            while not servers.is_answering() and time.monotonic() < deadline:
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(_PATIENCE)
        return
    raise SystemExit("jackd is not installed (apt-get install jackd2)")


@contextmanager
def recording(port: str, file: Path) -> Iterator[None]:
    """Record what a port sends while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.recorder", port, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    yield
    process.communicate()


def no_frames() -> Any | None:
    """Stand for a machine without JACK-Client."""
    return None


def _through_rtmidi(settings: PortSettings) -> Output:
    return open_output(settings, machine=Machine(frames=no_frames))


def through_rtmidi(settings: PortSettings) -> partial[Output]:
    """Return what opens the output as python-rtmidi has it; may be pickled."""
    return partial(_through_rtmidi, settings)


def main() -> None:
    """Record one port."""
    import jack

    wanted, file = sys.argv[1], Path(sys.argv[2])
    client = jack.Client("recorder", no_start_server=True)
    port = client.midi_inports.register("in")
    messages: list[tuple[int, str]] = []
    xruns: list[int] = []

    @client.set_process_callback  # type: ignore[untyped-decorator]
    def process(_: int) -> None:
        begins = client.last_frame_time
        for offset, data in port.incoming_midi_events():
            messages.append((begins + offset, bytes(data).hex()))

    @client.set_xrun_callback  # type: ignore[untyped-decorator]
    def xrun(_: float) -> None:
        xruns.append(client.frame_time)

    with client:
        client.connect(wanted, port)
        gc.collect()
        gc.freeze()
        gc.disable()
        print("ready", flush=True)
        sys.stdin.read()
    file.write_text(json.dumps({"messages": messages, "xruns": xruns}))


if __name__ == "__main__":
    main()
