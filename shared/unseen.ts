/** Characters that nobody sees, in texts that anybody may have written. */

/** Control characters but white space, marks that turn the order of a text around, and tags. */
const UNSEEN = /(?!\s)\p{Cc}|[\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/gu;

/** Joiners stay: some scripts are written with them. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, '');
}
