/** Training that goes on from a shipped graph. Needs PyTorch (TRAINING_PYTHON names one). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasModules, python } from './python.ts';

test.skipIf(!hasModules('torch', 'onnx'))(
  'a restored net computes what its graph computes, in training too',
  { timeout: 300_000 },
  () => {
    const script = join(import.meta.dirname, 'restore.py');
    const [inUse, inTraining] = execFileSync(python, [script], { encoding: 'utf8' }).split(' ').map(Number);
    // Of the spread of its values; weights are stored with 11 bits.
    expect(inUse).toBeLessThan(0.02);
    expect(inTraining).toBeLessThan(0.02);
  },
);
