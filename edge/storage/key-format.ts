/**
 * The form of an API key: `taco_{live|test}_{id}_{secret}{check}`.
 * id: 8, secret: 43 (32 random bytes), check: 6 base-62 characters, the CRC-32 of all before it.
 * The prefix is for secret scanners; the checksum refuses typing errors and guesses without a look-up.
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = /^taco_(live|test)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const ID_LENGTH = 8;
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;

export type KeyMode = 'live' | 'test';

/** A key with a new secret, and with a new id unless one is given. */
export function generateKey(
  mode: KeyMode,
  id: string = randomBase62(ID_LENGTH),
): { id: string; key: string } {
  const body = `taco_${mode}_${id}_${randomBase62(SECRET_LENGTH)}`;
  return { id, key: body + checkOf(body) };
}

/** The id of a key whose form and checksum are right; undefined otherwise. */
export function keyIdOf(key: string): string | undefined {
  const match = FORM.exec(key);
  if (!match) return undefined;
  const body = key.slice(0, -CHECK_LENGTH);
  return checkOf(body) === match[4] ? match[2] : undefined;
}

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      // 248 = 4 * 62: higher bytes would make some characters likelier than others.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

function checkOf(text: string): string {
  let value = crc32(text);
  let check = '';
  for (let place = 0; place < CHECK_LENGTH; place++) {
    check = (ALPHABET[value % 62] ?? '') + check;
    value = Math.floor(value / 62);
  }
  return check;
}

/** CRC-32 (IEEE 802.3) of ASCII text. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
