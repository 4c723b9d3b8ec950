/** The pieces of a turn on their way to whoever reads it: each is a message to another process, and a write to a socket. */

/** Milliseconds: nobody reads faster, and a short turn is over before. */
const PIECE_MS = 50;

export type Pieces = {
  write(text: string): void;
  /** Sends what is left. */
  end(): void;
};

/** The first piece goes at once; what comes soon after another waits for the next one, or for the end. */
export function pacedPieces(send: (text: string) => void, now: () => number): Pieces {
  let left = '';
  let sentAt = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (left === '') return;
    send(left);
    left = '';
    sentAt = now();
  };
  return {
    write: (text) => {
      left += text;
      if (now() - sentAt >= PIECE_MS) flush();
    },
    end: flush,
  };
}
