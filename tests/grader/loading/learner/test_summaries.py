import struct

import pytest

from grader.loading.inert.nodes import CallNode, DictNode, GlobalNode, Node, StorageNode, TensorNode
from grader.loading.learner.summaries import name_of, summary_of

ACCURACY = GlobalNode("fastai.metrics", "accuracy")


def object_of(path: str, **attributes: Node) -> CallNode:
    """The record of an object, by its class's full name."""
    home, _, name = path.rpartition(".")
    return CallNode("NEWOBJ", GlobalNode(home, name), (), None, 0, DictNode([*attributes.items()]))


def partial_of(function: Node) -> CallNode:
    """The record of a function whose arguments are partly given."""
    return CallNode("REDUCE", GlobalNode("functools", "partial"), (function,), None, 0)


def doubles(*values: float, strides: tuple[int, ...] = (1,)) -> TensorNode:
    """The record of a tensor of doubles."""
    data = memoryview(struct.pack(f"<{len(values)}d", *values))
    storage = StorageNode("0", "float64", len(values), data)
    return TensorNode(
        storage=storage, dtype="float64", offset=0, shape=(len(values),), strides=strides
    )


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (ACCURACY, "accuracy"),
        (object_of("fastai.learner.AvgMetric", func=ACCURACY), "accuracy"),
        (object_of("fastai.learner.AvgMetric", func=partial_of(ACCURACY)), "accuracy"),
        (object_of("fastai.metrics.AccumMetric", func=partial_of(ACCURACY)), "accuracy"),
        (
            object_of("fastai.callback.tracker.SaveModelCallback", func=ACCURACY),
            "SaveModelCallback",
        ),
        (partial_of(partial_of(ACCURACY)), "accuracy"),
        (7, "a int"),
    ],
)
def test_a_part_has_the_name_that_people_know(node: Node, name: str) -> None:
    """What only wraps a function is known by the function; everything else by its class."""
    assert name_of(node) == name


def test_a_wrapper_in_itself_is_described() -> None:
    """Nobody waits for the end of such a chain."""
    wrapper = object_of("fastai.learner.AvgMetric")
    wrapper.state = DictNode([("func", wrapper)])
    assert name_of(wrapper) == "a call of fastai.learner.AvgMetric"


def test_plain_attributes_are_shown_and_others_left_out() -> None:
    """Numbers of a small tensor, whatever its strides, the shape of a large one."""
    node = object_of(
        "fastai.data.transforms.Normalize",
        mean=doubles(0.485, 0.25),
        std=doubles(0.5, 0.25, strides=(0,)),
        bins=doubles(*range(17)),
        order=99,
        func=partial_of(ACCURACY),
        _private=1,
    )
    summary = summary_of(node)
    assert summary.class_path == "fastai.data.transforms.Normalize"
    assert dict(summary.attributes) == {
        "mean": "0.485, 0.25",
        "std": "0.5, 0.5",
        "bins": "float64 of shape (17,)",
        "order": "99",
    }
