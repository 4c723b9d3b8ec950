/** SHA-256 and HMAC-SHA-256 in lower-case hex, and a comparison that leaks no position. */

const encoder = new TextEncoder();

export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? encoder.encode(data) : data;
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

export function hmacHex(secret: string, text: string): Promise<string> {
  return hmacSigner(secret)(text);
}

/** For who signs often: making the key of a secret takes as long as using it, and is done once here. */
export function hmacSigner(secret: string): (text: string) => Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  let key: Promise<CryptoKey> | undefined;
  return async (text) => {
    key ??= crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
    return hex(await crypto.subtle.sign('HMAC', await key, encoder.encode(text)));
  };
}

/** Whether two digests of the same length are equal, in a time that does not tell where they differ. */
export function equalDigests(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  }
  return difference === 0;
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
