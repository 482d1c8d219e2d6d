"""The program of a process that draws the figures of one report: report on stdin, files on stdout.

Both are pickled values of this package, between a process and the one that started it.
"""

import pickle
import signal
import sys

from grader.reports.figures.files import figure_files
from grader.words.language import language_of


def main() -> None:
    """Draw, once the report is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group of processes
    content = sys.stdin.buffer.read()
    if content:
        report, code = pickle.loads(content)  # noqa: S301 - see above
        sys.stdout.buffer.write(pickle.dumps(figure_files(report, language_of(code))))


if __name__ == "__main__":
    main()
