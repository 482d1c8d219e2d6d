"""What changed in torchvision's classes since an export was made."""

from grader.loading.allowlist.drift.steps import Default, Step, Unread

TORCHVISION_STEPS: tuple[Step, ...] = (
    Default(
        classes=("torchvision.models.densenet._DenseLayer",),
        name="memory_efficient",
        value=False,
        reason="torchvision 0.4; before, no activation was ever computed twice to save memory",
    ),
    Default(
        classes=("torchvision.models.googlenet.GoogLeNet",),
        name="transform_input",
        value=False,
        reason="the body that fastai cuts out never had it; the constructor's default is False",
    ),
    Unread(
        classes=(
            "torchvision.models.googlenet.GoogLeNet",
            "torchvision.models.inception.Inception3",
        ),
        names=("aux1", "aux2", "AuxLogits"),
        reason="heads beside the network that answer in training only",
    ),
)
