import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  enrolResponseSchema,
  helloResponseSchema,
  type Hello,
} from '@sivis/shared/protocol/messages/desk.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { isOrderFor, type EraseOrder } from '@sivis/shared/fleet/eraseOrder.ts';
import { liveValue, type Live } from '../live.ts';
import type { DeskClock } from '../net/deskClock.ts';
import { readAnswer, type Send } from '../net/http.ts';
import { ed25519Verify } from '../audit/logCrypto.ts';
import type { Device, TextStore } from './device.ts';

/** How this desk stands at the service; `unasked` as long as it has not answered. */
export type DeskStanding = 'unasked' | Hello['desk'];

export type EnrolResult =
  | 'ok'
  /** The code is wrong, used or too old. */
  | 'code'
  /** The service knows this desk with another key: the code must be made for it. */
  | 'otherKey'
  | 'tooMany'
  | 'unreachable';

/** The enrolment of this desk by a one-time code. */
export interface Enrolment {
  readonly standing: Live<DeskStanding>;
  /** What the sign-in with an account of the organisation is called; `null` where there is none. */
  readonly oidc: Live<string | null>;
  /** Asks the service. Never rejects: without an answer nothing is known, and whoever knows this desk may work offline. */
  readonly look: () => Promise<void>;
  readonly enrol: (code: string) => Promise<EnrolResult>;
  /** The service's order to erase this desk, with a signature that holds; `null` as a rule. */
  readonly erase: Live<EraseOrder | null>;
  /** The service's key for orders and leases, as this desk learnt it; `null` before the first contact. */
  readonly serviceKey: () => string | null;
}

export interface EnrolmentPorts {
  readonly send: Send;
  readonly clock: DeskClock;
  readonly device: Device;
  /** Where the service's key for orders is kept from the first contact on. */
  readonly store: TextStore;
}

const ORDER_KEY = 'sivis-order-key';

function resultOf(error: unknown): EnrolResult {
  if (!(error instanceof SivisError)) return 'unreachable';
  if (error.code === 'ENROL_CODE' || error.code === 'MALFORMED') return 'code';
  if (error.code === 'CONFLICT') return 'otherKey';
  return error.code === 'TOO_MANY_REQUESTS' ? 'tooMany' : 'unreachable';
}

export function createEnrolment({ send, clock, device, store }: EnrolmentPorts): Enrolment {
  const erase = liveValue<EraseOrder | null>(null);

  /** Only the service with which this desk was enrolled can order it to erase itself. */
  async function takeOrder({ desk, erase: order, orderKey }: Hello): Promise<void> {
    const pinned = store.getItem(ORDER_KEY);
    if (pinned === null && desk !== 'unknown') store.setItem(ORDER_KEY, orderKey);
    const holds = order !== null && (await isOrderFor(order, device.id, pinned ?? orderKey, ed25519Verify));
    if (!holds) erase.set(null);
    else if (erase.get()?.orderId !== order.orderId) erase.set(order);
  }

  const standing = liveValue<DeskStanding>('unasked');
  const oidc = liveValue<string | null>(null);

  async function look(): Promise<void> {
    try {
      const answer = await send({ path: PATHS.hello, body: { device: { id: device.id } } });
      const hello = readAnswer(helloResponseSchema, answer.body);
      clock.observe(hello.serverTime, answer.sentAt, answer.receivedAt);
      oidc.set(hello.oidc);
      standing.set(hello.desk);
      await takeOrder(hello);
    } catch {
      // Asked again when the link says that the service answers.
    }
  }

  return {
    standing,
    oidc,
    erase,
    serviceKey: () => store.getItem(ORDER_KEY),
    look,
    async enrol(code) {
      try {
        const body = { code: code.trim(), device: { id: device.id, name: device.name.get() } };
        const answer = await send({ path: PATHS.enrol, body });
        device.rename(readAnswer(enrolResponseSchema, answer.body).deviceName);
        store.removeItem(ORDER_KEY);
        standing.set('known');
        await look();
        return 'ok';
      } catch (error) {
        return resultOf(error);
      }
    },
  };
}
