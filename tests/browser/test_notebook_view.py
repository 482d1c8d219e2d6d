"""A report inside a notebook with a dark theme."""

from pathlib import Path

from grader.reports.html.notebook import notebook_html
from tests.browser.pages import Pages
from tests.factories import make_report, make_rubric

# What the tables of a dark notebook look like, with rules as strong as Jupyter's.
DARK_NOTEBOOK = """<!doctype html><html lang="en"><head><title>Notebook</title><style>
body {{ background: #111111; color: #eeeeee; }}
.output table, .output td, .output th {{ color: #eeeeee; background: #111111; }}
.output tbody tr:nth-child(odd) {{ background: #222222; }}
</style></head><body><main class="output"><h1>Notebook</h1>{report}</main></body></html>"""


def test_a_report_can_be_read_in_a_dark_notebook(pages: Pages, tmp_path: Path) -> None:
    """Whatever colours the notebook gives to tables, and without errors on the console."""
    report = make_report(
        targets=(0, 0, 1, 1),
        candidate=(0, 1, 1, 1),
        baseline=(0, 0, 0, 1),
        rubric=make_rubric("accuracy >= 0.5"),
    )
    pages.look(dark=True, width_px=800)
    path = pages.show(DARK_NOTEBOOK.format(report=notebook_html(report)), tmp_path)
    assert pages.violations() == []
    assert pages.requests(path) == []
    assert pages.complaints() == []
    texts = "return [...document.querySelectorAll('.grader-report td')].map(e => {const s ="
    texts += " getComputedStyle(e); return s.color})"
    assert set(pages.run(texts)) <= {"rgb(27, 31, 36)", "rgb(87, 96, 106)"}
