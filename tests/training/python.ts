/** The Python of the training programs: the machine's, or the one that TRAINING_PYTHON names. */
import { execFileSync } from 'node:child_process';

export const python = process.env['TRAINING_PYTHON'] ?? 'python3';

export function hasModules(...names: readonly string[]): boolean {
  try {
    execFileSync(python, ['-c', `import ${names.join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
