"""The environments that exports are made in, as a table.

An environment is the set of packages that a student had on a day: everything is resolved as of that
date, and only what the pattern is about is pinned. Python and torch are those of the day too.
"""

from dataclasses import dataclass

# Needed before Python 3.12: older packages build with distutils and pkg_resources.
OLD_BUILDS = "setuptools<60"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment, and the scripts of patterns that it runs.

    Attributes:
        fastai: Its version of fastai.
        python: Its version of Python, as precise as pyenv installs it.
        as_of: No package is newer than this day; YYYY-MM-DD.
        torch: Its version of torch.
        pins: What else is pinned, as pip takes it.
        themes: Scripts in `patterns`, without their suffix.
    """

    fastai: str
    python: str
    as_of: str
    torch: str
    pins: tuple[str, ...]
    themes: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its folder is called."""
        major, minor = self.python.split(".")[:2]
        return f"{self.fastai}_py{major}{minor}_torch{self.torch}"

    @property
    def requirements(self) -> tuple[str, ...]:
        """Everything that is asked for by name."""
        return (f"fastai=={self.fastai}", f"torch=={self.torch}", *self.pins)


_OF_FASTAI1 = ("fastai1",)
_OF_FASTAI2 = ("book", "labels", "photos", "refusals", "modules", "torchvision_networks")

ENVIRONMENTS = (
    Environment(
        fastai="1.0.57",
        python="3.7.16",
        as_of="2019-10-01",
        torch="1.2.0",
        pins=("torchvision==0.4.0", "scikit-learn", OLD_BUILDS),
        themes=_OF_FASTAI1,
    ),
    Environment(
        fastai="1.0.60",
        python="3.7.16",
        as_of="2020-03-20",
        torch="1.4.0",
        pins=("torchvision==0.5.0", "scikit-learn", OLD_BUILDS),
        themes=_OF_FASTAI1,
    ),
    Environment(
        fastai="2.0.0",
        python="3.7.16",
        as_of="2020-08-25",
        torch="1.6.0",
        pins=("torchvision==0.7.0", OLD_BUILDS),
        themes=("book",),
    ),
    Environment(
        fastai="2.2.5",
        python="3.8.18",
        as_of="2021-02-10",
        torch="1.7.1",
        pins=("torchvision==0.8.2", "timm==0.3.4", "dill", OLD_BUILDS),
        themes=(*_OF_FASTAI2, "timm_networks"),
    ),
    Environment(
        fastai="2.6.0",
        python="3.7.16",
        as_of="2022-05-20",
        torch="1.11.0",
        pins=("torchvision==0.12.0", "timm==0.5.4", OLD_BUILDS),
        themes=("timm_networks", *_OF_FASTAI2),
    ),
    Environment(
        fastai="2.7.11",
        python="3.9.18",
        as_of="2023-03-15",
        torch="1.12.1",
        pins=("torchvision==0.13.1", "timm==0.6.12"),
        themes=("timm_networks", *_OF_FASTAI2),
    ),
    Environment(
        fastai="2.7.15",
        python="3.10.13",
        as_of="2024-07-01",
        torch="2.3.1",
        pins=("torchvision==0.18.1", "timm==1.0.7"),
        themes=("timm_networks", *_OF_FASTAI2),
    ),
    Environment(
        fastai="2.8.4",
        python="3.12.1",
        as_of="2025-09-15",
        torch="2.8.0",
        pins=("torchvision==0.23.0", "timm==1.0.19"),
        themes=_OF_FASTAI2,
    ),
    Environment(
        fastai="2.8.12",
        python="3.12.1",
        as_of="2026-11-30",
        torch="2.10.0",
        pins=("torchvision==0.25.0", "timm==1.0.31"),
        themes=_OF_FASTAI2,
    ),
)
