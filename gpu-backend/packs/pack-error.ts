/** Why a pack is not loaded, each with one code that logs, `/healthz` and the command line show. */
export const packErrorCodes = [
  'manifest_invalid',
  'pack_unknown',
  'role_mismatch',
  'adapter_unknown',
  'file_missing',
  'file_unlisted',
  'not_a_file',
  'symlink',
  'path_escape',
  'size_mismatch',
  'digest_mismatch',
  'external_data',
  'model_invalid',
  'download_failed',
  'licence_not_accepted',
] as const;

export type PackErrorCode = (typeof packErrorCodes)[number];

/** `message` says what was expected, what came and how to mend it. */
export class PackError extends Error {
  override readonly name = 'PackError';
  readonly code: PackErrorCode;
  constructor(code: PackErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
