"""Laws of seals: one commitment, one set."""

from hypothesis import given
from hypothesis import strategies as st

from hidden_test_spec.sealing import (
    SealedImage,
    SealKey,
    changes_between,
    commitment_of,
    sealed_image,
)

HASHES = st.sampled_from(["a" * 64, "b" * 64, "c" * 64])
TEXTS = st.text(st.sampled_from('a,"\\\n[]é/'), min_size=1, max_size=6)
SETS = st.lists(
    st.builds(sealed_image, TEXTS, label=TEXTS, sha256=HASHES),
    max_size=4,
    unique_by=lambda one: one.name,
)


def sealed(*images: SealedImage) -> SealKey:
    """A key of these images, always with the same salt."""
    return SealKey(salt="5a" * 32, images=images)


@given(one=SETS, other=SETS)
def test_two_sets_have_one_commitment_only_if_nothing_differs(
    one: list[SealedImage], other: list[SealedImage]
) -> None:
    """Whatever quotes, commas and line feeds stand in names, and in whatever order they come."""
    is_same = commitment_of(sealed(*one)) == commitment_of(sealed(*other))

    assert is_same == (changes_between(one, other) == ())
    assert commitment_of(sealed(*one)) == commitment_of(sealed(*reversed(one)))
