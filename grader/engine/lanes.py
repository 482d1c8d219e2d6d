"""Batches side by side: while one waits for its slowest part, the cores work on another.

Each has as many threads as torch gives any batch, so the answers are the same to the bit as one
batch after another.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

_CPU_LANES = 2

_Work = TypeVar("_Work")
_Done = TypeVar("_Done")


def n_lanes_for(device: torch.device) -> int:
    """How many batches at a time suit a device; a GPU is filled by one."""
    return _CPU_LANES if device.type == "cpu" else 1


def side_by_side(
    do: Callable[[_Work], _Done], works: Iterator[_Work], *, n_lanes: int
) -> Generator[tuple[_Work, _Done], None, None]:
    """Each piece of work with its result, in order; a few more are begun than are asked for.

    Args:
        do: Called in a thread of its own where there is more than one lane.
        works: Taken from this thread.
        n_lanes: At least 1.
    """
    if n_lanes == 1:
        for work in works:
            yield work, do(work)
        return
    n_threads = torch.get_num_threads()
    with ThreadPoolExecutor(
        n_lanes, initializer=torch.set_num_threads, initargs=(n_threads,)
    ) as pool:
        begun: deque[tuple[_Work, Future[_Done]]] = deque()
        try:
            for work in works:
                begun.append((work, pool.submit(do, work)))
                if len(begun) > n_lanes:
                    first, result = begun.popleft()
                    yield first, result.result()
            while begun:
                first, result = begun.popleft()
                yield first, result.result()
        finally:
            pool.shutdown(cancel_futures=True)
