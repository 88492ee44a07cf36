import type { Component } from 'svelte';
import type { ScreenDefinition, ScreenProps } from './screen.ts';

const loaded = new Map<string, Component<ScreenProps>>();

/** The component of a screen that was shown before, so that it is shown again without waiting. */
export function cachedScreen(id: string): Component<ScreenProps> | undefined {
  return loaded.get(id);
}

/** Fetches the component of a screen and keeps it. Rejects when its file cannot be loaded. */
export async function loadScreen(screen: ScreenDefinition): Promise<Component<ScreenProps>> {
  // A screen without parameters declares no props; it is mounted with them all the same.
  const component = (await screen.load()).default as Component<ScreenProps>;
  loaded.set(screen.id, component);
  return component;
}
