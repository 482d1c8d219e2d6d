"""Small files that ask for endless work, one for each idea and its variants.

None of them may cost more than the bounds below, however it ends.
"""

import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress

import pytest

from grader.loading.inert.work import MAX_WORK, bounded_work, spend
from grader.loading.inspecting import inspect_export
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import Write
from tests.hostile import (
    BUILD,
    DUP,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NEWOBJ,
    NONE,
    POP,
    REDUCE,
    SETITEMS,
    TUPLE,
    TUPLE_2,
    call,
    dict_of,
    keep,
    learner,
    listed,
    name,
    number,
    object_of,
    pipeline,
    recall,
    text,
    tuple_of,
)

# A tenth of the real bound keeps the tests short; time and memory grow with it.
BOUND = MAX_WORK // 10
MAX_CPU_S = 10.0
MAX_MEMORY_BYTES = 400 * 2**20

DOUBLED = EMPTY_TUPLE + (DUP + TUPLE_2) * 90
MODULE = ("torch.nn.modules.container", "Sequential")


def list_of(*items: bytes) -> bytes:
    """Pushes a list."""
    return EMPTY_LIST + MARK + b"".join(items) + b"e"


def pairs_of(*pairs: bytes) -> bytes:
    """Pushes a dict; each pair is a key and its value."""
    return EMPTY_DICT + MARK + b"".join(pairs) + SETITEMS


def kept_first(number_kept: int, pushed: bytes, then: bytes) -> bytes:
    """Pushes `then`, which may recall what `pushed` pushes."""
    return pushed + keep(number_kept) + POP + then


def nested(width: int, levels: int) -> bytes:
    """Pushes a list of one list, `width` times, and so on: width ** levels leaves."""
    pushed = list_of(NONE)
    for _ in range(levels):
        pushed = pushed + keep(900) + POP + list_of(*[recall(900)] * width)
    return pushed


def resize(**settings: bytes) -> bytes:
    """Pushes fastai's Resize with these settings."""
    usual = {
        "size": tuple_of(number(8), number(8)),
        "method": text("squish"),
        "pad_mode": text("zeros"),
        "mode": number(2),
    }
    return object_of("fastai.vision.augment", "Resize", usual | settings)


def module(children: bytes, **parts: bytes) -> bytes:
    """Pushes a module whose children are a dict that is pushed."""
    usual = {"_parameters": EMPTY_DICT, "_buffers": EMPTY_DICT, "_modules": children}
    return object_of(*MODULE, usual | parts)


def repeated_modules(shared: bytes, n_modules: int, *, state: bytes) -> bytes:
    """Pushes a module of many modules, in whose state number 0 is shared."""
    one = name(*MODULE) + EMPTY_TUPLE + NEWOBJ + state + BUILD
    children = (text(str(index)) + one for index in range(n_modules))
    return kept_first(0, shared, module(pairs_of(*children)))


STATE = (
    EMPTY_DICT
    + MARK
    + text("_parameters")
    + EMPTY_DICT
    + text("_buffers")
    + EMPTY_DICT
    + text("_modules")
    + EMPTY_DICT
)
CODE = ("cloudpickle.cloudpickle", "_make_function")


def code_of(names: bytes) -> bytes:
    """Pushes a function whose code names no file, so that its home is looked up in a dict."""
    parts = (*[number(1)] * 6, b"C\x00", text("<dynamic-code>"), text("f"))
    return call(*CODE, call("builtins", "CodeType", *parts), names)


def long_code(parts: bytes) -> bytes:
    """Pushes a function whose code has these parts, a tuple that is pushed."""
    return call(*CODE, name("builtins", "CodeType") + parts + REDUCE)


SAME_PAIRS = pairs_of(*[text("a") + NONE] * 40_000)
MANY = list_of(*[NONE] * 100_000)

LEARNERS: Mapping[str, bytes] = {
    "a doubled tuple as a setting": learner(text("a"), transforms=[resize(method=DOUBLED)]),
    "a doubled tuple as a size": learner(text("a"), transforms=[resize(size=DOUBLED)]),
    "a doubled tuple as a class": learner(text("a"), DOUBLED),
    "wide lists in the attributes of many transforms": learner(
        text("a"),
        transforms=[
            kept_first(901, nested(6, 7), b"")
            + resize(**{f"a{index}": recall(901) for index in range(40)})
        ]
        + [resize(**{f"a{index}": recall(901) for index in range(40)})] * 90,
    ),
    "modules that share a state of equal names": learner(
        text("a"), model=repeated_modules(SAME_PAIRS, 1000, state=recall(0))
    ),
    "modules that share the second half of their state": learner(
        text("a"),
        model=repeated_modules(SAME_PAIRS, 1000, state=tuple_of(STATE + SETITEMS, recall(0))),
    ),
    "modules that share their hooks": learner(
        text("a"),
        model=repeated_modules(
            SAME_PAIRS,
            1000,
            state=STATE
            + text("_forward_hooks")
            + recall(0)
            + text("_x_hooks")
            + recall(0)
            + SETITEMS,
        ),
    ),
    "modules that share their parameters": learner(
        text("a"),
        model=repeated_modules(
            SAME_PAIRS,
            1000,
            state=pairs_of(
                text("_parameters") + recall(0),
                text("_buffers") + recall(0),
                text("_modules") + EMPTY_DICT,
            ),
        ),
    ),
    "modules with one long list as a setting": learner(
        text("a"),
        model=repeated_modules(
            list_of(*[number(1)] * 900),
            2000,
            state=STATE + text("size") + recall(0) + SETITEMS,
        ).replace(b"container\nSequential", b"normalization\nLocalResponseNorm"),
    ),
    "layers of modules that are one module many times": learner(
        text("a"),
        model=kept_first(
            0,
            module(EMPTY_DICT),
            kept_first(
                1,
                module(pairs_of(*(text(f"b{index}") + recall(0) for index in range(10_000)))),
                module(pairs_of(*(text(f"a{index}") + recall(1) for index in range(10_000)))),
            ),
        ),
    ),
    "a module whose name is a megabyte, above many": learner(
        text("a"),
        model=module(
            dict_of(
                {"x" * 2**20: module(dict_of({str(i): module(EMPTY_DICT) for i in range(3000)}))}
            )
        ),
    ),
    "attributes with names of a megabyte": learner(
        text("a"),
        transforms=[
            kept_first(0, text("n" * 2**20), b"")
            + (
                name("fastai.vision.augment", "Resize")
                + EMPTY_TUPLE
                + NEWOBJ
                + pairs_of(recall(0) + number(1))
                + BUILD
            )
            * 60
        ],
    ),
    "pipelines that share their transforms": object_of(
        "fastai.learner",
        "Learner",
        {
            "dls": object_of(
                "fastai.data.core",
                "DataLoaders",
                {
                    "loaders": listed(
                        object_of(
                            "fastai.data.core",
                            "TfmdDL",
                            {
                                "dataset": object_of(
                                    "fastai.data.core",
                                    "Datasets",
                                    {
                                        "tls": kept_first(
                                            0,
                                            object_of(
                                                "fastai.data.core",
                                                "TfmdLists",
                                                {"tfms": pipeline(*[NONE] * 499)},
                                            ),
                                            listed(*[recall(0)] * 100_000),
                                        )
                                    },
                                )
                            },
                        )
                    )
                },
            ),
            "model": NONE,
        },
    ),
    "functions whose names are in one dict": kept_first(
        0, SAME_PAIRS, learner(text("a"), list_of(*[code_of(recall(0))] * 1000))
    ),
    "functions that share a code with many parts": kept_first(
        0,
        MARK + NONE * 200_000 + TUPLE,
        learner(text("a"), list_of(*[long_code(recall(0))] * 2000)),
    ),
    "classes in the file that share their contents": kept_first(
        1,
        text("T" * 2**20),
        kept_first(0, SAME_PAIRS, b"")
        + learner(
            text("a"),
            transforms=[
                call(
                    "cloudpickle.cloudpickle",
                    "_make_skeleton_class",
                    name("builtins", "type"),
                    recall(1),
                    EMPTY_TUPLE,
                    recall(0),
                )
                + EMPTY_TUPLE
                + NEWOBJ
            ]
            * 300,
        ),
    ),
    "a dict of pairs that are one long list": learner(
        text("a"),
        transforms=[
            kept_first(
                0,
                list_of(*[number(1)] * 90),
                resize(method=call("collections", "OrderedDict", list_of(*[recall(0)] * 90))),
            )
        ],
    ),
    "sets of one list of equal members": learner(
        text("a"),
        model=kept_first(
            0,
            MANY,
            object_of(
                "timm.layers.norm",
                "LayerNorm2d",
                {
                    "_parameters": EMPTY_DICT,
                    "_buffers": EMPTY_DICT,
                    "_modules": EMPTY_DICT,
                    "x": list_of(*[call("builtins", "set", recall(0))] * 5000),
                },
            ),
        ),
    ),
    "keys that are one long tuple": learner(
        text("a"),
        model=kept_first(
            0,
            MARK + number(3) * 5000 + TUPLE,
            object_of(
                "torch.nn.modules.normalization",
                "LocalResponseNorm",
                {
                    "_parameters": EMPTY_DICT,
                    "_buffers": EMPTY_DICT,
                    "_modules": EMPTY_DICT,
                    "size": pairs_of(*[recall(0) + NONE] * 50_000),
                },
            ),
        ),
    ),
}


@pytest.mark.parametrize("idea", LEARNERS)
def test_a_small_file_costs_little_however_it_ends(write: Write, idea: str) -> None:
    """Time and memory stay within their bounds, and the only error is a refusal."""
    path = write(LEARNERS[idea])
    assert path.stat().st_size < 20 * 2**20
    tracemalloc.start()
    begin = time.process_time()
    try:
        with bounded_work(BOUND):
            inspection = inspect_export(path)
    except RefusedExportError as error:
        shown = str(error)
    else:
        shown = str((inspection.findings, inspection.item_transforms, inspection.architecture))
    took_s = time.process_time() - begin
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took_s < MAX_CPU_S
    assert peak_bytes < MAX_MEMORY_BYTES
    assert len(shown) < 2**21


def test_work_beyond_the_bound_is_a_refusal() -> None:
    """The refusal says how much was too much, also through code that collects faults."""

    def collect() -> None:
        for _ in range(11):
            with suppress(RefusedExportError):  # as the collectors do
                spend(1)

    with pytest.raises(RefusedExportError, match="more than 10 steps"):
        bounded_work(10)(collect)()


def test_a_block_inside_another_shares_its_budget() -> None:
    """Opening the budget again doesn't refill it."""

    def work_twice() -> None:
        spend(6)
        bounded_work(10)(spend)(6)

    with pytest.raises(RefusedExportError, match="more than 10 steps"):
        bounded_work(10)(work_twice)()


def test_without_a_bound_nothing_is_counted() -> None:
    """Code that reads its own values needs no budget."""
    spend(10**12)
