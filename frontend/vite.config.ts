import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The server answers every address that is not the interface's with index.html, and serves what is built from the
// root. Nothing is inlined: the content security policy allows neither inline script nor data addresses of fonts.
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../src/ceasefire/centre/static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
    target: 'es2023',
    chunkSizeWarningLimit: 1200, // the map library alone is 900 kB before compression
  },
  worker: { format: 'es' },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', reporters: ['dot'] },
});
