import { expect, it, vi } from 'vitest';
import { sendNoClientCertificate } from './certificates.ts';

it('chooses no certificate', () => {
  const event = { preventDefault: vi.fn() };
  const callback = vi.fn();
  sendNoClientCertificate({
    on: (_name, listener) => {
      listener(event, null, 'https://evil/', [{}], callback);
    },
  });
  expect(event.preventDefault).toHaveBeenCalledOnce();
  expect(callback).toHaveBeenCalledWith();
});
