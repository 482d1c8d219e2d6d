"""Training in two stages: an architecture with its weights in, a trained learner out."""
