/**
 * Every route with an id in its path, from the table of routes itself: what a stranger may try on it. A route of
 * a new kind of id fails here until it is said what stands for its id.
 */
import { routes } from '#edge/routes/index';

/** One id of each kind, by the path that it stands in. */
export type Ids = Readonly<
  Record<
    '/v1/runs' | '/v1/responses' | '/v1/images' | '/v1/keys' | '/v1/client_tokens' | '/v1/knowledge',
    string
  >
>;

export type Attempt = {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
};

/** What stands in these is a name that all tenants share, and no id. */
const NAMES = ['/v1/tools/:name', '/v1/models/:id'];
/** A name that the tenant gives itself: a stranger's PUT makes a document of the stranger's own. */
const MAKES_ITS_OWN = ['PUT /v1/knowledge/:id'];

/** Bodies that are right, so that nothing but the id can be what is refused. */
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /v1/keys/:id': { name: 'taken' },
  'POST /v1/keys/:id/rotate': {},
};
/** Other ways to the same thing. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'GET /v1/runs/:id/events': ['', '?after=1'],
  'GET /v1/responses/:id': ['', '?stream=true'],
};

export const idRoutes: readonly string[] = routes
  .filter(({ path }) => path.includes(':') && !NAMES.includes(path))
  .map(({ method, path }) => `${method} ${path}`)
  .filter((route) => !MAKES_ITS_OWN.includes(route));

/** @throws Error for a route with an id of a kind that is not known here. */
export function attemptsOn(ids: Partial<Ids>): Attempt[] {
  return idRoutes.flatMap((route) => {
    const [method = '', template = ''] = route.split(' ');
    const kind = template.slice(0, template.indexOf('/:')) as keyof Ids;
    if (!KINDS.includes(kind)) throw new Error(`${route}: say in id-routes.ts what stands for its id`);
    const id = ids[kind];
    if (id === undefined) return [];
    const body = BODIES[route] === undefined ? {} : { body: JSON.stringify(BODIES[route]) };
    return (QUERIES[route] ?? ['']).map((query) => ({
      route,
      method,
      path: template.replace(/:\w+/, id) + query,
      ...body,
    }));
  });
}

const KINDS: ReadonlyArray<keyof Ids> = [
  '/v1/runs',
  '/v1/responses',
  '/v1/images',
  '/v1/keys',
  '/v1/client_tokens',
  '/v1/knowledge',
];

/** Ids of the right form that nobody has. */
export const NOBODYS: Ids = {
  '/v1/runs': `run_${'0'.repeat(32)}`,
  '/v1/responses': `resp_${'0'.repeat(32)}`,
  '/v1/images': `img_${'0'.repeat(64)}`,
  '/v1/keys': 'AAAAAAAA',
  '/v1/client_tokens': `ct_${'0'.repeat(32)}`,
  '/v1/knowledge': 'nobodys',
};
