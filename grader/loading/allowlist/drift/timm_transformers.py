"""What changed in timm's transformers since an export was made."""

from grader.loading.allowlist.drift.derivations import (
    product_of,
    share_of,
    share_of_head,
)
from grader.loading.allowlist.drift.steps import (
    Absent,
    Default,
    Derived,
    Emptied,
    Idle,
    Step,
)

_MODELS = "timm.models."
_VIT = f"{_MODELS}vision_transformer.VisionTransformer"
_VITS = (_VIT, f"{_MODELS}deit.VisionTransformerDistilled")
_ATTENTIONS = (f"{_MODELS}vision_transformer.Attention", "timm.layers.attention.Attention")


def _models(*paths: str) -> tuple[str, ...]:
    return tuple(f"{_MODELS}{path}" for path in paths)


_VISION_TRANSFORMERS: tuple[Step, ...] = (
    Idle(classes=_ATTENTIONS, names=("q_norm", "k_norm", "norm")),
    Absent(classes=_ATTENTIONS, names=("gate",)),
    Derived(classes=_ATTENTIONS, name="attn_dim", how=share_of("qkv", parts=3)),
    Derived(
        classes=(*_ATTENTIONS, f"{_MODELS}vision_transformer_relpos.RelPosAttention"),
        name="head_dim",
        how=share_of_head("qkv", parts=3),
    ),
    Idle(classes=_models("vision_transformer_relpos.RelPosAttention"), names=("q_norm", "k_norm")),
    Idle(
        classes=_models("vision_transformer.Block"),
        names=("ls1", "ls2", "drop_path1", "drop_path2"),
    ),
    Absent(classes=_VITS, names=("attn_pool", "reg_token")),
    Idle(classes=_VITS, names=("fc_norm", "norm_pre", "patch_drop", "head_drop")),
    *(
        Default(classes=_VITS, name=name, value=value, reason=reason)
        for name, value, reason in (
            ("global_pool", "token", "timm 0.6; before, always the class token"),
            ("num_prefix_tokens", 1, "timm 0.6; before, always the class token alone"),
            ("no_embed_class", False, "timm 0.6; before, the class token had a position"),
            ("dynamic_img_size", False, "timm 0.9.3; before, images had one size"),
            ("pool_include_prefix", False, "timm 1.0.16; before, never"),
        )
    ),
)

# One module that drops paths in training became one for each place.
_DROP_PATHS: tuple[Step, ...] = (
    Idle(
        classes=_models(
            *("beit.Block", "nest.TransformerLayer", "pvt_v2.Block", "twins.Block"),
            *("swin_transformer.SwinTransformerBlock", "volo.ClassBlock", "volo.Outlooker"),
            *("volo.Transformer", "xcit.ClassAttentionBlock", "xcit.XCABlock"),
            "efficientformer.MetaBlock1d",
        ),
        names=("drop_path1", "drop_path2"),
    ),
    Idle(classes=_models("xcit.XCABlock"), names=("drop_path3",)),
)

_HEADS: tuple[Step, ...] = (
    Idle(
        classes=_models(
            *("beit.Beit", "cait.Cait", "coat.CoaT", "convit.ConVit", "crossvit.CrossVit"),
            *("mlp_mixer.MlpMixer", "nest.Nest", "pit.PoolingVisionTransformer", "tnt.TNT"),
            *("twins.Twins", "visformer.Visformer", "xcit.Xcit", "efficientformer.EfficientFormer"),
            *("edgenext.EdgeNeXt", "pvt_v2.PyramidVisionTransformerV2", "volo.VOLO"),
            *("levit.Levit", "levit.LevitDistilled", "mvitv2.MultiScaleVit"),
            *("vision_transformer_relpos.VisionTransformerRelPos", "eva.Eva"),
            *("efficientformer_v2.EfficientFormerV2", "sequencer.Sequencer2d"),
        ),
        names=("head_drop",),
    ),
    Default(
        classes=_models("cait.Cait", "coat.CoaT", "convit.ConVit", "crossvit.CrossVit", "tnt.TNT"),
        name="global_pool",
        value="token",
        reason="timm 0.6; before, always the class token",
    ),
    Default(
        classes=_models("pit.PoolingVisionTransformer", "xcit.Xcit"),
        name="global_pool",
        value="token",
        reason="timm 0.6; before, always the class token",
    ),
    Default(
        classes=_models("mlp_mixer.MlpMixer", "twins.Twins", "levit.Levit"),
        name="global_pool",
        value="avg",
        reason="timm 0.6; before, always the mean",
    ),
    Default(
        classes=_models("cait.Cait", "convit.ConVit", "tnt.TNT", "xcit.Xcit", "beit.Beit"),
        name="num_prefix_tokens",
        value=1,
        reason="always the class token alone",
    ),
    Idle(classes=_models("pit.Transformer"), names=("norm",)),
    Default(
        classes=_models("pit.PoolingVisionTransformer"),
        name="distilled_training",
        value=False,
        reason="timm 0.6; has an effect in training only",
    ),
    Absent(classes=_models("tnt.Block"), names=("norm2_proj",)),
    Default(
        classes=_models("tnt.PixelEmbed"),
        name="legacy",
        value=True,
        reason="timm 1.0.16; before, always in this order",
    ),
)

_SWINS: tuple[Step, ...] = (
    Derived(
        classes=_models(
            "swin_transformer.WindowAttention", "swin_transformer.SwinTransformerBlock"
        ),
        name="window_area",
        how=product_of("window_size"),
    ),
    Default(
        classes=_models(
            "swin_transformer_v2.WindowAttention", "beit.Attention", "eva.EvaAttention"
        ),
        name="qkv_bias_separate",
        value=False,
        reason="timm 1.0.9; the same sum in another order",
    ),
    Derived(
        classes=_models("beit.RelativePositionBias"),
        name="window_area",
        how=product_of("window_size"),
    ),
)

# Biases of attention that are looked up once and kept.
_CACHES: tuple[Step, ...] = (
    Emptied(
        classes=_models(
            *("levit.Attention", "levit.AttentionDownsample", "efficientformer.Attention"),
            *("efficientformer_v2.Attention2d", "efficientformer_v2.Attention2dDownsample"),
            *("efficientvit_msra.CascadedGroupAttention", "tiny_vit.Attention"),
        ),
        name="attention_bias_cache",
    ),
)

TIMM_TRANSFORMER_STEPS: tuple[Step, ...] = (
    *_VISION_TRANSFORMERS,
    *_DROP_PATHS,
    *_HEADS,
    *_SWINS,
    *_CACHES,
)
