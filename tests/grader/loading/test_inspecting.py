import struct
import sys
from pathlib import Path

from grader.loading.inspecting import inspect_export
from grader.loading.learner.module_tree import every_module
from tests.grader.loading.reading import FLOATS, Write
from tests.hostile import (
    EMPTY_LIST,
    call,
    dict_of,
    honest_layer,
    legacy_file,
    name,
    object_of,
    pickle_of,
    storage,
    tensor,
    text,
    tuple_of,
)

WEIGHT = tensor(storage("0", 4), shape=(2, 2), strides=(2, 1))


def test_a_small_export_is_described(sound_model: Path) -> None:
    """Classes, layers, transforms, loss and versions of a real export are found."""
    inspection = inspect_export(sound_model)
    assert (inspection.kind, inspection.generation, inspection.task) == (
        "learner",
        "2.8",
        "single-label",
    )
    assert inspection.vocab == ("blue", "green", "red")
    assert (inspection.loss, inspection.optimizer) == ("CrossEntropyLossFlat", "Adam")
    assert inspection.n_parameters == 12
    assert dict(inspection.module_classes)["torch.nn.modules.linear.Linear"] == 1
    assert [one.class_path for one in inspection.item_transforms] == [
        "fastai.vision.augment.Resize",
        "fastai.data.transforms.ToTensor",
    ]
    assert ("size", "(16, 16)") in inspection.item_transforms[0].attributes
    assert inspection.refusals == ()


def test_versions_show_by_the_marks_they_leave(sound_model: Path) -> None:
    """Python by the folder of fastai's own function, torch by a module's attributes."""
    versions = {one.library: one.version for one in inspect_export(sound_model).versions}
    assert versions["Python"] == f"3.{sys.version_info.minor}"
    assert versions["torch"] == "2.1 or later"


def test_a_trained_resnet_is_described(resnet_export: Path) -> None:
    """Architecture, metrics, callbacks and normalisation of a vision learner are found."""
    inspection = inspect_export(resnet_export)
    assert (inspection.architecture, inspection.metrics) == ("resnet18", ("accuracy",))
    assert "Recorder" in inspection.callbacks
    assert inspection.n_parameters == 11_705_408
    normalize = inspection.batch_transforms[-1]
    assert normalize.class_path == "fastai.data.transforms.Normalize"
    assert ("mean", "0.5, 0.5, 0.5") in normalize.attributes
    assert inspection.export is not None
    assert len(every_module(inspection.export.model)) > 60


def test_an_export_of_fastai_1_is_described(tmp_path: Path) -> None:
    """Its dict, its list of labels and torch's older format are understood."""
    processor = object_of(
        "fastai.data_block", "CategoryProcessor", {"classes": EMPTY_LIST + text("a") + b"a"}
    )
    data = dict_of(
        {
            "x_cls": name("fastai.vision.data", "ImageList"),
            "y_cls": name("fastai.data_block", "CategoryList"),
            "y_proc": EMPTY_LIST + processor + b"a",
        }
    )
    loss = object_of(
        "fastai.layers", "FlattenedLoss", {"func": name("torch.nn", "CrossEntropyLoss")}
    )
    exported = {"model": honest_layer(WEIGHT), "data": data, "loss_func": loss}
    cls = {"cls": name("fastai.basic_train", "Learner")}
    path = tmp_path / "export.pkl"
    numbers = struct.pack("<q", 4) + FLOATS
    path.write_bytes(legacy_file(pickle_of(dict_of(exported | cls)), keys=["0"], numbers=numbers))
    inspection = inspect_export(path)
    assert (inspection.kind, inspection.generation, inspection.layout) == (
        "fastai 1 learner",
        "1",
        "legacy",
    )
    assert (inspection.vocab, inspection.loss) == (("a",), "CrossEntropyLoss")
    assert inspection.refusals == ()


def test_findings_come_with_refusals_first(write: Write) -> None:
    """What decides is read first."""
    inspection = inspect_export(write(call("os", "system", tuple_of(text("true")))))
    severities = [finding.severity for finding in inspection.findings]
    assert severities == ["refusal", "warning", "warning"]
