/** Options of `npm run keys` for apps that Firebase App Check attests: whose they are, and what they may do. */
import { type AppCheck, appCheck } from '#shared/api/keys';
import { clientScope } from '#shared/scopes';
import { CommandError } from './failure.ts';

export const APP_OPTIONS = {
  'app-check': { type: 'string' },
  'app-scopes': { type: 'string' },
  'app-max-runs': { type: 'string' },
  'app-max-cost': { type: 'string' },
  'app-cost-per-day': { type: 'string' },
} as const;

export const APP_USAGE = `\
    --app-check NUMBER  takes App Check tokens of the Firebase project with this number
    --app-scopes LIST   what its apps may do, of ${clientScope.options.join(', ')}
    --app-max-runs N, --app-max-cost N  runs and cost units of one token
    --app-cost-per-day N  cost units of all installations together`;

type Option = keyof typeof APP_OPTIONS;
export type AppValues = { readonly [Name in Option]?: string | undefined };

/** Which option a member of `appCheck` is read from. */
const OPTION_OF: Readonly<Record<keyof AppCheck, Option>> = {
  issuer: 'app-check',
  audience: 'app-check',
  scopes: 'app-scopes',
  max_runs: 'app-max-runs',
  max_cost: 'app-max-cost',
  cost_per_day: 'app-cost-per-day',
};

/**
 * What the options make of the setting of a key: what is left out stays as it is `known`, and an empty `--app-check`
 * takes it away. @throws CommandError for a value that does not fit, and for caps of a key without a project.
 */
export function appCheckOf(values: AppValues, known?: AppCheck): AppCheck | undefined {
  const project = values['app-check'];
  if (Object.keys(APP_OPTIONS).every((name) => values[name as Option] === undefined) || project === '')
    return project === '' ? undefined : known;
  if (project === undefined && known === undefined)
    throw new CommandError('Expected --app-check with the number of the Firebase project as well.', 2);
  if (project !== undefined && !/^\d{1,20}$/.test(project))
    throw new CommandError(`Expected --app-check of digits, got ${JSON.stringify(project)}.`, 2);
  const parsed = appCheck.safeParse({
    ...known,
    ...(project === undefined
      ? {}
      : {
          issuer: `https://firebaseappcheck.googleapis.com/${project}`,
          audience: `projects/${project}`,
        }),
    ...(values['app-scopes'] === undefined ? {} : { scopes: entriesOf(values['app-scopes']) }),
    ...numberAs('max_runs', values['app-max-runs']),
    ...numberAs('max_cost', values['app-max-cost']),
    ...numberAs('cost_per_day', values['app-cost-per-day']),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(`--${OPTION_OF[issue?.path[0] as keyof AppCheck]}: ${issue?.message}.`, 2);
}

/** Digits only: `Number` would read 1e3 and 0x10 too. */
function numberAs(member: keyof AppCheck, text: string | undefined): Record<string, number> {
  return text === undefined ? {} : { [member]: /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN };
}

/** The parts of a list with commas. */
export function entriesOf(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
