import { describe } from 'vitest';
import { worldsFrom } from './worldsOf.ts';

/** The second half of the 300 worlds, in a file of its own so that two cores share them. */
describe('more simulated worlds', () => {
  worldsFrom(151, 150);
});
