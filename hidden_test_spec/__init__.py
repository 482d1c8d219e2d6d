"""What the instructor promises about a hidden test: classes, layout, limits and rubric.

Both sides read it. It never contains images, labels of single images or answers. Import from its
modules: they are listed in import order in `docs/decisions/0001-layout.md`, and only those that
make a spec load pydantic.
"""
