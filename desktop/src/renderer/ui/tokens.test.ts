import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function block(start: string): Record<string, string> {
  const from = css.indexOf(start);
  expect(from, start).toBeGreaterThan(-1);
  const body = css.slice(css.indexOf('{', from) + 1, css.indexOf('}', from));
  const tokens: Record<string, string> = {};
  for (const match of body.matchAll(/--([\w-]+):\s*([^;]+);/g)) tokens[match[1]!] = match[2]!.trim();
  return tokens;
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg', 'surface', 'surface-2'];
const tones = ['ok', 'warn', 'danger', 'info', 'sync'];
const textPairs: [string, string][] = [
  ...[...grounds, 'info-bg'].flatMap((ground): [string, string][] => [
    ['text', ground],
    ['muted', ground],
    ['accent', ground],
  ]),
  ['on-accent', 'accent'],
  ['surface', 'text'],
  ...tones.map((tone): [string, string] => [`${tone}-fg`, `${tone}-bg`]),
  ...tones.flatMap((tone) => grounds.map((ground): [string, string] => [`${tone}-fg`, ground])),
  ...tones.map((tone): [string, string] => ['text', `${tone}-bg`]),
];
const edgePairs = ['line-strong', 'focus', 'accent'].flatMap((edge) =>
  grounds.map((ground): [string, string] => [edge, ground]),
);

const themes = { light: block(':root {'), dark: block(":root[data-theme='dark']") };

describe.each(Object.entries(themes))('contrast of the %s theme', (_, tokens) => {
  it.each(textPairs)('text %s on %s is at least 4.5 : 1', (fg, bg) => {
    expect(contrast(tokens[fg]!, tokens[bg]!)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(edgePairs)('edge %s on %s is at least 3 : 1', (fg, bg) => {
    expect(contrast(tokens[fg]!, tokens[bg]!)).toBeGreaterThanOrEqual(3);
  });
});

describe('themes', () => {
  it('has the same dark values by choice and by system', () => {
    expect(block(":root:not([data-theme='light'], [data-theme='dark'])")).toEqual(themes.dark);
  });
  it('names the same tokens in every theme', () => {
    expect(Object.keys(themes.dark)).toEqual(Object.keys(themes.light));
    expect(Object.keys(block(':root:root'))).toEqual(Object.keys(themes.light));
  });
});
