import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch.nn import functional

from grader.images.tensor_steps import points_between_corners, resized_tensor
from grader.loading.inert.nodes import (
    CallNode,
    DictNode,
    GlobalNode,
    ListNode,
    Node,
    StorageNode,
    TensorNode,
)
from grader.loading.learner.inspection import Finding, ModuleRecord
from grader.loading.transforms.fastai1 import read_fastai1
from grader.results.preprocessing import (
    CropTensor,
    Preprocessing,
    ResizeMethod,
    ResizeTensor,
    Size,
    Standardize,
    ToFloat,
    Zoom,
)

STATISTICS = StorageNode("0", "float32", 4, memoryview(struct.pack("<4f", 0.5, 2, 0.25, 0)))


def named(path: str) -> GlobalNode:
    """A name of fastai 1."""
    module, _, name = path.rpartition(".")
    return GlobalNode(module, name)


def made(path: str, state: Mapping[str, Node], *args: Node) -> CallNode:
    """An object of a class, with attributes."""
    return CallNode("NEWOBJ", named(path), args, None, 0, state=DictNode(list(state.items())))


def transform(
    function: str, *, p: float = 1.0, is_random: bool = True, **settings: Node
) -> CallNode:
    """A transform of fastai 1."""
    inner = made(
        "fastai.vision.image.TfmCrop", {"func": named(f"fastai.vision.transform.{function}")}
    )
    attributes: dict[str, Node] = {
        "tfm": inner,
        "kwargs": DictNode(list(settings.items())),
        "p": p,
        "do_run": True,
        "is_random": is_random,
        "__name__": function[1:],
    }
    return made("fastai.vision.image.RandTransform", attributes)


def statistics(offset: int) -> TensorNode:
    """Three numbers of the same value."""
    return TensorNode(
        storage=STATISTICS,
        dtype="float32",
        offset=offset,
        shape=(3,),
        strides=(0,),
    )


def network(*names: str) -> ModuleRecord:
    """A network of one convolution whose torch set these attributes."""
    attributes: Mapping[str, Node] = dict.fromkeys(names)
    return ModuleRecord(
        path="",
        class_path="torch.nn.modules.conv.Conv2d",
        is_by_value=False,
        node=made("torch.nn.modules.conv.Conv2d", attributes),
        parameters=(),
        buffers=(),
        children=(),
        attributes=attributes,
        hooks=(),
    )


TORCH_1_2 = network("_backend")
TORCH_1_4 = network("training")
TORCH_1_5 = network("_reversed_padding_repeated_twice")
TORCH_1_6 = network("_non_persistent_buffers_set")


def read(
    *,
    arguments: Mapping[str, Node] | None = None,
    normalize: Mapping[str, Node] | None = None,
    model: ModuleRecord = TORCH_1_2,
    **data: Node,
) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
    """What the grader reads from an export of fastai 1, usual except for these parts."""
    resize = {
        "size": 64,
        "resize_method": None,
        "mult": None,
        "padding_mode": "reflection",
        "mode": "bilinear",
        **(arguments or {}),
    }
    usual: dict[str, Node] = {
        "x_cls": named("fastai.vision.data.ImageList"),
        "x_proc": ListNode(),
        "tfms": ListNode([transform("_crop_pad")]),
        "tfmargs": DictNode(list(resize.items())),
    }
    if normalize is not None:
        usual["normalize"] = DictNode(list(normalize.items()))
    return read_fastai1(usual | data, model)


def resizing(arguments: Mapping[str, Node]) -> ResizeTensor | None:
    """The resizing that is read from these arguments."""
    plan, findings = read(arguments=arguments)
    assert plan is not None, findings
    steps = [step for step in plan.tensor_steps if isinstance(step, ResizeTensor)]
    return steps[0] if steps else None


def made_method(number: int) -> CallNode:
    """Fastai 1's ResizeMethod."""
    method = named("fastai.vision.image.ResizeMethod")
    return CallNode("REDUCE", method, (number,), None, 0)


def refused(findings: tuple[Finding, ...]) -> str:
    """Why it can't be graded."""
    return " / ".join(finding.what for finding in findings if finding.severity == "refusal")


def test_the_usual_export_is_read() -> None:
    """Floating point, resizing, normalisation, in this order."""
    plan, findings = read(normalize={"mean": statistics(0), "std": statistics(2), "do_x": True})
    assert findings == ()
    assert plan == Preprocessing(
        mode="RGB",
        image_steps=(),
        tensor_steps=(
            ToFloat(divisor=255.0),
            ResizeTensor(
                size=(64, 64),
                method="crop",
                pad_mode="reflection",
                mode="bilinear",
                is_stepwise=True,
            ),
        ),
        batch_steps=(Standardize(mean=(0.5,) * 3, std=(0.25,) * 3),),
        left_out=(),
    )


@pytest.mark.parametrize(
    ("arguments", "method", "size"),
    [
        ({"size": 48}, "crop", (48, 48)),
        ({"size": (40, 60)}, "squish", (40, 60)),
        ({"size": (3, 40, 60)}, "squish", (40, 60)),
        ({"size": 48, "resize_method": made_method(2)}, "pad", (48, 48)),
        ({"size": (40, 60), "resize_method": made_method(1)}, "crop", (40, 60)),
        ({"size": 50, "mult": 32}, "crop", (64, 64)),
        ({"size": None}, None, None),
        ({"size": 48, "resize_method": made_method(4)}, None, None),
    ],
)
def test_a_size_is_followed_as_fastai_1_does(
    arguments: Mapping[str, Node], method: str | None, size: Size | None
) -> None:
    """One number crops, two squish, unless a method says otherwise; mult rounds."""
    step = resizing(arguments)
    assert (step and step.method, step and step.size) == (method, size)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x_cls": named("__main__.Mine")}, "aren't opened by fastai's ImageList"),
        ({"x_proc": ListNode([named("__main__.Mine")])}, "a custom processor"),
        ({"tfms": ListNode([transform("_rotate", degrees=9)])}, '"rotate"'),
        ({"tfms": ListNode([transform("_crop_pad", p=0.5)])}, "a random crop_pad"),
        ({"tfms": ListNode([transform("_crop_pad", row_pct=(0, 1))])}, "a random crop_pad"),
        ({"tfms": ListNode([named("__main__.turned")])}, "a function"),
        ({"arguments": {"size": 30_000}}, "size is 30000 x 30000 pixels"),
        ({"arguments": {"size": 4000, "mult": 1000}}, "whose size"),
        ({"arguments": {"size": 64, "mult": 0}}, "whose mult is 0"),
        ({"arguments": {"size": None, "mult": 32}}, "whose mult has no size"),
        ({"arguments": {"size": 64, "resize_method": 7}}, "resize_method is not one of fastai's"),
        ({"arguments": {"xtra": DictNode()}}, 'that has the argument "xtra"'),
        ({"arguments": {"padding_mode": "mirror"}}, "whose padding_mode is 'mirror'"),
        ({"arguments": {"do_resolve": False}}, "whose do_resolve is not true"),
        ({"tfms": ListNode([transform("_zoom", scale=(1.0, 1.1))])}, "a random zoom"),
        ({"tfms": ListNode([transform("_zoom", scale=1.1, p=0.75)])}, "a random zoom"),
        ({"tfms": ListNode([transform("_zoom", scale=1.1)] * 2)}, "zoom twice"),
        ({"tfms": ListNode([transform("_zoom", scale=0)])}, "whose scale is 0"),
        ({"tfms": ListNode([transform("_zoom", tilt=1)])}, 'zoom, whose "tilt"'),
        ({"tfms": ListNode([transform("_crop", size=20)])}, "also crops them to another size"),
        ({"tfms": ListNode([transform("_crop_pad", row_pct=0)])}, "crop_pad off the centre"),
        ({"normalize": {"mean": statistics(0), "std": statistics(3)}}, "whose std is 0"),
    ],
)
def test_what_can_not_be_followed_is_named(changes: dict[str, Any], reason: str) -> None:
    """With the argument that stands against it."""
    plan, findings = read(**changes)
    assert plan is None
    assert reason in refused(findings)


def test_images_that_are_not_normalised_stay_so() -> None:
    """do_x says whether a normalisation is of the images."""
    plan, _ = read(normalize={"mean": statistics(0), "std": statistics(2), "do_x": False})
    assert plan is not None
    assert plan.batch_steps == ()


@pytest.mark.parametrize(
    ("model", "align_corners", "doubt"),
    [
        (TORCH_1_2, True, None),
        (TORCH_1_4, False, "if fastai 1.0.61 made it"),
        (TORCH_1_5, True, "if an older fastai made it"),
        (TORCH_1_6, True, "if an older fastai made it"),
    ],
)
def test_where_corners_are_depends_on_torch(
    model: ModuleRecord, doubt: str | None, *, align_corners: bool
) -> None:
    """Which torch the file shows; which fastai it was, it doesn't, so there is a warning."""
    plan, findings = read(model=model)
    assert plan is not None
    step = plan.tensor_steps[1]
    assert isinstance(step, ResizeTensor)
    assert step.align_corners is align_corners
    assert step.is_stepwise is (model in (TORCH_1_2, TORCH_1_4))
    assert [finding.severity for finding in findings] == ([] if doubt is None else ["warning"])
    assert all(doubt is not None and doubt in finding.what for finding in findings)


def test_images_that_keep_their_size_leave_no_doubt() -> None:
    """Nothing is sampled between pixels."""
    plan, findings = read(model=TORCH_1_4, arguments={"size": None})
    assert plan is not None
    assert (plan.tensor_steps, findings) == ((ToFloat(divisor=255.0),), ())


def test_a_data_block_leaves_padding_and_mode_to_their_defaults() -> None:
    """As `.transform(tfms, size=64)` does."""
    plan, _ = read(tfmargs=DictNode([("size", 64)]))
    assert plan is not None
    assert plan.tensor_steps[1] == ResizeTensor(
        size=(64, 64), method="crop", pad_mode="reflection", mode="bilinear", is_stepwise=True
    )


@pytest.mark.parametrize(
    "zoom",
    [
        transform("_zoom", scale=1.5, row_pct=0.5, col_pct=0),
        transform("_zoom", scale=ListNode([1.5, 1.5]), col_pct=(0, 0)),
        transform("_zoom", scale=1.5, col_pct=0.0, p=0.5, is_random=False),
    ],
)
def test_a_zoom_that_is_always_the_same_is_followed(zoom: Node) -> None:
    """Its focus is the centre unless it says otherwise."""
    plan, findings = read(tfms=ListNode([transform("_crop_pad"), zoom]))
    assert plan is not None, findings
    step = plan.tensor_steps[1]
    assert isinstance(step, ResizeTensor)
    assert step.zoom == Zoom(scale=1.5, row=0.5, column=0.0)


def test_a_crop_without_resizing_is_followed() -> None:
    """Where it is the only thing that changes the size."""
    crop = transform("_crop", size=20, row_pct=1)
    plan, findings = read(tfms=ListNode([crop]), arguments={"size": None})
    assert plan is not None, findings
    assert plan.tensor_steps == (
        ToFloat(divisor=255.0),
        CropTensor(size=(20, 20), row=1, column=0.5),
    )
    again, findings = read(tfms=ListNode([crop, transform("_crop_pad")]), arguments={"size": None})
    assert again is None
    assert "also crops them" in refused(findings)


def test_a_transform_that_never_runs_is_no_matter() -> None:
    """Its chance is zero."""
    plan, _ = read(tfms=ListNode([transform("_crop", size=20, p=0)]))
    assert plan is not None
    assert len(plan.tensor_steps) == 2


def resized(picture: torch.Tensor, size: Size, method: ResizeMethod) -> torch.Tensor:
    """A picture as fastai 1 resizes it by default."""
    step = ResizeTensor(size=size, method=method, pad_mode="reflection", mode="bilinear")
    return resized_tensor(picture, step)


def test_squishing_is_torch_s_bilinear_interpolation_from_corner_to_corner() -> None:
    """An independent way to the same numbers."""
    picture = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(1))
    expected = functional.interpolate(picture, (33, 17), mode="bilinear", align_corners=True)
    torch.testing.assert_close(resized(picture, (33, 17), "squish"), expected)


@pytest.mark.parametrize(
    ("align_corners", "expected"), [(True, [0, 0.5, 1, 1.5, 2]), (False, [0, 0, 1, 2, 2])]
)
def test_corners_are_pixels_or_edges(expected: list[float], *, align_corners: bool) -> None:
    """By hand: at the edges, the outermost points lie half a pixel beyond the outermost pixels."""
    step = ResizeTensor(
        size=(1, 5),
        method="squish",
        pad_mode="border",
        mode="bilinear",
        align_corners=align_corners,
    )
    assert resized_tensor(torch.tensor([[[[0.0, 2.0]]]]), step).flatten().tolist() == expected


def test_positions_are_those_of_torch_1_4() -> None:
    """Of every side from 2 to 512, to the bit: the hash is of what its torch.linspace gave."""
    digest = hashlib.sha256()
    for side in range(2, 513):
        digest.update(points_between_corners(side, is_stepwise=True).numpy().tobytes())
    expected = "861c5acf6224e397fef8c596818c60dda000284bcaec4bf105643bede665a1a1"
    assert digest.hexdigest() == expected


def test_a_much_larger_picture_is_averaged_first() -> None:
    """By half of the factor that is left, over areas."""
    picture = torch.rand(1, 3, 80, 120, generator=torch.Generator().manual_seed(2))
    averaged = functional.adaptive_avg_pool2d(picture, (20, 30))
    expected = functional.interpolate(averaged, (10, 15), mode="bilinear", align_corners=True)
    torch.testing.assert_close(resized(picture, (10, 15), "squish"), expected)


def test_a_picture_of_the_right_size_is_left_as_it_is() -> None:
    """To the bit."""
    picture = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(3))
    for method in ("crop", "pad"):
        assert torch.equal(resized(picture, (12, 16), method), picture)


def test_a_crop_keeps_the_centre() -> None:
    """By hand: of columns 0 to 5, a square of four rows keeps 1 to 4."""
    picture = torch.arange(6.0).expand(1, 1, 4, 6).contiguous()
    assert resized(picture, (4, 4), "crop")[0, 0].tolist() == [[1, 2, 3, 4]] * 4


def test_padding_reflects_at_the_edge() -> None:
    """By hand: of rows 0 to 3, a square of six rows has 1 above and 2 below."""
    picture = torch.arange(4.0)[:, None].expand(1, 1, 4, 6).contiguous()
    found = resized(picture, (6, 6), "pad")[0, 0]
    assert found[:, 0].tolist() == [1, 0, 1, 2, 3, 2]
