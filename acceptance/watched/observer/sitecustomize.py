"""Python runs this before a watched command, since this folder is first on the command's path.

It works when it is imported, so that `python -m grader` itself is watched, unchanged.
"""

from acceptance.watched.observing import observe_this_process

observe_this_process()
