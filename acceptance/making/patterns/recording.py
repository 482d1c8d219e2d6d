"""What every script of patterns needs: to make an export, load it again, and record its answers.

It runs in the environment that makes the export, so it keeps to Python 3.7 and to what fastai 1
and 2 have in common; what differs is in `under_fastai1` and `under_fastai2`.
"""

import argparse
import json
import platform
import random
import sys
import time
import traceback
import zlib
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL
import torch
from torch import nn

Pattern = namedtuple("Pattern", "make kind about facts")

# What the index says of a pattern unless the pattern says something else.
USUAL = {"images": "images", "expected": "graded", "why": "", "is_settled": True, "pickled_by": ""}

# How far float32 may move a probability from its value in float64.
MOST_BY_ROUNDING = 5e-5

PATTERNS = []


def pattern(kind=None, about=None, **facts):
    """Decorate a function that returns a Learner, or that writes the file whose path it gets."""

    def add(make):
        said = about or make.__doc__.strip().splitlines()[0]
        PATTERNS.append(Pattern(make, kind or make.__name__, said, {**USUAL, **facts}))
        return make

    return add


def pattern_of(make, kind, about, **facts):
    """Add a pattern that a loop makes."""
    pattern(kind, about, **facts)(make)


def refused(why, **facts):
    """Decorate a function whose export is to be refused for that reason."""
    return pattern(expected="refused", why=why, is_settled=False, **facts)


def ground():
    """The folder with the photos to train on; set on the command line."""
    return _options().ground


def run(side):
    """Make every pattern of the script that isn't made yet; `side` knows this version of fastai."""
    options = _options()
    torch.set_num_threads(1)
    for one in PATTERNS:
        target = options.out / "{}.pkl".format(one.kind)
        is_done = target.with_suffix(".json").exists() or target.with_suffix(".failed").exists()
        if is_done or options.only not in one.kind:
            continue
        began = time.time()
        try:
            _make(one, target, side, options)
            said = "made"
        except Exception:
            target.with_suffix(".failed").write_text(traceback.format_exc(), "utf-8")
            if target.exists():
                target.unlink()
            said = "FAILED " + traceback.format_exc().strip().splitlines()[-1]
        print("MADE {} {:.1f} s: {}".format(one.kind, time.time() - began, said), flush=True)


def _make(one, target, side, options):
    _seed(one.kind)
    learn = one.make(target) if one.facts["expected"] == "refused" else one.make()
    if learn is not None:
        if one.facts["is_settled"]:
            settle(learn.model, side.batch(learn), side.n_classes(learn))
        side.export(learn, target, pickled_by=one.facts["pickled_by"])
    record = {"kind": one.kind, "about": one.about, "versions": versions(), "index": one.facts}
    record["made_bytes"] = target.stat().st_size
    if one.facts["expected"] == "graded":
        files = sorted((options.photos / one.facts["images"]).rglob("*.png"))
        record.update(side.answers(target, files, pickled_by=one.facts["pickled_by"]))
        record["files"] = [path.relative_to(options.photos).as_posix() for path in files]
        record["reference"] = "probabilities" if _sum_to_one(record["probs"]) else "scores"
        _check(record["moved_by_rounding"])
        record["spread"] = float(np.ptp(np.array(record["probs"]), axis=0).max())
    target.with_suffix(".json").write_text(json.dumps(record, indent=1), "utf-8")


def _check(moved_by_rounding):
    """A network that turns rounding into other answers has no answer to compare with."""
    if moved_by_rounding is not None and moved_by_rounding > MOST_BY_ROUNDING:
        raise ValueError("rounding moves its answers by {:.1g}".format(moved_by_rounding))


def _seed(kind):
    number = zlib.crc32(kind.encode()) % 100000
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def _sum_to_one(rows):
    numbers = np.array(rows)
    return bool((numbers >= 0).all() and np.allclose(numbers.sum(1), 1, atol=1e-4))


def versions():
    """The version of everything that an export can depend on."""
    found = {"python": platform.python_version(), "pillow": PIL.__version__}
    for name in ("fastai", "fastcore", "torch", "torchvision", "timm", "numpy", "pandas", "dill"):
        if name in sys.modules or name in {"timm", "fastcore"}:
            try:
                found[name] = __import__(name).__version__
            except ImportError:
                continue
    return found


def settle(model, batch, n_classes):
    """Give random weights answers that differ between photos and are not saturated.

    What is the same everywhere (scales of 1, biases of 0, layer scales of 1e-5) would hide a
    branch that never runs, so it is shaken. Then the running statistics are taken from a batch.
    Last, the outputs are centred and stretched in the last layer.
    """
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() and parameter.is_floating_point() and _is_constant(parameter):
                parameter.add_(0.2 * torch.randn_like(parameter))
        _take_statistics(model, batch)
        _stretch(model, batch, n_classes)


def _is_constant(parameter):
    return float(parameter.max() - parameter.min()) < 1e-7


def _take_statistics(model, batch):
    norms = [one for one in model.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    kept = [one.momentum for one in norms]
    model.train()
    for one in norms:
        one.momentum = 0.6
    if norms:
        for _ in range(3):
            model(batch)
    for one, momentum in zip(norms, kept):
        one.momentum = momentum
    model.eval()


def _stretch(model, batch, n_classes):
    last = _last_layer(model, n_classes)
    if last is None:
        return
    outputs = plain(model(batch))
    # What hardly differs between photos is not stretched far: that would stretch rounding too.
    spread = outputs.std(0).mean().clamp(min=float(0.05 * outputs.abs().max() + 1e-6))
    factor = float(1.5 / spread)
    last.weight.mul_(factor)
    if last.bias is not None:
        last.bias.copy_((last.bias - outputs.mean(0).to(last.bias)) * factor)


def _last_layer(model, n_classes):
    for one in reversed(list(model.modules())):
        n_out = getattr(one, "out_features", getattr(one, "out_channels", None))
        if n_out == n_classes and isinstance(getattr(one, "weight", None), nn.Parameter):
            return one
    return None


def plain(outputs):
    """Outputs as an ordinary tensor of doubles on the CPU, without fastai's subclass."""
    first = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
    return torch.tensor(first.detach().cpu().float().tolist(), dtype=torch.float64)


@contextmanager
def watched(model):
    """Pairs of what goes into the network and what comes out, while the block runs."""
    seen = []
    handle = model.register_forward_hook(
        lambda _, inputs, outputs: seen.append((inputs[0], plain(outputs)))
    )
    try:
        yield seen
    finally:
        handle.remove()


def seen_in(model, seen):
    """The logits, the first inputs, and how far rounding alone moves the first probabilities."""
    first, logits = seen[0]
    return {
        "logits": torch.cat([outputs for _, outputs in seen]).tolist(),
        "input_shape": list(first.shape),
        "inputs_first2_per_channel_mean": plain(first[:2].mean((2, 3))).tolist(),
        "moved_by_rounding": _moved_by_rounding(model.eval(), first, logits),
    }


def _moved_by_rounding(model, batch, logits):
    """The largest change of a probability in float64; None where the network can't run so."""
    try:
        with torch.no_grad():
            outputs = model.double()(torch.tensor(batch.tolist(), dtype=torch.float64))
        exact = torch.tensor(outputs.detach().tolist(), dtype=torch.float64)
        return float((torch.softmax(logits, 1) - torch.softmax(exact, 1)).abs().max())
    except Exception:
        return None


def _options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True, help="Where the exports go.")
    parser.add_argument("--photos", type=Path, required=True, help="Holds the folders of photos.")
    parser.add_argument("--ground", type=Path, required=True, help="Photos to train on.")
    parser.add_argument("--only", default="", help="Only patterns whose name holds this.")
    return parser.parse_args()
