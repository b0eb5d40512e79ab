import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { brotli } from './build/brotli.ts';
import { katexWoff2Only } from './build/katex-woff2-only.ts';

const api = process.env.VPAURA_API ?? 'http://localhost:8000';

const BASE =
  /node_modules\/(?:react|react-dom|scheduler|react-i18next|i18next|zustand|clsx|use-sync-external-store|@tanstack\/(?:react-query|query-core|react-router|router-core|react-store|store|history))\//;

export default defineConfig({
  plugins: [react(), tailwindcss(), katexWoff2Only(), brotli()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      '#testing': fileURLToPath(new URL('./testing', import.meta.url)),
    },
  },
  build: {
    target: 'es2022',
    // Inlined fonts would be data: URLs, which the server's content policy blocks.
    assetsInlineLimit: 0,
    // The page waits for nothing it does not need: no preload tags for lazy chunks.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What every screen needs, in one file: many small ones compress worse.
        codeSplitting: { groups: [{ name: 'base', test: BASE }] },
      },
    },
  },
  server: { proxy: { '/api': api } },
  preview: { proxy: { '/api': api } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
  },
});
