/** `npm run bench` runs every benchmark, `npm run bench -- NAME ...` those that are named. */
const benches: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  ask: () => import('./ask.ts'),
  calculator: () => import('./calculator.ts'),
  crashes: () => import('./crashes.ts'),
  edge: () => import('./edge.ts'),
  malformed: () => import('./malformed.ts'),
  engine: () => import('./engine.ts'),
  'engine-tokens': () => import('./engine-tokens.ts'),
  'engine-synthetic': () => import('./engine-synthetic.ts'),
  'engine-load': () => import('./engine-load.ts'),
  ocr: () => import('./ocr.ts'),
  reliability: () => import('./reliability.ts'),
  tools: () => import('./tools.ts'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const [name, load] of Object.entries(benches)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`# ${name}`);
    const { run } = await load();
    await run();
  }
}
