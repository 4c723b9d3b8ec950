/** Patterns over bytes: what a grammar is made of. Regular on purpose, so that one automaton decides. */

export type Pattern =
  | { readonly kind: 'bytes'; readonly ranges: ReadonlyArray<readonly [number, number]> }
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly options: readonly Pattern[] }
  | { readonly kind: 'star'; readonly part: Pattern }
  /** Content of a JSON string; at most `bytesMax` bytes of it are let through, see TurnMatcher. */
  | { readonly kind: 'string'; readonly part: Pattern; readonly bytesMax: number };

const encoder = new TextEncoder();

export function bytes(...ranges: ReadonlyArray<readonly [number, number]>): Pattern {
  return { kind: 'bytes', ranges };
}

export function literal(text: string): Pattern {
  return sequence(...Array.from(encoder.encode(text), (byte) => bytes([byte, byte])));
}

export function sequence(...parts: readonly Pattern[]): Pattern {
  return { kind: 'sequence', parts };
}

export function choice(...options: readonly Pattern[]): Pattern {
  return { kind: 'choice', options };
}

export function star(part: Pattern): Pattern {
  return { kind: 'star', part };
}

export function optional(part: Pattern): Pattern {
  return choice(part, sequence());
}

export function repeat(part: Pattern, min: number, max: number): Pattern {
  let rest: Pattern = sequence();
  for (let count = max; count > min; count--) rest = optional(sequence(part, rest));
  return sequence(...Array.from({ length: min }, () => part), rest);
}
