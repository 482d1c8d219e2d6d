from pathlib import Path

import torch
from torchvision.models import resnet34

from grader.loading.inspecting import inspect_export
from tests.grader.loading.reading import Write, reasons
from tests.hostile import dict_of, learner, object_of, text


def test_an_architecture_is_inferred_from_its_blocks(tmp_path: Path) -> None:
    """A residual network without a name is known by the number of its blocks."""
    path = tmp_path / "model.pkl"
    torch.save(resnet34(), path)
    inspection = inspect_export(path)
    assert (inspection.kind, inspection.architecture) == ("module", "resnet34")
    assert reasons(inspection) == [
        "it is not a Learner: a bare module, without classes and transforms"
    ]


def test_the_configuration_of_timm_names_the_architecture(write: Write) -> None:
    """The name is read from the model's own configuration."""
    configuration = dict_of({"architecture": text("tinynet_e")})
    empty = {part: dict_of({}) for part in ("_parameters", "_buffers", "_modules")}
    net = object_of(
        "timm.models.efficientnet", "EfficientNet", empty | {"default_cfg": configuration}
    )
    assert inspect_export(write(learner(text("a"), model=net))).architecture == "tinynet_e"
