"""How fastai 2 exports, loads and answers."""

import importlib

import recording
from fastai.vision.all import *

defaults.cpus = 0  # Loads photos in this process.


def batch(learn):
    """A batch of training photos on the CPU."""
    return learn.dls.train.one_batch()[0]


def n_classes(learn):
    """How many outputs the network has."""
    return getattr(learn.dls, "c", None) or len(learn.dls.vocab)


def export(learn, target, pickled_by=""):
    """Write it as `learn.export` does, on request with another module than pickle."""
    learn.path = target.parent
    options = {"pickle_module": importlib.import_module(pickled_by)} if pickled_by else {}
    learn.export(target.name, **options)


def answers(target, files, pickled_by=""):
    """What the export answers after loading, and what went into its network."""
    options = {"pickle_module": importlib.import_module(pickled_by)} if pickled_by else {}
    learn = load_learner(target, **options)
    dl = learn.dls.test_dl(files, bs=4, num_workers=0)
    with recording.watched(learn.model) as seen:
        probs = learn.get_preds(dl=dl)[0]
    return {
        "vocab": [str(label) for label in learn.dls.vocab],
        "probs": recording.plain(probs).tolist(),
        **recording.seen_in(learn.model, seen),
        "after_item": str(dl.after_item),
        "after_batch": str(dl.after_batch),
        "loss_func": str(learn.loss_func),
    }
