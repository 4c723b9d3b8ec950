/**
 * Prints `N passed, N failed` as the very last line of a run, so that scripts can read the outcome; before it, how
 * many replies and events of the edge were held to its OpenAPI document (R13).
 */
import type { Reporter, TestModule } from 'vitest/node';
import type { CheckedCounts } from './spec/checked.ts';

type Counts = { passed: number; failed: number; skipped: number };

/** A file that fails outside its tests counts as one failure, and so does every unhandled error. */
export function countOf(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    let failures = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed') failures += 1;
      else counts.skipped += 1;
    }
    counts.failed += failures === 0 && module.state() === 'failed' ? 1 : failures;
  }
  return counts;
}

export function lineOf({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Of all files together. */
export function checkedOf(modules: readonly TestModule[]): CheckedCounts {
  const sum = { replies: 0, events: 0 };
  for (const module of modules) {
    const { replies = 0, events = 0 } = module.meta().checked ?? {};
    sum.replies += replies;
    sum.events += events;
  }
  return sum;
}

export class CountReporter implements Reporter {
  /** A run that never ends in order counts as a failure. */
  #counts: Counts = { passed: 0, failed: 1, skipped: 0 };

  onInit(): void {
    // At exit, because the other reporters and the runner itself may still write after the last test.
    process.once('exit', () => process.stdout.write(`\n${lineOf(this.#counts)}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#counts = countOf(modules, unhandledErrors.length);
    const { replies, events } = checkedOf(modules);
    if (replies > 0)
      console.log(`R13: ${replies} replies and ${events} events of streams are as the OpenAPI document says`);
  }
}
