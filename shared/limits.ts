/** Every bound of the system, once. Units come last in the names. */

// What a caller may send.
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
export const IMAGE_BYTES_MAX = 6 * 1024 * 1024;
/** Of a form around the image: boundaries, headers, other fields. */
export const FORM_OVERHEAD_BYTES_MAX = 64 * 1024;
export const IMAGE_PIXELS_MAX = 50_000_000;
export const IMAGE_SIDE_PIXELS_MAX = 16_384;
export const IMAGE_ASPECT_MAX = 40;
export const IMAGES_PER_RUN_MAX = 8;
export const QUESTION_CHARS_MAX = 8_000;
export const METADATA_ENTRIES_MAX = 16;
export const METADATA_VALUE_CHARS_MAX = 512;

export const URL_CHARS_MAX = 2_048;
export const IDEMPOTENCY_KEY_CHARS_MAX = 255;
/** How long one request may prepare a run while others that mean the same one wait for it. */
export const CLAIM_MS_MAX = 20_000;
/** An SDK's retry without a key means the run that the same body began within this time. */
export const IMPLIED_RETRY_MS_MAX = 10 * 60 * 1000;
/** The same body, asked again within this time after its client left without an answer, means the same run. */
export const ABANDONED_RUN_MS_MAX = 60_000;
/**
 * From the AI SDK, the same body so long after the end of a run means that run, whose answer was lost. It makes two
 * retries, 2 and 4 s after it has noticed the loss (`ai` 7, `retryWithExponentialBackoff`).
 */
export const LOST_ANSWER_MS_MIN = 1_500;
export const LOST_ANSWER_MS_MAX = 10_000;
export const LOST_ANSWER_RETRIES_MAX = 2;
export const RUN_LIST_DEFAULT = 20;
export const RUN_LIST_MAX = 100;

// One run.
export const STEPS_MAX = 16;
export const STEPS_DEFAULT = 8;
export const IMAGES_IN_CONVERSATION_MAX = IMAGES_PER_RUN_MAX + STEPS_MAX;
export const TURN_TOKENS_MAX = 512;
export const TURN_CHARS_MAX = 16_000;
export const TURN_NESTING_MAX = 32;
export const OBSERVATION_CHARS_MAX = 16_000;
export const ANSWER_CHARS_MAX = 8_000;
export const RUN_WALL_MS_MAX = 120_000;
export const STEP_WALL_MS_MAX = 60_000;
export const TOOL_WALL_MS_MAX = 30_000;
export const RUN_RESUMES_MAX = 20;
export const RUN_RETENTION_MS = 24 * 60 * 60 * 1000;
export const WATCHDOG_MS = 10_000;

// Edge to backend.
export const BACKEND_ATTEMPTS_MAX = 6;
export const BACKEND_BACKOFF_MS_MIN = 100;
export const BACKEND_BACKOFF_MS_MAX = 5_000;
export const BACKEND_REPLY_BYTES_MAX = 16 * 1024 * 1024;
export const SIGNATURE_SKEW_MS_MAX = 300_000;

// URLs of callers: images to be fetched, webhooks to be delivered.
export const EGRESS_WALL_MS_MAX = 5_000;
export const EGRESS_REDIRECTS_MAX = 3;
export const EGRESS_CONCURRENCY_MAX = 8;
/** A summary of a run: question, answer, metadata, error. */
export const WEBHOOK_BODY_CHARS_MAX = 256_000;
/** Attempts come after 0, 5, 20, 80 s ... each pause four times the one before, give or take a fifth: the last after 8 h. */
export const WEBHOOK_RETRY_MS = 5_000;
export const WEBHOOK_ATTEMPTS_MAX = 8;
export const WEBHOOK_ROTATION_MS = 24 * 60 * 60 * 1000;

// Streams.
export const EVENT_PING_MS = 15_000;
export const EVENT_RETRY_MS = 1_000;

// Backend.
export const BACKEND_QUEUE_MAX = 32;
/** Calls of a kind that are open at once: those with a place, those that wait, and some that nobody has looked at yet. */
export const BACKEND_OPEN_MAX = 128;
/** A step that would wait longer for its place is turned away, and told how long. */
export const STEP_WAIT_MS_MAX = 10_000;
export const RETRY_AFTER_S_MAX = 60;
export const TOOL_CONCURRENCY_MAX = 2;
export const ZOOM_FACTOR_MAX = 8;
export const TOOL_IMAGE_PIXELS_MAX = 8_000_000;
export const TOOL_IMAGE_SIDE_PIXELS_MAX = 8_192;
export const IMAGE_STORE_BYTES_MAX = 2 * 1024 * 1024 * 1024;
export const KV_TOKENS_MAX = 65_536;
/** Besides KV_TOKENS_MAX, because the size of a token's keys and values depends on the model. */
export const KV_BYTES_MAX = 1024 * 1024 * 1024;
/** Memory of sequences that are over, kept for the next ones. */
export const KV_SPARE_BYTES_MAX = 64 * 1024 * 1024;
/** Of what may be parked between steps, one tenant's part at most. */
export const KV_TENANT_SHARE = 0.5;
export const IMAGE_FEATURE_BYTES_MAX = 256 * 1024 * 1024;
/**
 * Planner steps that are worked on together, pass by pass; more wait. Fewer where the longest sequences of a large model
 * would outgrow KV_BYTES_MAX, but not fewer than the minimum.
 */
export const PLANNER_ACTIVE_MIN = 4;
export const PLANNER_ACTIVE_MAX = 16;
/** Places besides, for tenants that have none: a flood never holds them all. */
export const PLANNER_SPARE = 4;
/** How far a tenant that comes back may go ahead of others, in usual steps. See decision 0041. */
export const FAIR_CREDIT_STEPS = 2;
export const GRAMMARS_MAX = 32;
/** Of each grammar, what its states permit: computed again once forgotten. */
export const GRAMMAR_MASK_BYTES_MAX = 8 * 1024 * 1024;
/** Tenants whose turns are drafted from their own, and contexts that are remembered for each: about 150 bytes each. */
export const DRAFT_TABLES_MAX = 32;
export const DRAFT_TABLE_ENTRIES_MAX = 8_192;
/** Of one turn's thought. Small models repeat themselves under greedy decoding; this ends it. */
export const THOUGHT_BYTES_MAX = 600;
export const REPLY_CACHE_ENTRIES_MAX = 2_048;

// Calculator.
export const EXPRESSION_CHARS_MAX = 256;
export const EXPRESSION_DEPTH_MAX = 32;
export const EXPRESSION_NODES_MAX = 200;
export const EQUATION_CHARS_MAX = 512;

// Free text and lists in the arguments of tools.
export const LABEL_CHARS_MAX = 80;
export const LABELS_MAX = 32;
export const QUERY_CHARS_MAX = 1_000;
export const REGIONS_MAX = 100;

// Documents that questions are looked up in.
export const DOCUMENT_TITLE_CHARS_MAX = 300;
/** Of a document's text in UTF-8. Its words, each with the mark of its tenant, must stay below the 2 MB of a value in D1. */
export const DOCUMENT_BYTES_MAX = 128 * 1024;
export const DOCUMENT_LIST_DEFAULT = 50;
export const DOCUMENT_LIST_MAX = 200;
/** Words of a query that are looked for; further ones are left out. */
export const QUERY_WORDS_MAX = 16;
/** Best documents that are looked at more closely. */
export const QUERY_CANDIDATES = 5;
/** What is shown of the best document. */
export const PASSAGE_CHARS_MAX = 1_200;
/** Of one reply of the encyclopedia: the introductions of a few articles. */
export const ENCYCLOPEDIA_REPLY_BYTES_MAX = 512 * 1024;
export const ENCYCLOPEDIA_HITS = 5;
export const ENCYCLOPEDIA_SENTENCES = 2;
/** Names of articles that an ambiguous name is said to stand for. */
export const ENCYCLOPEDIA_MEANINGS = 12;

// The language model that QueryLanguageModel asks.
export const LANGUAGE_TOKENS_MAX = 512;
export const LANGUAGE_REPLY_BYTES_MAX = 1024 * 1024;
/** Of all attempts at a hosted model together: less than TOOL_WALL_MS_MAX, so that the tool says itself what is wrong. */
export const LANGUAGE_WALL_MS_MAX = 20_000;
export const LANGUAGE_TRIES_MAX = 3;
export const LANGUAGE_BACKOFF_MS = 250;
export const LANGUAGE_CONCURRENCY_MAX = 8;

// Edge.
/** How much of a refused body is still read, so that the client gets to read the refusal. */
export const DRAIN_BYTES_MAX = 32 * 1024 * 1024;
export const DRAIN_MS_MAX = 10_000;
export const IMAGE_RETENTION_MS = 24 * 60 * 60 * 1000;
export const TOOL_CACHE_TTL_MS = 24 * 60 * 60 * 1000;
/** How long a backend may be away before the step or tool call that waits for it gives up. */
export const BACKEND_OUTAGE_MS_MAX = 60_000;
export const HEALTH_WALL_MS_MAX = 2_000;
/** How long a new run, upload or tool call waits for a backend that is busy or restarting. */
export const ADMISSION_WAIT_MS_MAX = 10_000;
/** The same action with the same observation this many times: the next turn must answer. */
export const REPEATS_MAX = 3;
/** With less run time left than this, the next turn must answer. */
export const ANSWER_RESERVE_MS = 20_000;
export const WATCHERS_PER_RUN_MAX = 32;
export const WATCHER_BUFFER_BYTES_MAX = 1024 * 1024;
/** Of one observation as kept with the run; a Durable Object's row holds 2 MB. */
export const STORED_OBSERVATION_CHARS_MAX = 500_000;

// Equation solver: what bounds its time, whatever is asked. Measured by `npm run bench -- calculator`.
export const EQUATIONS_MAX = 6;
export const UNKNOWNS_MAX = 4;
/** Total degree of a polynomial. */
export const POLYNOMIAL_DEGREE_MAX = 12;
export const POLYNOMIAL_TERMS_MAX = 128;
/** Of numerator and denominator each; every such fraction is a finite double. */
export const RATIONAL_BITS_MAX = 1_000;
/** Solutions of a system that are followed up, and printed. */
export const SOLUTIONS_MAX = 16;
/** Rounds of the simultaneous root iteration. */
export const ROOT_ROUNDS_MAX = 400;
/** Places where an equation that is no polynomial is looked at, and halvings of an interval. */
export const SCAN_POINTS = 800;
export const BISECTIONS_MAX = 56;
/** How far to both sides roots are looked for, and the whole numbers that are tried themselves. */
export const SCAN_REACH = 1e12;
export const SCAN_WHOLE_REACH = 170;
export const SCAN_CANDIDATES_MAX = 24;

// Keys and limits.
export const KEY_NAME_CHARS_MAX = 200;
/** Entries of a key's lists of tools, models or addresses. */
export const KEY_LIST_MAX = 64;
/** How long the secret before a rotation may still hold. */
export const GRACE_S_MAX = 7 * 24 * 60 * 60;
/** Living client tokens of one key. */
export const CLIENT_TOKENS_MAX = 10_000;
/** Beyond its run, the place of a run that was never settled is held so long. */
export const LEASE_MARGIN_MS = 30_000;
/** How long an expired lease can still be settled, and buckets and tokens are kept. */
export const LEASE_KEPT_MS = 24 * 60 * 60 * 1000;
/** "Last used" of a key is as coarse as this. */
export const LAST_USE_GRAIN_MS = 10 * 60 * 1000;
/** How far the usage in the database may lie behind. */
export const USAGE_DELAY_MS = 2_000;
/** A run that could not tell its limits what it used tries again after 1, 2, 4 s ..., and then each hour. */
export const SETTLE_RETRY_MS_MIN = 1_000;
export const SETTLE_RETRY_MS_MAX = 60 * 60 * 1000;
/** How long a limiter may take to answer; then paid work is refused and reads go on. */
export const LIMITER_WALL_MS = 5_000;
/** Wrong keys from one address within a minute, before it is told to wait. */
export const FAILED_KEYS_PER_MINUTE = 10;
export const CLIENT_TOKEN_S_MIN = 60;
export const CLIENT_TOKEN_S_DEFAULT = 600;
export const CLIENT_TOKEN_S_MAX = 3_600;
/** Days that one question about usage may span. */
export const USAGE_DAYS_MAX = 366;
/** Keys of an issuer: how long they are kept, and how soon an unknown one is looked for again. */
export const JWKS_KEPT_MS = 60 * 60 * 1000;
export const JWKS_AGAIN_MS = 60_000;
export const JWKS_BYTES_MAX = 64 * 1024;
export const JWKS_WALL_MS = 5_000;
// OpenAI-compatible routes and MCP.
export const CHAT_MESSAGES_MAX = 256;
export const MODEL_NAME_CHARS_MAX = 128;
/** Properties of an answer that is asked for as JSON, and choices of each. */
export const ANSWER_PROPERTIES_MAX = 32;
export const ANSWER_CHOICES_MAX = 500;
export const ANSWER_NAME_CHARS_MAX = 64;
/** Of what one observation adds to the reasoning as text; the trace has all of it. */
export const REASONING_OBSERVATION_CHARS_MAX = 300;
