-- Each question that was put to a model, or answered from an earlier answer. Written before the
-- call, so that a process that dies leaves its trace; what is not known is null.
CREATE TABLE model_call (
    id INTEGER PRIMARY KEY,
    asked_at TEXT NOT NULL,
    ended_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('asked', 'answered', 'cached', 'failed')),
    reader TEXT NOT NULL,
    purpose TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    model_version TEXT NOT NULL DEFAULT '',
    prompt_version TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    temperature DOUBLE PRECISION NOT NULL,
    tokens_reserved INTEGER NOT NULL DEFAULT 0,
    tokens_in INTEGER,
    tokens_out INTEGER,
    dollars DOUBLE PRECISION,
    latency_s DOUBLE PRECISION,
    finish_reason TEXT NOT NULL DEFAULT '',
    fault TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    reply TEXT,
    cached_from INTEGER REFERENCES model_call (id)
);
CREATE INDEX model_call_content
    ON model_call (content_hash, prompt_version, model, provider, status);
CREATE INDEX model_call_asked ON model_call (asked_at);

-- What a question is asked of, and until when its answer is wanted. `reply` is the answer as it
-- was validated; `model_call_id` says what it cost.
ALTER TABLE content_check ADD COLUMN payload TEXT NOT NULL DEFAULT '{}';
ALTER TABLE content_check ADD COLUMN document_id INTEGER;
ALTER TABLE content_check ADD COLUMN document_version INTEGER;
ALTER TABLE content_check ADD COLUMN expires_at TEXT;
ALTER TABLE content_check ADD COLUMN reply TEXT;
ALTER TABLE content_check ADD COLUMN model_call_id INTEGER REFERENCES model_call (id);
