-- Which runs a tenant has: for the list, and to find the run that a client's retry means. The run itself
-- lives in its Durable Object. Times are milliseconds since 1970.
CREATE TABLE runs (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  route TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_time ON runs (tenant, created_at DESC, id DESC);
CREATE INDEX runs_by_body ON runs (tenant, key_id, route, body_sha256, created_at DESC);

-- Which images a run has shown or made, so that they can go with it. Runs of a tenant may share an image.
CREATE TABLE run_images (
  tenant TEXT NOT NULL,
  run_id TEXT NOT NULL,
  image_id TEXT NOT NULL,
  PRIMARY KEY (tenant, run_id, image_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_images_by_image ON run_images (tenant, image_id);
