/** How the examples of docs/guide.md in other languages are built and started, each with its own tools. */
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { ROOT } from '../cli/worker.ts';

const execute = promisify(execFile);

/** A program that takes base URL, token URL, photo and question, and prints one line of JSON. */
export type Program = { readonly command: string; readonly args: readonly string[] };

export type Language = {
  /** Behind the backticks of the block in the guide. */
  readonly fence: string;
  readonly needs: string;
  /** What the tools say of themselves; rejects where they are not there. */
  version(): Promise<string>;
  /** Compiles the example with its main program in an empty folder. Rejects with the compiler's words. */
  build(example: string, folder: string): Promise<Program>;
};

async function run(command: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, args, { ...(cwd ? { cwd } : {}), maxBuffer: 16e6 });
    return `${stdout}${stderr}`.trim();
  } catch (error) {
    // Maven says what is wrong on its standard output.
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

const firstLine = (text: string): string => stripVTControlCharacters(text).split('\n')[0] ?? '';
const filesOf = (language: string): string => join(ROOT, 'clients/guide', language);

const kotlin: Language = {
  fence: 'kotlin',
  needs: 'a JDK of at least 11, and Maven, which fetches the compiler and OkHttp',
  version: async () =>
    `${firstLine(await run('java', ['-version']))}, ${firstLine(await run('mvn', ['-v', '-B']))}`,
  build: async (example, folder) => {
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src/TacoClient.kt'), example);
    await cp(join(filesOf('kotlin'), 'Main.kt'), join(folder, 'src/Main.kt'));
    await cp(join(filesOf('kotlin'), 'pom.xml'), join(folder, 'pom.xml'));
    const classpath = 'dependency:build-classpath';
    await run('mvn', ['-q', '-B', 'compile', classpath, '-Dmdep.outputFile=classpath'], folder);
    const main = ['-cp', 'target/classes:$(cat classpath)', 'MainKt'].join(' ');
    return { command: 'sh', args: ['-c', `cd ${JSON.stringify(folder)} && exec java ${main} "$@"`, 'guide'] };
  },
};

/** Such as `chroot FOLDER`, where Swift lives elsewhere; GUIDE_FOLDER must then be the same there. */
const swiftPrefix = (process.env['SWIFT_PREFIX'] ?? '').split(' ').filter((word) => word !== '');
const swiftCommand = (words: readonly string[]): Program => {
  const [command = '', ...args] = [...swiftPrefix, ...words];
  return { command, args };
};

const swift: Language = {
  fence: 'swift',
  needs: 'swiftc of at least 6.0, on the PATH or behind SWIFT_PREFIX',
  version: async () => {
    const { command, args } = swiftCommand(['swiftc', '--version']);
    return firstLine(await run(command, args));
  },
  build: async (example, folder) => {
    await cp(filesOf('swift'), folder, { recursive: true });
    await writeFile(join(folder, 'TacoClient.swift'), example);
    const module = 'AppleNetworking';
    const compile = async (args: readonly string[]): Promise<void> => {
      const { command, args: all } = swiftCommand(['swiftc', '-I', folder, '-L', folder, ...args]);
      await run(command, all);
    };
    const library = ['-parse-as-library', '-emit-module', '-emit-library', '-static', '-module-name', module];
    const modulePath = ['-emit-module-path', join(folder, `${module}.swiftmodule`)];
    const object = ['-o', join(folder, `lib${module}.a`), join(folder, `${module}.swift`)];
    await compile([...library, ...modulePath, ...object]);
    // The text of the guide says `import Foundation`, which holds URLSession on Apple's systems.
    const implied = ['-Xfrontend', '-import-module', '-Xfrontend', module];
    const sources = [join(folder, 'TacoClient.swift'), join(folder, 'main.swift')];
    const program = join(folder, 'guide');
    await compile(['-swift-version', '6', `-l${module}`, ...implied, ...sources, '-o', program]);
    return swiftCommand([program]);
  },
};

export const languages: Readonly<Record<string, Language>> = { kotlin, swift };
