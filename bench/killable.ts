/** Processes that end by SIGKILL, whole groups at once, and come back on the same port. */
import { type ChildProcess, spawn } from 'node:child_process';

export type Killable<Words> = {
  /** What the process says on its first line, as JSON. */
  readonly words: Words;
  kill(): Promise<void>;
};

/** Starts a script in a process group of its own. Rejects when it ends before it has said anything. */
export function startKillable<Words>(file: URL, args: readonly string[]): Promise<Killable<Words>> {
  const child = spawn(process.execPath, [file.pathname, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file.pathname} ended with ${code}`)));
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve({ words: JSON.parse(text) as Words, kill: () => killGroup(child) });
    });
  });
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await gone;
}
