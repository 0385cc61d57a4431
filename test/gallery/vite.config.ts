import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** Serves the phone's screens on made-up computers, one scene per address: `/?scene=home`. Never part of what is shipped. */
export default defineConfig({
  root,
  publicDir: resolve(root, '../../phone/public'),
  appType: 'spa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { host: '127.0.0.1', fs: { allow: [resolve(root, '../..')] } },
  cacheDir: resolve(root, '../../node_modules/.vite-gallery'),
  optimizeDeps: {
    include: [
      'preact',
      'preact/hooks',
      'preact/jsx-runtime',
      'preact/jsx-dev-runtime',
      '@preact/signals',
      '@tanstack/virtual-core',
      'marked',
      'dompurify',
      'uuidv7',
      'zod/mini',
    ],
  },
});
