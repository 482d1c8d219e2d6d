"""Cleaning without a page: an audit, and the removal of the photos that it is very sure about."""

from contextlib import ExitStack

from pipeline.cleaning.audit.auditing import AuditSettings, audit_images
from pipeline.cleaning.quarantine.automatic import choose
from pipeline.cleaning.quarantine.entries import Side
from pipeline.cleaning.quarantine.planning import Choice, Trees
from pipeline.cleaning.quarantine.quarantine import (
    Now,
    Quarantine,
    check_apart,
    open_quarantine,
    read_state,
)
from pipeline.cleaning.quarantine.state import State
from pipeline.folders import is_quarantine
from pipeline.progress import Report

_BY = "pipeline clean --auto"


def clean_automatically(
    trees: Trees, settings: AuditSettings, report: Report, clock: Now, *, is_dry_run: bool
) -> tuple[Choice, ...]:
    """Remove the photos that an audit is very sure about, except those that somebody kept.

    A quarantine is created only if there is something to remove. An existing one is locked before
    the audit begins, except in a dry run, which changes and locks nothing.

    Returns:
        The removals; in a dry run those that would be made.

    Raises:
        UsageError: If the quarantine is inside the images' folder.
        PipelineError: What `audit_images` and `open_quarantine` raise.
    """
    check_apart(trees)
    with ExitStack() as stack:

        def opened() -> Quarantine:
            return stack.enter_context(open_quarantine(trees, report, clock, by=_BY))

        is_begun = is_quarantine(trees.quarantine)
        quarantine = opened() if is_begun and not is_dry_run else None
        state = read_state(trees) if quarantine is None else quarantine.state
        audit = audit_images(trees.images, settings, report)
        for sentence in audit.skipped:
            report(sentence)
        choices = choose(audit, kept=_kept(state))
        if choices and not is_dry_run:
            (quarantine or opened()).apply(choices)
    return choices


def _kept(state: State) -> frozenset[str]:
    """The images that somebody kept, put back, or moved to the class that they are in."""
    return frozenset(place.path for place in state.standings if place.side is Side.IMAGES)
