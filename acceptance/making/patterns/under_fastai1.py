"""How fastai 1 exports, loads and answers."""

import recording
from fastai.vision import *


def batch(learn):
    """A batch of training photos on the CPU."""
    return learn.data.one_batch(denorm=False, cpu=True)[0]


def n_classes(learn):
    """How many outputs the network has."""
    return learn.data.c


def export(learn, target, **_):
    """Write it as `learn.export` does."""
    learn.path = target.parent
    learn.export(target.name)


def answers(target, files, **_):
    """What the export answers after loading, and what went into its network."""
    tests = ImageList([str(path) for path in files])
    learn = load_learner(target.parent, target.name, test=tests, num_workers=0, bs=4)
    with recording.watched(learn.model) as seen:
        probs = learn.get_preds(ds_type=DatasetType.Test)[0]
    return {
        "vocab": [str(label) for label in learn.data.classes],
        "probs": recording.plain(probs).tolist(),
        **recording.seen_in(learn.model, seen),
        "loss_func": str(learn.loss_func),
    }
