"""The default settings of training."""

from pipeline.training.settings import Device, TrainingSettings, Weights


def test_the_defaults_are_the_source_documents() -> None:
    """Ten and ten epochs of 224-pixel images in batches of 64, from pretrained weights."""
    settings = TrainingSettings()
    assert (settings.n_epochs, settings.n_fine_tune_epochs) == (10, 10)
    assert (settings.image_size_px, settings.batch_size, settings.flips) == (224, 64, True)
    assert (settings.weights, settings.device) == (Weights.PRETRAINED, Device.AUTO)
