"""The test set itself: drafts its spec, seals, verifies and audits it; grades nothing."""
