from collections.abc import Mapping

import pytest

from grader.loading.inert.nodes import CallNode, DictNode, GlobalNode, InertGraph, ListNode, Node
from grader.loading.transforms.transform_reading import (
    RefusedTransformError,
    read_transform,
    transform_finding,
)
from grader.results.preprocessing import ResizeImage, SampleGrid

GRAPH = InertGraph(
    root=None, protocol=2, n_opcodes=0, globals=(), calls=(), storages=(), sources=()
)
SIZE = CallNode("NEWOBJ", GlobalNode("fastcore.basics", "fastuple"), ((40, 24),), None, 0)
RESIZE: Mapping[str, Node] = {
    "__stored_args__": DictNode([("size", SIZE)]),
    "size": SIZE,
    "method": "pad",
    "pad_mode": "border",
    "resamples": (2, 0),
    "p": 1.0,
    "split_idx": None,
    "init_enc": None,
    "mode": 2,
    "mode_mask": 0,
    "pcts": (0.3, 0.8),
}


def made(path: str, state: Mapping[str, Node]) -> CallNode:
    """An object of a class, with attributes."""
    module, _, name = path.rpartition(".")
    return CallNode(
        "NEWOBJ", GlobalNode(module, name), (), None, 0, state=DictNode(list(state.items()))
    )


def with_method(node: CallNode, name: str, owner: Node) -> CallNode:
    """The object, with a method of an owner as its before_call."""
    method = CallNode("REDUCE", GlobalNode("builtins", "getattr"), (owner, name), None, 0)
    assert isinstance(node.state, DictNode)
    node.state.pairs.append(("before_call", method))
    return node


def test_a_resizing_of_fastai_2_0_is_read() -> None:
    """Its method before_call is bound to itself, which makes a cycle."""
    resize = made("fastai.vision.augment.Resize", RESIZE)
    read = read_transform(with_method(resize, "before_call", resize), "picture", GRAPH)
    assert read.step == ResizeImage(
        size=(40, 24), method="pad", pad_mode="border", resample=2, skips_single_pixel=False
    )


@pytest.mark.parametrize(
    ("name", "is_own"), [("before_call", False), ("encodes", True), ("decode", True)]
)
def test_a_method_of_another_kind_or_object_is_refused(name: str, *, is_own: bool) -> None:
    """It would be called before the transform."""
    resize = made("fastai.vision.augment.Resize", RESIZE)
    owner = resize if is_own else made("fastai.vision.augment.Resize", RESIZE)
    with pytest.raises(RefusedTransformError, match='Resize, whose "before_call" is'):
        read_transform(with_method(resize, name, owner), "picture", GRAPH)


def test_an_augmentation_of_fastai_2_0_is_read() -> None:
    """The functions that it draws its matrices with have no say in validation."""
    state: dict[str, Node] = {
        "size": None,
        "mode": "bilinear",
        "pad_mode": "reflection",
        "align_corners": True,
        "split_idx": 0,
        "aff_fs": ListNode([made("functools.partial", {})]),
        "coord_fs": ListNode([made("fastai.vision.augment._WarpCoord", {})]),
    }
    read = read_transform(made("fastai.vision.augment.Warp", state), "batch", GRAPH)
    assert read.step == SampleGrid(
        size=None, mode="bilinear", pad_mode="reflection", align_corners=True
    )


@pytest.mark.parametrize(
    "node", [None, "Resize", GlobalNode("fastai.vision.augment", "Resize"), ListNode()]
)
def test_what_is_no_object_is_refused(node: Node) -> None:
    """Even the name of a class that is known."""
    with pytest.raises(RefusedTransformError, match="something that is not a transform"):
        read_transform(node, "picture", GRAPH)


@pytest.mark.parametrize(
    "path", ["fastai.vision.augment.Sharpen", "torchvision.transforms.transforms.Grayscale"]
)
def test_a_class_of_a_library_that_is_not_in_the_table_is_refused(path: str) -> None:
    """Without settings too: only a class of the student's own is nowhere to be read."""
    with pytest.raises(RefusedTransformError, match="which the grader does not know"):
        read_transform(made(path, {"split_idx": None}), "picture", GRAPH)


def test_names_of_the_file_can_not_forge_a_message() -> None:
    """Their control characters are escaped, and quotes stay."""
    finding = transform_finding("refusal", 'it goes through "a\x1b[2J\nb"')
    assert finding.what == 'it goes through "a\\x1b[2J\\nb"'
    assert finding.advice
