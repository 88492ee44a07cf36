/** Chromium's own types of its protocol; the package has them and does not export them by name. */
export type { Protocol } from '../../node_modules/playwright-core/types/protocol.d.ts';
