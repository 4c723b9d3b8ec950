/** One line of JSON an event, on standard error. Never holds bodies, keys or signatures. */
export type Log = (event: string, fields: Readonly<Record<string, unknown>>) => void;

export const log: Log = (event, fields) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};
