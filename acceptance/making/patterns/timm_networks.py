"""timm's networks in a plain Learner and in vision_learner, by the timm of the environment.

A network that this timm doesn't have is not made. Sizes are as small as the network takes.
"""

import recording
import timm
import under_fastai2
from fastai.vision.all import *

# Name, side of the input, and options of timm.create_model.
PLAIN = [
    ("efficientnet_b0", 64, {}),
    ("tf_efficientnet_lite0", 64, {}),
    ("efficientnet_es", 64, {}),
    ("mobilenetv2_100", 64, {}),
    ("mobilenetv3_small_100", 64, {}),
    ("mobilenetv3_large_100", 64, {}),
    ("mnasnet_100", 64, {}),
    ("fbnetc_100", 64, {}),
    ("mixnet_s", 64, {}),
    ("ghostnet_100", 64, {}),
    ("resnet18", 64, {}),
    ("resnet26d", 64, {}),
    ("seresnet18", 64, {}),
    ("skresnet18", 64, {}),
    ("ecaresnet26t", 64, {}),
    ("resnext26ts", 64, {}),
    ("res2net50_14w_8s", 64, {}),
    ("regnetx_002", 64, {}),
    ("regnety_002", 64, {}),
    ("hrnet_w18_small", 64, {}),
    ("densenet121", 64, {}),
    ("dla34", 64, {}),
    ("dpn68", 64, {}),
    ("vovnet39a", 64, {}),
    ("ese_vovnet19b_dw", 64, {}),
    ("cspdarknet53", 64, {}),
    ("cspresnet50", 64, {}),
    ("rexnet_100", 64, {}),
    ("selecsls42b", 64, {}),
    ("inception_v3", 128, {}),
    ("nf_resnet50", 64, {}),
    ("nfnet_l0", 64, {}),
    ("repvgg_a2", 64, {}),
    ("gernet_s", 64, {}),
    ("hardcorenas_a", 64, {}),
    ("lcnet_050", 64, {}),
    ("convnext_tiny", 64, {}),
    ("convnext_atto", 64, {}),
    ("poolformer_s12", 64, {}),
    ("vit_tiny_patch16_224", 224, {}),
    ("vit_small_patch32_224", 224, {}),
    ("deit_tiny_patch16_224", 224, {}),
    ("swin_tiny_patch4_window7_224", 224, {}),
    ("swinv2_tiny_window8_256", 256, {}),
    ("xcit_nano_12_p16_224", 224, {}),
    ("pit_ti_224", 224, {}),
    ("crossvit_tiny_240", 240, {}),
    ("cait_xxs24_224", 224, {}),
    ("convit_tiny", 224, {}),
    ("tnt_s_patch16_224", 224, {}),
    ("coat_lite_tiny", 224, {}),
    ("twins_pcpvt_small", 224, {}),
    ("twins_svt_small", 224, {}),
    ("visformer_tiny", 224, {}),
    ("mixer_s32_224", 224, {}),
    ("resmlp_12_224", 224, {}),
    ("gmlp_ti16_224", 224, {}),
    ("halonet26t", 256, {}),
    ("botnet26t_256", 256, {}),
    ("eca_botnext26ts_256", 256, {}),
    ("pvt_v2_b0", 224, {}),
    ("edgenext_xx_small", 64, {}),
    ("mobilevit_xxs", 64, {}),
    ("mobilevitv2_050", 64, {}),
    ("efficientformer_l1", 224, {}),
    ("efficientformerv2_s0", 224, {}),
    ("maxvit_tiny_rw_224", 224, {}),
    ("maxvit_rmlp_pico_rw_256", 256, {}),
    ("coatnet_nano_rw_224", 224, {}),
    ("davit_tiny", 224, {}),
    ("focalnet_tiny_srf", 224, {}),
    ("fasternet_t0", 64, {}),
    ("ghostnetv2_100", 64, {}),
    ("repghostnet_050", 64, {}),
    ("repvit_m0_9", 64, {}),
    ("fastvit_t8", 64, {}),
    ("efficientvit_b0", 64, {}),
    ("efficientvit_m0", 224, {}),
    ("tiny_vit_5m_224", 224, {}),
    ("inception_next_tiny", 64, {}),
    ("convnextv2_atto", 64, {}),
    ("mobileone_s0", 64, {}),
    ("mobilenetv4_conv_small", 64, {}),
    ("hgnet_tiny", 64, {}),
    ("starnet_s1", 64, {}),
    ("hiera_tiny_224", 224, {}),
    ("mambaout_femto", 64, {}),
    ("eva02_tiny_patch14_224", 224, {}),
]

# Bodies that vision_learner of the time cuts from a timm network.
BODIES = [
    ("resnet18", 64),
    ("efficientnet_b0", 64),
    ("mobilenetv3_small_100", 64),
    ("ghostnet_100", 64),
    ("regnetx_002", 64),
    ("convnext_tiny", 64),
    ("cspdarknet53", 64),
    ("rexnet_100", 64),
    ("skresnet18", 64),
    ("poolformer_s12", 64),
    ("dpn68", 64),
    ("swin_tiny_patch4_window7_224", 224),
    ("vit_tiny_patch16_224", 224),
    ("xcit_nano_12_p16_224", 224),
    ("pvt_v2_b0", 224),
    ("mobilenetv4_conv_small", 64),
    ("edgenext_xx_small", 64),
]


def loaders(side):
    """Photos of three classes, as a notebook loads them."""
    return ImageDataLoaders.from_folder(
        recording.ground() / "images",
        valid="valid",
        item_tfms=Resize(side),
        batch_tfms=Normalize.from_stats(*imagenet_stats),
        bs=4,
    )


def plain(name, side, options):
    """A maker of one pattern."""

    def make():
        dls = loaders(side)
        model = timm.create_model(name, pretrained=False, num_classes=dls.c, **options)
        learn = Learner(dls, model, loss_func=CrossEntropyLossFlat(), metrics=accuracy)
        learn.fit(1, 1e-4)
        return learn

    return make


def cut(name, side):
    """A maker of one pattern."""

    def make():
        dls = loaders(side)
        learn = vision_learner(dls, name, pretrained=False, normalize=False, metrics=accuracy)
        learn.fine_tune(1, 1e-4)
        return learn

    return make


for _name, _side, _options in PLAIN:
    recording.pattern_of(
        plain(_name, _side, _options),
        "timm_" + _name,
        "timm's {} in a plain Learner".format(_name),
    )
for _name, _side in BODIES:
    recording.pattern_of(
        cut(_name, _side),
        "vision_learner_" + _name,
        "timm's {} cut by vision_learner".format(_name),
    )

if __name__ == "__main__":
    recording.run(under_fastai2)
