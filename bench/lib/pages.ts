/** Pages for measuring: built like the workstation (production, the same plugins and target), served from memory. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';

const bench = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const desktop = path.resolve(bench, '../desktop');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface Pages {
  readonly url: string;
  close(): Promise<void>;
}

/** Where a page stands in the folder that {@link buildPages} fills. */
export const pageAt = (name: string): string => `/bench/pages/${name}/index.html`;

/** Builds `pages/<name>` for each name into one folder and gives it; see {@link pageAt}. */
export async function buildPages(...names: readonly string[]): Promise<string> {
  const out = path.join(bench, 'out', names.join('-'));
  await build({
    configFile: false,
    logLevel: 'error',
    // The peers bring a Svelte of their own: all take that of the workstation.
    root: path.resolve(bench, '..'),
    resolve: { dedupe: ['svelte'] },
    plugins: [
      paraglideVitePlugin({
        project: path.join(desktop, 'project.inlang'),
        outdir: path.join(desktop, 'src/renderer/i18n/generated'),
        strategy: ['globalVariable', 'baseLocale'],
      }),
      svelte({ configFile: path.join(desktop, 'svelte.config.js') }),
    ],
    worker: {
      format: 'es',
      rolldownOptions: { output: { entryFileNames: 'workers/[name]-[hash].js' } },
    },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'chrome140',
      minify: process.env['BENCH_READABLE'] === undefined,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, path.join(bench, 'pages', name, 'index.html')])),
      },
    },
  });
  return out;
}

/** Builds the pages and serves them. */
export async function servePages(...names: readonly string[]): Promise<Pages> {
  const out = await buildPages(...names);
  const server = createServer((request, response) => {
    const asked = path.normalize(new URL(request.url ?? '/', 'http://x').pathname);
    const file = path.join(out, asked);
    readFile(file).then(
      (body) => {
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
        response.end(body);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
