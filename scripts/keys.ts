/** `npm run keys -- create | list | rotate ID | allow ID | revoke ID`: API keys of the local service. A key is shown once. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { faultsOf } from '#edge/keys/grant';
import { keyView } from '#edge/keys/view';
import { rotateKey } from '#edge/storage/key-changes';
import {
  createKey,
  findKeyAnywhere,
  type KeyGrant,
  type KeyRecord,
  listKeys,
  revokeKey,
  statusOf,
  TENANT_FORM,
} from '#edge/storage/keys';
import { GRACE_S_MAX } from '#shared/limits';
import { type PlanName, planName } from '#shared/plans';
import { DEFAULT_SCOPES, scope } from '#shared/scopes';
import { openDatabase } from './cli/database.ts';
import { CommandError } from './cli/failure.ts';
import { APP_OPTIONS, APP_USAGE, appCheckOf, entriesOf } from './cli/key-apps.ts';
import { allow } from './cli/key-web.ts';
import { type D1Like, ROOT } from './cli/worker.ts';

const USAGE = `Usage: npm run keys -- COMMAND [options]

  create            make a key and print it; it cannot be shown again
    --name TEXT     what it is for
    --tenant NAME   whose data it sees: 1 to 64 of a-z 0-9 _ - (local)
    --days N        days until it expires; never when left out
    --mode MODE     live or test (live)
    --plan PLAN     ${planName.options.join(', ')} (free)
    --scopes LIST   of ${scope.options.join(', ')}
                    (${DEFAULT_SCOPES.join(',')})
    --tools LIST    the only tools that it may use; --models LIST, the only models
    --addresses LIST  the only addresses that it may come from, such as 203.0.113.0/24
${APP_USAGE}
  list              ids, tenants, plans and states of all keys
  rotate ID         a new secret for a key; --grace-hours N (0): how long the old one still holds
  allow ID          --origins LIST: pages that may call with it, such as https://app.example.com
                    --image-hosts LIST: hosts whose images may be fetched for it, such as *.example.com
                    --app-check and the other options of apps, as for create
                    what is left out stays; an empty text takes away
  revoke ID         stop a key at once

  --state FOLDER    state folder of the service (.state)
  --json            print JSON`;

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
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
        plan: { type: 'string', default: 'free' },
        scopes: { type: 'string', default: DEFAULT_SCOPES.join(',') },
        tools: { type: 'string' },
        models: { type: 'string' },
        addresses: { type: 'string' },
        'grace-hours': { type: 'string', default: '0' },
        origins: { type: 'string' },
        'image-hosts': { type: 'string' },
        ...APP_OPTIONS,
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
  ['rotate', rotate],
  ['allow', (database, { positionals, values }) => allow(database, positionals[1], values)],
  ['revoke', revoke],
]);

async function create(database: D1Like, options: Options, now: number): Promise<string> {
  const { name, tenant, mode, json } = options.values;
  if (!TENANT_FORM.test(tenant))
    throw usage(`Expected --tenant of 1 to 64 of a-z 0-9 _ -, got ${JSON.stringify(tenant)}.`);
  if (mode !== 'live' && mode !== 'test')
    throw usage(`Expected --mode live or test, got ${JSON.stringify(mode)}.`);
  const grant = grantOf(options, now);
  const [fault] = faultsOf(grant, now);
  if (fault) throw usage(`--${String(fault.path[0])}: ${fault.message}.`);
  const made = await createKey(database, { mode, tenant, name: name.slice(0, 200), ...grant }, now);
  return json ? JSON.stringify(made) : made.key;
}

function grantOf({ values }: Options, now: number): KeyGrant {
  const scopes = entriesOf(values.scopes).map((text) => {
    const parsed = scope.safeParse(text);
    if (parsed.success) return parsed.data;
    throw usage(`Expected --scopes of ${scope.options.join(', ')}, got ${JSON.stringify(text)}.`);
  });
  const { tools, models, addresses } = values;
  const appCheck = appCheckOf(values);
  return {
    scopes,
    plan: planOf(values.plan),
    ...(tools === undefined ? {} : { tools: entriesOf(tools) }),
    ...(models === undefined ? {} : { models: entriesOf(models) }),
    ...(addresses === undefined ? {} : { addresses: entriesOf(addresses) }),
    ...(appCheck ? { appCheck } : {}),
    ...(values.days === undefined
      ? {}
      : { expiresAt: now + numberOf('days', values.days, 1, DAYS_MAX) * DAY_MS }),
  };
}

function planOf(text: string): PlanName {
  const parsed = planName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw usage(`Expected --plan of ${planName.options.join(', ')}, got ${JSON.stringify(text)}.`);
}

function numberOf(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= min && value <= max) return value;
  throw usage(`Expected --${option} from ${min} to ${max}, got ${JSON.stringify(text)}.`);
}

async function list(database: D1Like, { values }: Options, now: number): Promise<string> {
  const keys = await listKeys(database);
  if (values.json) return JSON.stringify(keys.map((key) => ({ ...keyView(key, now), tenant: key.tenant })));
  if (keys.length === 0) return 'There are no keys yet: npm run keys -- create';
  return keys
    .map((key) =>
      [key.id, key.mode, key.tenant, key.plan, stateOf(key, now), isoDay(key.createdAt), key.name].join('  '),
    )
    .join('\n');
}

function stateOf(key: KeyRecord, now: number): string {
  const { revokedAt, expiresAt } = key;
  if (revokedAt !== undefined) return `revoked ${isoDay(revokedAt)}`;
  if (expiresAt === undefined) return 'valid';
  return `${statusOf(key, now) === 'expired' ? 'expired' : 'valid to'} ${isoDay(expiresAt)}`;
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

async function rotate(database: D1Like, { positionals, values }: Options, now: number): Promise<string> {
  const id = idOf(positionals);
  const graceMs = numberOf('grace-hours', values['grace-hours'], 0, GRACE_S_MAX / 3600) * HOUR_MS;
  const key = await findKeyAnywhere(database, id);
  const next = key && (await rotateKey(database, key, graceMs, now));
  if (next === undefined) throw noValidKey(id);
  return values.json ? JSON.stringify({ id, key: next }) : next;
}

async function revoke(database: D1Like, { positionals }: Options, now: number): Promise<string> {
  const id = idOf(positionals);
  if (!(await revokeKey(database, id, now))) throw noValidKey(id);
  return `Revoked ${id}.`;
}

function idOf(positionals: readonly string[]): string {
  const id = positionals[1];
  if (id === undefined) throw usage('Which key? Name its id, as `list` shows it.');
  return id;
}

function noValidKey(id: string): CommandError {
  return new CommandError(`There is no valid key ${JSON.stringify(id)}; see: npm run keys -- list`);
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.values.help) return console.log(USAGE);
  const command = commands.get(options.positionals[0] ?? '');
  if (!command)
    throw usage(
      `Expected ${[...commands.keys()].join(', ')}, got ${JSON.stringify(options.positionals[0] ?? '')}.`,
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
