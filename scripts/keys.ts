/** `npm run keys -- create | list | allow ID | revoke ID`: API keys of the local service. A key is shown once. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createKey, type KeyRow, listKeys, revokeKey, TENANT_FORM } from '#edge/storage/keys';
import { openDatabase } from './cli/database.ts';
import { CommandError } from './cli/failure.ts';
import { allow } from './cli/key-web.ts';
import { type D1Like, ROOT } from './cli/worker.ts';

const USAGE = `Usage: npm run keys -- COMMAND [options]

  create            make a key and print it; it cannot be shown again
    --name TEXT     what it is for
    --tenant NAME   whose data it sees: 1 to 64 of a-z 0-9 _ - (local)
    --days N        days until it expires; never when left out
    --mode MODE     live or test (live)
  list              ids, tenants and states of all keys
  allow ID          --origins LIST: pages that may call with it, such as https://app.example.com
                    --image-hosts LIST: hosts whose images may be fetched for it, such as *.example.com
  revoke ID         stop a key at once

  --state FOLDER    state folder of the service (.state)
  --json            print JSON`;

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_MAX = 3_650;

type Options = ReturnType<typeof readArguments>;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        name: { type: 'string', default: '' },
        tenant: { type: 'string', default: 'local' },
        days: { type: 'string' },
        mode: { type: 'string', default: 'live' },
        origins: { type: 'string' },
        'image-hosts': { type: 'string' },
        state: { type: 'string', default: '.state' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): CommandError {
  return new CommandError(`${message}\n\n${USAGE}`, 2);
}

type Command = (database: D1Like, options: Options, now: number) => Promise<string>;

const commands: ReadonlyMap<string, Command> = new Map([
  ['create', create],
  ['list', list],
  ['allow', (database, { positionals, values }) => allow(database, positionals[1], values)],
  ['revoke', revoke],
]);

async function create(database: D1Like, { values }: Options, now: number): Promise<string> {
  const { name, tenant, mode } = values;
  if (!TENANT_FORM.test(tenant))
    throw usage(`Expected --tenant of 1 to 64 of a-z 0-9 _ -, got ${JSON.stringify(tenant)}.`);
  if (mode !== 'live' && mode !== 'test')
    throw usage(`Expected --mode live or test, got ${JSON.stringify(mode)}.`);
  const wish = { mode, tenant, name: name.slice(0, 200) } as const;
  const made = await createKey(
    database,
    values.days === undefined ? wish : { ...wish, expiresAt: now + daysOf(values.days) * DAY_MS },
    now,
  );
  return values.json ? JSON.stringify(made) : made.key;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && days >= 1 && days <= DAYS_MAX) return days;
  throw usage(`Expected --days from 1 to ${DAYS_MAX}, got ${JSON.stringify(text)}.`);
}

async function list(database: D1Like, { values }: Options, now: number): Promise<string> {
  const rows = await listKeys(database);
  if (values.json) return JSON.stringify(rows);
  if (rows.length === 0) return 'There are no keys yet: npm run keys -- create';
  return rows
    .map((row) =>
      [row.id, row.mode, row.tenant, stateOf(row, now), isoDay(row.created_at), row.name].join('  '),
    )
    .join('\n');
}

function stateOf({ revoked_at, expires_at }: KeyRow, now: number): string {
  if (revoked_at !== null) return `revoked ${isoDay(revoked_at)}`;
  if (expires_at === null) return 'valid';
  return `${expires_at <= now ? 'expired' : 'valid to'} ${isoDay(expires_at)}`;
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

async function revoke(database: D1Like, { positionals }: Options, now: number): Promise<string> {
  const id = positionals[1];
  if (id === undefined) throw usage('Which key? Name its id, as `list` shows it.');
  if (!(await revokeKey(database, id, now)))
    throw new CommandError(`There is no valid key ${JSON.stringify(id)}; see: npm run keys -- list`);
  return `Revoked ${id}.`;
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.values.help) return console.log(USAGE);
  const command = commands.get(options.positionals[0] ?? '');
  if (!command)
    throw usage(
      `Expected create, list, allow or revoke, got ${JSON.stringify(options.positionals[0] ?? '')}.`,
    );
  const store = await openDatabase(join(resolve(ROOT, options.values.state), 'edge'));
  try {
    console.log(await command(store.database, options, Date.now()));
  } finally {
    await store.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
