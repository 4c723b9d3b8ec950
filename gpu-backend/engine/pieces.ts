/** The pieces of a turn on their way to whoever reads it: each is a message to another process, and a write to a socket. */

/** Milliseconds: nobody reads faster, and a short turn is over before. */
const PIECE_MS = 50;

export type Pieces = {
  write(text: string): void;
  /** The turn is whole: what is left goes after the pieces that went; a turn without any goes by itself. */
  end(): void;
};

/** What comes within some time of the first piece, and later of the last that went, goes together. */
export function pacedPieces(send: (text: string) => void, now: () => number): Pieces {
  let left = '';
  let since: number | undefined;
  let hasSent = false;
  const flush = (at: number): void => {
    if (left !== '') send(left);
    left = '';
    since = at;
    hasSent = true;
  };
  return {
    write: (text) => {
      left += text;
      const at = now();
      since ??= at;
      if (at - since >= PIECE_MS) flush(at);
    },
    end: () => {
      if (hasSent) flush(now());
    },
  };
}
