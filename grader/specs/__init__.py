"""The test set itself: drafting its spec, sealing it, verifying and auditing it; grades nothing."""
