"""Renders a `Draft`: what was found in the folder, and what was left out."""

from rich.console import Group, RenderableType
from rich.text import Text

from grader.specs.drafting import Draft
from hidden_test_spec.errors import quote_all


def draft_text(draft: Draft) -> RenderableType:
    """What a draft rests on, as rich text."""
    parts = [Text(f"A spec of {draft.n_classes} classes, from {draft.n_images} images.")]
    if draft.other_files:
        n_others = len(draft.other_files)
        they_are = "1 file is no image" if n_others == 1 else f"{n_others} files are no images"
        names = quote_all(draft.other_files)
        parts.append(Text(f"Left out, since {they_are} in a class folder: {names}"))
    if draft.unreadable:
        broken = f"Unreadable ({len(draft.unreadable)}): {quote_all(draft.unreadable)}"
        parts.append(Text(broken, style="yellow"))
    parts.append(Text("The rubric is a guess: read the comments, and anchor it before you use it."))
    return Group(*parts)
