/**
 * Every error code, once: HTTP status, title, and whether a client may retry.
 * Bodies are RFC 9457 problem details with an `error` member that OpenAI's SDKs read.
 */

type ErrorRow = {
  readonly status: number;
  readonly title: string;
  readonly type: string;
  readonly retryable: boolean;
};

const row =
  (type: string, retryable: boolean) =>
  (status: number, title: string): ErrorRow => ({ status, title, type, retryable });

const request = row('invalid_request_error', false);
const retryable = row('invalid_request_error', true);
const authentication = row('authentication_error', false);
const permission = row('permission_error', false);
const limit = row('rate_limit_error', true);
const quota = row('insufficient_quota', false);
const server = row('api_error', true);

const rows = {
  invalid_json: request(400, 'The body is not valid JSON'),
  body_incomplete: retryable(400, 'The body ended too early'),
  invalid_cursor: request(400, 'The cursor is not valid'),
  invalid_idempotency_key: request(400, 'The Idempotency-Key is not valid'),
  invalid_api_key: authentication(401, 'The API key is missing or not valid'),
  expired_token: authentication(401, 'The client token has expired'),
  insufficient_scope: permission(403, 'The key lacks the scope'),
  not_allowed: permission(403, 'The key does not allow this'),
  attestation_failed: permission(403, 'The app could not be verified'),
  not_found: request(404, 'There is no such resource'),
  model_not_found: request(404, 'There is no such model'),
  method_not_allowed: request(405, 'The method is not allowed here'),
  invalid_multipart: request(400, 'The multipart body is not valid'),
  images_missing: retryable(409, 'Images must be stored first'),
  key_not_active: request(409, 'The key is expired, revoked or just changed'),
  precondition_failed: request(412, 'The precondition does not hold'),
  body_too_large: request(413, 'The body is too large'),
  image_too_large: request(413, 'The image has too many pixels'),
  unsupported_media_type: request(415, 'The media type is not supported'),
  unsupported_encoding: request(415, 'The content encoding is not supported'),
  invalid_request: request(422, 'The request does not fit the schema'),
  idempotency_mismatch: request(422, 'The Idempotency-Key was used with another body'),
  image_undecodable: request(422, 'The image cannot be decoded'),
  image_unknown: request(422, 'There is no such image'),
  url_not_allowed: request(422, 'The URL may not be opened'),
  url_unreachable: request(422, 'The URL could not be fetched'),
  tool_unavailable: request(422, 'The tool is not available here'),
  invalid_signature: authentication(401, 'The request signature is not valid'),
  rate_limited: limit(429, 'Too many requests'),
  quota_exceeded: quota(429, 'The quota is used up'),
  run_canceled: request(409, 'The run was canceled'),
  internal: server(500, 'Internal error'),
  no_answer: row('api_error', false)(502, 'The planner gave no answer'),
  backend_error: server(502, 'The inference backend failed'),
  overloaded: server(503, 'The inference backend is busy'),
  backend_unavailable: server(503, 'No inference backend answers'),
  limits_unavailable: server(503, 'The limits cannot be checked'),
  attestation_unavailable: server(503, 'The app cannot be verified now'),
  deadline_exceeded: server(504, 'The deadline has passed'),
} satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof rows;
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = rows;

export type ErrorDetail = { readonly path: string; readonly message: string };

/** The one error class. `message` is public: what was expected, what came, how to mend it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly errors: readonly ErrorDetail[];
  /** Further members of the problem body and headers of the reply. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      errors?: readonly ErrorDetail[];
      extra?: Readonly<Record<string, unknown>>;
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }
}

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  request_id: string;
  errors?: readonly ErrorDetail[];
  error: ErrorMember;
};

/** An error as OpenAI's clients read it. */
export type ErrorMember = { message: string; type: string; param: string | null; code: ErrorCode };

export function errorMember({ code, message, errors }: ApiError): ErrorMember {
  return { message, type: errorTable[code].type, param: errors[0]?.path ?? null, code };
}

/** Problem details of an error, ready to be sent as application/problem+json. `status`: where it is not the table's. */
export function problemOf(
  error: ApiError,
  requestId: string,
  status = errorTable[error.code].status,
): Problem & Record<string, unknown> {
  const row = errorTable[error.code];
  return {
    ...error.extra,
    type: `urn:taco-edge:error:${error.code}`,
    title: row.title,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
    error: errorMember(error),
  };
}
