"""The classifiers of the book and of the course, written as there, on photos of our own.

Only what the book does on a GPU for an hour is shorter: one epoch, on random weights.
"""

import recording
import under_fastai2
from fastai.callback.hook import *
from fastai.vision.all import *
from recording import pattern, refused

try:
    from fastai.vision.all import vision_learner
except ImportError:  # Before 2.6 it was called so.
    vision_learner = cnn_learner


def photos(name):
    """The folder of a set of photos to train on."""
    return recording.ground() / name


def is_cat(x):
    return x[0].isupper()


@pattern(images="images_is_cat")
def book_chapter1_is_cat():
    """Chapter 1: cats begin with an upper-case letter; classes are False and True."""
    path = photos("images_breeds") / "all"
    dls = ImageDataLoaders.from_name_func(
        path,
        get_image_files(path),
        valid_pct=0.2,
        seed=42,
        label_func=is_cat,
        item_tfms=Resize(224),
        bs=8,
    )
    learn = vision_learner(dls, resnet34, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


@pattern(images="images_is_cat")
def course_lesson2_is_cat():
    """Lesson 2, the notebook that saves a model: is_cat, 192 px, resnet18."""
    path = photos("images_breeds") / "all"
    dls = ImageDataLoaders.from_name_func(
        ".",
        get_image_files(path),
        valid_pct=0.2,
        seed=42,
        label_func=is_cat,
        item_tfms=Resize(192),
        bs=8,
    )
    learn = vision_learner(dls, resnet18, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


@pattern(images="images_forest")
def course_lesson1_bird_or_forest():
    """Lesson 1: is it a bird? A data block, parent_label, Resize(192, method='squish')."""
    dls = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=RandomSplitter(valid_pct=0.2, seed=42),
        get_y=parent_label,
        item_tfms=[Resize(192, method="squish")],
    ).dataloaders(photos("images_forest") / "train", bs=4)
    learn = vision_learner(dls, resnet18, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


def bears(**options):
    """The data block of chapter 2."""
    return DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=RandomSplitter(valid_pct=0.2, seed=42),
        get_y=parent_label,
        item_tfms=Resize(128),
    ).new(**options)


def of_bears(block):
    """The network of chapter 2 on a data block."""
    dls = block.dataloaders(photos("images_bears") / "train", bs=4)
    learn = vision_learner(dls, resnet18, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


@pattern(images="images_bears")
def book_chapter2_bears():
    """Chapter 2 and lesson 2: bears, RandomResizedCrop(224, min_scale=0.5), aug_transforms."""
    crop = RandomResizedCrop(224, min_scale=0.5)
    return of_bears(bears(item_tfms=crop, batch_tfms=aug_transforms()))


@pattern(images="images_bears")
def book_chapter2_resize():
    """Chapter 2 on the way: Resize(128)."""
    return of_bears(bears(item_tfms=Resize(128)))


@pattern(images="images_bears")
def book_chapter2_squish():
    """Chapter 2 on the way: Resize(128, ResizeMethod.Squish)."""
    return of_bears(bears(item_tfms=Resize(128, ResizeMethod.Squish)))


@pattern(images="images_bears")
def book_chapter2_pad():
    """Chapter 2 on the way: Resize(128, ResizeMethod.Pad, pad_mode='zeros')."""
    return of_bears(bears(item_tfms=Resize(128, ResizeMethod.Pad, pad_mode="zeros")))


@pattern(images="images_bears")
def book_chapter2_crop():
    """Chapter 2 on the way: RandomResizedCrop(128, min_scale=0.3)."""
    return of_bears(bears(item_tfms=RandomResizedCrop(128, min_scale=0.3)))


@pattern(images="images_bears")
def book_chapter2_augmented():
    """Chapter 2 on the way: Resize(128), aug_transforms(mult=2)."""
    return of_bears(bears(item_tfms=Resize(128), batch_tfms=aug_transforms(mult=2)))


@pattern(images="images_3_and_7")
def book_chapter4_3_or_7():
    """Chapter 4: threes and sevens, from_folder without any transform, resnet18."""
    dls = ImageDataLoaders.from_folder(photos("images_3_and_7"), bs=4)
    learn = vision_learner(
        dls, resnet18, pretrained=False, loss_func=F.cross_entropy, metrics=accuracy
    )
    learn.fit_one_cycle(1, 0.1)
    return learn


def pets():
    """The data block of chapter 5."""
    return DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=RandomSplitter(seed=42),
        get_y=using_attr(RegexLabeller(r"(.+)_\d+.png$"), "name"),
        item_tfms=Resize(460),
        batch_tfms=aug_transforms(size=224, min_scale=0.75),
    ).dataloaders(photos("images_breeds") / "all", bs=4)


@pattern(images="images_breeds")
def book_chapter5_pets():
    """Chapter 5: breeds by a regular expression, presizing 460 to 224, resnet34."""
    learn = vision_learner(pets(), resnet34, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


@pattern(images="images_breeds")
def course_lesson3_pets():
    """Lesson 3, which image models are best: breeds by RegexLabeller, Resize(224)."""
    path = photos("images_breeds") / "all"
    dls = ImageDataLoaders.from_name_func(
        ".",
        get_image_files(path),
        valid_pct=0.2,
        seed=42,
        label_func=RegexLabeller(pat=r"^([^/]+)_\d+"),
        item_tfms=Resize(224),
        bs=4,
    )
    learn = vision_learner(dls, resnet34, metrics=error_rate, pretrained=False)
    learn.fine_tune(1)
    return learn


def digits(**options):
    """The data block of chapter 13."""
    return DataBlock(
        (ImageBlock(cls=PILImageBW), CategoryBlock),
        get_items=get_image_files,
        splitter=GrandparentSplitter(),
        get_y=parent_label,
        **options,
    )


def conv(ni, nf, ks=3, act=True):
    res = nn.Conv2d(ni, nf, stride=2, kernel_size=ks, padding=ks // 2)
    if act:
        res = nn.Sequential(res, nn.ReLU())
    return res


@pattern(images="images_3_and_7")
def book_chapter13_3_or_7():
    """Chapter 13: threes and sevens in grey, five convolutions, F.cross_entropy."""
    dls = digits().dataloaders(photos("images_3_and_7"), bs=4)
    simple_cnn = sequential(
        conv(1, 4), conv(4, 8), conv(8, 16), conv(16, 32), conv(32, 2, act=False), Flatten()
    )
    learn = Learner(dls, simple_cnn, loss_func=F.cross_entropy, metrics=accuracy)
    learn.fit_one_cycle(1, 0.01)
    return learn


@pattern(images="images_digits")
def book_chapter13_digits():
    """Chapter 13: ten digits, Normalize() by their own batch, ActivationStats kept."""
    dls = digits(batch_tfms=Normalize()).dataloaders(photos("images_digits"), bs=16)
    simple_cnn = sequential(
        conv(1, 8, ks=5),
        conv(8, 16),
        conv(16, 32),
        conv(32, 64),
        conv(64, 10, act=False),
        Flatten(),
    )
    learn = Learner(
        dls,
        simple_cnn,
        loss_func=F.cross_entropy,
        metrics=accuracy,
        cbs=ActivationStats(with_hist=True),
    )
    learn.fit(1, 0.01)
    return learn


def conv_with_norm(ni, nf, ks=3, act=True):
    layers = [nn.Conv2d(ni, nf, stride=2, kernel_size=ks, padding=ks // 2)]
    if act:
        layers.append(nn.ReLU())
    layers.append(nn.BatchNorm2d(nf))
    return nn.Sequential(*layers)


@pattern(images="images_digits")
def book_chapter13_batchnorm():
    """Chapter 13, the end: batch normalisation behind each convolution."""
    dls = digits(batch_tfms=Normalize()).dataloaders(photos("images_digits"), bs=16)
    widths = (1, 8, 16, 32, 64)
    layers = [conv_with_norm(ni, nf) for ni, nf in zip(widths, widths[1:])]
    simple_cnn = sequential(*layers, conv_with_norm(64, 10, act=False), Flatten())
    learn = Learner(dls, simple_cnn, loss_func=F.cross_entropy, metrics=accuracy)
    learn.fit_one_cycle(1, 0.1)
    return learn


def imagenette(presize, resize):
    """The data of chapter 14."""
    return DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=GrandparentSplitter(valid_name="valid"),
        get_y=parent_label,
        item_tfms=Resize(presize),
        batch_tfms=[
            *aug_transforms(min_scale=0.5, size=resize),
            Normalize.from_stats(*imagenet_stats),
        ],
    ).dataloaders(photos("images_imagenette"), bs=4)


def block(ni, nf):
    return ConvLayer(ni, nf, stride=2)


@pattern(images="images_imagenette")
def book_chapter14_convolutions():
    """Chapter 14: convolutions and a pooled head, presizing 160 to 128."""
    dls = imagenette(160, 128)
    model = nn.Sequential(
        block(3, 16),
        block(16, 32),
        block(32, 64),
        block(64, 128),
        block(128, 256),
        nn.AdaptiveAvgPool2d(1),
        Flatten(),
        nn.Linear(256, dls.c),
    )
    learn = Learner(dls, model, loss_func=nn.CrossEntropyLoss(), metrics=accuracy)
    learn.fit_one_cycle(1, 3e-3)
    return learn


@pattern(images="images_imagenette")
def book_chapter14_xresnet():
    """Chapter 14 ends where fastai's xresnet begins: the same data, xresnet18."""
    dls = imagenette(160, 128)
    model = xresnet18(n_out=dls.c)
    learn = Learner(dls, model, loss_func=nn.CrossEntropyLoss(), metrics=accuracy)
    learn.fit_one_cycle(1, 3e-3)
    return learn


class ResBlock(Module):
    def __init__(self, ni, nf, stride=1):
        self.convs = nn.Sequential(
            ConvLayer(ni, nf, stride=stride),
            ConvLayer(nf, nf, act_cls=None, norm_type=NormType.BatchZero),
        )
        self.idconv = noop if ni == nf else ConvLayer(ni, nf, 1, act_cls=None)
        self.pool = noop if stride == 1 else nn.AvgPool2d(2, ceil_mode=True)

    def forward(self, x):
        return F.relu(self.convs(x) + self.idconv(self.pool(x)))


@refused("needs the submission's own code (class ResBlock)")
def book_chapter14_resnet(target):
    """Chapter 14's ResNet of a class of its own."""
    dls = imagenette(160, 128)
    model = nn.Sequential(
        ResBlock(3, 16, 2),
        ResBlock(16, 32, 2),
        nn.AdaptiveAvgPool2d(1),
        Flatten(),
        nn.Linear(32, dls.c),
    )
    learn = Learner(dls, model, loss_func=nn.CrossEntropyLoss(), metrics=accuracy)
    learn.fit_one_cycle(1, 3e-3)
    return learn


@pattern(images="images_breeds")
def book_chapter5_unfrozen():
    """Chapter 5, later: resnet50, first frozen and then unfrozen with sliced rates."""
    learn = vision_learner(pets(), resnet50, metrics=error_rate, pretrained=False)
    learn.fit_one_cycle(1, 1e-3)
    learn.unfreeze()
    learn.fit_one_cycle(1, lr_max=slice(1e-6, 1e-4))
    return learn


@pattern(images="images_breeds")
def course_lesson3_convnext():
    """Lesson 3, the better model: timm's convnext_tiny by its name."""
    path = photos("images_breeds") / "all"
    dls = ImageDataLoaders.from_name_func(
        ".",
        get_image_files(path),
        valid_pct=0.2,
        seed=42,
        label_func=RegexLabeller(pat=r"^([^/]+)_\d+"),
        item_tfms=Resize(224),
        bs=4,
    )
    learn = vision_learner(dls, "convnext_tiny", metrics=error_rate, pretrained=False).to_fp32()
    learn.fine_tune(1)
    return learn


if __name__ == "__main__":
    recording.run(under_fastai2)
