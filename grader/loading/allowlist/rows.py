"""The kinds of rows in `table.py`, and the forms of settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType


class Form(Enum):
    """The form of a setting. Numbers are finite and within sane bounds."""

    COUNT = auto()  # an integer
    COUNTS = auto()  # an integer, or a few of them; a size may have None
    PADDING = auto()  # as COUNTS, or "same" or "valid"
    NUMBER = auto()
    NUMBERS = auto()
    FLAG = auto()
    NAME = auto()  # one of NAMES
    TRUTH = auto()  # anything plain; only whether it is true counts


NAMES = frozenset(
    (
        *("zeros", "reflect", "replicate", "circular"),  # padding_mode of a convolution
        *("nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"),
        *("none", "tanh"),  # approximate of a GELU
    )
)

# Every setting has one meaning, and so one form, in all classes. None is allowed where the
# constructor's own default is None.
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("in_channels", "out_channels", "groups", "in_features", "out_features"),
                *("in1_features", "in2_features", "num_features", "num_groups", "num_channels"),
                *("num_parameters", "upscale_factor", "downscale_factor", "dim"),
                *("start_dim", "end_dim", "embed_dim", "num_heads", "kdim", "vdim", "n_channels"),
                *("n_in", "divisor_override"),
            ),
            Form.COUNT,
        ),
        **dict.fromkeys(
            (
                *("kernel_size", "stride", "dilation", "output_padding", "output_size"),
                *("normalized_shape", "unflattened_size", "size"),
            ),
            Form.COUNTS,
        ),
        "padding": Form.PADDING,
        **dict.fromkeys(
            (
                *("eps", "momentum", "alpha", "beta", "k", "norm_type", "negative_slope", "lambd"),
                *("threshold", "value", "min_val", "max_val", "lower", "upper", "low", "high"),
            ),
            Form.NUMBER,
        ),
        "scale_factor": Form.NUMBERS,
        **dict.fromkeys(
            (
                *("affine", "track_running_stats", "elementwise_affine", "ceil_mode", "inplace"),
                *("count_include_pad", "return_indices", "align_corners", "batch_first", "full"),
                *("recompute_scale_factor", "add_zero_attn", "dense", "sym"),
            ),
            Form.FLAG,
        ),
        **dict.fromkeys(("padding_mode", "mode", "approximate"), Form.NAME),
        "needs_pool": Form.TRUTH,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A class of torch.nn, made by its own constructor.

    Attributes:
        name: In torch.nn.
        settings: Arguments of the constructor, kept by the module under the same names.
        flag_of: Arguments that say whether the module has a parameter, and which parameter.
    """

    name: str
    settings: tuple[str, ...] = ()
    flag_of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """One of torch's classes that run their children one after another, or only hold them."""

    name: str = "Sequential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A class whose own code is short: an equal module of `rebuilding/blocks.py`.

    Attributes:
        name: In `rebuilding/blocks.py`.
        children: The children that it must have.
        options: Children that it may have.
        noops: Those of them in whose place fastai 1 may keep a function that returns its argument.
        settings: Its settings, each with its value in exports that lack it.
        parameters: Its own parameters.
    """

    name: str
    children: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    noops: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A class that is taken from its own package, its attributes set one by one.

    Attributes:
        home: The module of the package where the class is today.
        name: The class.
    """

    home: str
    name: str


Row = Plain | Sequence | Block | Library
