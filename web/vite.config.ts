import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { mockServer } from './mock/plugin';

// BOWERBIRD_SERVER=http://127.0.0.1:8080 npm run dev   talks to a real server;
// without it the made-up world of mock/ answers.
const server = process.env.BOWERBIRD_SERVER;

export default defineConfig(({ command }) => ({
  plugins: [svelte(), ...(command === 'serve' && !server ? [mockServer()] : [])],
  build: {
    outDir: '../server/page/dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // One script and one style sheet, no inlined assets: a strict
    // Content-Security-Policy and a small list of files in the repository.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: server
      ? Object.fromEntries(['/v1', '/pictures', '/docs', '/openapi.json'].map((p) => [p, server]))
      : undefined,
  },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'mock/**/*.test.ts'] },
}));
