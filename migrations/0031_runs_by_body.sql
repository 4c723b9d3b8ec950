-- What a client repeats is looked up in the object of its key now. The columns stay: they say what began a run.
DROP INDEX runs_by_body;
