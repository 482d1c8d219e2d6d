"""What was saved: a learner, or something that students save instead of one."""

from collections.abc import Mapping
from types import MappingProxyType

from grader.loading.inert.nodes import CallNode, Node, TensorNode, described
from grader.loading.inert.objects import attributes_of, class_of, named_pairs_of, pairs_of
from grader.loading.learner.inspection import Kind
from grader.loading.learner.learner_parts import is_fastai1_learner, is_learner
from grader.loading.learner.module_tree import is_module
from grader.loading.refusal import EXPORT_AGAIN, RefusedExportError
from hidden_test_spec.errors import quote

_USE_EXPORT = "save with learn.export(), not with learn.save() or torch.save(), and hand that in"
_SAID_OF_KIND: Mapping[Kind, str] = MappingProxyType(
    {
        "weights": "a state dict, the weights without the model",
        "weights and optimizer": "weights saved by learn.save(), without the model",
        "module": "a bare module, without classes and transforms",
    }
)
_OTHER_LEARNERS: Mapping[str, str] = MappingProxyType(
    {
        "fastai.text.learner.TextLearner": "a learner of texts",
        "fastai.text.learner.LMLearner": "a language model",
        "fastai.tabular.learner.TabularLearner": "a learner of tables",
        "fastai.vision.gan.GANLearner": "a generator of images",
    }
)


def kind_of(root: Node) -> Kind:
    """The kind of object that an export's pickle holds."""
    if is_learner(root):
        return "learner"
    if is_fastai1_learner(root):
        return "fastai 1 learner"
    if is_module(root):
        return "module"
    if _is_state_dict(root):
        return "weights"
    return "weights and optimizer" if _is_state_dict(named_pairs_of(root).get("model")) else "other"


def wrong_kind(kind: Kind, root: Node) -> RefusedExportError:
    """The refusal of an object that is not a learner of fastai."""
    made = class_of(root)
    if made is not None and made.path not in _OTHER_LEARNERS and _is_like_learner(root):
        home, _, name = made.path.rpartition(".")
        return RefusedExportError(
            what=f"it is a Learner of the class {quote(name)} defined in {quote(home)}, and needs"
            " the submission's own code",
            where="pickle",
            advice="make a Learner of fastai itself, as vision_learner does, put the rest into "
            "callbacks, and export that",
        )
    return RefusedExportError(
        what=f"it is not a Learner: {_SAID_OF_KIND.get(kind) or _said_of_other(root)}",
        where="pickle",
        advice=EXPORT_AGAIN if kind == "other" else _USE_EXPORT,
    )


def _is_like_learner(root: Node) -> bool:
    return attributes_of(root).keys() >= {"model", "dls", "loss_func"}


def _is_state_dict(node: Node) -> bool:
    pairs = pairs_of(node)
    return bool(pairs) and all(
        isinstance(key, str) and isinstance(value, TensorNode) for key, value in pairs or ()
    )


def _said_of_other(root: Node) -> str:
    made = class_of(root)
    if made is None:
        return described(root) if isinstance(root, CallNode) else f"{described(root)}, not a model"
    return _OTHER_LEARNERS.get(made.path) or f"an object of the class {quote(made.path)}"
