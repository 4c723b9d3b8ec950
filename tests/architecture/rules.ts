/**
 * The invariants of ARCHITECTURE.md that a reading of the sources can hold. Each rule gives its
 * violations as `path: what`; an empty list means that it holds.
 */
import { codeOf, importsOf, type Sources, withoutComments } from './source.ts';

export type Rule = { readonly guarantee: string; violations(sources: Sources): string[] };

/**
 * Who may import whom. The longest matching folder or file counts; a trailing `*` matches the rest.
 * Own files are named by path, packages by name.
 */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  'shared/': ['shared/*', 'zod'],
  // What a public address is, for both sides: neither may see it otherwise.
  'shared/egress.ts': ['shared/*', 'ipaddr.js'],
  'shared/tools/': ['shared/limits.ts', 'shared/tool.ts', 'zod'],
  'shared/tools/index.ts': ['shared/tool.ts', 'shared/tools/*'],
  'edge/': ['edge/*', 'shared/*', 'hono', 'hono/*', 'zod', 'cloudflare:workers'],
  // Addresses, signatures and structured headers are read by their libraries, each in one place.
  'edge/addresses.ts': ['edge/*', 'ipaddr.js'],
  'edge/limits/headers.ts': ['edge/*', 'shared/*', 'structured-headers'],
  'edge/tokens/': ['edge/*', 'shared/*', 'hono', 'zod', 'jose'],
  // The one protocol that is not ours to write.
  'edge/mcp/server.ts': ['@modelcontextprotocol/sdk/*', 'edge/mcp/schemas.ts', 'shared/errors.ts'],
  // Signatures of webhooks.
  'edge/run/webhook.ts': ['edge/*', 'shared/*', 'standardwebhooks'],
  // These two choose and call handlers, so they know both the loop's side and the backend's.
  'edge/tools/available.ts': ['edge/*', 'shared/*'],
  'edge/tools/call.ts': ['edge/*', 'shared/*', 'zod'],
  'edge/tools/': ['edge/tools/*', 'shared/*', 'zod', 'mathjs/number', 'mathjs'],
  'gpu-backend/': [
    'gpu-backend/*',
    'shared/*',
    'node:*',
    'hono',
    'hono/*',
    '@hono/node-server',
    '@huggingface/jinja',
    '@huggingface/tokenizers',
    'lru-cache',
    'sharp',
    'zod',
  ],
  'gpu-backend/engine/runtime.ts': ['onnxruntime-node'],
  // Training renders its images by what the backend reads them with, and evaluates through the public API.
  'training/': [
    'training/*',
    'scripts/*',
    'shared/*',
    'gpu-backend/*',
    'edge/*',
    'node:*',
    'sharp',
    'zod',
    'opentype.js',
  ],
  // A client is copied into other people's apps: it knows nothing of ours but the generated types.
  'clients/': ['clients/*'],
  'scripts/': [
    'scripts/*',
    'clients/*',
    'shared/*',
    'edge/*',
    'gpu-backend/*',
    'node:*',
    'esbuild',
    'miniflare',
    'wabt',
    'zod',
  ],
  'bench/': [
    'bench/*',
    'clients/*',
    // The scripted backend: what is measured of the edge needs no model.
    'tests/edge/*',
    'tests/spec/*',
    'esbuild',
    'hono',
    'scripts/*',
    'training/*',
    'shared/*',
    'edge/*',
    'gpu-backend/*',
    'node:*',
    'mathjs',
    'sharp',
    'zod',
  ],
};

const FILE_LINES_MAX = 300;

export const rules: readonly Rule[] = [
  {
    guarantee: 'imports go only where the table lets them',
    violations: (sources) =>
      each(sources, (path, source) => {
        const allowed = longestMatch(path);
        return importsOf(path, source)
          .filter((target) => !allowed.some((pattern) => matches(pattern, target)))
          .map((target) => `imports ${target}`);
      }),
  },
  {
    guarantee: 'no tool knows another tool',
    violations: (sources) =>
      each(sources, (path, source) => {
        const side = handlerFolder(path);
        if (!side || path.endsWith('/index.ts')) return [];
        return importsOf(path, source)
          .filter(
            (target) =>
              target !== path &&
              !target.endsWith('/index.ts') &&
              handlerFolder(target) === side &&
              sources.has(specOfHandler(target)),
          )
          .map((target) => `imports the tool ${target}`);
      }),
  },
  {
    guarantee: 'a relative import names its file, so that no folder stands for its index',
    violations: (sources) =>
      each(sources, (path, source) =>
        importsOf(path, source)
          .filter((target) => /^(shared|edge|gpu-backend|training|scripts|bench|clients)\//.test(target))
          .filter((target) => !/\.(ts|json|mjs|sql)$/.test(target))
          .map((target) => `imports ${target} without its suffix`),
      ),
  },
  {
    guarantee: 'only edge/backend opens a connection from the edge',
    violations: (sources) =>
      within(sources, /^edge\/(?!backend\/|index\.ts$)/, (code) =>
        // A method or a member of that name belongs to something else.
        /(?<![.\w]|\basync )fetch\b(?!\s*[:?])/.test(code) ? ['uses fetch'] : [],
      ),
  },
  {
    guarantee: 'only edge/env.ts reads bindings and variables',
    violations: (sources) =>
      within(sources, /^edge\/(?!env\.ts$)/, (code) =>
        [...code.matchAll(/\b(process|import\.meta|this|c|context)\.env\b(?=\.|\[)/g)].map(
          ([what]) => `reads ${what}`,
        ),
      ),
  },
  {
    guarantee: 'the backend reads variables where it starts and nowhere else',
    violations: (sources) =>
      within(sources, /^gpu-backend\/(?!index\.ts$|config\.ts$)/, (code) =>
        /\bprocess\.env\b/.test(code) ? ['reads process.env'] : [],
      ),
  },
  {
    guarantee: 'one file on each side turns an error into a response',
    violations: (sources) =>
      ['edge/', 'gpu-backend/'].flatMap((side) => {
        const callers = [...sources].filter(
          ([path, source]) => path.startsWith(side) && /\bproblemOf\(/.test(codeOf(source)),
        );
        return callers.slice(1).map(([path]) => `${path}: calls problemOf, as ${callers[0]?.[0]} does`);
      }),
  },
  {
    guarantee: 'the edge keeps nothing between requests: a Worker serves many tenants',
    violations: (sources) =>
      within(sources, /^edge\//, (code) =>
        /^(export )?(let|var) |^(export )?const \w+(: (Map|Set|WeakMap)<.*>)? = new (Map|Set|WeakMap)(<.*>)?\(\)/m.test(
          code,
        )
          ? ['has a variable of the module']
          : [],
      ),
  },
  {
    guarantee: 'shared code, limits and inline tools take clock and randomness as arguments',
    violations: (sources) =>
      within(sources, /^shared\/|^edge\/(limits|tools)\//, (code) =>
        [
          ...code.matchAll(/\b(Date\.now|new Date\(\)|Math\.random|performance\.now|crypto\.randomUUID)\b/g),
        ].map(([name]) => `calls ${name}`),
      ),
  },
  {
    guarantee: 'zod is imported whole: the named form makes the Worker three times as large',
    violations: (sources) =>
      each(sources, (_path, source) =>
        /import\s*(type\s*)?\{[^}]*\}\s*from 'zod'/.test(withoutComments(source))
          ? ['imports names of zod']
          : [],
      ),
  },
  {
    guarantee: 'every handler has its spec, on its own side and nowhere else',
    violations: (sources) => {
      const sideOf = new Map<string, string>();
      for (const [path, source] of sources) {
        const side = /^ {2}runs: '(edge|backend)',$/m.exec(source)?.[1];
        if (path.startsWith('shared/tools/') && side) sideOf.set(path, side);
      }
      return [...sources.keys()].flatMap((path) => {
        const side = handlerFolder(path) === 'edge/tools/' ? 'edge' : 'backend';
        const declared = sideOf.get(specOfHandler(path));
        if (!handlerFolder(path) || declared === undefined || declared === side) return [];
        return [`${path}: the spec says that the tool runs on the side ${declared}`];
      });
    },
  },
  {
    guarantee: 'every spec stands in the index',
    violations: (sources) => {
      const index = sources.get('shared/tools/index.ts') ?? '';
      return [...sources.keys()]
        .filter((path) => /^shared\/tools\/(?!index\.ts$)/.test(path))
        .filter((path) => !index.includes(`'./${path.slice('shared/tools/'.length)}'`))
        .map((path) => `${path}: is not in shared/tools/index.ts`);
    },
  },
  {
    guarantee: 'nothing has the type any',
    violations: (sources) =>
      each(sources, (_path, source) =>
        /(?::\s*|\bas\s+|<)any\s*(?=[;,)=[\]>{|&]|$)/m.test(codeOf(source)) ? ['uses any'] : [],
      ),
  },
  {
    guarantee: 'nothing is left to do in a comment',
    violations: (sources) =>
      each(sources, (_path, source) =>
        [...source.matchAll(/\b(TODO|FIXME|XXX|HACK)\b/g)].map(([word]) => `says ${word}`),
      ),
  },
  {
    guarantee: 'nothing but the Worker entry has a default export',
    violations: (sources) =>
      each(sources, (path, source) =>
        path !== 'edge/index.ts' && /^export default\b/m.test(codeOf(source)) ? ['has a default export'] : [],
      ),
  },
  {
    guarantee: `no file is longer than ${FILE_LINES_MAX} lines`,
    violations: (sources) =>
      each(sources, (_path, source) => {
        const lines = source.trimEnd().split('\n').length;
        return lines > FILE_LINES_MAX ? [`has ${lines} lines`] : [];
      }),
  },
  {
    guarantee: 'a file is named in kebab-case',
    violations: (sources) =>
      each(sources, (path) => (/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(path) ? [] : ['is not kebab-case'])),
  },
];

function each(sources: Sources, find: (path: string, source: string) => string[]): string[] {
  return [...sources].flatMap(([path, source]) => find(path, source).map((what) => `${path}: ${what}`));
}

function within(sources: Sources, paths: RegExp, find: (code: string) => string[]): string[] {
  return each(sources, (path, source) => (paths.test(path) ? find(codeOf(source)) : []));
}

function longestMatch(path: string): readonly string[] {
  const key = Object.keys(IMPORTS)
    .filter((prefix) => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  return key === undefined ? [] : (IMPORTS[key] ?? []);
}

function matches(pattern: string, target: string): boolean {
  return pattern.endsWith('*') ? target.startsWith(pattern.slice(0, -1)) : target === pattern;
}

/** The folder of handlers that a file stands in, if any. Files in folders below belong to one tool. */
function handlerFolder(path: string): string | undefined {
  return /^(edge|gpu-backend)\/tools\/(?=[^/]+$)/.exec(path)?.[0];
}

function specOfHandler(path: string): string {
  return `shared/tools/${path.slice(path.lastIndexOf('/') + 1)}`;
}
