"""torchvision's networks in a plain Learner and in vision_learner, by that of the environment.

A network that this torchvision doesn't have is not made.
"""

import recording
import torchvision
import under_fastai2
from fastai.vision.all import *

try:
    from fastai.vision.all import vision_learner
except ImportError:  # Before 2.6 it was called so.
    vision_learner = cnn_learner

PLAIN = [
    ("resnet18", 64),
    ("resnext50_32x4d", 64),
    ("squeezenet1_1", 64),
    ("densenet121", 64),
    ("googlenet", 96),
    ("inception_v3", 128),
    ("mobilenet_v2", 64),
    ("mobilenet_v3_small", 64),
    ("mobilenet_v3_large", 64),
    ("shufflenet_v2_x1_0", 64),
    ("mnasnet0_5", 64),
    ("efficientnet_b0", 64),
    ("efficientnet_v2_s", 64),
    ("regnet_y_400mf", 64),
    ("regnet_x_400mf", 64),
    ("convnext_tiny", 64),
    ("swin_t", 224),
    ("swin_v2_t", 256),
    ("maxvit_t", 224),
]
CUT = [
    ("resnet18", 64),
    ("resnet50", 64),
    ("wide_resnet50_2", 64),
    ("vgg11_bn", 64),
    ("alexnet", 64),
    ("squeezenet1_0", 64),
    ("densenet121", 64),
    ("mobilenet_v2", 64),
    ("mobilenet_v3_small", 64),
    ("shufflenet_v2_x1_0", 64),
    ("efficientnet_b0", 64),
    ("regnet_y_400mf", 64),
    ("convnext_tiny", 64),
]


def loaders(side):
    """Photos of three classes, as a notebook loads them."""
    return ImageDataLoaders.from_folder(
        recording.ground() / "images",
        valid="valid",
        item_tfms=Resize(side),
        batch_tfms=Normalize.from_stats(*imagenet_stats),
        bs=4,
    )


def plain(name, side):
    """A maker of one pattern."""

    def make():
        dls = loaders(side)
        options = {"aux_logits": False} if name in {"googlenet", "inception_v3"} else {}
        model = getattr(torchvision.models, name)(num_classes=dls.c, **options)
        learn = Learner(dls, model, loss_func=CrossEntropyLossFlat(), metrics=accuracy)
        learn.fit(1, 1e-4)
        return learn

    return make


def cut(name, side):
    """A maker of one pattern."""

    def make():
        arch = getattr(torchvision.models, name)
        learn = vision_learner(loaders(side), arch, pretrained=False, metrics=accuracy)
        learn.fine_tune(1, 1e-4)
        return learn

    return make


for _name, _side in PLAIN:
    recording.pattern_of(
        plain(_name, _side),
        "torchvision_" + _name,
        "torchvision's {} in a plain Learner".format(_name),
    )
for _name, _side in CUT:
    recording.pattern_of(
        cut(_name, _side),
        "vision_learner_tv_" + _name,
        "torchvision's {} cut by vision_learner".format(_name),
    )

if __name__ == "__main__":
    recording.run(under_fastai2)
