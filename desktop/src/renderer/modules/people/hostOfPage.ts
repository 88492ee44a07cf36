import { createHost, type Host } from '../../host/index.ts';

let host: Promise<Host> | null = null;

/** What the page runs on, for printing; asked for once. */
export function hostOfPage(): Promise<Host> {
  host ??= createHost();
  return host;
}
