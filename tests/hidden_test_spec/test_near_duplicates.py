"""Copies of one photo, found by their hashes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from hidden_test_spec.fingerprints import Fingerprint, Look, fingerprint
from hidden_test_spec.near_duplicates import Link, find_links, find_matches, groups_of

ZEROS = "0" * 16


def picture(seed: int, side_px: int = 96) -> Image.Image:
    """A smooth picture in colour that is like no other seed's."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)


def prints_of(tmp_path: Path, *pictures: Image.Image) -> list[Fingerprint]:
    """The fingerprints of pictures, each written without loss."""
    paths = [tmp_path / f"{number}.png" for number in range(len(pictures))]
    for path, image in zip(paths, pictures, strict=True):
        image.save(path)
    return [fingerprint(path) for path in paths]


def made_print(
    number: int, *, phash: str, dhash: str = ZEROS, is_plain: bool = False
) -> Fingerprint:
    """A fingerprint of a unique file with chosen hashes; its mirror image is far from the rest."""
    look = Look(
        pixels_sha256=f"{number + 1000:064x}",
        dhash=dhash,
        mirrored_phash="f0" * 8,
        mirrored_dhash="0f" * 8,
        is_plain=is_plain,
    )
    return Fingerprint(sha256=f"{number:064x}", phash=phash, problem=None, look=look)


def recorded(one: Fingerprint) -> Fingerprint:
    """What a record beside an export says about an image: two hashes and no more."""
    return Fingerprint(sha256=one.sha256, phash=one.phash, problem=None, look=None)


def test_different_pictures_are_not_linked(tmp_path: Path) -> None:
    """Each image is in a group of its own."""
    prints = prints_of(tmp_path, *(picture(seed) for seed in range(30)))

    assert find_links(prints) == ()
    assert groups_of(30, ()) == tuple((number,) for number in range(30))


def test_the_kind_of_a_link_tells_how_much_is_the_same(tmp_path: Path) -> None:
    """Equal bytes, equal pixels, a smaller copy and a mirrored one."""
    photo = picture(1)
    prints = prints_of(tmp_path, photo, photo, photo.resize((50, 50)), ImageOps.mirror(photo))
    photo.save(tmp_path / "other.bmp")
    prints.append(fingerprint(tmp_path / "other.bmp"))

    assert [(link.first, link.second, link.kind) for link in find_links(prints)] == [
        (0, 1, "same_file"),
        (0, 4, "same_pixels"),
        (0, 2, "near"),
        (0, 3, "mirrored"),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_mirror_image_is_found_in_either_order(order: tuple[int, int]) -> None:
    """Also where only one of the two hashes of mirror images is close enough."""
    photo = made_print(1, phash=ZEROS)
    assert photo.look is not None
    towards = replace(photo.look, mirrored_phash="ff" * 8, mirrored_dhash="ff" * 8)
    other = made_print(2, phash="ff" * 8, dhash="ff" * 8)
    prints = [replace(photo, look=towards), other]

    links = find_links([prints[number] for number in order])
    assert [(link.first, link.second, link.kind) for link in links] == [(0, 1, "mirrored")]


def test_copies_of_one_photo_are_each_told_of_once(tmp_path: Path) -> None:
    """Four copies make three links, not one for each pair."""
    sizes = [picture(1).resize((side_px, side_px)) for side_px in (96, 80, 64, 48)]
    links = find_links(prints_of(tmp_path, *sizes, picture(2)))

    assert len(links) == 3
    assert groups_of(5, links) == ((0, 1, 2, 3), (4,))


def test_groups_follow_from_links_in_any_order() -> None:
    """A copy of a copy belongs to the same photo."""
    pairs = [(3, 4), (0, 2), (2, 4)]
    links = [
        Link(first=first, second=second, kind="near", distance=2, is_confirmed=True)
        for first, second in pairs
    ]

    assert groups_of(6, links) == ((0, 2, 3, 4), (1,), (5,))


@pytest.mark.parametrize(
    ("phash", "dhash", "is_linked"),
    [
        ("00000000000000ff", ZEROS, True),
        ("00000000000001ff", ZEROS, False),
        ("00000000000000ff", "00000000000003ff", True),
        ("0000000000000000", "00000000000007ff", False),
    ],
)
def test_two_hashes_must_agree(phash: str, dhash: str, *, is_linked: bool) -> None:
    """Up to 8 bits of the perceptual hash may differ, and 10 of the difference hash."""
    links = find_links([made_print(1, phash=ZEROS), made_print(2, phash=phash, dhash=dhash)])

    assert bool(links) == is_linked
    assert all(link.is_confirmed for link in links)


def test_the_distance_counts_the_bits_of_the_perceptual_hash() -> None:
    """A smaller distance may be requested."""
    prints = [made_print(1, phash=ZEROS), made_print(2, phash="000000000000000f")]

    assert [link.distance for link in find_links(prints)] == [4]
    assert find_links(prints, max_distance=3) == ()


def test_plain_surfaces_are_only_compared_exactly(tmp_path: Path) -> None:
    """The hashes of a red square are those of a blue one, and mean nothing."""
    red, blue = (Image.new("RGB", (40, 40), colour) for colour in ("red", "blue"))
    prints = prints_of(tmp_path, red, blue, red)

    assert [(link.first, link.second, link.kind) for link in find_links(prints)] == [
        (0, 2, "same_file")
    ]


def test_images_that_cannot_be_decoded_are_linked_by_their_bytes(tmp_path: Path) -> None:
    """And by nothing else."""
    for name, content in {"a.jpg": b"x", "b.jpg": b"y", "c.jpg": b"x"}.items():
        (tmp_path / name).write_bytes(content)
    prints = [fingerprint(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg")]

    assert [(link.first, link.second) for link in find_links(prints)] == [(0, 2)]


def test_no_images_have_no_links() -> None:
    """Nothing is compared with nothing."""
    assert find_links([]) == ()
    assert find_matches([], [made_print(1, phash=ZEROS)]) == ()
    assert find_matches([made_print(1, phash=ZEROS)], []) == ()


def test_an_image_is_matched_with_the_closest_of_the_references(tmp_path: Path) -> None:
    """An exact copy is preferred to a smaller one, at any position."""
    photo, other = picture(1), picture(2)
    (tmp_path / "known").mkdir()
    references = prints_of(tmp_path / "known", photo.resize((60, 60)), photo, picture(3))
    prints = prints_of(tmp_path, other, photo)

    assert find_matches(prints, references) == (
        Link(first=1, second=1, kind="same_file", distance=0, is_confirmed=True),
    )


def test_mirrored_copies_are_found_among_references_that_have_only_two_hashes(
    tmp_path: Path,
) -> None:
    """The mirror image is taken of the image at hand; one hash alone confirms nothing."""
    (tmp_path / "known").mkdir()
    references = [recorded(one) for one in prints_of(tmp_path / "known", picture(1))]
    prints = prints_of(tmp_path, ImageOps.mirror(picture(1)))
    links = find_matches(prints, references)

    assert [(link.kind, link.is_confirmed) for link in links] == [("mirrored", False)]


@pytest.mark.parametrize(("phash", "is_matched"), [("000000000000000f", True), ("1f", False)])
def test_one_hash_alone_must_agree_more_closely(phash: str, *, is_matched: bool) -> None:
    """Up to 4 bits may differ where there is no second hash."""
    links = find_matches([made_print(1, phash=phash)], [recorded(made_print(2, phash=ZEROS))])

    assert bool(links) == is_matched


def test_every_pair_of_many_images_is_compared() -> None:
    """Also those that stand far apart in the list."""
    rng = np.random.default_rng(5)
    prints = [
        made_print(number, phash=f"{rng.integers(1 << 62):016x}", dhash=f"{number:016x}")
        for number in range(700)
    ]
    prints.append(made_print(701, phash=str(prints[3].phash), dhash=f"{3:016x}"))

    assert [(link.first, link.second) for link in find_links(prints)] == [(3, 700)]
