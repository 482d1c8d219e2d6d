"""Lets `python -m grader` do what the command `grader` does."""

from grader.cli.app import main

main()
