import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** Serves the tray window's pages on a made-up main process, one scene per address: `/?scene=sessions`. Never part of what is shipped. */
export default defineConfig({
  root,
  publicDir: resolve(root, '../../phone/public'),
  appType: 'spa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { host: '127.0.0.1', fs: { allow: [resolve(root, '../..')] } },
  cacheDir: resolve(root, '../../node_modules/.vite-window-gallery'),
  build: { assetsInlineLimit: 0 },
  optimizeDeps: {
    include: [
      'preact',
      'preact/hooks',
      'preact/jsx-runtime',
      'preact/jsx-dev-runtime',
      '@preact/signals',
      'qrcode',
      'uuidv7',
      'zod/mini',
    ],
  },
});
