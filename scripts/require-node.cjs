// Plain CommonJS that any Node can read: says what is wrong instead of failing on the first line of TypeScript.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(
    `Baton needs Node 22.12 or newer; this is ${process.versions.node}. "npm ci" brings its own Node 24 for every npm script: ` +
      'run "npm ci" again without --ignore-scripts and --omit=dev, then use the npm script.',
  );
  process.exit(1);
}
