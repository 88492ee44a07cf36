import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const out = path.join(root, 'out/renderer');

/** Put by src/renderer/sw/sw.ts where the list belongs; in quotes of whichever kind. */
const PLACEHOLDER = /(["'`])__SIVIS_PRECACHE__\1/;

function builtFiles(): string[] {
  const all = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = all.map((e) => path.relative(out, path.join(e.parentPath, e.name)).split(path.sep).join('/'));
  return names.filter((n) => n !== 'sw.js' && !n.startsWith('.') && !n.endsWith('.map')).sort();
}

/**
 * Writes into the service worker which files the shell has, and a version that changes with the content of
 * any of them. After the files are written: what a folder of static files adds is among them.
 */
function shellPrecache(): Plugin {
  return {
    name: 'sivis-shell-precache',
    apply: 'build',
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const worker = path.join(out, 'sw.js');
        const code = readFileSync(worker, 'utf8');
        if (!PLACEHOLDER.test(code)) throw new Error('sw.js has no place for the list of files');
        if (/\bimport\b/.test(code))
          throw new Error('sw.js must be one file: it is loaded as a classic script');
        const hash = createHash('sha256').update(code);
        const names = builtFiles();
        for (const name of names) hash.update(`${name}\0`).update(readFileSync(path.join(out, name)));
        const files = names.map((name) => (name === 'index.html' ? '/' : `/${name}`));
        const list = JSON.stringify({ version: hash.digest('hex').slice(0, 16), files });
        writeFileSync(
          worker,
          code.replace(PLACEHOLDER, () => JSON.stringify(list)),
        );
      },
    },
  };
}

/**
 * The renderer's build, the same for the browser and for Electron. Nothing inline, so that the content policy
 * needs no exception: no inlined assets, no polyfill script. Names tell the policy which worker may compile
 * WebAssembly (shared/src/protocol/contentPolicy.ts).
 */
export function rendererConfig(): UserConfig {
  return {
    root: path.join(root, 'src/renderer'),
    base: '/',
    plugins: [
      paraglideVitePlugin({
        project: path.join(root, 'project.inlang'),
        outdir: path.join(root, 'src/renderer/i18n/generated'),
        strategy: ['globalVariable', 'baseLocale'],
      }),
      svelte({ configFile: path.join(root, 'svelte.config.js') }),
      shellPrecache(),
    ],
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'chrome140',
      minify: true,
      sourcemap: false,
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: {
          index: path.join(root, 'src/renderer/index.html'),
          sw: path.join(root, 'src/renderer/sw/sw.ts'),
        },
        output: {
          entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        },
      },
    },
    worker: {
      format: 'es',
      rolldownOptions: { output: { entryFileNames: 'workers/[name]-[hash].js' } },
    },
  };
}

export default defineConfig(rendererConfig());
