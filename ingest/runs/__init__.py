"""One run of a job: calls, replies, storing."""
