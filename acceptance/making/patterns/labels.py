"""Where class names come from, and in which type they end up in the export."""

import recording
import under_fastai2
from fastai.vision.all import *
from recording import pattern, refused

try:
    from fastai.vision.all import vision_learner
except ImportError:  # Before 2.6 it was called so.
    vision_learner = cnn_learner


def photos(name="images"):
    """The folder of a set of photos to train on."""
    return recording.ground() / name


def learner(dls):
    """A small network on random weights after two batches."""
    learn = Learner(dls, xresnet18(n_out=dls.c), metrics=accuracy, loss_func=CrossEntropyLossFlat())
    learn.fit(1, 1e-4)
    return learn


def frame(name="images"):
    """Names and labels of photos as a table."""
    names = sorted(path.name for path in (photos(name) / "all").glob("*.png"))
    return pd.DataFrame({"name": names, "label": [one.split("_")[0] for one in names]})


def blocks(name, get_y, **options):
    """A data block whose labels come from a function."""
    settings = {"blocks": (ImageBlock, CategoryBlock), **options}
    return DataBlock(
        get_items=get_image_files,
        get_y=get_y,
        splitter=RandomSplitter(0.25, seed=1),
        item_tfms=Resize(64),
        **settings,
    ).dataloaders(photos(name) / "all", bs=4)


def number_of(path):
    return int(path.name.split("_")[0])


def label_of(path):
    return path.name.split("_")[0]


@pattern(images="images_numbers")
def labels_int():
    """get_y returns an int."""
    return learner(blocks("images_numbers", number_of))


@pattern(images="images_numbers")
def labels_numpy_int():
    """get_y returns a numpy integer."""
    return learner(blocks("images_numbers", lambda path: np.int64(number_of(path))))


@pattern(images="images_is_cat")
def labels_bool():
    """get_y returns a comparison: False or True."""
    return learner(blocks("images_is_cat", lambda path: path.name.startswith("True")))


@pattern(images="images_is_cat")
def labels_numpy_bool():
    """get_y returns a numpy boolean."""
    return learner(blocks("images_is_cat", lambda path: np.bool_(path.name[0] == "T")))


@pattern()
def labels_numpy_str():
    """get_y returns a numpy string."""
    return learner(blocks("images", lambda path: np.str_(label_of(path))))


@pattern()
def labels_main_function():
    """get_y is a function of the notebook."""
    return learner(blocks("images", label_of))


@pattern()
def labels_vocab_given():
    """CategoryBlock(vocab=[...]) in another order."""
    choice = CategoryBlock(vocab=["dog", "bird", "cat"])
    return learner(blocks("images", label_of, blocks=(ImageBlock, choice)))


@pattern()
def labels_vocab_unsorted():
    """CategoryBlock(sort=False)."""
    return learner(blocks("images", label_of, blocks=(ImageBlock, CategoryBlock(sort=False))))


@pattern()
def labels_pipeline():
    """get_y is a list of functions."""
    steps = [attrgetter("name"), RegexLabeller(r"^([a-z]+)_")]
    return learner(blocks("images", steps))


@pattern()
def labels_dictionary():
    """get_y looks up a dictionary of the notebook."""
    known = {path.name: label_of(path) for path in get_image_files(photos() / "all")}
    return learner(blocks("images", lambda path: known[path.name]))


def of_table(table, **options):
    """ImageDataLoaders.from_df."""
    return ImageDataLoaders.from_df(
        table, photos(options.pop("name", "images")) / "all", item_tfms=Resize(64), bs=4, **options
    )


@pattern()
def labels_df():
    """from_df with names as text."""
    return learner(of_table(frame(), seed=1))


@pattern(images="images_numbers")
def labels_df_int():
    """from_df with a column of integers: the classes are numpy's."""
    table = frame("images_numbers")
    table["label"] = table["label"].astype(int)
    return learner(of_table(table, name="images_numbers", seed=1))


@pattern(images="images_is_cat")
def labels_df_bool():
    """from_df with a column of booleans."""
    table = frame("images_is_cat")
    table["label"] = table["label"] == "True"
    return learner(of_table(table, name="images_is_cat", seed=1))


@pattern()
def labels_df_category():
    """from_df with a categorical column."""
    table = frame()
    table["label"] = table["label"].astype("category")
    return learner(of_table(table, seed=1))


@pattern()
def labels_df_valid_column():
    """from_df with a column that says which photos are for validation."""
    table = frame()
    table["is_valid"] = [number % 4 == 3 for number in range(len(table))]
    return learner(of_table(table, valid_col="is_valid"))


@pattern(images="images_numbers")
def labels_block_df_int():
    """A data block on a table: ColReader, and a column of integers."""
    table = frame("images_numbers")
    table["label"] = table["label"].astype(int)
    dls = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_x=ColReader("name", pref=photos("images_numbers") / "all"),
        get_y=ColReader("label"),
        splitter=RandomSplitter(0.25, seed=1),
        item_tfms=Resize(64),
    ).dataloaders(table, bs=4)
    return learner(dls)


@pattern()
def labels_block_df_lambda():
    """A data block on a table, with lambdas for both columns."""
    folder = photos() / "all"
    dls = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_x=lambda row: folder / row["name"],
        get_y=lambda row: row["label"],
        splitter=RandomSplitter(0.25, seed=1),
        item_tfms=Resize(64),
    ).dataloaders(frame(), bs=4)
    return learner(dls)


@pattern()
def labels_csv():
    """from_csv."""
    frame().to_csv(photos() / "labels.csv", index=False)
    dls = ImageDataLoaders.from_csv(
        photos(), "labels.csv", folder="all", item_tfms=Resize(64), bs=4, seed=1
    )
    return learner(dls)


@pattern()
def labels_lists():
    """from_lists."""
    files = get_image_files(photos() / "all")
    dls = ImageDataLoaders.from_lists(
        photos(), files, [label_of(path) for path in files], item_tfms=Resize(64), bs=4, seed=1
    )
    return learner(dls)


@pattern(images="images_numbers")
def labels_lists_int():
    """from_lists with integers."""
    files = get_image_files(photos("images_numbers") / "all")
    numbers = [number_of(path) for path in files]
    dls = ImageDataLoaders.from_lists(
        photos(), files, numbers, item_tfms=Resize(64), bs=4, seed=1, y_block=CategoryBlock
    )
    return learner(dls)


@pattern(images="images_numbers")
def labels_lists_numpy():
    """from_lists with an array of numpy."""
    files = get_image_files(photos("images_numbers") / "all")
    numbers = np.array([number_of(path) for path in files])
    dls = ImageDataLoaders.from_lists(
        photos(), files, numbers, item_tfms=Resize(64), bs=4, seed=1, y_block=CategoryBlock
    )
    return learner(dls)


@pattern()
def labels_path_re():
    """from_path_re."""
    files = get_image_files(photos() / "all")
    dls = ImageDataLoaders.from_path_re(
        photos(), files, r"/([a-z]+)_\d+.png$", item_tfms=Resize(64), bs=4, seed=1
    )
    return learner(dls)


@pattern()
def labels_name_re():
    """from_name_re."""
    files = get_image_files(photos() / "all")
    dls = ImageDataLoaders.from_name_re(
        photos(), files, r"^([a-z]+)_\d+", item_tfms=Resize(64), bs=4, seed=1
    )
    return learner(dls)


@pattern()
def labels_path_func():
    """from_path_func with a lambda."""
    files = get_image_files(photos() / "all")
    dls = ImageDataLoaders.from_path_func(
        photos(), files, lambda path: path.name.split("_")[0], item_tfms=Resize(64), bs=4, seed=1
    )
    return learner(dls)


@pattern()
def labels_datasets():
    """The middle layer: Datasets with a list of transforms for photo and label."""
    files = get_image_files(photos() / "all")
    splits = RandomSplitter(0.25, seed=1)(files)
    found = Datasets(files, [[PILImage.create], [label_of, Categorize()]], splits=splits)
    dls = found.dataloaders(
        bs=4,
        after_item=[Resize(64), ToTensor()],
        after_batch=[IntToFloatTensor(), Normalize.from_stats(*imagenet_stats)],
        num_workers=0,
    )
    return learner(dls)


@pattern(pickled_by="dill")
def labels_dill():
    """learn.export(pickle_module=dill), for a lambda."""
    return learner(blocks("images", lambda path: path.name.split("_")[0]))


@refused("multi-label: not a single-label classifier")
def labels_several(target):
    """MultiCategoryBlock: several labels for a photo."""
    dls = blocks(
        "images", lambda path: [label_of(path), "photo"], blocks=(ImageBlock, MultiCategoryBlock)
    )
    learn = Learner(dls, xresnet18(n_out=4), loss_func=BCEWithLogitsLossFlat())
    learn.fit(1, 1e-4)
    return learn


@refused("not a single-label classifier")
def labels_regression(target):
    """RegressionBlock: a number for a photo."""
    dls = blocks(
        "images_numbers", lambda path: float(number_of(path)), blocks=(ImageBlock, RegressionBlock)
    )
    learn = Learner(dls, xresnet18(n_out=1), loss_func=MSELossFlat())
    learn.fit(1, 1e-4)
    return learn


if __name__ == "__main__":
    recording.run(under_fastai2)
