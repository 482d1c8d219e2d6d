"""What changed in the layers that timm's models share, since an export was made."""

from grader.loading.allowlist.drift.steps import Absent, Default, Idle, Renamed, Sequenced, Step

_EVERY = ("timm.",)
_LAYERS = "timm.layers."
_NORM_ACTS = tuple(
    f"{_LAYERS}norm_act.{name}" for name in ("BatchNormAct2d", "GroupNormAct", "LayerNormAct")
)
_FAST_NORMS = (
    *(
        f"{_LAYERS}norm.{name}"
        for name in ("GroupNorm", "GroupNorm1", "LayerNorm", "LayerNorm2d", "RmsNorm")
    ),
    *(f"{_LAYERS}norm_act.{name}" for name in ("GroupNormAct", "LayerNormAct", "LayerNormAct2d")),
)
_MLPS = tuple(f"{_LAYERS}mlp.{name}" for name in ("Mlp", "GluMlp", "GatedMlp"))
_PATCH_EMBED = f"{_LAYERS}patch_embed.PatchEmbed"
_HYBRID_EMBED = "timm.models.vision_transformer_hybrid.HybridEmbed"
_SQUEEZES = tuple(f"{_LAYERS}squeeze_excite.{name}" for name in ("SEModule", "EffectiveSEModule"))

TIMM_LAYER_STEPS: tuple[Step, ...] = (
    Default(
        classes=_EVERY,
        name="grad_checkpointing",
        value=False,
        reason="saves memory in training; timm 0.6",
    ),
    Default(
        classes=_EVERY,
        name="fused_attn",
        value=False,
        reason="timm 0.9; before, attention was always written out, to the same numbers",
    ),
    Default(
        classes=_FAST_NORMS,
        name="_fast_norm",
        value=False,
        reason="timm 0.6; a faster path with the same numbers in single precision",
    ),
    Idle(classes=_NORM_ACTS, names=("drop",)),
    Sequenced(
        classes=(f"{_LAYERS}separable_conv.SeparableConvBnAct",), parts=("conv_dw", "conv_pw", "bn")
    ),
    Idle(classes=_MLPS, names=("drop1", "norm", "drop2")),
    Default(
        classes=(f"{_LAYERS}mlp.GluMlp",),
        name="chunk_dim",
        value=-1,
        reason="timm 0.8; before, always the last dimension",
    ),
    Default(
        classes=(f"{_LAYERS}mlp.GluMlp",),
        name="gate_last",
        value=True,
        reason="timm 0.8; before, always the second half",
    ),
    Idle(classes=(f"{_LAYERS}classifier.ClassifierHead",), names=("drop", "flatten")),
    Idle(classes=(f"{_LAYERS}split_attn.SplitAttn",), names=("drop",)),
    Default(
        classes=(f"{_LAYERS}adaptive_avgmax_pool.FastAdaptiveAvgPool",),
        name="dim",
        value=(2, 3),
        reason="timm 0.8; before, channels always came first",
    ),
    Default(
        classes=(f"{_LAYERS}blur_pool.BlurPool2d",),
        name="pad_mode",
        value="reflect",
        reason="timm 1.0.8; before, always so",
    ),
    Default(
        classes=_SQUEEZES,
        name="add_maxpool",
        value=False,
        reason="timm 0.4; before, always the mean",
    ),
    Idle(classes=(f"{_LAYERS}squeeze_excite.SEModule",), names=("bn",)),
    Renamed(classes=(f"{_LAYERS}eca.EcaModule",), old="gate_fn", new="gate"),
    Default(
        classes=(_PATCH_EMBED,),
        name="strict_img_size",
        value=True,
        reason="timm 0.9.3; before, another size was always an error",
    ),
    Default(
        classes=(_PATCH_EMBED, _HYBRID_EMBED),
        name="dynamic_img_pad",
        value=False,
        reason="timm 0.9.3; before, images were never padded",
    ),
    Default(
        classes=(_PATCH_EMBED, _HYBRID_EMBED),
        name="output_fmt",
        value="NCHW",
        reason="timm 0.9; before, always so, unless flattened",
    ),
    Default(
        classes=(_PATCH_EMBED, _HYBRID_EMBED),
        name="flatten",
        value=True,
        reason="timm 0.4; before, always so",
    ),
    Idle(classes=(_PATCH_EMBED,), names=("norm",)),
    Absent(classes=(f"{_LAYERS}conv_bn_act.ConvNormAct",), names=("aa",)),
)
