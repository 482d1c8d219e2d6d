"""Layers of fastai and torch in networks of one's own, and what libraries leave behind in them."""

import recording
import torch.nn.utils.prune as prune
import under_fastai2
from fastai.callback.hook import *
from fastai.vision.all import *
from fastai.vision.models.xresnet import *
from recording import pattern, pattern_of

try:
    from fastai.vision.all import vision_learner
except ImportError:  # Before 2.6 it was called so.
    vision_learner = cnn_learner


def loaders(side=64):
    """Photos of three classes, as a notebook loads them."""
    return ImageDataLoaders.from_folder(
        recording.ground() / "images",
        valid="valid",
        item_tfms=Resize(side),
        batch_tfms=[*aug_transforms(), Normalize.from_stats(*imagenet_stats)],
        bs=4,
    )


def learner(model, **options):
    """A network on random weights after two batches."""
    settings = {"metrics": accuracy, "loss_func": CrossEntropyLossFlat(), **options}
    learn = Learner(loaders(), model, **settings)
    learn.fit(1, 1e-4)
    return learn


def body():
    """Two convolutions: 64 px become 16 x 16 in 16 channels."""
    return [ConvLayer(3, 8, stride=2), ConvLayer(8, 16, stride=2)]


def pooled(*layers):
    """The two convolutions, pooled, and what follows."""
    return nn.Sequential(*body(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), *layers)


NETWORKS = {
    "view": (
        "fastai's View",
        lambda: nn.Sequential(*body(), AdaptiveAvgPool(), View(-1, 16), nn.Linear(16, 3)),
    ),
    "batchnorm1d_flat": (
        "fastai's BatchNorm1dFlat",
        lambda: pooled(nn.Linear(16, 16), BatchNorm1dFlat(16), nn.Linear(16, 3)),
    ),
    "pixel_shuffle": (
        "fastai's PixelShuffle_ICNR",
        lambda: nn.Sequential(
            *body(),
            PixelShuffle_ICNR(16, 8),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        ),
    ),
    "concat_pool": (
        "AdaptiveConcatPool2d, LinBnDrop",
        lambda: nn.Sequential(
            *body(),
            AdaptiveConcatPool2d(),
            Flatten(),
            LinBnDrop(32, 16, p=0.3, act=nn.ReLU()),
            nn.Linear(16, 3),
        ),
    ),
    "lambda_of_known_function": (
        "Lambda(torch.flatten by partial)",
        lambda: nn.Sequential(
            *body(),
            nn.AdaptiveAvgPool2d(1),
            Lambda(partial(torch.flatten, start_dim=1)),
            nn.Linear(16, 3),
        ),
    ),
    "lambda_relu": (
        "Lambda(F.relu)",
        lambda: pooled(nn.Linear(16, 16), Lambda(F.relu), nn.Linear(16, 3)),
    ),
    "transformer_layer": (
        "TransformerEncoderLayer",
        lambda: pooled(
            nn.Unflatten(1, (2, 8)),
            nn.TransformerEncoderLayer(8, 2, 16),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "transformer_batch_first": (
        "TransformerEncoder of two layers, batch_first",
        lambda: pooled(
            nn.Unflatten(1, (2, 8)),
            nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "simple_cnn_norms": (
        "GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm",
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, 2),
            nn.GroupNorm(2, 8),
            nn.GELU(),
            nn.Conv2d(8, 8, 3, 2),
            nn.InstanceNorm2d(8, affine=True),
            nn.LocalResponseNorm(3),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.LayerNorm(8),
            nn.Linear(8, 3),
        ),
    ),
    "activations": (
        "Mish, Swish, SELU, PReLU, Hardswish, Softplus, LeakyReLU",
        lambda: pooled(
            nn.Linear(16, 16),
            Mish(),
            nn.Linear(16, 16),
            Swish(),
            nn.SELU(),
            nn.PReLU(),
            nn.Hardswish(),
            nn.Softplus(),
            nn.LeakyReLU(0.2),
            nn.Linear(16, 3),
        ),
    ),
    "sigmoid_range": (
        "SigmoidRange at the end",
        lambda: pooled(nn.Linear(16, 3), SigmoidRange(-2, 2)),
    ),
    "self_attention": (
        "SelfAttention, SimpleSelfAttention",
        lambda: nn.Sequential(
            *body(),
            SelfAttention(16),
            SimpleSelfAttention(16),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "res_blocks": (
        "ResBlock in every form",
        lambda: nn.Sequential(
            ConvLayer(3, 8, stride=2),
            ResBlock(1, 8, 16, stride=2),
            ResBlock(4, 4, 4, reduction=4),
            SEBlock(1, 16, 16) if "SEBlock" in globals() else ResBlock(1, 16, 16),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "merge": (
        "SequentialEx with MergeLayer",
        lambda: nn.Sequential(
            *body(),
            SequentialEx(ConvLayer(16, 16), MergeLayer(dense=False)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "separable": (
        "ConvLayer in three forms: grouped, transposed, spectral norm",
        lambda: nn.Sequential(
            ConvLayer(3, 8, stride=2, bias=True),
            ConvLayer(8, 16, groups=4, norm_type=NormType.BatchZero),
            ConvLayer(16, 8, stride=2, transpose=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        ),
    ),
    "upsample": (
        "Upsample, Unfold by PixelShuffle, ReflectionPad2d, ZeroPad2d",
        lambda: nn.Sequential(
            *body(),
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
            nn.ReflectionPad2d(1),
            nn.Conv2d(16, 16, 3, padding_mode="circular", padding=1),
            nn.PixelShuffle(2),
            nn.ZeroPad2d(1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4, 3),
        ),
    ),
    "named_layers": (
        "Sequential of an OrderedDict",
        lambda: nn.Sequential(
            OrderedDict(
                [
                    ("conv", nn.Conv2d(3, 8, 3)),
                    ("pool", nn.AdaptiveAvgPool2d(1)),
                    ("flat", nn.Flatten()),
                    ("fc", nn.Linear(8, 3)),
                ]
            )
        ),
    ),
    "nested": (
        "Sequential in Sequential with Identity and Dropout2d",
        lambda: nn.Sequential(
            nn.Sequential(*body(), nn.Identity()),
            nn.Sequential(nn.Dropout2d(0.2), nn.AdaptiveAvgPool2d(1)),
            nn.Flatten(),
            nn.Linear(16, 3),
        ),
    ),
    "xresnet18": ("xresnet18", lambda: xresnet18(n_out=3)),
    "xresnet34_deep": ("xresnet34_deep", lambda: xresnet34_deep(n_out=3)),
    "xresnet50_mish": (
        "xresnet50 with Mish and self-attention",
        lambda: xresnet50(n_out=3, act_cls=Mish, sa=True),
    ),
    "xse_resnext18": ("xse_resnext18", lambda: xse_resnext18(n_out=3)),
    "xse_resnet18": ("xse_resnet18", lambda: xse_resnet18(n_out=3)),
    "create_head": (
        "create_body and create_head put together",
        lambda: nn.Sequential(body_of_resnet(), head_of_resnet()),
    ),
}


def body_of_resnet():
    """A body, by whatever signature this fastai has."""
    try:
        return create_body(resnet18, pretrained=False)
    except (AttributeError, TypeError):
        return create_body(resnet18(pretrained=False))


def head_of_resnet():
    """A head; before 2.6 it takes the number of features after pooling."""
    head = create_head(512, 3)
    with torch.no_grad():
        try:
            head.eval()(torch.zeros(1, 512, 2, 2))
        except RuntimeError:
            return create_head(1024, 3)
    return head


for _name, (_about, _model) in NETWORKS.items():
    pattern_of(lambda model=_model: learner(model()), "module_" + _name, _about)


@pattern()
def module_lstm():
    """LSTM over the rows of a photo, its outputs taken by a Lambda of operator.itemgetter."""
    layers = [nn.Flatten(2), nn.LSTM(4096, 8, batch_first=True), Lambda(itemgetter(0))]
    return learner(nn.Sequential(*layers, nn.Flatten(), nn.Linear(24, 3)))


@pattern()
def module_gru():
    """GRU over the channels of a photo, its outputs taken by a Lambda of operator.itemgetter."""
    layers = [nn.Flatten(2), nn.GRU(4096, 8, batch_first=True), Lambda(itemgetter(0))]
    return learner(nn.Sequential(*layers, nn.Flatten(), nn.Linear(24, 3)))


def resnet(**options):
    """resnet18 as vision_learner makes it."""
    learn = vision_learner(loaders(), resnet18, pretrained=False, metrics=accuracy, **options)
    learn.fit(1, 1e-4)
    return learn


HEADS = {
    "lin_ftrs": {"lin_ftrs": [64, 32], "ps": 0.2, "bn_final": True},
    "no_concat": {"concat_pool": False, "lin_first": True},
    "y_range": {"y_range": (-3.0, 3.0)},
    "no_normalise": {"normalize": False},
    "custom_head": {
        "custom_head": nn.Sequential(AdaptiveConcatPool2d(), Flatten(), nn.Linear(1024, 3))
    },
}
for _name, _options in HEADS.items():
    pattern_of(
        lambda options=_options: resnet(**options),
        "head_" + _name,
        "vision_learner with {}".format(", ".join(sorted(_options))),
    )

LOSSES = {
    "label_smoothing": ("LabelSmoothingCrossEntropy", lambda: LabelSmoothingCrossEntropy()),
    "label_smoothing_flat": (
        "LabelSmoothingCrossEntropyFlat",
        lambda: LabelSmoothingCrossEntropyFlat(),
    ),
    "focal": ("FocalLossFlat", lambda: FocalLossFlat()),
    "weighted": (
        "CrossEntropyLossFlat with weights",
        lambda: CrossEntropyLossFlat(weight=tensor([1.0, 2, 3])),
    ),
    "torch": ("torch's CrossEntropyLoss", lambda: nn.CrossEntropyLoss()),
    "functional": ("F.cross_entropy", lambda: F.cross_entropy),
}
for _name, (_about, _loss) in LOSSES.items():
    pattern_of(lambda loss=_loss: resnet(loss_func=loss()), "loss_" + _name, _about)


def my_loss(outputs, targets):
    """A loss of the notebook."""
    return F.cross_entropy(outputs, targets) * 2


@pattern()
def loss_of_mine():
    """A loss function of the notebook, which grading doesn't need."""
    return resnet(loss_func=my_loss)


def my_metric(outputs, targets):
    """A metric of the notebook."""
    return (outputs.argmax(1) == targets).float().mean()


@pattern()
def metric_of_mine():
    """A metric of the notebook, which grading doesn't need."""
    learn = resnet()
    learn.metrics = [my_metric, Precision(average="macro"), RocAuc()]
    return learn


class Remember(Callback):
    """A callback of the notebook."""

    def after_epoch(self):
        self.seen = True


CALLBACKS = {
    "mixup": ("MixUp", lambda: MixUp(0.4)),
    "cutmix": ("CutMix", lambda: CutMix(1.0)),
    "early_stopping": ("EarlyStoppingCallback", lambda: EarlyStoppingCallback(patience=2)),
    "csv": ("CSVLogger", lambda: CSVLogger()),
    "graph": ("ShowGraphCallback", lambda: ShowGraphCallback()),
    "gradients": ("GradientClip, GradientAccumulation", lambda: [GradientAccumulation(8)]),
    "activation_stats": ("ActivationStats", lambda: ActivationStats(with_hist=True)),
    "of_mine": ("A callback of the notebook", lambda: Remember()),
}
for _name, (_about, _callback) in CALLBACKS.items():
    pattern_of(lambda found=_callback: resnet(cbs=found()), "callback_" + _name, _about)


@pattern(is_settled=False)
def sync_batchnorm():
    """convert_sync_batchnorm, as fastai does for several GPUs."""
    learn = resnet()
    under_settled(learn)
    learn.model = nn.SyncBatchNorm.convert_sync_batchnorm(learn.model)
    return learn


@pattern(is_settled=False)
def compiled():
    """torch.compile around the network."""
    learn = learner(pooled(nn.Linear(16, 3)))
    under_settled(learn)
    learn.model = torch.compile(learn.model, backend="eager")
    return learn


def look(module, inputs, outputs):
    """A hook that does nothing."""


@pattern()
def hook_of_mine():
    """A forward hook of the notebook that does nothing, left on a layer."""
    learn = resnet()
    learn.model[0].register_forward_hook(look)
    return learn


@pattern()
def hook_of_fastai():
    """fastai's Hook, never removed."""
    learn = resnet()
    learn.hook = hook_output(learn.model[0], detach=False)
    return learn


@pattern()
def pruned():
    """Pruning that was made permanent by prune.remove."""
    learn = resnet()
    for layer in learn.model.modules():
        if isinstance(layer, nn.Conv2d):
            prune.l1_unstructured(layer, "weight", amount=0.3)
            prune.remove(layer, "weight")
    return learn


@pattern(is_settled=False)
def pruned_masks():
    """Pruning that keeps masks and hooks."""
    learn = resnet()
    under_settled(learn)
    for layer in learn.model.modules():
        if isinstance(layer, nn.Conv2d):
            prune.l1_unstructured(layer, "weight", amount=0.3)
    return learn


def under_settled(learn):
    """Settle before the last step, for what can't be settled afterwards."""
    recording.settle(learn.model, under_fastai2.batch(learn), under_fastai2.n_classes(learn))


@pattern(is_settled=False)
def weight_normed():
    """weight_norm on a linear layer."""
    learn = learner(pooled(nn.utils.weight_norm(nn.Linear(16, 16)), nn.ReLU(), nn.Linear(16, 3)))
    under_settled(learn)
    return learn


@pattern(is_settled=False)
def spectral_normed():
    """spectral_norm on a convolution."""
    layers = [nn.utils.spectral_norm(nn.Conv2d(3, 8, 3)), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return learner(nn.Sequential(*layers, nn.Linear(8, 3)))


@pattern()
def data_parallel():
    """nn.DataParallel around the network."""
    learn = learner(pooled(nn.Linear(16, 3)))
    learn.model = nn.DataParallel(learn.model)
    return learn


@pattern()
def channels_last():
    """The network in channels_last."""
    learn = resnet()
    learn.model.to(memory_format=torch.channels_last)
    return learn


@pattern()
def frozen_discriminative():
    """Frozen, unfrozen, fit by fit_flat_cos with sliced rates and another optimiser."""
    learn = resnet(opt_func=ranger)
    learn.freeze()
    learn.fit_flat_cos(1, slice(1e-6, 1e-4))
    learn.unfreeze()
    return learn


@pattern()
def attributes_of_mine():
    """A student's own attributes on the Learner and on the network."""
    learn = resnet()
    learn.note, learn.model.author = {"try": 3}, "me"
    return learn


if __name__ == "__main__":
    recording.run(under_fastai2)
