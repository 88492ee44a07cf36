/** Writes docs/performance.md and its plots from the results, misses included. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import prettier from 'prettier';
import { holds, median, type Goal, type Measured, type Outcome } from './figure.ts';
import type { Machine } from './machine.ts';

export interface Result extends Outcome {
  readonly name: string;
  readonly title: string;
  readonly how: string;
  readonly story?: string;
  readonly at: string;
  readonly machine: Machine;
  /** Processes that ran or wanted to in the minute before; above 0.5 others were at work. */
  readonly loadBefore: number;
}

/** Above this the machine was not quiet when a figure began. */
const QUIET = 0.5;

/** A figure with as many digits as it is worth. */
export function format(value: number, unit: Measured['unit']): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.replace('/s', 'per s');
}

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** Bars from nothing to the largest median, with the spread drawn through; one unit per plot. */
function plot(rows: readonly Measured[]): string {
  const [wide, left, high] = [760, 400, 22];
  const top = Math.max(...rows.map(({ runs }) => Math.max(...runs)), Number.MIN_VALUE);
  const x = (value: number): number => left + (value / top) * (wide - left - 90);
  const colour = { sivis: '#2f6f5e', peer: '#8a8f98', bare: '#c9b458' };
  const bars = rows.map(({ name, role, unit, runs }, at) => {
    const [y, mid] = [at * high + 4, median(runs)];
    const [low, far] = [Math.min(...runs), Math.max(...runs)];
    return (
      `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${escape(name)}</text>` +
      `<rect x="${left}" y="${y}" width="${Math.max(1, x(mid) - left).toFixed(1)}" height="14" fill="${colour[role]}"/>` +
      `<path d="M${x(low).toFixed(1)} ${y + 7}H${x(far).toFixed(1)}" stroke="#222" stroke-width="1.5"/>` +
      `<text x="${(x(far) + 6).toFixed(1)}" y="${y + 11}">${format(mid, unit)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${rows.length * high + 6}" font-family="Inter, sans-serif" font-size="11">` +
    `<rect width="100%" height="100%" fill="#fff"/>${bars.join('')}</svg>\n`
  );
}

const ROLE = { sivis: '', peer: 'peer', bare: 'bare limit' } as const;

function tableOf(rows: readonly Measured[]): string {
  const lines = rows.map(({ name, role, unit, runs }) => {
    const cells = [Math.min(...runs), median(runs), Math.max(...runs)].map((value) => format(value, unit));
    return `| ${[name, ROLE[role], ...cells, runs.length].join(' | ')} |`;
  });
  return ['| what | | min | median | max | n |', '|---|---|--:|--:|--:|--:|', ...lines].join('\n');
}

function goalsOf(goals: readonly Goal[]): string {
  const lines = goals.map((goal) => {
    const verdict = holds(goal) ? 'met' : '**missed**';
    const limit = `${goal.at === 'most' ? '≤' : '≥'} ${format(goal.limit, goal.unit)}`;
    return `| ${[goal.text, format(goal.value, goal.unit), limit, verdict].join(' | ')} |`;
  });
  return ['| goal | measured | asked | verdict |', '|---|--:|--:|---|', ...lines].join('\n');
}

function section(result: Result): string {
  const { machine } = result;
  const quiet =
    result.loadBefore <= QUIET
      ? 'quiet machine'
      : `**others were at work (load ${result.loadBefore.toFixed(1)} at the start)**`;
  return [
    `## ${result.title}`,
    result.how,
    goalsOf(result.goals),
    tableOf(result.rows),
    `![${result.title}](performance/${result.name}.svg)`,
    ...(result.notes ?? []).map((note) => `- ${note}`),
    result.story ?? '',
    `Measured ${result.at.slice(0, 10)}, ${quiet}. ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
      `${machine.system}, Node ${machine.node}, ${machine.chromium}. \`npm run bench -- ${result.name}\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Writes the page from every result file in the folder, in the order of `names`; what is not measured is named. */
export async function writeReport(folder: string, docs: string, names: readonly string[]): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const read = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Result),
  );
  const results = names.flatMap((name) => read.filter((result) => result.name === name));
  const without = names.filter((name) => !results.some((result) => result.name === name));
  const missed = results.flatMap(({ title, goals }) =>
    goals.filter((goal) => !holds(goal)).map((goal) => `${title}: ${goal.text}`),
  );
  const total = results.reduce((sum, { goals }) => sum + goals.length, 0);
  const plots = path.join(docs, 'performance');
  await mkdir(plots, { recursive: true });
  for (const result of results) await writeFile(path.join(plots, `${result.name}.svg`), plot(result.rows));
  const text = [
    '# Performance',
    'Written by `npm run bench` from `bench/results`; do not edit. Each figure stands beside a peer and, where there is ' +
      'one, beside the bare limit, measured in the same run on the same machine. Plots: green is SIVIS, grey a peer, ' +
      'yellow the bare limit, the line is the spread from the least to the largest run.',
    `${total - missed.length} of ${total} goals are met.`,
    missed.length === 0 ? '' : ['Missed:', ...missed.map((text) => `- ${text}`)].join('\n'),
    without.length === 0 ? '' : `Not measured yet: ${without.join(', ')}.`,
    ...results.map(section),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
  const file = path.join(docs, 'performance.md');
  const config = await prettier.resolveConfig(file);
  await writeFile(file, await prettier.format(text, { ...config, parser: 'markdown' }));
}
