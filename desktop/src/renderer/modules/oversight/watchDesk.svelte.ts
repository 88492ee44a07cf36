import { fromLive } from './shell.ts';
import type { Desk } from '../../data/desk/desk.ts';

/**
 * The desk's version as a reactive number: read it inside a `$derived` and the projection is made anew when
 * documents change, at most once per frame.
 */
export function watchDesk(desk: Desk): { readonly current: number } {
  return fromLive({ subscribe: (run) => desk.changed.on(() => run(desk.version())) }, desk.version());
}
