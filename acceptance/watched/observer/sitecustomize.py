"""Python runs this before a watched command: the command's folder of modules names it first.

Its one purpose is to work at import, so that `python -m grader` itself is watched, unchanged.
"""

from acceptance.watched.observing import observe_this_process

observe_this_process()
