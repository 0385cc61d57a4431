import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** The mark is the phone's; of its public folder nothing else belongs into the window. */
function copyMark(): Plugin {
  return {
    name: 'baton-mark',
    apply: 'build',
    generateBundle() {
      const source = readFileSync(resolve(root, '../phone/public/icon.svg'));
      this.emitFile({ type: 'asset', fileName: 'icon.svg', source });
    },
  };
}

export default defineConfig({
  root,
  base: './',
  publicDir: false,
  plugins: [copyMark()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(root, '../dist/renderer'),
    emptyOutDir: true,
    // Electron 45 brings its own Chromium: nothing older opens this page.
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
