import type { Component } from 'svelte';

/** A Lucide icon (`@lucide/svelte/icons/<name>`) or anything drawn like one. Always shown together with words. */
export type Icon = Component<{ size?: number | string; class?: string }>;

/** What a colour says: nothing (`neutral`), all well, look, act, information, waits for synchronisation. */
export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'info' | 'sync';
