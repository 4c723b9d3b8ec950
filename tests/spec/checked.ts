/** What was held to the OpenAPI document in one test file. Imports nothing: every test file has its own. */
export const checked: { replies: number; events: number; faults: string[] } = {
  replies: 0,
  events: 0,
  faults: [],
};

/** Counts of a file, on their way to the reporter. */
export type CheckedCounts = { readonly replies: number; readonly events: number };

declare module 'vitest' {
  interface TaskMeta {
    checked?: CheckedCounts;
  }
}
