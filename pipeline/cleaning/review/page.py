"""The review page before its script fills it: bars of controls, an empty grid, and dialogs."""

from typing import Any

from fasthtml.components import (
    H1,
    H2,
    Body,
    Button,
    Dialog,
    Div,
    Dl,
    Footer,
    Form,
    Head,
    Header,
    Html,
    Img,
    Input,
    Kbd,
    Label,
    Link,
    Main,
    Meta,
    Option,
    P,
    Progress,
    Script,
    Select,
    Span,
    Table,
    Tbody,
    Td,
    Th,
    Title,
    Tr,
    to_xml,
)

from hidden_test_spec.images import display_name

_KEYS = (
    ("Arrows, Home, End, Page up, Page down", "go from photo to photo"),
    ("K", "keep it: it stays in, or returns to, its original place"),
    ("R or Delete", "remove it to the quarantine"),
    ("M", "move it to another class"),
    ("G", "move it to the class that the model guesses"),
    ("B", "keep the best copy of a group, and remove the others"),
    ("N", "go to the next photo with a finding and no decision"),
    ("Space", "select it; K, R, M and G then apply to all selected photos"),
    ("Shift + arrows", "select along the way"),
    ("A", "select all photos that are shown; Escape clears the selection"),
    ("U or Ctrl+Z", "undo"),
    ("Shift+U or Ctrl+Y", "redo"),
    ("Enter", "enlarge it"),
    ("F or /", "filter by name"),
    ("?", "show these keys"),
)


def page_html(folder: str) -> str:
    """The whole document; it needs only the server's own files.

    Args:
        folder: The name of the folder under review.
    """
    name = display_name(folder)
    text: str = to_xml(
        Html(
            Head(
                Meta(charset="utf-8"),
                Meta(name="viewport", content="width=device-width, initial-scale=1"),
                Title(f"Review of {name}"),
                Link(rel="stylesheet", href="assets/review.css"),
                Link(rel="icon", href="assets/icon.svg"),
                Script(src="assets/review.js", type="module"),
            ),
            Body(_head(name), _grid(), _actions(), *_dialogs()),
            lang="en",
        )
    )
    return text


def _head(name: str) -> Any:
    return Header(
        Div(
            H1(f"Review of {name}"),
            Div(
                Progress(id="progress", value="0", max="1", aria_label="Findings decided"),
                Span("Loading …", id="tally"),
                cls="progress",
            ),
            cls="title",
        ),
        Div(
            _choice("class-filter", "Class", "All classes"),
            _choice("kind-filter", "Finding", "All photos"),
            _choice("status-filter", "Decision", "Any or none"),
            Label("Name", Input(type="search", id="name-filter")),
            role="search",
            aria_label="Filter",
            cls="filters",
        ),
    )


def _choice(identifier: str, label: str, everything: str) -> Any:
    return Label(label, Select(Option(everything, value=""), id=identifier))


def _grid() -> Any:
    return Main(
        P(id="nothing", hidden=True),
        Div(
            Div(id="canvas", role="presentation"),
            id="grid",
            role="listbox",
            tabindex="0",
            aria_multiselectable="true",
            aria_label="Photos",
            aria_describedby="hint",
        ),
        P("Press ? to see the keys.", id="hint", cls="unseen"),
        Div(
            Div(id="said", role="status"),
            Button(
                "Undo",
                Kbd("U", aria_hidden="true"),
                id="toast-undo",
                type="button",
                hidden=True,
                data_action="undo",
            ),
            id="toast",
        ),
        Div(id="alarm", role="alert", hidden=True),
    )


def _actions() -> Any:
    return Footer(
        Span("", id="chosen"),
        _button("keep", "Keep", "K"),
        _button("remove", "Remove", "R"),
        _button("move", "Move …", "M"),
        _button("best", "Best copy", "B"),
        _button("choose", "Select", "Space"),
        _button("all", "All", "A"),
        _button("next", "Next", "N"),
        _button("undo", "Undo", "U"),
        _button("redo", "Redo", "⇧U"),
        _button("large", "Enlarge", "↵"),
        _button("keys", "Keys", "?"),
        role="toolbar",
        aria_label="Decisions",
    )


def _button(action: str, text: str, key: str) -> Any:
    return Button(text, Kbd(key, aria_hidden="true"), type="button", data_action=action)


def _dialogs() -> tuple[Any, ...]:
    close = Form(Button("Close"), method="dialog")
    rows = (Tr(Th(keys, scope="row"), Td(what)) for keys, what in _KEYS)
    return (
        Dialog(
            H2("Move to class", id="move-head"),
            Input(type="search", id="class-name", aria_label="Find a class"),
            Div(id="class-list"),
            Form(Button("Cancel"), method="dialog"),
            id="move-dialog",
            aria_labelledby="move-head",
        ),
        Dialog(
            H2("Photo", id="large-head"),
            Img(id="large-picture", alt=""),
            Dl(id="large-facts"),
            close,
            id="large-dialog",
            aria_labelledby="large-head",
        ),
        Dialog(
            H2("Keys", id="keys-head"),
            Table(Tbody(*rows)),
            Div(id="skipped"),
            close,
            id="keys-dialog",
            aria_labelledby="keys-head",
        ),
    )
