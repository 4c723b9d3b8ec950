/**
 * Flags of V8 (of Node 24) for the processes of a backend. Answers take few milliseconds, so the collector may not stop
 * a thread for longer; `docs/decisions/0047-heap-may-grow.md` has the measurements.
 *
 * V8 lets the new space grow to 32 MB and more under load. It is collected less often then, but for 7 to 30 ms at a time; and in a process with a heap as small as ours, once the new space is that large,
 * every one of its collections becomes one of the whole heap: the old space may by its rule grow by less than that.
 */
export const HEAP = {
  /** Of the server. Dockerfiles say the same. */
  server: ['--max-semi-space-size=4'],
  /** Of a process with a model: the old space may grow to nine times its size, to some 230 MB, before all is marked. */
  model: ['--heap-growing-percent=800', '--max-semi-space-size=16'],
} as const;
