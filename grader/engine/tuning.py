"""Settings of a process that does nothing but grade; they change its speed and no answer.

torch is not imported here: one of the settings is read when it is.
"""

import ctypes
import os
import sys
from contextlib import suppress

# Numbers that glibc's mallopt gives its parameters.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_KEEP_BYTES = 2**30


def tune_process() -> None:
    """Make this process fast at running networks on a CPU, before it imports torch.

    Threads that wait for others sleep instead of spinning, which on busy machines takes most of the
    time. Large blocks of memory are kept for the next layer: glibc would give each back to the
    kernel and get it again, page by page, which took longer than efficientnet-lite0 itself. One
    arena serves all threads, since only the main one can keep blocks of any size.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # Other C libraries have no mallopt.
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _KEEP_BYTES)
            mallopt(_TRIM_THRESHOLD, _KEEP_BYTES)
