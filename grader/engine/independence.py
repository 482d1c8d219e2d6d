"""Shows that a network treats each image by itself, from the operations that it runs on a batch.

Every tensor that comes from the images is followed, and each operation on it has to be one of those
below, used in a way that keeps the images apart along the first dimension. Then no image can have
an influence on the answer to another, whatever they show. An operation that isn't listed, or is
left to chance, shows nothing; nor does a network that runs elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, TypeAlias

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

Arguments: TypeAlias = tuple[Any, ...]

_MATRIX, _IMAGES = 2, 4
# What goes wrong where an operation is called in a way that its rule doesn't know.
_NOT_AS_EXPECTED = (AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class Watch:
    """Follows the images of one batch through a network."""

    def __init__(self) -> None:
        """Nothing is shown so far."""
        self.is_shown = False

    @contextmanager
    def over(self, batch: torch.Tensor) -> Iterator[Callable[[object], None]]:
        """Follow what is computed from a batch of two or more images inside the block.

        Yields:
            To be called with the network's outputs.
        """
        following = _Following(batch)

        def ends_in(outputs: object) -> None:
            self.is_shown = len(batch) > 1 and following.keeps_apart and following.knows(outputs)

        with following:
            yield ends_in


class _Following(TorchDispatchMode):  # type: ignore[no-untyped-call] # torch leaves it untyped
    """Knows every tensor whose first dimension runs over the images, one or more rows for each."""

    def __init__(self, batch: torch.Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # as above
        self.keeps_apart = True
        self._n_images = len(batch)
        self._known: WeakIdKeyDictionary = WeakIdKeyDictionary()
        self._known[batch] = True

    def knows(self, value: object) -> bool:
        return isinstance(value, torch.Tensor) and value in self._known

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Arguments = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one operation, and follow what it makes of the images."""
        outputs = func(*args, **(kwargs or {}))
        if self.keeps_apart:
            try:
                self.keeps_apart = self._follows(func, args, kwargs or {}, outputs)
            except _NOT_AS_EXPECTED:
                self.keeps_apart = False
        return outputs

    def _follows(
        self, func: Any, args: Arguments, kwargs: Mapping[str, Any], outputs: object
    ) -> bool:
        """Whether an operation keeps images apart; what it makes of them is known from then on."""
        if torch.Tag.nondeterministic_seeded in func.tags and not _is_idle_dropout(func, args):
            return False
        if not any(map(self.knows, (*_flat(args), *_flat(kwargs.values())))):
            return True
        name = str(func.overloadpacket).removeprefix("aten.")
        rule = _RULES.get(name)
        if rule is None or any(map(self.knows, _flat(kwargs.values()))):
            return False
        made = outputs[0] if name in _FIRST_OF_SEVERAL and isinstance(outputs, tuple) else outputs
        for tensor in _flat((made,)):
            is_whole = bool(tensor.dim()) and len(tensor) % self._n_images == 0
            if not is_whole or not rule(self, args, tensor):
                return False
            self._known[tensor] = True
        return True

    def broadcasts(self, value: torch.Tensor, made: torch.Tensor) -> bool:
        """Whether a tensor that doesn't come from the images is the same for each of them."""
        return value.dim() < made.dim() or len(value) == 1 or value.stride(0) == 0

    def fits(self, value: torch.Tensor, made: torch.Tensor) -> bool:
        """Whether a tensor meets the rows of a result each at its own place."""
        if self.knows(value):
            return value.dim() == made.dim() and len(value) == len(made)
        return not value.dim() or self.broadcasts(value, made)


_Rule: TypeAlias = Callable[[_Following, Arguments, torch.Tensor], bool]


def _flat(values: Any) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _flat(value)


def _is_idle_dropout(func: Any, args: Arguments) -> bool:
    return str(func.overloadpacket) in {"aten.dropout", "aten.dropout_"} and not args[2]


def _elementwise(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return all(following.fits(value, made) for value in _flat(args))


def _only_first(following: _Following, args: Arguments, _made: torch.Tensor) -> bool:
    """The images come first, and everything else belongs to the network."""
    first, *others = args
    return following.knows(first) and not any(map(following.knows, _flat(others)))


def _on_images(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return _only_first(following, args, made) and args[0].dim() == _IMAGES == made.dim()


def _batch_norm(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    uses_own = args[3] is not None and args[4] is not None and not args[5]
    return uses_own and _only_first(following, args, made)


def _layer_norm(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return len(args[1]) < args[0].dim() and _only_first(following, args, made)


def _affine(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    """A bias, the images as a matrix, and a matrix of the network."""
    bias, images, *others = args
    return (
        following.broadcasts(bias, made)
        and following.knows(images)
        and not any(map(following.knows, _flat((bias, *others))))
    )


def _product(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    left, right = args[:2]
    if following.knows(right):
        both = following.knows(left) and left.dim() == right.dim() == made.dim()
        return both and left.dim() > _MATRIX and len(left) == len(right)
    return left.dim() >= _MATRIX and (right.dim() <= _MATRIX or following.broadcasts(right, made))


def _view(_following: _Following, _args: Arguments, _made: torch.Tensor) -> bool:
    """Numbers stay in their order, so each image keeps its own rows where these come out even."""
    return True


def _permuted(_following: _Following, args: Arguments, _made: torch.Tensor) -> bool:
    return int(args[1][0]) == 0


def _along(*places: int, default: int | None = None) -> _Rule:
    """Along dimensions that the arguments at these places name, of which none is the first."""

    def rule(following: _Following, args: Arguments, _made: torch.Tensor) -> bool:
        of = next(iter(_flat(args)))
        named = [args[place] if len(args) > place else default for place in places]
        dims: list[Any] = []
        for one in named:
            dims += one if isinstance(one, (tuple, list)) else [one]
        is_named = bool(dims) and None not in dims
        return is_named and following.knows(of) and all(dim % of.dim() for dim in dims)

    return rule


def _joined(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    parts = tuple(_flat(args))
    dim = int(args[1]) if len(args) > 1 else 0
    rows = all(following.knows(part) or part.stride(0) == 0 for part in parts)
    return dim % made.dim() != 0 and rows and len({len(part) for part in parts}) == 1


def _unsqueezed(_following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return int(args[1]) % made.dim() != 0


def _padded(following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return len(args[1]) <= 2 * (args[0].dim() - 1) and _only_first(following, args, made)


def _expanded(_following: _Following, args: Arguments, made: torch.Tensor) -> bool:
    return bool(args[0].dim() == made.dim() and len(args[0]) == len(made))


_FIRST_OF_SEVERAL = frozenset(
    (
        "native_batch_norm",
        "_native_batch_norm_legit_no_training",
        "_batch_norm_impl_index",
        "cudnn_batch_norm",
        "native_layer_norm",
        "native_group_norm",
        "max_pool2d_with_indices",
        "adaptive_max_pool2d",
    )
)

_NAMES: Mapping[_Rule, str] = {
    _elementwise: "abs add add_ alias clamp clamp_ clamp_min clamp_max clone contiguous detach "
    "div div_ dropout dropout_ elu elu_ erf exp float gelu hardsigmoid hardsigmoid_ "
    "hardswish hardswish_ hardtanh hardtanh_ leaky_relu leaky_relu_ lift_fresh log mish "
    "mish_ mul mul_ neg pow reciprocal relu relu_ relu6 relu6_ rsqrt rsub sigmoid sigmoid_ "
    "silu silu_ softplus sqrt square sub sub_ tanh tanh_ to _to_copy",
    _on_images: "conv2d convolution _convolution mkldnn_convolution max_pool2d "
    "max_pool2d_with_indices avg_pool2d adaptive_avg_pool2d _adaptive_avg_pool2d "
    "adaptive_max_pool2d mkldnn_max_pool2d mkldnn_adaptive_avg_pool2d pixel_shuffle "
    "pixel_unshuffle upsample_nearest2d upsample_bilinear2d",
    _batch_norm: "batch_norm native_batch_norm _batch_norm_impl_index cudnn_batch_norm",
    _only_first: "linear native_group_norm group_norm mm _native_batch_norm_legit_no_training",
    _layer_norm: "layer_norm native_layer_norm",
    _affine: "addmm",
    _product: "matmul bmm",
    _view: "view reshape _unsafe_view _reshape_alias flatten unflatten",
    _permuted: "permute",
    _along(1, 2): "transpose",
    _along(1): "softmax _softmax log_softmax _log_softmax mean sum amax amin flip squeeze select "
    "cumsum glu unbind",
    _along(2): "split split_with_sizes chunk roll norm",
    _along(1, default=0): "slice narrow",
    _joined: "cat",
    _unsqueezed: "unsqueeze",
    _padded: "pad constant_pad_nd reflection_pad2d replication_pad2d",
    _expanded: "expand",
}
_RULES: Mapping[str, _Rule] = MappingProxyType(
    {name: rule for rule, names in _NAMES.items() for name in names.split()}
)
