import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/**
 * Serves the screens of both front ends on made-up hosts, one scene per address: `/?scene=home` of the phone's page,
 * `/window.html?scene=sessions` of the window. Never part of what is shipped.
 */
export default defineConfig({
  root,
  publicDir: resolve(root, '../../phone/public'),
  appType: 'spa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { host: '127.0.0.1', fs: { allow: [resolve(root, '../..')] } },
  cacheDir: resolve(root, '../../node_modules/.vite-gallery'),
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: { input: { phone: resolve(root, 'index.html'), window: resolve(root, 'window.html') } },
  },
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
      'qrcode',
      'uuidv7',
      'zod/mini',
    ],
  },
});
