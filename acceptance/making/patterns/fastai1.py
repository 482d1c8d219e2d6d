"""fastai 1: how photos are found, named, sized and normalised, and its own networks."""

import recording
import torchvision
import under_fastai1
from fastai.callbacks import *
from fastai.vision import *
from fastai.vision.models.wrn import wrn_22
from recording import pattern, pattern_of, refused


def photos(name="images"):
    """The folder of a set of photos to train on."""
    return recording.ground() / name


def bunch(**options):
    """Photos as the first lesson loads them."""
    settings = {"ds_tfms": get_transforms(), "size": 64, "bs": 4, "num_workers": 0, **options}
    found = ImageDataBunch.from_folder(photos(), train="train", valid="valid", **settings)
    return found.normalize(imagenet_stats)


def items():
    """Photos, split and labelled by their folders, as the data block begins."""
    return ImageList.from_folder(photos()).split_by_folder("train", "valid").label_from_folder()


def fitted(data, arch=models.resnet18, **options):
    """A network on random weights after two batches."""
    learn = cnn_learner(data, arch, pretrained=False, metrics=accuracy, **options)
    learn.fit(1, 1e-4)
    return learn


def plain(data, model, **options):
    """The same in a plain Learner."""
    learn = Learner(data, model, metrics=accuracy, **options)
    learn.fit(1, 1e-4)
    return learn


@pattern(images="images_breeds")
def v1_lesson1_pets():
    """Lesson 1 of 2019: breeds by a regular expression, get_transforms, size 64."""
    files = get_image_files(photos("images_breeds") / "all")
    data = ImageDataBunch.from_name_re(
        photos("images_breeds") / "all",
        files,
        r"/([^/]+)_\d+.png$",
        ds_tfms=get_transforms(),
        size=64,
        bs=4,
        num_workers=0,
    ).normalize(imagenet_stats)
    learn = cnn_learner(data, models.resnet34, pretrained=False, metrics=error_rate)
    learn.fit_one_cycle(1)
    return learn


@pattern(images="images_3_and_7")
def v1_lesson1_mnist():
    """Lesson 1 of 2019: digits 3 and 7 at size 26, without flips."""
    data = ImageDataBunch.from_folder(
        photos("images_3_and_7"),
        valid="valid",
        ds_tfms=get_transforms(do_flip=False),
        size=26,
        bs=4,
        num_workers=0,
    )
    return fitted(data)


@pattern(images="images_bears")
def v1_lesson2_bears():
    """Lesson 2 of 2019: bears from a folder, split at random."""
    np.random.seed(42)
    data = ImageDataBunch.from_folder(
        photos("images_bears"),
        train="train",
        valid_pct=0.2,
        ds_tfms=get_transforms(),
        size=64,
        bs=4,
        num_workers=0,
    ).normalize(imagenet_stats)
    return fitted(data, models.resnet34)


@pattern()
def v1_size_112():
    """Photos of other sizes at 112 px: crop, the default."""
    return fitted(bunch(size=112))


@pattern()
def v1_size_rectangle():
    """A rectangle, 64 high and 96 wide."""
    return fitted(bunch(size=(64, 96)))


@pattern()
def v1_squish():
    """ResizeMethod.SQUISH."""
    return fitted(bunch(resize_method=ResizeMethod.SQUISH))


@pattern()
def v1_pad():
    """ResizeMethod.PAD."""
    return fitted(bunch(resize_method=ResizeMethod.PAD))


@pattern()
def v1_pad_zeros():
    """ResizeMethod.PAD with zeros outside the photo."""
    return fitted(bunch(resize_method=ResizeMethod.PAD, padding_mode="zeros"))


@pattern()
def v1_no_transforms():
    """A size and no transforms."""
    return fitted(bunch(ds_tfms=None))


@pattern()
def v1_block():
    """The data block with transform(tfms, size=64)."""
    data = items().transform(get_transforms(), size=64).databunch(bs=4, num_workers=0)
    return fitted(data.normalize(imagenet_stats))


@pattern()
def v1_block_plain_size():
    """The data block with a size only, and no normalisation."""
    return fitted(items().transform(size=64).databunch(bs=4, num_workers=0))


@pattern()
def v1_block_border():
    """The data block with padding_mode border."""
    found = items().transform(get_transforms(), size=64, padding_mode="border")
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern()
def v1_block_nearest():
    """The data block with mode nearest."""
    found = items().transform(get_transforms(), size=64, mode="nearest")
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern()
def v1_block_squish():
    """The data block with SQUISH."""
    found = items().transform(get_transforms(), size=80, resize_method=ResizeMethod.SQUISH)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern()
def v1_block_own_stats():
    """normalize() from a batch of one's own photos."""
    data = items().transform(get_transforms(), size=64).databunch(bs=4, num_workers=0)
    return fitted(data.normalize())


@pattern()
def v1_block_random_split():
    """split_by_rand_pct, labelled by folder."""
    found = ImageList.from_folder(photos() / "train").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_folder().transform(get_transforms(), size=64)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


def label_of(path):
    """A student's own label function."""
    return Path(path).name.split("_")[0]


@pattern()
def v1_block_own_function():
    """label_from_func with a function of the notebook."""
    found = ImageList.from_folder(photos() / "all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_func(label_of).transform(get_transforms(), size=64)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern()
def v1_block_label_cls():
    """label_from_func with label_cls=CategoryList."""
    found = ImageList.from_folder(photos() / "all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_func(label_of, label_cls=CategoryList)
    found = found.transform(get_transforms(), size=64)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern()
def v1_block_re():
    """label_from_re."""
    found = ImageList.from_folder(photos() / "all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_re(r"([a-z]+)_\d+.png$").transform(get_transforms(), size=64)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


def frame():
    """Names and labels of photos as a table."""
    names = sorted(path.name for path in (photos() / "all").glob("*.png"))
    return pd.DataFrame({"name": names, "label": [label_of(name) for name in names]})


@pattern()
def v1_from_df():
    """ImageDataBunch.from_df."""
    data = ImageDataBunch.from_df(
        photos(),
        frame(),
        folder="all",
        size=64,
        ds_tfms=get_transforms(),
        bs=4,
        num_workers=0,
        seed=1,
    )
    return fitted(data.normalize(imagenet_stats))


@pattern()
def v1_block_df():
    """ImageList.from_df and label_from_df."""
    found = ImageList.from_df(frame(), photos(), folder="all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_df().transform(get_transforms(), size=64)
    return fitted(found.databunch(bs=4, num_workers=0).normalize(imagenet_stats))


@pattern(images="images_numbers")
def v1_integers():
    """Labels that are integers, from a table."""
    names = sorted(path.name for path in (photos("images_numbers") / "all").glob("*.png"))
    table = pd.DataFrame({"name": names, "label": [int(name[0]) for name in names]})
    found = ImageList.from_df(table, photos("images_numbers"), folder="all")
    found = found.split_by_rand_pct(0.3, seed=1).label_from_df()
    data = found.transform(get_transforms(), size=64).databunch(bs=4, num_workers=0)
    return fitted(data.normalize(imagenet_stats))


@pattern(images="images_is_cat")
def v1_booleans():
    """Labels that are False and True."""
    found = ImageList.from_folder(photos("images_is_cat") / "all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_func(lambda path: Path(path).name[0] == "T", label_cls=CategoryList)
    data = found.transform(get_transforms(), size=64).databunch(bs=4, num_workers=0)
    return fitted(data.normalize(imagenet_stats))


@pattern()
def v1_validation_zoom():
    """Zoom and a crop in the middle on the validation side."""
    tfms = (rand_pad(4, 64), [zoom(scale=1.3), crop_pad()])
    return fitted(bunch(ds_tfms=tfms))


@pattern()
def v1_validation_crop():
    """crop(size=48) on both sides, after the size of 64."""
    return fitted(bunch(ds_tfms=([crop(size=48)], [crop(size=48)])))


@pattern()
def v1_zoom_crop():
    """zoom_crop on both sides."""
    tfms = (
        zoom_crop(scale=(0.9, 1.4), do_rand=True),
        zoom_crop(scale=1.2, do_rand=False),
    )
    return fitted(bunch(ds_tfms=tfms))


@pattern()
def v1_rand_resize_crop():
    """rand_resize_crop on the training side."""
    return fitted(bunch(ds_tfms=(rand_resize_crop(64), [])))


@pattern()
def v1_xtra_tfms():
    """get_transforms with extra training transforms."""
    return fitted(bunch(ds_tfms=get_transforms(max_rotate=20, xtra_tfms=[cutout()])))


@pattern(images="images_32")
def v1_cifar():
    """Photos of 32 px with rand_pad, and a wide residual network."""
    data = ImageDataBunch.from_folder(
        photos("images_32"),
        valid="valid",
        ds_tfms=([*rand_pad(4, 32), flip_lr(p=0.5)], []),
        bs=4,
        num_workers=0,
    ).normalize(cifar_stats)
    return plain(data, wrn_22())


@pattern()
def v1_xresnet18():
    """fastai 1's xresnet18."""
    return plain(bunch(), models.xresnet18(c_out=3))


@pattern()
def v1_xresnet50():
    """fastai 1's xresnet50."""
    return plain(bunch(), models.xresnet50(c_out=3))


@pattern()
def v1_wrn():
    """fastai 1's wide residual network."""
    return plain(bunch(size=32), models.WideResNet(num_groups=3, N=1, num_classes=3, k=2))


@pattern()
def v1_darknet():
    """fastai 1's Darknet."""
    return plain(bunch(), models.Darknet([1, 1, 2], num_classes=3, nf=8))


@pattern()
def v1_simple_cnn():
    """simple_cnn with batch normalisation."""
    return plain(bunch(), simple_cnn((3, 16, 16, 3), bn=True))


def of_torchvision(name, cut, side):
    """A maker of one pattern."""

    def make():
        arch = getattr(torchvision.models, name)
        data = bunch(size=side)
        if cut:
            return fitted(data, arch)
        return plain(data, arch(pretrained=False, num_classes=3))

    return make


for _name in ("resnet50", "squeezenet1_1", "densenet121", "vgg11_bn", "alexnet"):
    _about = "torchvision's {} cut by cnn_learner".format(_name)
    pattern_of(of_torchvision(_name, True, 64), "v1_cnn_" + _name, _about)
for _name in ("resnet18", "mobilenet_v2", "shufflenet_v2_x1_0", "mnasnet1_0", "resnext50_32x4d"):
    _about = "torchvision's {} in a plain Learner".format(_name)
    pattern_of(of_torchvision(_name, False, 64), "v1_plain_" + _name, _about)


@pattern()
def v1_head_options():
    """cnn_learner with lin_ftrs, ps, bn_final and without concat_pool."""
    return fitted(bunch(), lin_ftrs=[32], ps=0.3, bn_final=True, concat_pool=False)


@pattern()
def v1_custom_head():
    """cnn_learner with a head of fastai's and torch's layers."""
    head = nn.Sequential(AdaptiveConcatPool2d(), Flatten(), nn.Linear(1024, 3))
    return fitted(bunch(), custom_head=head)


@pattern()
def v1_label_smoothing():
    """LabelSmoothingCrossEntropy."""
    return fitted(bunch(), loss_func=LabelSmoothingCrossEntropy())


@pattern()
def v1_torch_loss():
    """torch's CrossEntropyLoss."""
    return fitted(bunch(), loss_func=nn.CrossEntropyLoss())


@pattern()
def v1_mixup():
    """mixup, kept in the Learner."""
    learn = cnn_learner(bunch(), models.resnet18, pretrained=False, metrics=accuracy).mixup()
    learn.fit(1, 1e-4)
    return learn


@pattern()
def v1_callbacks():
    """SaveModel, EarlyStopping, CSVLogger and ShowGraph as callback functions."""
    fns = [ShowGraph, partial(SaveModelCallback, name="best"), partial(CSVLogger, filename="log")]
    return fitted(bunch(), callback_fns=[*fns, partial(EarlyStoppingCallback, patience=2)])


@pattern()
def v1_metrics():
    """Metrics that are objects and partial functions."""
    learn = fitted(bunch())
    learn.metrics = [accuracy, Precision(average="macro"), FBeta(), partial(top_k_accuracy, k=2)]
    return learn


@pattern()
def v1_gradual():
    """Sizes one after another: 32, then data of 64 given to the Learner."""
    learn = fitted(bunch(size=32))
    learn.data = bunch(size=64)
    learn.unfreeze()
    learn.fit(1, 1e-5)
    return learn


class StudentNet(nn.Module):
    """A network of the student's own."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.last = nn.Linear(8, 3)

    def forward(self, photos):
        return self.last(self.layers(photos))


@refused("needs the submission's own code (class StudentNet)")
def v1_own_class(target):
    """A network class of the notebook."""
    return plain(bunch(), StudentNet())


@refused("not a Learner: weights saved by learn.save")
def v1_learn_save(target):
    """learn.save in place of learn.export."""
    learn = fitted(bunch())
    learn.model_dir = target.parent
    learn.save(target.stem)
    (target.parent / (target.stem + ".pth")).rename(target)


@refused("multi-label: not a single-label classifier")
def v1_multi_label(target):
    """Several labels for each photo."""
    found = ImageList.from_folder(photos() / "all").split_by_rand_pct(0.3, seed=1)
    found = found.label_from_func(lambda path: [label_of(path), "photo"])
    data = found.transform(get_transforms(), size=64).databunch(bs=4, num_workers=0)
    learn = cnn_learner(data, models.resnet18, pretrained=False)
    learn.fit(1, 1e-4)
    return learn


if __name__ == "__main__":
    recording.run(under_fastai1)
