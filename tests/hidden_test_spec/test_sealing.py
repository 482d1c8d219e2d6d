"""What a seal promises, what it hides, and how a set differs from the promised one."""

import datetime as dt
import hashlib
import unicodedata

import pytest

from hidden_test_spec.sealing import (
    SealedImage,
    SealedSpec,
    SealKey,
    belongs,
    changes_between,
    commitment_of,
    repeated_names,
    seal_images,
    sealed_image,
)

TODAY = dt.date(2026, 3, 1)
SALT = "5a" * 32
A, B, C = ("a" * 64, "b" * 64, "c" * 64)
NFC, NFD = (unicodedata.normalize(form, "cigüeña") for form in ("NFC", "NFD"))


def image(name: str, sha256: str = A, *, label: str | None = None) -> SealedImage:
    """An image whose label is its folder, unless another one is given."""
    return sealed_image(name, label=label or name.partition("/")[0], sha256=sha256)


def key_of(*images: SealedImage, salt: str = SALT) -> SealKey:
    """A key of these images."""
    return SealKey(salt=salt, images=images)


def test_the_commitment_is_the_hash_that_the_seal_describes() -> None:
    """Anyone can work it out with a few lines of any language."""
    text = (
        "hidden test set, version 1\n"
        f"{SALT}\n"
        f'["Wr\\u00e9n/\\"b\\".png","wr\\u00e9n","{B}"]\n'
        f'["robin/a.png","robin","{A}"]\n'
    )
    key = key_of(image('Wrén/"b".png', B), image("robin/a.png"))

    assert commitment_of(key) == hashlib.sha256(text.encode()).hexdigest()


def test_a_seal_tells_counts_and_no_name_or_hash() -> None:
    """Classes and how many images they have, the day, the spec, and one hash."""
    key = key_of(image("robin/secret1.png", A), image("robin/secret2.png", B), image("wren/x.png"))
    seal = seal_images(key, created=TODAY, spec=SealedSpec(name="birds", version="1.0.0"))

    assert seal.n_images == 3
    assert seal.counts == {"robin": 2, "wren": 1}
    assert seal.created == TODAY
    text = seal.model_dump_json()
    assert not any(hidden in text for hidden in ("secret", ".png", SALT, A, B))


def test_equal_sets_with_other_salts_have_other_commitments() -> None:
    """So that a guess of the whole set can't be tried out on the seal."""
    images = (image("robin/a.png"),)

    assert commitment_of(key_of(*images)) != commitment_of(key_of(*images, salt="5b" * 32))


def test_names_from_another_file_system_are_the_same_names() -> None:
    """Composed and decomposed letters are sealed as composed ones."""
    one, other = image(f"{NFC}/{NFC}.jpg"), image(f"{NFD}/{NFD}.jpg")

    assert NFC != NFD
    assert one == other
    assert commitment_of(key_of(one)) == commitment_of(key_of(other))


def test_labels_are_compared_as_everywhere() -> None:
    """A label in other case is the same promise; a file name in other case is not."""
    plain = commitment_of(key_of(image("a/x.png", label="Robin")))

    assert plain == commitment_of(key_of(image("a/x.png", label="robin")))
    assert plain != commitment_of(key_of(image("a/X.png", label="robin")))


@pytest.mark.parametrize(
    "other",
    [
        (image("robin/a.png", B), image("wren/b.png")),
        (image("robin/a.png"), image("wren/b.png", label="robin")),
        (image("robin/a.png"), image("wren/c.png")),
        (image("robin/a.png"),),
        (image("robin/a.png"), image("wren/b.png"), image("wren/c.png")),
    ],
)
def test_any_change_breaks_the_commitment(other: tuple[SealedImage, ...]) -> None:
    """Bytes, label, name, one image less and one more."""
    key = key_of(image("robin/a.png"), image("wren/b.png"))

    assert commitment_of(key) != commitment_of(key_of(*other))


def test_a_key_belongs_to_its_seal_alone() -> None:
    """Not to that of other images, and not to a seal whose counts were changed."""
    key = key_of(image("robin/a.png"), image("wren/b.png", B))
    seal = seal_images(key, created=TODAY, spec=None)

    assert belongs(key, seal)
    assert not belongs(key_of(image("robin/a.png")), seal)
    assert not belongs(key, seal.model_copy(update={"counts": {"robin": 2}}))
    assert not belongs(key, seal.model_copy(update={"n_images": seal.n_images + 1}))


def test_names_that_differ_only_in_their_form_are_told() -> None:
    """Two files would be one in the seal."""
    images = (image(f"a/{NFC}.png"), image(f"a/{NFD}.png"), image("a/x.png"))

    assert repeated_names(images) == (f"a/{NFC}.png",)


def test_each_kind_of_change_is_told_apart() -> None:
    """Added, removed, changed, moved to another class and renamed within it."""
    promised = [
        image("robin/changed.png", A),
        image("robin/kept.png", B),
        image("robin/moved.png", "1" * 64),
        image("robin/old.png", "2" * 64),
        image("robin/removed.png", "3" * 64),
    ]
    found = [
        image("robin/added.png", "4" * 64),
        image("robin/changed.png", C),
        image("robin/kept.png", B),
        image("robin/new.png", "2" * 64),
        image("wren/moved.png", "1" * 64),
    ]
    changes = changes_between(promised, found)

    assert [(change.kind, change.name) for change in changes] == [
        ("added", "robin/added.png"),
        ("changed", "robin/changed.png"),
        ("moved", "robin/moved.png"),
        ("renamed", "robin/old.png"),
        ("removed", "robin/removed.png"),
    ]
    assert changes[2].found == image("wren/moved.png", "1" * 64)


def test_a_label_may_change_where_the_name_does_not() -> None:
    """As when an alias of the spec means another class now."""
    changes = changes_between([image("a/x.png", label="robin")], [image("a/x.png", label="wren")])

    assert [change.kind for change in changes] == ["moved"]


def test_copies_of_one_file_are_matched_one_by_one() -> None:
    """Two copies were promised and one has another name now: one is renamed, one removed."""
    changes = changes_between([image("a/1.png"), image("a/2.png")], [image("a/3.png")])

    assert [(change.kind, change.name) for change in changes] == [
        ("renamed", "a/1.png"),
        ("removed", "a/2.png"),
    ]
