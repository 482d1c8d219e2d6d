"""How a photo is opened, sized, augmented and normalised."""

import recording
import under_fastai2
from fastai.vision.all import *
from recording import pattern, pattern_of, refused


def photos(name="images"):
    """The folder of a set of photos to train on."""
    return recording.ground() / name


def loaders(item_tfms, batch_tfms=None, name="images", **options):
    """Photos by a data block."""
    settings = {"blocks": (ImageBlock, CategoryBlock), **options}
    return DataBlock(
        get_items=get_image_files,
        get_y=parent_label,
        splitter=GrandparentSplitter(),
        item_tfms=item_tfms,
        batch_tfms=batch_tfms,
        **settings,
    ).dataloaders(photos(name), bs=4)


def learner(dls, c_in=3):
    """A small network on random weights after two batches."""
    model = xresnet18(n_out=dls.c, c_in=c_in)
    learn = Learner(dls, model, metrics=accuracy, loss_func=CrossEntropyLossFlat())
    learn.fit(1, 1e-4)
    return learn


def of_steps(item_tfms, batch_tfms):
    """A maker of one pattern: the steps are made when it is called."""
    return lambda: learner(loaders(item_tfms(), batch_tfms()))


def nothing():
    return None


def normalised():
    return Normalize.from_stats(*imagenet_stats)


SIZES = [
    ("two_numbers", "Resize(64, 96), whose second number is no width", lambda: Resize(64, 96)),
    ("same_numbers", "Resize(64, 64)", lambda: Resize(64, 64)),
    ("capital", 'Resize(64, "Squish"), an unknown method: crop', lambda: Resize(64, "Squish")),
    ("squish", "Resize(64, 'squish')", lambda: Resize(64, "squish")),
    ("squish_large", "Resize(200, ResizeMethod.Squish)", lambda: Resize(200, ResizeMethod.Squish)),
    ("crop", "Resize(96)", lambda: Resize(96)),
    ("rectangle", "Resize((64, 96))", lambda: Resize((64, 96))),
    ("rectangle_squish", "Resize((96, 64), 'squish')", lambda: Resize((96, 64), "squish")),
    ("pad_zeros", "Resize(64, 'pad', 'zeros')", lambda: Resize(64, "pad", "zeros")),
    ("pad_border", "Resize(64, 'pad', 'border')", lambda: Resize(64, "pad", "border")),
    ("pad_reflection", "Resize(64, 'pad')", lambda: Resize(64, "pad")),
    ("nearest", "Resize(64, resamples=(0, 0))", lambda: Resize(64, resamples=(0, 0))),
    ("random", "RandomResizedCrop(64)", lambda: RandomResizedCrop(64)),
    (
        "random_min_scale",
        "RandomResizedCrop(80, min_scale=0.35)",
        lambda: RandomResizedCrop(80, min_scale=0.35),
    ),
    (
        "random_val_xtra",
        "RandomResizedCrop(80, min_scale=0.5, val_xtra=0.3)",
        lambda: RandomResizedCrop(80, min_scale=0.5, val_xtra=0.3),
    ),
    ("crop_pad", "CropPad(200)", lambda: CropPad(200)),
    ("random_crop", "RandomCrop(60)", lambda: RandomCrop(60)),
    ("resize_crop_pad", "Resize(100), CropPad(64)", lambda: [Resize(100), CropPad(64)]),
    ("ratio", "RatioResize(100), CropPad(64)", lambda: [RatioResize(100), CropPad(64)]),
    ("flip_item", "FlipItem, Resize(64)", lambda: [FlipItem(0.5), Resize(64)]),
    ("dihedral_item", "DihedralItem, Resize(64)", lambda: [DihedralItem(), Resize(64)]),
    ("twice", "Resize(128), Resize(64)", lambda: [Resize(128), Resize(64)]),
]
for _name, _about, _steps in SIZES:
    pattern_of(of_steps(_steps, normalised), "size_" + _name, _about)

BATCHES = [
    ("none", "no batch transform", nothing),
    ("aug", "aug_transforms()", aug_transforms),
    ("aug_size", "aug_transforms(size=64)", lambda: aug_transforms(size=64)),
    (
        "aug_size_scale",
        "aug_transforms(size=64, min_scale=0.75)",
        lambda: aug_transforms(size=64, min_scale=0.75),
    ),
    (
        "aug_scale",
        "aug_transforms(min_scale=0.75) without a size",
        lambda: aug_transforms(min_scale=0.75),
    ),
    (
        "aug_strong",
        "aug_transforms of every option, zeros outside",
        lambda: aug_transforms(
            size=80, do_flip=True, flip_vert=True, max_rotate=45, max_warp=0.4, pad_mode="zeros"
        ),
    ),
    (
        "aug_extra",
        "aug_transforms with Saturation, Hue and RandomErasing",
        lambda: [*aug_transforms(xtra_tfms=[Saturation(), Hue()]), RandomErasing()],
    ),
    ("own_stats", "Normalize() by a batch of one's own", lambda: [*aug_transforms(), Normalize()]),
    (
        "cifar_stats",
        "Normalize by cifar_stats",
        lambda: [Normalize.from_stats(*cifar_stats)],
    ),
    ("random_gpu", "RandomResizedCropGPU(64)", lambda: [RandomResizedCropGPU(64), normalised()]),
    (
        "single",
        "Flip, Rotate, Brightness, Contrast",
        lambda: [Flip(), Rotate(), Brightness(), Contrast()],
    ),
    ("zoom_warp", "Zoom, Warp, Dihedral", lambda: [Zoom(), Warp(), Dihedral()]),
    ("int_to_float", "IntToFloatTensor named again", lambda: [IntToFloatTensor(), normalised()]),
]
for _name, _about, _steps in BATCHES:
    pattern_of(of_steps(lambda: Resize(96), _steps), "batch_" + _name, _about)


@pattern()
def item_int_to_float():
    """IntToFloatTensor per photo."""
    return learner(loaders([Resize(64), ToTensor(), IntToFloatTensor()], normalised()))


@pattern()
def item_normalise():
    """IntToFloatTensor and Normalize handed over as instances among the batch transforms."""
    return learner(loaders([Resize(64), ToTensor()], [IntToFloatTensor(), normalised()]))


@pattern()
def opened_by_lambda():
    """TransformBlock(type_tfms=lambda path: PILImage.create(path))."""
    opened = TransformBlock(
        type_tfms=lambda path: PILImage.create(path), batch_tfms=IntToFloatTensor
    )
    return learner(loaders(Resize(64), normalised(), blocks=(opened, CategoryBlock)))


class PhotoOfMine(PILImage):
    """A subclass that adds nothing."""


@pattern()
def opened_by_subclass():
    """ImageBlock(cls=PhotoOfMine), a subclass that adds nothing."""
    block = ImageBlock(cls=PhotoOfMine)
    return learner(loaders(Resize(64), normalised(), blocks=(block, CategoryBlock)))


@pattern(images="images_3_and_7")
def opened_grey():
    """ImageBlock(cls=PILImageBW) on 28 px, no Resize."""
    grey = (ImageBlock(cls=PILImageBW), CategoryBlock)
    return learner(loaders(None, None, name="images_3_and_7", blocks=grey), c_in=1)


@pattern()
def opened_grey_large():
    """ImageBlock(cls=PILImageBW) on photos, Resize(64)."""
    grey = (ImageBlock(cls=PILImageBW), CategoryBlock)
    return learner(loaders(Resize(64), Normalize.from_stats(*mnist_stats), blocks=grey), c_in=1)


@pattern(images="images_3_and_7")
def small_28_in_colour():
    """28 px in colour, no Resize."""
    return learner(loaders(None, None, name="images_3_and_7"))


@pattern(images="images_3_and_7")
def small_28_linear():
    """28 px grey, no Resize: Flatten and linear layers, which take one size only."""
    grey = (ImageBlock(cls=PILImageBW), CategoryBlock)
    dls = loaders(None, None, name="images_3_and_7", blocks=grey)
    layers = [nn.Flatten(), nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 2)]
    learn = Learner(dls, nn.Sequential(*layers), loss_func=CrossEntropyLossFlat())
    learn.fit(1, 1e-3)
    return learn


@pattern(images="images_32")
def small_32():
    """32 px in colour, no Resize: convolutions and a linear layer that takes one size only."""
    dls = loaders(None, normalised(), name="images_32")
    layers = [ConvLayer(3, 8, stride=2), ConvLayer(8, 8, stride=2), nn.Flatten(), nn.Linear(512, 3)]
    learn = Learner(dls, nn.Sequential(*layers), loss_func=CrossEntropyLossFlat())
    learn.fit(1, 1e-3)
    return learn


class TrainOnly(Transform):
    """A student's augmentation: by its class, on the training side only."""

    split_idx = 0

    def encodes(self, photo: PILImage):
        return photo


@pattern()
def training_only_class():
    """A transform of one's own with split_idx = 0 in its class."""
    return learner(loaders([TrainOnly(), Resize(64)], normalised()))


class BothSides(Transform):
    """A student's transform on both sides."""

    def encodes(self, photo: PILImage):
        return photo.transpose(Image.FLIP_LEFT_RIGHT)


@refused("needs the submission's own code (class BothSides)")
def both_sides_class(target):
    """A transform of one's own that runs on both sides."""
    return learner(loaders([BothSides(), Resize(64)], normalised()))


def turned(photo: PILImage):
    return PILImage(photo.transpose(Image.FLIP_LEFT_RIGHT))


@refused("needs the submission's own code")
def both_sides_function(target):
    """A function of one's own among the item transforms."""
    return learner(loaders([turned, Resize(64)], normalised()))


@pattern()
def given_by_from_folder():
    """ImageDataLoaders.from_folder with lists of transforms."""
    dls = ImageDataLoaders.from_folder(
        photos(),
        valid="valid",
        item_tfms=[Resize(96)],
        batch_tfms=[*aug_transforms(size=64), normalised()],
        bs=4,
    )
    return learner(dls)


@pattern()
def shuffled_and_partial():
    """A data loader with drop_last and another batch size for validation."""
    dls = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        get_y=parent_label,
        splitter=GrandparentSplitter(),
        item_tfms=Resize(64),
    ).dataloaders(photos(), bs=4, val_bs=2, drop_last=True, shuffle=True)
    return learner(dls)


if __name__ == "__main__":
    recording.run(under_fastai2)
