// Plain JavaScript that any Node can run: says in one sentence what is wrong when the Node that
// npm ought to bring is missing. 22.18 is the first Node that runs TypeScript files as they are.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `taco-edge needs Node 22.18 or newer and found ${process.versions.node}: ` +
      'run "npm ci" (it brings Node 24 on linux x64 and arm64) and start it through npm, ' +
      'or install Node 24 on other systems.',
  );
  process.exit(1);
}
