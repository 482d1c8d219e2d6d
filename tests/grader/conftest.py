"""Exports and test folders that the grader's tests share; each is made once."""

from pathlib import Path

import pytest

from tests.grader.exports import draw_colours, draw_noise, export_colour_model, export_resnet
from tests.grader.pictures import draw_pictures


@pytest.fixture(scope="session")
def colour_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine images of plain colours in three classes."""
    return draw_colours(tmp_path_factory.mktemp("colours") / "test")


@pytest.fixture(scope="session")
def sound_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that names every image of the colour folder correctly."""
    return export_colour_model(tmp_path_factory.mktemp("sound") / "sound.pkl")


@pytest.fixture(scope="session")
def reddish_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that leans to red: it takes violet, lime and olive for red."""
    path = tmp_path_factory.mktemp("reddish") / "reddish.pkl"
    return export_colour_model(path, bias=(0.0, 0.0, 2.5))


@pytest.fixture(scope="session")
def greenish_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that leans to green: it takes rose for green."""
    path = tmp_path_factory.mktemp("greenish") / "greenish.pkl"
    return export_colour_model(path, bias=(0.0, 4.5, 0.0))


@pytest.fixture(scope="session")
def resnet_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A briefly trained resnet18 with random crops, augmentation and normalisation."""
    return export_resnet(tmp_path_factory.mktemp("resnet") / "resnet.pkl")


@pytest.fixture(scope="session")
def noise_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty random photos for the resnet."""
    return draw_noise(tmp_path_factory.mktemp("noise") / "test", n_per_class=10, seed=99)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Pictures of noise in every mode and of odd sizes."""
    return draw_pictures(tmp_path_factory.mktemp("pictures") / "drawn")
