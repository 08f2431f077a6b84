"""`micropython -i power_on.py main|raw`: a board starts; -i gives its REPL. See firmware.py."""

import sys

sys.path.append(__file__.rsplit("/", 1)[0])
import firmware  # noqa: E402

firmware.power_on(sys.argv[-1])
# A board's REPL does not have these names.
del firmware, sys
