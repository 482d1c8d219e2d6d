"""Honest files that can't be graded, each with the reason that the grader is to give."""

import pickle
import zipfile

import recording
import under_fastai2
from fastai.vision.all import *
from recording import refused

try:
    from fastai.vision.all import vision_learner
except ImportError:  # Before 2.6 it was called so.
    vision_learner = cnn_learner

OWN_CODE = "needs the submission's own code (class {})"


def loaders():
    """Photos of three classes, as a notebook loads them."""
    return ImageDataLoaders.from_folder(
        recording.ground() / "images", valid="valid", item_tfms=Resize(64), bs=4
    )


def resnet():
    """resnet18 as vision_learner makes it."""
    learn = vision_learner(loaders(), resnet18, pretrained=False, metrics=accuracy)
    learn.fit(1, 1e-4)
    return learn


class StudentNet(nn.Module):
    """A network of the student's own."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.last = nn.Linear(8, 3)

    def forward(self, photos):
        return self.last(self.layers(photos))


class TimmWrapper(nn.Module):
    """A student's wrapper around a network of timm."""

    def __init__(self):
        super().__init__()
        import timm

        self.body = timm.create_model("resnet18", pretrained=False, num_classes=0)
        self.head = nn.Linear(512, 3)

    def forward(self, photos):
        return self.head(self.body(photos))


class StudentLearner(Learner):
    """A student's subclass of Learner."""


@refused(OWN_CODE.format("StudentNet"))
def own_network(target):
    """A network class of the notebook."""
    learn = Learner(loaders(), StudentNet(), metrics=accuracy)
    learn.fit(1, 1e-4)
    return learn


@refused(OWN_CODE.format("TimmWrapper"))
def own_wrapper(target):
    """A wrapper of one's own around a network of timm."""
    learn = Learner(loaders(), TimmWrapper(), metrics=accuracy)
    learn.fit(1, 1e-4)
    return learn


@refused(OWN_CODE.format("StudentLearner"))
def own_learner(target):
    """A subclass of Learner of one's own."""
    learn = StudentLearner(loaders(), xresnet18(n_out=3), metrics=accuracy)
    learn.fit(1, 1e-4)
    return learn


@refused("needs the submission's own code")
def own_head_function(target):
    """Lambda of a function of the notebook inside the network."""
    layers = [nn.Conv2d(3, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), Lambda(doubled)]
    learn = Learner(loaders(), nn.Sequential(*layers), metrics=accuracy)
    learn.fit(1, 1e-4)
    return learn


def doubled(outputs):
    """A function of the notebook."""
    return outputs * 2


@refused("zip")
def zipped(target):
    """An export packed into a zip, and given the name of an export."""
    learn = resnet()
    under_fastai2.export(learn, target.with_name("inner.pkl"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(target.with_name("inner.pkl"), "export.pkl")
    target.with_name("inner.pkl").unlink()


@refused("pickle.dump")
def pickle_dump(target):
    """pickle.dump(learn) in place of learn.export()."""
    learn = resnet()
    learn.dls = learn.dls.new_empty()
    learn.opt = None
    with target.open("wb") as file:
        pickle.dump(learn, file)


@refused("joblib")
def joblib_dump(target):
    """joblib.dump(learn) in place of learn.export()."""
    import joblib

    learn = resnet()
    learn.dls = learn.dls.new_empty()
    learn.opt = None
    joblib.dump(learn, target)


@refused("quantized")
def quantized(target):
    """Weights quantized by torch.quantization.quantize_dynamic."""
    learn = resnet()
    learn.model = torch.quantization.quantize_dynamic(learn.model.eval(), {nn.Linear})
    return learn


@refused("not a Learner: a state dict")
def state_dict(target):
    """torch.save(model.state_dict())."""
    torch.save(resnet().model.state_dict(), target)


@refused("not a Learner: a bare module")
def bare_network(target):
    """torch.save(learn.model)."""
    torch.save(resnet().model, target)


@refused("not a Learner: weights saved by learn.save")
def learn_save(target):
    """learn.save in place of learn.export."""
    learn = resnet()
    learn.path, learn.model_dir = target.parent, "."
    learn.save(target.stem)
    target.with_suffix(".pth").rename(target)


@refused("not a Learner: TorchScript")
def torch_script(target):
    """torch.jit.trace and save."""
    learn = resnet()
    traced = torch.jit.trace(learn.model.eval(), torch.rand(1, 3, 64, 64))
    traced.save(str(target))


if __name__ == "__main__":
    recording.run(under_fastai2)
