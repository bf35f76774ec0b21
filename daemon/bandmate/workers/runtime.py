"""onnxruntime, imported in one place, with its telemetry off."""

from __future__ import annotations

from typing import Any


def onnxruntime() -> Any:  # noqa: ANN401 - an untyped package
    """Return the package; raises ModuleNotFoundError where it is missing.

    ``bandmate.SWITCHES`` is enough on Linux and macOS. On Windows the package reports to the
    system's event tracing, which reads no environment variable.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
