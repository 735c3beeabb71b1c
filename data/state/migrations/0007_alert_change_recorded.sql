-- When a change of an alert's condition was written down: at an earlier clock nobody saw it. Rows of
-- before have none and count from the instant that they are about.
ALTER TABLE alert_change ADD COLUMN recorded_at TEXT;
