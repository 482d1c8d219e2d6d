"""The processes of a run that Accelerate started, as the environment describes them."""

import os


def n_processes() -> int:
    """How many processes train together; 1 where nothing started more."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main() -> bool:
    """Whether this process is the one that reports and writes."""
    return int(os.environ.get("RANK", "0")) == 0
