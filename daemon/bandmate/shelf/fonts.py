"""Where the fonts' cache is written while the shelf is open: in bandmate's own folder.

On Linux, Qt finds fonts by fontconfig, which writes a cache into the user's or the system's cache
folder where the one that is there is old. Of several folders it writes into the first.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

from bandmate import paths

_USUAL = Path("/etc/fonts/fonts.conf")
_CONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <cachedir>{cache}</cachedir>
  <include>{config}</include>
</fontconfig>
"""


def keep_cache_at_home() -> None:
    """Let fontconfig write into bandmate's own folder; call it before Qt looks for fonts.

    Raises FileError where that folder cannot be made.
    """
    folder = paths.home() / "fonts"
    ours, config = folder / "fonts.conf", _config()
    if not sys.platform.startswith("linux") or not config.is_file() or config == ours:
        return
    words = _CONFIG.format(cache=escape(str(folder)), config=escape(str(config)))
    with suppress(OSError):  # the shelf can be shown without
        folder.mkdir(exist_ok=True)
        ours.write_text(words, "utf-8")
        os.environ["FONTCONFIG_FILE"] = str(ours)


def _config() -> Path:
    """Return the configuration that holds otherwise, as fontconfig finds it."""
    folder = Path(os.environ.get("FONTCONFIG_PATH") or _USUAL.parent)
    return folder / (os.environ.get("FONTCONFIG_FILE") or _USUAL.name)
