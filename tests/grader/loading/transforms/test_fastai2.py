import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from fastai.data.all import Pipeline, Transform
from fastai.data.core import DataLoaders
from fastai.data.transforms import IntToFloatTensor, Normalize, ToTensor
from fastai.imports import noop
from fastai.learner import cloudpickle
from fastai.vision.augment import (
    AffineCoordTfm,
    Brightness,
    FlipItem,
    RandomErasing,
    RandomResizedCrop,
    RandomResizedCropGPU,
    Resize,
)
from fastai.vision.core import PILImage, PILImageBW, PILMask

from grader.loading.inspecting import inspect_export
from grader.loading.learner.inspection import Finding
from grader.loading.transforms import fastai2
from grader.results.preprocessing import Preprocessing, ResizeImage, Standardize, ToFloat
from tests.grader.pictures import input_of_fastai, input_of_grader, loaders_of, plan_of

Read = Callable[..., tuple[Preprocessing | None, tuple[Finding, ...]]]


class Dimmed(Transform):  # type: ignore[misc] # fastai has no types
    """A transform of a module that the grader doesn't know."""

    def encodes(self, picture: PILImage) -> PILImage:
        """Half as bright."""
        return picture.point(lambda value: value // 2)


class OwnImage(PILImage):  # type: ignore[misc] # fastai has no types
    """An image of a class of its own."""


def turned(picture: Any) -> Any:
    """A function that students pass as a transform."""
    return picture.transpose(2)


@pytest.fixture(scope="module")
def loaders(pictures: tuple[Path, ...]) -> DataLoaders:
    """Loaders of a sound export, whose transforms each test sets anew."""
    return loaders_of(pictures[:2], Resize(32))


@pytest.fixture
def read(loaders: DataLoaders, tmp_path: Path) -> Read:
    """Reads the plan of an export whose pipelines are these, without ever running them."""

    def plan(
        items: Sequence[Any] = (),
        batches: Sequence[Any] = (),
        *,
        lists: Sequence[Any] = (),
        opening: Sequence[Any] = (PILImage.create,),
        makers: Sequence[Any] = (ToTensor(), IntToFloatTensor()),
        pickler: ModuleType = cloudpickle,
    ) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
        for loader in loaders.loaders:
            loader.after_item = Pipeline([*items, *makers[:1]])
            loader.before_batch = Pipeline(lists)
            loader.after_batch = Pipeline([*makers[1:], *batches])
            loader.dataset.tls[0].tfms = Pipeline(opening)
        return plan_of(loaders, tmp_path / "export.pkl", pickler=pickler)

    return plan


def refusals(findings: Sequence[Finding]) -> list[str]:
    """Why it can't be graded."""
    return [finding.what for finding in findings if finding.severity == "refusal"]


def of_main(source: str) -> Any:
    """The class `Own` of a notebook, whose code goes into an export."""
    module = ModuleType("__main__")
    module.__dict__.update(Transform=Transform, PILImage=PILImage, PILImageBW=PILImageBW)
    exec(source, module.__dict__)  # noqa: S102 - it is what a notebook does
    return module.__dict__["Own"]


def normalize_with(**statistics: Any) -> Normalize:
    """A Normalize of usual statistics, except for these."""
    usual = {"mean": torch.zeros(1, 3, 1, 1), "std": torch.ones(1, 3, 1, 1)}
    return Normalize(**(usual | statistics))


def test_steps_come_in_running_order(read: Read) -> None:
    """Picture first, then batch; what acts in training only is no step."""
    plan, findings = read(
        [FlipItem(), Resize((24, 40), method="pad", pad_mode="zeros")],
        [RandomErasing(), Brightness(), Normalize.from_stats([0.5] * 3, [0.25] * 3)],
    )
    assert findings == ()
    assert plan == Preprocessing(
        mode="RGB",
        image_steps=(
            ResizeImage(
                size=(40, 24),
                method="pad",
                pad_mode="zeros",
                resample=2,
                skips_single_pixel=False,
            ),
        ),
        tensor_steps=(),
        batch_steps=(ToFloat(divisor=255.0), Standardize(mean=(0.5,) * 3, std=(0.25,) * 3)),
        left_out=(),
    )


@pytest.mark.parametrize(
    ("transform", "reason"),
    [
        (Resize(30_000), "Resize, whose size is 30000 x 30000 pixels"),
        (Resize((4000, 2000)), "takes sides up to 4096 and 4194304 pixels in all"),
        (Resize(0), "Resize, whose size is"),
        (Resize(32, resamples=(9, 0)), "Resize, whose mode is 9, not a filter of PIL"),
        (Resize(32, pad_mode="mirror"), "Resize, whose pad_mode is 'mirror'"),
        (Resize(32, before_call=turned), 'Resize, whose "before_call" is'),
        (RandomResizedCrop(2000, val_xtra=3), "RandomResizedCrop, whose size with val_xtra"),
        (RandomResizedCrop(200, val_xtra=-0.5), "RandomResizedCrop, whose val_xtra is -0.5"),
        (Dimmed(), '"Dimmed" defined in "tests.grader.loading.transforms.test_fastai2"'),
        (turned, 'the function "turned"'),
        (lambda picture: picture.transpose(2), 'the function "<lambda>"'),
        (AffineCoordTfm(size=28), "AffineCoordTfm one by one, which works on batches only"),
    ],
)
def test_an_image_transform_that_cannot_be_followed_is_named(
    read: Read, transform: Any, reason: str
) -> None:
    """With the setting that stands against it, where there is one."""
    plan, findings = read([transform])
    assert plan is None
    assert len(refusals(findings)) == 1
    assert reason in refusals(findings)[0]


@pytest.mark.parametrize(
    ("transform", "reason"),
    [
        (normalize_with(std=torch.zeros(1, 3, 1, 1)), "Normalize, whose std is 0"),
        (normalize_with(std=torch.tensor(0.0)), "Normalize, whose std is 0"),
        (normalize_with(std=torch.full((1, 3, 1, 1), torch.nan)), "not a tensor of finite numbers"),
        (
            normalize_with(mean=torch.full((1, 3, 1, 1), torch.inf)),
            "not a tensor of finite numbers",
        ),
        (normalize_with(mean=torch.zeros(3, 1, 1, 1)), "mean has the shape (3, 1, 1, 1)"),
        (normalize_with(mean=torch.zeros(1, 1, 1, 3)), "mean has the shape (1, 1, 1, 3)"),
        (normalize_with(mean=torch.zeros(1, 3, 8, 8)), "mean is not a tensor of finite numbers"),
        (normalize_with(mean=torch.zeros(1, 3, 1, 1).bfloat16()), "mean is not a tensor of finite"),
        (normalize_with(mean=[0.5, 0.5, 0.5]), "mean is [0.5, 0.5, 0.5], not a number"),
        (Normalize(), "Normalize, whose std is None"),
        (IntToFloatTensor(div=0), "IntToFloatTensor, whose div is 0"),
        (Brightness(), None),
        (FlipItem(), None),
        (Dimmed(), '"Dimmed" defined in'),
        (RandomResizedCropGPU(28, valid_scale=2.0), "RandomResizedCropGPU, whose valid_scale is 2"),
        (RandomResizedCropGPU(28, ratio=(0, 1)), "RandomResizedCropGPU, whose ratio is not two"),
        (RandomResizedCropGPU(5000), "RandomResizedCropGPU, whose size is 5000 x 5000"),
        (AffineCoordTfm(size=(28.5, 28)), "AffineCoordTfm, whose size is (28.5, 28)"),
        (AffineCoordTfm(align_corners=2), "AffineCoordTfm, whose align_corners is 2"),
    ],
)
def test_a_batch_transform_that_cannot_be_followed_is_named(
    read: Read, transform: Any, reason: str | None
) -> None:
    """A mean along another axis would mix images; what acts in training only is no matter."""
    plan, findings = read([], [transform])
    found = refusals(findings)
    assert (plan is None) is (reason is not None)
    assert reason in found[0] if reason else not found


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_a_normalisation_of_any_precision_is_followed(
    read: Read, loaders: DataLoaders, pictures: tuple[Path, ...], tmp_path: Path, dtype: torch.dtype
) -> None:
    """Numpy's statistics are doubles: `inspect` shows them, a grade takes them as fastai does."""
    mean, std = (
        torch.tensor(values, dtype=dtype).view(1, 3, 1, 1)
        for values in ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
    )
    plan, findings = read([Resize(32)], [Normalize(mean, std)])
    assert findings == ()
    assert plan is not None
    used = {"mean": tuple(mean.flatten().tolist()), "std": tuple(std.flatten().tolist())}
    assert plan.batch_steps[-1] == Standardize(**used)
    shown = dict(inspect_export(tmp_path / "export.pkl").batch_transforms[-1].attributes)
    for name, values in used.items():
        assert shown[name] == ", ".join(f"{value:g}" for value in values)
    torch.testing.assert_close(
        input_of_grader(plan, pictures[:2]), input_of_fastai(loaders, pictures[:2]).float()
    )


def test_every_reason_is_given_at_once(read: Read) -> None:
    """A student should not have to fix one transform at a time."""
    _, findings = read(
        [Resize(30_000), Dimmed()], [normalize_with(std=torch.zeros(1))], opening=[PILMask.create]
    )
    found = " / ".join(refusals(findings))
    assert "aren't opened by PILImage.create" in found
    assert "Resize, whose size" in found
    assert '"Dimmed"' in found
    assert "Normalize, whose std is 0" in found
    assert all(finding.advice for finding in findings)


@pytest.mark.parametrize("side", [None, 1])
@pytest.mark.parametrize("made", [FlipItem, Brightness, RandomErasing])
def test_a_random_transform_that_acts_in_validation_is_refused(
    read: Read, made: Any, side: int | None
) -> None:
    """Its class acts in training only, but the object says otherwise."""
    transform = made()
    transform.split_idx = side
    plan, findings = read([], [transform])
    assert plan is None
    assert "changes them at random, in validation too" in refusals(findings)[0]


def test_a_transform_that_acts_in_training_only_is_left_out(read: Read) -> None:
    """Also one of a class that usually acts on both sides."""
    resize = Resize(20)
    resize.split_idx = 0
    plan, findings = read([resize, Resize(32)])
    assert plan is not None
    assert findings == ()
    assert [step.size for step in plan.image_steps if isinstance(step, ResizeImage)] == [(32, 32)]


def test_what_an_augmentation_was_last_used_for_does_not_matter(read: Read) -> None:
    """It takes on the side that it is called for; split_idx is left from the last call."""
    augmentation = AffineCoordTfm(size=28, align_corners=True)
    augmentation.split_idx = 0
    plan, _ = read([], [augmentation])
    assert plan is not None
    assert len(plan.batch_steps) == 2


@pytest.mark.parametrize(
    ("name", "value"), [("encodes", turned), ("_encode", turned), ("split_idx", 3), ("do", False)]
)
def test_an_attribute_that_would_change_what_a_class_does_is_refused(
    read: Read, name: str, value: Any
) -> None:
    """A class's name says nothing once an object carries a function or a switch of its own."""
    resize = Resize(32)
    setattr(resize, name, value)
    plan, findings = read([resize])
    assert plan is None
    assert len(refusals(findings)) == 1


def test_a_function_that_does_nothing_is_no_step(read: Read) -> None:
    """Recognised by fastai's own name for it, or by its bytecode."""
    plan, findings = read([noop, lambda picture: picture])
    assert plan is not None
    assert plan.image_steps == ()
    assert findings == ()


def test_a_function_of_several_is_refused(read: Read) -> None:
    """The first does nothing, and another may be chosen."""
    plan, findings = read([Transform([noop, turned])])
    assert plan is None
    assert 'the function "noop"' in refusals(findings)[0]


def test_a_class_of_a_notebook_that_does_nothing_is_no_step(read: Read) -> None:
    """Its code is in the export, and returns what it is given."""
    own = of_main("class Own(Transform):\n    def encodes(self, o): return o\n")
    plan, findings = read([own()])
    assert plan is not None
    assert findings == ()


@pytest.mark.parametrize(
    "source",
    [
        "class Own(Transform):\n    def encodes(self, o): return o.rotate(90)",
        "class Own(Transform):\n    def encodes(self, o, p=1): return p",
        "class Own(Transform):\n    encodes = lambda self, o: o\n    _call = lambda self, n, o: 1",
        "class Own(Transform):\n    def __init__(self): self.a = 9; super().__init__()",
        "class Base(Transform): pass\nclass Own(Base):\n    def encodes(self, o): return o",
    ],
)
def test_a_class_of_a_notebook_that_may_do_something_is_refused(read: Read, source: str) -> None:
    """Only what is shown to do nothing passes."""
    plan, findings = read([of_main(source)()])
    assert plan is None
    assert '"Own" defined in "__main__"' in refusals(findings)[0]


def test_a_class_of_a_notebook_for_training_only_is_left_out_with_a_warning(read: Read) -> None:
    """As its split_idx asks; the warning names it."""
    own = of_main("class Own(Transform):\n    def encodes(self, o): return o.rotate(90)\n")
    plan, findings = read([own(split_idx=0)])
    assert plan is not None
    assert plan.left_out == ("Own",)
    assert [finding.severity for finding in findings] == ["warning"]
    assert '"Own" defined in "__main__"' in findings[0].what


def test_a_resizing_of_tensors_is_noted(read: Read) -> None:
    """It does nothing in fastai, which few students expect."""
    plan, findings = read([], [Resize(20)])
    assert plan is not None
    assert plan.batch_steps == (ToFloat(divisor=255.0),)
    assert [finding.severity for finding in findings] == ["note"]


def test_a_transform_of_lists_is_refused(read: Read) -> None:
    """No honest classifier of images needs one."""
    plan, findings = read(lists=[RandomResizedCropGPU(28)])
    assert plan is None
    assert "before they form a batch" in refusals(findings)[0]


@pytest.mark.parametrize(
    ("opener", "mode"),
    [
        (lambda path: PILImage.create(path), "RGB"),  # noqa: PLW0108 - as students write it
        (lambda path: PILImageBW.create(path), "L"),  # noqa: PLW0108 - as above
        (of_main("def Own(path): return PILImage.create(path)"), "RGB"),
        (of_main("class Own(PILImage): pass").create, "RGB"),
        (of_main("class Own(PILImageBW):\n    'Grey.'").create, "L"),
        (of_main("class Base(PILImage): pass\nclass Own(Base): pass").create, "RGB"),
    ],
)
def test_what_only_calls_an_opener_of_fastai_opens_images_too(
    read: Read, opener: Any, mode: str
) -> None:
    """Its code in the file does nothing else, and neither does a class that adds nothing."""
    plan, findings = read(opening=[opener])
    assert plan is not None, findings
    assert plan.mode == mode


@pytest.mark.parametrize(
    "opener",
    [
        lambda path: PILImage.create(path).resize((9, 9)),
        lambda path: PILMask.create(path),  # noqa: PLW0108 - as above
        of_main("def Own(path, size=3): return PILImage.create(path)"),
        of_main("class Own(PILImage):\n    _open_args = {'mode': 'L'}").create,
        of_main("class Own(PILImage):\n    def resize(self, *a): return self").create,
        of_main("class Base: pass\nclass Own(PILImage, Base): pass").create,
        of_main("class Own:\n    create = len").create,
    ],
)
def test_what_does_anything_else_opens_nothing(read: Read, opener: Any) -> None:
    """It might change the pixels."""
    plan, findings = read(opening=[opener])
    assert plan is None
    assert "aren't opened by PILImage.create" in refusals(findings)[0]
    assert "open images by ImageBlock" in findings[0].advice


def test_a_class_that_says_that_it_acts_in_training_only_is_left_out(read: Read) -> None:
    """Though its objects don't repeat it, as they lack what Transform's own __init__ does."""
    own = of_main(
        "class Own(Transform):\n"
        "    split_idx = 0\n"
        "    def __init__(self, degrees): self.degrees = degrees\n"
        "    def encodes(self, o: PILImage): return o.rotate(self.degrees)\n"
    )
    transform = own(90)
    transform.__dict__.pop("split_idx", None)
    plan, findings = read([transform])
    assert plan is not None
    assert plan.left_out == ("Own",)
    assert [finding.severity for finding in findings] == ["warning"]


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        ([PILMask.create], "aren't opened by PILImage.create"),
        ([OwnImage.create], "aren't opened by PILImage.create"),
        ([turned], "aren't opened by PILImage.create or PILImageBW.create but by"),
        ([PILImage.create, PILImage.create], "more than one image at a time"),
        ([turned, PILImage.create], 'through "turned"'),
        ([PILImage.create, turned], 'through "turned"'),
        ([PILImage.create, Resize(32)], 'through "fastai.vision.augment.Resize"'),
    ],
)
def test_an_image_that_is_opened_otherwise_is_refused(
    read: Read, opening: Sequence[Any], reason: str
) -> None:
    """Its pixels could come from anywhere, and anything could have happened to them."""
    plan, findings = read(opening=opening)
    assert plan is None
    assert any(reason in found for found in refusals(findings))


def test_what_picks_a_path_from_a_row_is_no_matter(read: Read, loaders: DataLoaders) -> None:
    """The grader is given paths, and fastai too leaves such a function out for them."""
    types = loaders.valid.dataset.tls[0].types
    kept = list(types)
    types[:] = [tuple, *kept]
    try:
        plan, findings = read(opening=[turned, PILImage.create])
    finally:
        types[:] = kept
    assert plan is not None
    assert findings == ()


@pytest.mark.parametrize(
    ("makers", "reason"),
    [
        ([], "ToTensor is missing"),
        ([ToTensor()], "IntToFloatTensor is missing"),
        ([ToTensor(split_idx=0), IntToFloatTensor()], "ToTensor is missing"),
    ],
)
def test_images_that_never_become_tensors_of_numbers_are_refused(
    read: Read, makers: Sequence[Any], reason: str
) -> None:
    """A network couldn't take them."""
    plan, findings = read([Resize(32)], makers=makers)
    assert plan is None
    assert any(reason in found for found in refusals(findings))


def test_a_long_pipeline_is_refused(read: Read) -> None:
    """Each of its transforms would cost time on every image."""
    plan, findings = read([Resize(32)] * 40)
    assert plan is None
    assert "41 transforms, more than 32" in refusals(findings)[0]


def test_a_class_that_is_only_named_is_left_out_with_a_warning(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing shows what it does, and no setting says that it does something."""
    own = of_main("class Own(Transform):\n    def encodes(self, o): return o.rotate(90)\n")
    monkeypatch.setattr(sys.modules["__main__"], "Own", own, raising=False)
    plan, findings = read([own()], pickler=pickle)
    assert plan is not None
    assert plan.left_out == ("Own",)
    assert [finding.severity for finding in findings] == ["warning"]
    assert "its code isn't in the file, so it is left out" in findings[0].what


def test_a_class_that_is_only_named_and_has_settings_is_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting is there to be used."""
    own = of_main("class Own(Transform):\n    def encodes(self, o): return o.rotate(90)\n")
    monkeypatch.setattr(sys.modules["__main__"], "Own", own, raising=False)
    transform = own()
    transform.degrees = 90
    plan, findings = read([transform], pickler=pickle)
    assert plan is None
    assert '"Own" defined in "__main__", which the grader does not know' in refusals(findings)[0]


def test_a_normalisation_that_training_lacked_is_named(
    read: Read, loaders: DataLoaders, tmp_path: Path
) -> None:
    """The network didn't see such numbers when it was trained."""
    read([Resize(32)], [normalize_with()])
    loaders.train.after_batch = Pipeline([IntToFloatTensor()])
    loaders.valid.after_batch = Pipeline([IntToFloatTensor(), normalize_with()])
    _, findings = plan_of(loaders, tmp_path / "uneven.pkl")
    assert [finding.severity for finding in findings] == ["warning"]
    assert "normalised differently in training" in findings[0].what


def test_a_division_by_zero_in_training_is_refused(
    read: Read, loaders: DataLoaders, tmp_path: Path
) -> None:
    """The network can have learned nothing."""
    read([Resize(32)])
    divides = normalize_with(std=torch.zeros(1, 3, 1, 1))
    loaders.train.after_batch = Pipeline([IntToFloatTensor(), divides])
    plan, findings = plan_of(loaders, tmp_path / "zero.pkl")
    assert plan is None
    assert "in training, its images go through Normalize" in refusals(findings)[0]


@pytest.mark.parametrize(
    ("generation", "skips", "n_notes"),
    [("2.0", True, 0), ("2.1 to 2.3", True, 0), ("2.4 to 2.5", False, 1), ("2.6 to 2.7", False, 0)],
)
def test_padding_follows_the_version_of_fastai(
    read: Read, monkeypatch: pytest.MonkeyPatch, generation: str, *, skips: bool, n_notes: int
) -> None:
    """Its rule for a single pixel changed in 2.5.2, which an export of 2.4 or 2.5 doesn't tell."""
    monkeypatch.setattr(fastai2, "fastai2_generation", lambda *_: generation)
    plan, findings = read([Resize(32, method="pad")])
    assert plan is not None
    (step,) = plan.image_steps
    assert isinstance(step, ResizeImage)
    assert step.skips_single_pixel is skips
    assert [finding.severity for finding in findings] == ["note"] * n_notes
