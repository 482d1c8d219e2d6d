"""Where classes used to be, and where they are today."""

from collections.abc import Mapping
from types import MappingProxyType

# The first row that fits counts; a name that ends in a dot stands for everything below it.
MOVED: Mapping[str, str] = MappingProxyType(
    {
        "timm.models.layers.adaptive_avgmax_pool.FastAdaptiveAvgPool2d": (
            "timm.layers.adaptive_avgmax_pool.FastAdaptiveAvgPool"
        ),
        "timm.models.layers.se.SEModule": "timm.layers.squeeze_excite.SEModule",
        "timm.models.layers.se.EffectiveSEModule": "timm.layers.squeeze_excite.EffectiveSEModule",
        "timm.models.layers.conv_bn_act.ConvBnAct": "timm.layers.conv_bn_act.ConvNormAct",
        "timm.models.layers.conv_bn_act.ConvNormActAa": "timm.layers.conv_bn_act.ConvNormAct",
        "timm.layers.conv_bn_act.ConvNormActAa": "timm.layers.conv_bn_act.ConvNormAct",
        "timm.models.layers.space_to_depth.SpaceToDepthModule": (
            "timm.layers.space_to_depth.SpaceToDepth"
        ),
        "timm.models.layers.": "timm.layers.",
        "timm.models.convit.ConViT": "timm.models.convit.ConVit",
        "timm.models.crossvit.CrossViT": "timm.models.crossvit.CrossVit",
        "timm.models.cspnet.ResBottleneck": "timm.models.cspnet.BottleneckBlock",
        "timm.models.efficientnet_blocks.": "timm.models._efficientnet_blocks.",
        "timm.models.rexnet.ReXNetV1": "timm.models.rexnet.RexNet",
        "timm.models.selecsls.SelecSLSBlock": "timm.models.selecsls.SelecSlsBlock",
        "timm.models.selecsls.SelecSLS": "timm.models.selecsls.SelecSls",
        "timm.models.vision_transformer.Mlp": "timm.layers.mlp.Mlp",
        "timm.models.vision_transformer.PatchEmbed": "timm.layers.patch_embed.PatchEmbed",
        "timm.models.xcit.XCiT": "timm.models.xcit.Xcit",
        "torchvision.models.mobilenet.": "torchvision.models.mobilenetv2.",
        "torchvision.models.efficientnet.SqueezeExcitation": (
            "torchvision.ops.misc.SqueezeExcitation"
        ),
    }
)

# Enumerations whose members may be attributes; each is made from the member's value.
ENUMERATIONS = frozenset(("timm.layers.format.Format",))
