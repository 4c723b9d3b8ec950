/** `npm run cota -- COMMAND`: synthetic chains of thought and action, made, checked, filtered and mixed. */
import { UsageError } from './usage.ts';

type Command = { readonly usage: string; run(args: readonly string[]): Promise<void> };

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  generate: () => import('./generate.ts'),
  filter: () => import('./filter.ts'),
  distill: () => import('./distill.ts'),
  mix: () => import('./mix.ts'),
};

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw new UsageError(`expected a command, got ${name === '' ? 'none' : name}`);
  const { run } = await load();
  await run(args);
}

async function usageOf(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return ['Usage: npm run cota -- COMMAND', '', ...all.map(({ usage }) => `  ${usage}`)].join('\n');
}

/** Wrong options, as `node:util` tells them. */
const isOption = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || isOption(error))) throw error;
  console.error(`${(error as Error).message}\n\n${await usageOf()}`);
  process.exitCode = 2;
}
