"""A module as a network: always in eval mode, and temporarily in double precision."""

import pytest
import torch

from grader.engine.network import logits_of
from grader.engine.torch_network import TorchNetwork, put_in_eval_mode
from tests.grader.networks import Colours, NeverLeavesTraining, classifier_of

CPU = torch.device("cpu")
IMAGES = [torch.full((3, 4, 4), 0.1 * number) for number in range(3)]


def test_a_batch_normalisation_below_a_module_that_declines_leaves_training_mode() -> None:
    """Its running statistics are used and stay as they were."""
    layer = torch.nn.BatchNorm2d(3)
    network = torch.nn.Sequential(NeverLeavesTraining(torch.nn.Sequential(layer)), Colours())
    network[0].training = layer.training = True

    put_in_eval_mode(network)
    logits = logits_of(classifier_of(network), IMAGES, CPU)

    assert not any(module.training for module in torch.nn.Sequential.modules(network[0]))
    assert layer.num_batches_tracked == 0
    assert logits[2, 0] == pytest.approx(2.0, abs=1e-4)


def test_a_module_that_is_used_twice_is_visited_once() -> None:
    """A network that contains itself doesn't keep the grader busy forever."""
    network = torch.nn.Sequential(torch.nn.Dropout())
    network.add_module("again", network)
    network.register_module("nothing", None)
    put_in_eval_mode(network)
    assert not network[0].training


def test_double_precision_lasts_as_long_as_the_block() -> None:
    """The numbers are the same to the bit afterwards."""
    module = torch.nn.Conv2d(3, 2, 1)
    before = module.weight.clone()
    batch = torch.stack(IMAGES)
    with TorchNetwork(module).in_float64(CPU) as exact:
        answers = exact.logits(batch)
        assert isinstance(answers, torch.Tensor)
        assert answers.dtype == torch.float64
    assert module.weight.dtype == torch.float32
    assert torch.equal(module.weight, before)
