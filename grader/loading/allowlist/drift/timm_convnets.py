"""What changed in timm's convolutional networks since an export was made."""

from grader.loading.allowlist.drift.derivations import attends_last, channels_of, has_working
from grader.loading.allowlist.drift.rewriting import (
    with_filled_fusions,
    with_plain_shortcut,
    with_pooled_features,
)
from grader.loading.allowlist.drift.steps import (
    Absent,
    Changed,
    Derived,
    Idle,
    Joined,
    Renamed,
    Rewritten,
    Sequenced,
    Step,
)

_MODELS = "timm.models."
_BLOCKS = "timm.models._efficientnet_blocks."
_DEPTHWISE = f"{_BLOCKS}DepthwiseSeparableConv"
_INVERTED = (f"{_BLOCKS}InvertedResidual", f"{_BLOCKS}CondConvResidual")
_EDGE = f"{_BLOCKS}EdgeResidual"
_CONV_BN_ACT = f"{_BLOCKS}ConvBnAct"
_EFFICIENT_BLOCKS = (_DEPTHWISE, *_INVERTED, _EDGE, _CONV_BN_ACT)
_EFFICIENT_MODELS = (f"{_MODELS}efficientnet.EfficientNet", f"{_MODELS}mobilenetv3.MobileNetV3")

# timm 0.6 put each activation into the norm before it.
_ACTIVATIONS = (
    Joined(classes=(*_EFFICIENT_BLOCKS, *_EFFICIENT_MODELS), name="bn1", parts=("bn1", "act1")),
    Joined(classes=(*_EFFICIENT_BLOCKS, *_EFFICIENT_MODELS), name="bn2", parts=("bn2", "act2")),
)
_EFFICIENTNETS: tuple[Step, ...] = (
    *_ACTIVATIONS,
    Renamed(classes=_EFFICIENT_BLOCKS, old="has_residual", new="has_skip"),
    Idle(classes=_EFFICIENT_BLOCKS, names=("aa", "drop_path")),
    Idle(classes=(_DEPTHWISE, *_INVERTED, _EDGE), names=("se",)),
    Absent(classes=(_DEPTHWISE, *_INVERTED), names=("conv_s2d", "bn_s2d")),
    Idle(classes=(f"{_MODELS}mobilenetv3.MobileNetV3",), names=("norm_head", "flatten")),
)

# Their features used to be pooled already, where timm today leaves that to the head.
_POOLED = (
    Rewritten(classes=("fastai.vision.learner.TimmBody",), how=with_pooled_features),
    Renamed(classes=(f"{_MODELS}ghostnet.GhostModule",), old="oup", new="out_chs"),
    Renamed(classes=(f"{_MODELS}ghostnet.GhostNet",), old="dropout", new="drop_rate"),
)

_RESNETS: tuple[Step, ...] = (
    Idle(
        classes=tuple(
            f"{_MODELS}{path}"
            for path in (
                "resnet.BasicBlock",
                "resnet.Bottleneck",
                "resnest.ResNestBottleneck",
                "res2net.Bottle2neck",
                "sknet.SelectiveKernelBasic",
                "sknet.SelectiveKernelBottleneck",
            )
        ),
        names=("drop_block", "aa"),
    ),
    Absent(
        classes=tuple(
            f"{_MODELS}{path}"
            for path in (
                "resnest.ResNestBottleneck",
                "res2net.Bottle2neck",
                "xception_aligned.PreXceptionModule",
                "xception_aligned.XceptionModule",
            )
        ),
        names=("drop_path",),
    ),
    Idle(
        classes=(f"{_MODELS}tresnet.BasicBlock", f"{_MODELS}tresnet.Bottleneck"),
        names=("drop_path",),
    ),
    *(
        Renamed(classes=(f"{_MODELS}{path}",), old="relu", new="act")
        for path in (
            "tresnet.BasicBlock",
            "tresnet.Bottleneck",
            "inception_resnet_v2.Block17",
            "inception_resnet_v2.Block35",
            "inception_resnet_v2.Block8",
        )
    ),
    Idle(
        classes=(f"{_MODELS}regnet.Bottleneck", f"{_MODELS}regnet.PreBottleneck"),
        names=("se", "drop_path"),
    ),
    Rewritten(classes=(f"{_MODELS}regnet.Bottleneck",), how=with_plain_shortcut),
    Idle(classes=(f"{_MODELS}regnet.RegNet",), names=("final_conv",)),
    Sequenced(
        classes=(f"{_MODELS}inception_v3.BasicConv2d",),
        parts=("conv", "bn"),
        then="torch.nn.modules.activation.ReLU",
    ),
    Sequenced(
        classes=(
            f"{_MODELS}inception_v4.BasicConv2d",
            f"{_MODELS}inception_resnet_v2.BasicConv2d",
        ),
        parts=("conv", "bn", "relu"),
    ),
)

_OTHERS: tuple[Step, ...] = (
    Absent(classes=(f"{_MODELS}byobnet.RepVggBlock",), names=("reparam_conv",)),
    Changed(
        classes=(f"{_MODELS}byobnet.BasicBlock",),
        when=has_working("attn", "attn_last"),
        reason="timm 1.0.8 moved the attention in it",
    ),
    Idle(classes=(f"{_MODELS}convnext.ConvNeXtBlock",), names=("shortcut",)),
    Idle(classes=(f"{_MODELS}cspnet.CrossStage",), names=("conv_down",)),
    Derived(
        classes=(f"{_MODELS}cspnet.CrossStage",), name="expand_chs", how=channels_of("conv_exp")
    ),
    Idle(classes=(f"{_MODELS}cspnet.BottleneckBlock",), names=("attn2", "attn3", "drop_path")),
    Changed(
        classes=(f"{_MODELS}cspnet.DarkBlock",),
        when=attends_last,
        reason="timm 0.6 moved the attention in it",
    ),
    Idle(classes=(f"{_MODELS}cspnet.DarkBlock",), names=("attn", "drop_path")),
    Idle(classes=(f"{_MODELS}xception_aligned.SeparableConv2d",), names=("act_dw", "act_pw")),
    Idle(classes=(f"{_MODELS}xception_aligned.XceptionAligned",), names=("act",)),
    Rewritten(classes=(f"{_MODELS}hrnet.HighResolutionModule",), how=with_filled_fusions),
    Idle(
        classes=tuple(
            f"{_MODELS}{path}"
            for path in (
                "densenet.DenseNet",
                "dla.DLA",
                "hrnet.HighResolutionNet",
                "inception_resnet_v2.InceptionResnetV2",
                "inception_v3.InceptionV3",
                "inception_v4.InceptionV4",
                "nasnet.NASNetALarge",
                "pnasnet.PNASNet5Large",
                "selecsls.SelecSls",
            )
        ),
        names=("head_drop",),
    ),
    Renamed(classes=(f"{_MODELS}convmixer.ConvMixer",), old="pooling", new="global_pool"),
    Idle(classes=(f"{_MODELS}convmixer.ConvMixer",), names=("head_drop",)),
)

TIMM_CONVNET_STEPS: tuple[Step, ...] = (*_EFFICIENTNETS, *_POOLED, *_RESNETS, *_OTHERS)
