import { describe } from 'vitest';
import { HALF, worldsFrom } from './worldsOf.ts';

/** The second half of the worlds, in a file of its own so that two cores share them. */
describe('more simulated worlds', () => {
  worldsFrom(1 + HALF, HALF);
});
