import path from 'node:path';
import { defineConfig } from 'electron-vite';
import { rendererConfig } from './vite.web.config.ts';

const root = import.meta.dirname;

/**
 * Main and preload carry everything but Electron itself: the package has no node_modules. Preload is one
 * CommonJS file, because a sandboxed one can load no other.
 */
export default defineConfig({
  main: {
    build: {
      outDir: path.join(root, 'out/main'),
      externalizeDeps: false,
      sourcemap: false,
      rolldownOptions: { input: { index: path.join(root, 'src/main/index.ts') } },
    },
  },
  preload: {
    build: {
      outDir: path.join(root, 'out/preload'),
      externalizeDeps: false,
      sourcemap: false,
      rolldownOptions: {
        input: { index: path.join(root, 'src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: rendererConfig(),
});
