/** The tokens of a model as bytes, in a trie: the grammar asks for all tokens that a state permits at once. */

export class Vocabulary {
  /** Number of logits; ids without bytes (special tokens, padding of the table) can never be written. */
  readonly size: number;
  /** Bytes of the longest token. */
  readonly tokenBytesMax: number;
  readonly #bytes: ReadonlyMap<number, Uint8Array>;
  // The trie as arrays, node 0 is the root: one entry per node, siblings linked.
  readonly #child: number[] = [0];
  readonly #sibling: number[] = [0];
  readonly #byte: number[] = [0];
  /** First token that ends at the node, or -1; further tokens of the same bytes are chained. */
  readonly #token: number[] = [-1];
  readonly #nextToken: Int32Array;

  /** `bytes` has the tokens that may be written. Throws when one of the 256 single bytes has no token. */
  constructor(size: number, bytes: ReadonlyMap<number, Uint8Array>) {
    this.size = size;
    this.#bytes = bytes;
    this.#nextToken = new Int32Array(size).fill(-1);
    let longest = 0;
    for (const [id, content] of bytes) {
      if (content.length === 0 || id >= size) continue;
      this.#insert(id, content);
      longest = Math.max(longest, content.length);
    }
    this.tokenBytesMax = longest;
    // Every turn can be written, and closed, only if every byte can: ASCII and all parts of UTF-8.
    for (let byte = 0x20; byte <= 0xf4; byte++) {
      if (byte === 0x7f || byte === 0xc0 || byte === 0xc1) continue;
      if (this.longestMatch([byte]) === undefined)
        throw new Error(`no token of the vocabulary is the byte ${byte}`);
    }
  }

  bytesOf(token: number): Uint8Array {
    return this.#bytes.get(token) ?? new Uint8Array(0);
  }

  /** The longest token that `text` starts with. */
  longestMatch(text: ArrayLike<number>): number | undefined {
    let node = 0;
    let found: number | undefined;
    for (let index = 0; index < text.length; index++) {
      node = this.#step(node, text[index] as number);
      if (node === 0) break;
      if (this.#token[node] !== -1) found = this.#token[node];
    }
    return found;
  }

  /**
   * Visits every token that can be read from `start`, where `next` gives the state after a byte or a
   * negative number. Subtrees that cannot be read are never entered.
   */
  visit(start: number, next: (state: number, byte: number) => number, each: (token: number) => void): void {
    const stack: Array<readonly [node: number, state: number]> = [[0, start]];
    for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
      const [parent, state] = entry;
      for (let node = this.#child[parent] as number; node !== 0; node = this.#sibling[node] as number) {
        const after = next(state, this.#byte[node] as number);
        if (after < 0) continue;
        for (let token = this.#token[node] as number; token !== -1; token = this.#nextToken[token] as number)
          each(token);
        if (this.#child[node] !== 0) stack.push([node, after]);
      }
    }
  }

  #insert(id: number, content: Uint8Array): void {
    let node = 0;
    for (const byte of content) {
      const known = this.#step(node, byte);
      if (known !== 0) {
        node = known;
        continue;
      }
      const fresh = this.#byte.push(byte) - 1;
      this.#child.push(0);
      this.#sibling.push(this.#child[node] as number);
      this.#token.push(-1);
      this.#child[node] = fresh;
      node = fresh;
    }
    this.#nextToken[id] = this.#token[node] as number;
    this.#token[node] = id;
  }

  /** The child of `node` by `byte`, or 0. */
  #step(node: number, byte: number): number {
    let child = this.#child[node] as number;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#sibling[child] as number;
    return child;
  }
}
