import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { MUTANTS } from './list.ts';

/**
 * Loaded before a run (`node --import`): puts the mutant named by SIVIS_MUTANT into the source text of its module while
 * that is loaded. The product's files stay as they are.
 */
const mutant = MUTANTS.find(({ name }) => name === process.env['SIVIS_MUTANT']);
const root = path.resolve(import.meta.dirname, '../..');

if (mutant !== undefined) {
  const file = path.join(root, mutant.file);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:') || fileURLToPath(url) !== file) return loaded;
      const { source: text } = loaded;
      if (text === undefined || text === null) throw new Error(`${mutant.name}: its module has no text`);
      const source = typeof text === 'string' ? text : Buffer.from(text as Uint8Array).toString('utf8');
      if (source.split(mutant.text).length !== 2)
        throw new Error(`${mutant.name}: its text is not there once`);
      return { ...loaded, source: source.replace(mutant.text, () => mutant.instead) };
    },
  });
}
