/** The peers are installed on demand, so the types of what is used of them stand here. */
declare module '@event-calendar/core' {
  import type { Component } from 'svelte';
  export const Calendar: Component<{ plugins: unknown[]; options: object }>;
  export const ResourceTimeline: unknown;
}
declare module '@event-calendar/core/index.css';
declare module 'pouchdb/dist/pouchdb.js' {
  export default class PouchDB {
    constructor(name: string);
    info(): Promise<unknown>;
    static replicate(
      from: string | PouchDB,
      to: string | PouchDB,
      options: object,
    ): Promise<{ docs_written: number }>;
  }
}
