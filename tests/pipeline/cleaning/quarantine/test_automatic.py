"""Which photos are removed without anyone looking."""

from pathlib import Path

from pipeline.cleaning.audit.findings import KINDS, Audit, Finding, Kind, PhotoFacts
from pipeline.cleaning.quarantine.automatic import THRESHOLDS, choose
from pipeline.cleaning.quarantine.entries import Decision


def facts(image: str, *, side_px: int | None = 100) -> PhotoFacts:
    """A square photo."""
    return PhotoFacts(
        image=image,
        label=image.partition("/")[0],
        size_bytes=1000,
        width_px=side_px,
        height_px=side_px,
        guess=None,
    )


def finding(kind: Kind, *images: str, score: float = 1.0) -> Finding:
    """A finding about images."""
    labels = tuple(image.partition("/")[0] for image in images)
    return Finding(kind=kind, images=images, labels=labels, score=score, reason="seen")


def removed(
    photos: tuple[PhotoFacts, ...], *findings: Finding, kept: tuple[str, ...] = ()
) -> dict[str, str]:
    """The photos that are chosen to be removed, with the reasons."""
    audit = Audit(root=Path("images"), photos=photos, findings=findings, skipped=())
    choices = choose(audit, kept=kept)
    assert {choice.decision for choice in choices} <= {Decision.REMOVE}
    return {choice.place.path: choice.reason for choice in choices}


def test_a_finding_at_its_threshold_is_acted_on_and_one_below_is_not() -> None:
    """For every kind that is about one photo; those without a threshold are left to the eye."""
    photos = (facts("red/1.png"), facts("red/2.png"))
    for kind in ("corrupt", "label", "too_small"):
        threshold = THRESHOLDS[kind]
        below = finding(kind, "red/2.png", score=threshold - 0.001)
        chosen = removed(photos, finding(kind, "red/1.png", score=threshold), below)
        assert chosen == {"red/1.png": f"{kind}: seen"}
    for kind in KINDS:
        assert bool(removed(photos, finding(kind, "red/1.png", "red/2.png"))) == (
            kind in THRESHOLDS
        )


def test_of_copies_the_best_stays() -> None:
    """The one with the most pixels, of however many."""
    photos = (facts("red/1.png"), facts("red/2.png", side_px=200), facts("red/3.png"))
    pairs = (
        finding("near_duplicate", "red/2.png", "red/1.png"),
        finding("mirrored_duplicate", "red/1.png", "red/3.png"),
    )
    assert removed(photos, *pairs) == {
        "red/1.png": "copy of red/2.png",
        "red/3.png": "copy of red/2.png",
    }


def test_copies_that_are_less_sure_both_stay() -> None:
    """Up to 4 of 64 bits may differ."""
    photos = (facts("red/1.png"), facts("red/2.png"))
    pair = finding("near_duplicate", "red/1.png", "red/2.png", score=59 / 64)
    assert removed(photos, pair) == {}


def test_copies_in_two_classes_are_left_to_the_eye() -> None:
    """Unless one of the labels is doubted: then that one goes."""
    photos = (facts("blue/1.png"), facts("red/1.png"))
    pair = finding("exact_duplicate", "blue/1.png", "red/1.png")
    assert removed(photos, pair) == {}
    assert removed(photos, pair, finding("label", "blue/1.png")) == {"blue/1.png": "label: seen"}


def test_no_photo_goes_with_all_of_its_copies() -> None:
    """Not even where something speaks against each of them."""
    photos = (facts("blue/1.png"), facts("red/1.png"))
    pair = finding("exact_duplicate", "blue/1.png", "red/1.png")
    labels = (finding("label", "blue/1.png"), finding("label", "red/1.png"))
    assert removed(photos, pair, *labels) == {"red/1.png": "label: seen"}


def test_a_copy_against_which_nothing_else_speaks_is_the_best() -> None:
    """It stays, although it has fewer pixels."""
    photos = (facts("red/1.png", side_px=200), facts("red/2.png"))
    pair = finding("near_duplicate", "red/1.png", "red/2.png")
    assert removed(photos, pair, finding("label", "red/1.png")) == {"red/1.png": "label: seen"}


def test_a_photo_that_was_kept_stays() -> None:
    """Whatever is found: somebody has looked at it."""
    photos = (facts("red/1.png"), facts("red/2.png"))
    labels = (finding("label", "red/1.png"), finding("label", "red/2.png"))
    assert removed(photos, *labels, kept=("red/2.png",)) == {"red/1.png": "label: seen"}


def test_a_copy_that_was_kept_stays_beside_the_best() -> None:
    """None goes for its sake but what would have gone without it."""
    photos = (facts("red/1.png", side_px=200), facts("red/2.png"), facts("red/3.png"))
    pairs = (
        finding("near_duplicate", "red/1.png", "red/2.png"),
        finding("near_duplicate", "red/2.png", "red/3.png"),
    )
    assert removed(photos, *pairs, kept=("red/2.png",)) == {"red/3.png": "copy of red/1.png"}
    assert removed(photos, *pairs, kept=("red/2.png", "red/3.png")) == {}


def test_broken_copies_all_go() -> None:
    """A file that can't be decoded shows no photo that could be lost."""
    photos = (facts("red/1.png", side_px=None), facts("red/2.png", side_px=None))
    pair = finding("exact_duplicate", "red/1.png", "red/2.png")
    broken = (finding("corrupt", "red/1.png"), finding("corrupt", "red/2.png"))
    assert removed(photos, pair, *broken).keys() == {"red/1.png", "red/2.png"}
