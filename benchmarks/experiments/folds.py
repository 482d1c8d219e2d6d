"""Train and val of a divided data set as folds; its test part is not even listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sklearn.model_selection import StratifiedKFold, train_test_split

from pipeline.splitting.dataset import Dataset

N_FOLDS = 5
VAL_SHARE = 0.17


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A data set to train on, and the images that are held out from it."""

    number: int
    dataset: Dataset
    held: tuple[Path, ...]


def make_folds(root: Path, *, seed: int) -> Iterator[Fold]:
    """Five folds of train and val together; what is not held out is divided as in the document.

    Args:
        root: A folder that `pipeline split` made.
        seed: Of the folds and of their division.
    """
    paths = sorted(path for part in ("train", "val") for path in (root / part).glob("*/*"))
    labels = [path.parent.name for path in paths]
    splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    for number, (rest, held) in enumerate(splitter.split(paths, labels)):
        train, val = train_test_split(
            rest, test_size=VAL_SHARE, random_state=seed, stratify=[labels[one] for one in rest]
        )
        dataset = Dataset(
            root=root,
            vocab=tuple(sorted(set(labels))),
            train=tuple(paths[one] for one in sorted(train)),
            val=tuple(paths[one] for one in sorted(val)),
            images=(),
            split=None,
        )
        yield Fold(number=number, dataset=dataset, held=tuple(paths[one] for one in held))
