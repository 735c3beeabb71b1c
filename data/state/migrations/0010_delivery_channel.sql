-- An alert goes out by several channels, each with a line of its own. Lines of before are Slack's.
CREATE TABLE alert_delivery_by_channel (
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at TEXT,
    settled_at TEXT,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (alert_id, channel)
);
INSERT INTO alert_delivery_by_channel
    (alert_id, channel, status, attempts, next_at, settled_at, note)
    SELECT alert_id, 'slack', status, attempts, next_at, settled_at, note FROM alert_delivery;
DROP TABLE alert_delivery;
ALTER TABLE alert_delivery_by_channel RENAME TO alert_delivery;
