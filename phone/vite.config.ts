import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** Every room that the page is built from; a test keeps it in step with what they import. */
export const PAGE_ROOMS: readonly string[] = ['lib', 'phone', 'protocol', 'ui'];

/** Names the page by its source: the same source gives the same name on every machine, so it can be compared on both sides. */
function hashSource(): string {
  const hash = createHash('sha256');
  for (const room of PAGE_ROOMS) {
    const folder = resolve(root, '..', room);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(root.length - 5)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

const build = hashSource();

const SERVICE_WORKER = 'service-worker';
const SERVICE_WORKER_FILE = 'sw.js';

/** Tells the service worker which files make up this build; it keeps them all. */
function listFilesForServiceWorker(): Plugin {
  let publicFolder = '';
  return {
    name: 'baton-service-worker',
    apply: 'build',
    configResolved: (config) => {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle[SERVICE_WORKER_FILE];
        if (worker?.type !== 'chunk') this.error(`${SERVICE_WORKER_FILE} was not built.`);
        if (worker.imports.length > 0)
          this.error(`${SERVICE_WORKER_FILE} must not import anything: ${worker.imports.join(', ')}`);
        const copied = existsSync(publicFolder)
          ? readdirSync(publicFolder, { recursive: true, withFileTypes: true })
          : [];
        const names = [
          ...Object.keys(bundle),
          ...copied
            .filter((entry) => entry.isFile())
            .map((entry) => relative(publicFolder, join(entry.parentPath, entry.name))),
        ];
        const files = names
          .filter((name) => name !== SERVICE_WORKER_FILE && name !== 'build.txt' && !/\.(html|map)$/.test(name))
          .map((name) => `/${name.replaceAll('\\', '/')}`)
          .sort();
        worker.code = worker.code.replace('__BATON_FILES__', JSON.stringify(files));
      },
    },
  };
}

export default defineConfig({
  root,
  plugins: [
    listFilesForServiceWorker(),
    {
      name: 'baton-build-name',
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'build.txt', source: build });
      },
    },
  ],
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: { __BATON_BUILD__: JSON.stringify(build) },
  build: {
    outDir: resolve(root, '../dist/phone'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: resolve(root, 'index.html'), [SERVICE_WORKER]: resolve(root, 'core/page/service-worker.ts') },
      output: {
        entryFileNames: (chunk) => (chunk.name === SERVICE_WORKER ? SERVICE_WORKER_FILE : 'assets/[name]-[hash].js'),
      },
    },
  },
});
