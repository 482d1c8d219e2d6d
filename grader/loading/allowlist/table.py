"""What may be rebuilt: a table without logic.

A class without a row is refused. No row ever runs code of the file: a `Plain` class is made by
torch's own constructor from checked numbers, a `Block` and a `Sequence` by a module of this
package, a library's class from its own package as it is installed, with nothing but checked values
as its attributes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from grader.loading.allowlist.rows import Block, Plain, Row, Sequence

_CONVOLUTION = (
    *("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups"),
    "padding_mode",
)
_TRANSPOSED = (*_CONVOLUTION, "output_padding")
_BATCH_NORM = ("num_features", "eps", "momentum", "affine", "track_running_stats")
_AVERAGE_POOL = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
_MAX_POOL = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
_HAS_BIAS = MappingProxyType({"bias": "bias"})
_DIMENSIONS = ("1d", "2d", "3d")

# Dropout is the identity in a grade at any rate, so none of its settings is read.
_SETTINGS_OF_PLAIN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{f"BatchNorm{d}": _BATCH_NORM for d in _DIMENSIONS},
        **{f"InstanceNorm{d}": _BATCH_NORM for d in _DIMENSIONS},
        "AvgPool1d": _AVERAGE_POOL,
        "AvgPool2d": (*_AVERAGE_POOL, "divisor_override"),
        "AvgPool3d": (*_AVERAGE_POOL, "divisor_override"),
        **{f"MaxPool{d}": _MAX_POOL for d in _DIMENSIONS},
        **{f"AdaptiveAvgPool{d}": ("output_size",) for d in _DIMENSIONS},
        **{f"AdaptiveMaxPool{d}": ("output_size", "return_indices") for d in _DIMENSIONS},
        **{f"LPPool{d}": ("norm_type", "kernel_size", "stride", "ceil_mode") for d in _DIMENSIONS},
        **{
            f"{kind}Pad{d}": ("padding",)
            for kind in ("Reflection", "Replication", "Zero", "Circular")
            for d in _DIMENSIONS
        },
        **{f"ConstantPad{d}": ("padding", "value") for d in _DIMENSIONS},
        **{f"Dropout{d}": () for d in ("", *_DIMENSIONS)},
        "AlphaDropout": (),
        "FeatureAlphaDropout": (),
        "GroupNorm": ("num_groups", "num_channels", "eps", "affine"),
        "LocalResponseNorm": ("size", "alpha", "beta", "k"),
        "Identity": (),
        "Flatten": ("start_dim", "end_dim"),
        "Unflatten": ("dim", "unflattened_size"),
        "ChannelShuffle": ("groups",),
        "PixelShuffle": ("upscale_factor",),
        "PixelUnshuffle": ("downscale_factor",),
        "Fold": ("output_size", "kernel_size", "dilation", "padding", "stride"),
        "Unfold": ("kernel_size", "dilation", "padding", "stride"),
        "Upsample": (
            *("size", "scale_factor", "mode", "align_corners"),
            "recompute_scale_factor",
        ),
        "UpsamplingBilinear2d": ("size", "scale_factor"),
        "UpsamplingNearest2d": ("size", "scale_factor"),
        "ReLU": ("inplace",),
        "ReLU6": ("inplace",),
        "SiLU": ("inplace",),
        "Mish": ("inplace",),
        "SELU": ("inplace",),
        "Hardswish": ("inplace",),
        "Hardsigmoid": ("inplace",),
        "ELU": ("alpha", "inplace"),
        "CELU": ("alpha", "inplace"),
        "GELU": ("approximate",),
        "GLU": ("dim",),
        "LeakyReLU": ("negative_slope", "inplace"),
        "RReLU": ("lower", "upper", "inplace"),
        "PReLU": ("num_parameters",),
        "Hardtanh": ("min_val", "max_val", "inplace"),
        "Hardshrink": ("lambd",),
        "Softshrink": ("lambd",),
        "Softplus": ("beta", "threshold"),
        "Threshold": ("threshold", "value", "inplace"),
        "Softmax": ("dim",),
        "Softmin": ("dim",),
        "LogSoftmax": ("dim",),
        **dict.fromkeys(
            ("Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "Softmax2d"), ()
        ),
    }
)
_PLAIN_WITH_FLAGS = (
    *(Plain(name=f"Conv{d}", settings=_CONVOLUTION, flag_of=_HAS_BIAS) for d in _DIMENSIONS),
    *(
        Plain(name=f"ConvTranspose{d}", settings=_TRANSPOSED, flag_of=_HAS_BIAS)
        for d in _DIMENSIONS
    ),
    Plain(name="Linear", settings=("in_features", "out_features"), flag_of=_HAS_BIAS),
    Plain(
        name="Bilinear",
        settings=("in1_features", "in2_features", "out_features"),
        flag_of=_HAS_BIAS,
    ),
    Plain(
        name="LayerNorm",
        settings=("normalized_shape", "eps", "elementwise_affine"),
        flag_of=_HAS_BIAS,
    ),
    Plain(name="RMSNorm", settings=("normalized_shape", "eps", "elementwise_affine")),
    Plain(
        name="MultiheadAttention",
        settings=("embed_dim", "num_heads", "add_zero_attn", "kdim", "vdim", "batch_first"),
        flag_of=MappingProxyType({"bias": "in_proj_bias", "add_bias_kv": "bias_k"}),
    ),
)

# Rows of torch.nn, by name; exports place these classes in torch.nn.modules.
TORCH: Mapping[str, Row] = MappingProxyType(
    {
        **{name: Plain(name=name, settings=keys) for name, keys in _SETTINGS_OF_PLAIN.items()},
        **{row.name: row for row in _PLAIN_WITH_FLAGS},
        # In a grade, statistics aren't shared between cards.
        "SyncBatchNorm": Plain(name="BatchNorm2d", settings=_BATCH_NORM),
        # The same as Linear, except for a mark that keeps it from being quantised.
        "NonDynamicallyQuantizableLinear": Plain(
            name="Linear", settings=("in_features", "out_features"), flag_of=_HAS_BIAS
        ),
        "Sequential": Sequence(),
        "ModuleList": Sequence(name="ModuleList"),
        "ModuleDict": Sequence(name="ModuleDict"),
        # A model that was trained on several cards; its one child is the model.
        "DataParallel": Sequence(),
        "DistributedDataParallel": Sequence(),
    }
)

_RESIDUAL = ("conv1", "bn1", "conv2", "bn2", "relu")
_POOLS = ("ap", "mp")
_ATTENTION = ("query", "key", "value")

# Rows by the class's full name.
BLOCKS: Mapping[str, Row] = MappingProxyType(
    {
        "torchvision.models.resnet.BasicBlock": Block(
            name="Residual", children=_RESIDUAL, options=("downsample",)
        ),
        "torchvision.models.resnet.Bottleneck": Block(
            name="Residual", children=(*_RESIDUAL, "conv3", "bn3"), options=("downsample",)
        ),
        "torchvision.models.resnet.ResNet": Block(
            name="ResNet",
            children=(
                *("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"),
                *("avgpool", "fc"),
            ),
        ),
        "fastai.layers.AdaptiveConcatPool1d": Block(name="ConcatPool", children=_POOLS),
        "fastai.layers.AdaptiveConcatPool2d": Block(name="ConcatPool", children=_POOLS),
        "fastai.layers.Flatten": Block(name="Flatten", settings=MappingProxyType({"full": False})),
        "fastai.layers.Identity": Plain(name="Identity"),
        # It changes the tensor's Python class, but no number.
        "fastai.layers.ToTensorBase": Plain(name="Identity"),
        "fastai.layers.ParameterModule": Plain(name="Identity"),
        "fastai.layers.ResizeBatch": Block(
            name="ResizeBatch", settings=MappingProxyType({"size": None})
        ),
        "fastai.layers.SigmoidRange": Block(
            name="SigmoidRange", settings=MappingProxyType({"low": None, "high": None})
        ),
        "fastai.layers.Mish": Block(name="Mish"),
        "fastai.layers.MishJit": Block(name="Mish"),
        "fastai.layers.Swish": Block(name="Swish"),
        "fastai.layers.SwishJit": Block(name="Swish"),
        "fastai.layers.ResBlock": Block(name="ResBlock", children=("convpath", "idpath", "act")),
        "fastai.vision.models.xresnet.ResBlock": Block(
            name="EarlyResBlock",
            children=("convs",),
            options=("idconv", "pool"),
            noops=("idconv", "pool"),
        ),
        "fastai.vision.models.xresnet.Flatten": Block(
            name="Flatten", settings=MappingProxyType({"full": False})
        ),
        "fastai.vision.models.wrn.BasicBlock": Block(
            name="WideBlock",
            children=("bn", "conv1", "conv2"),
            options=("drop", "shortcut"),
            noops=("shortcut",),
        ),
        "fastai.vision.models.darknet.ResLayer": Block(
            name="ResLayer", children=("conv1", "conv2")
        ),
        "fastai.layers.SequentialEx": Block(name="SequentialEx", children=("layers",)),
        "fastai.layers.MergeLayer": Block(
            name="MergeLayer", settings=MappingProxyType({"dense": False})
        ),
        "fastai.layers.ProdLayer": Block(name="ProdLayer"),
        "fastai.layers.SelfAttention": Block(
            name="SelfAttention", children=_ATTENTION, parameters=("gamma",)
        ),
        "fastai.layers.PooledSelfAttention2d": Block(
            name="PooledSelfAttention",
            children=(*_ATTENTION, "out"),
            parameters=("gamma",),
            settings=MappingProxyType({"n_channels": None}),
        ),
        "fastai.layers.SimpleSelfAttention": Block(
            name="SimpleSelfAttention",
            children=("conv",),
            parameters=("gamma",),
            settings=MappingProxyType({"sym": False, "n_in": None}),
        ),
        "fastai.vision.learner.TimmBody": Block(
            name="TimmBody", children=("model",), settings=MappingProxyType({"needs_pool": False})
        ),
        "timm.models.convnext.LayerNorm2d": Block(
            name="ChannelNorm",
            parameters=("weight", "bias"),
            settings=MappingProxyType({"eps": None}),
        ),
        **{
            path: Sequence()
            for path in (
                "fastai.layers.ConvLayer",
                "fastai.layers.LinBnDrop",
                "fastai.layers.PoolFlatten",
                "fastai.layers.SimpleCNN",
                "fastai.vision.models.darknet.Darknet",
                "fastai.vision.models.wrn.WideResNet",
                "fastai.vision.models.xresnet.XResNet",
                "torchvision.models.mobilenetv2.ConvBNReLU",
                "torchvision.models.mobilenetv2.ConvBNActivation",
                "torchvision.models.mobilenetv3.ConvBNActivation",
                "torchvision.models.efficientnet.ConvBNActivation",
                "torchvision.models.efficientnet.ConvNormActivation",
                "torchvision.models.mobilenetv3.ConvNormActivation",
                "torchvision.models.mobilenetv2.ConvNormActivation",
                "torchvision.ops.misc.ConvNormActivation",
                "torchvision.ops.misc.Conv2dNormActivation",
                "torchvision.ops.misc.MLP",
            )
        },
    }
)

_TORCHVISION_FILES = (
    *("alexnet", "convnext", "densenet", "efficientnet", "googlenet", "inception", "maxvit"),
    *("mnasnet", "mobilenetv2", "mobilenetv3", "regnet", "shufflenetv2", "squeezenet"),
    *("swin_transformer", "vgg", "vision_transformer"),
)
# Modules of packages whose classes may be made as they are. A class's constructor is never run, and
# its forward pass reads only its attributes. Other modules of torchvision find boxes and masks; all
# modules of timm below these two are classifiers.
LIBRARY_MODULES = frozenset(
    (
        *(f"torchvision.models.{name}" for name in _TORCHVISION_FILES),
        "torchvision.ops.misc",
        "torchvision.ops.stochastic_depth",
    )
)
LIBRARY_PREFIXES = ("timm.models.", "timm.layers.")
