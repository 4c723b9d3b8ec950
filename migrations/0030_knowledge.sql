-- Documents of a tenant, which QueryKnowledgeBase looks things up in. Times are milliseconds since 1970.
CREATE TABLE knowledge (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT,
  text TEXT NOT NULL,
  etag TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (tenant, id)
) STRICT;

-- Their words, by the number of the document; not the texts themselves. Each word bears a mark of its tenant, so that no
-- tenant's words are found by another's query or weigh in its ranking (docs/decisions/0030-words-of-a-tenant.md).
CREATE VIRTUAL TABLE knowledge_words USING fts5(title, text, content = '', contentless_delete = 1, tokenize = 'unicode61');

-- A scope that comes to be belongs to nobody until it is given. Keys that give scopes to others get it, to hand it on.
UPDATE api_keys SET scopes = json_insert(scopes, '$[#]', 'knowledge:read', '$[#]', 'knowledge:write')
  WHERE revoked_at IS NULL AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'keys:admin');
