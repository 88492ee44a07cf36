import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseStartArgs } from './startArgs.mjs';

const root = path.resolve('/project');
const cwd = path.resolve('/elsewhere');
const parse = (...argv) => parseStartArgs(argv, { root, cwd });

describe('parseStartArgs', () => {
  it('starts the demonstration centre on any free port and opens it', () => {
    expect(parse()).toEqual({
      help: false,
      port: undefined,
      data: path.join(root, '.data/demo'),
      open: true,
      demo: true,
      desk: 1,
    });
  });
  it('takes every flag', () => {
    expect(parse('--port', '5000', '--data', 'x', '--no-open', '--no-demo', '--desk', '3')).toEqual({
      help: false,
      port: 5000,
      data: path.join(cwd, 'x'),
      open: false,
      demo: false,
      desk: 3,
    });
  });
  it('keeps an empty centre apart from the demonstration', () => {
    expect(parse('--no-demo').data).toBe(path.join(root, '.data/centre'));
  });
  it.each([
    ['--port', '0'],
    ['--port', '70000'],
    ['--port', '1e3'],
    ['--desk', '0'],
    ['--desk', '-2'],
    ['--desk', 'two'],
    ['--what', 'x'],
    ['stray', 'words'],
  ])('refuses %s %s as wrong use', (...argv) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ name: 'Failure', exitCode: 2 }));
  });
});
