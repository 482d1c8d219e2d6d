"""Further questions to a model that is graded already; no answer and no grade depends on them."""
