-- When the client of a run left before it had its answer; NULL where it did not, or where its repetition was joined.
ALTER TABLE runs ADD COLUMN abandoned_at INTEGER;
