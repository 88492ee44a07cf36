/** The peers are installed on demand, so the types of what is used of them stand here. */
declare module '@event-calendar/core' {
  import type { Component } from 'svelte';
  export const Calendar: Component<{ plugins: unknown[]; options: object }>;
  export const ResourceTimeline: unknown;
}
declare module '@event-calendar/core/index.css';
