import { registerHooks } from 'node:module';

/**
 * `node --import register.ts out/main/index.js` runs the built main with the stand-in in Electron's place. Nothing in
 * the built files is changed.
 */
const STAND_IN = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: STAND_IN, shortCircuit: true } : next(specifier, context),
});
