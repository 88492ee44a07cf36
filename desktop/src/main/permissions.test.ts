import { expect, it } from 'vitest';
import type { PermissionSession } from './permissions.ts';
import { denyAllPermissions } from './permissions.ts';

it('sets all handlers, and each denies', () => {
  const answers: Record<string, unknown> = {};
  const session: PermissionSession = {
    setPermissionRequestHandler: (handler) => {
      handler({}, 'media', (granted) => (answers['request'] = granted));
    },
    setPermissionCheckHandler: (handler) => (answers['check'] = handler()),
    setDevicePermissionHandler: (handler) => (answers['device'] = handler()),
    setDisplayMediaRequestHandler: (handler) => {
      handler({}, (streams) => (answers['display'] = streams));
    },
    setBluetoothPairingHandler: (handler) => {
      handler({}, (response) => (answers['bluetooth'] = response.confirmed));
    },
  };
  denyAllPermissions(session);
  expect(answers).toEqual({ request: false, check: false, device: false, display: null, bluetooth: false });
});
