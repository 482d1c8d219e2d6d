"""From model outputs and labels to scores and verdicts. Pure: no files, no torch, no drawing."""
