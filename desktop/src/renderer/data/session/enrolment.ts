import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { enrolResponseSchema, helloResponseSchema, type Hello } from '@sivis/shared/protocol/messages.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { liveValue, type Live } from '../live.ts';
import type { DeskClock } from '../net/deskClock.ts';
import { readAnswer, type Send } from '../net/http.ts';
import type { Device } from './device.ts';

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
}

export interface EnrolmentPorts {
  readonly send: Send;
  readonly clock: DeskClock;
  readonly device: Device;
}

function resultOf(error: unknown): EnrolResult {
  if (!(error instanceof SivisError)) return 'unreachable';
  if (error.code === 'ENROL_CODE' || error.code === 'MALFORMED') return 'code';
  if (error.code === 'CONFLICT') return 'otherKey';
  return error.code === 'TOO_MANY_REQUESTS' ? 'tooMany' : 'unreachable';
}

export function createEnrolment({ send, clock, device }: EnrolmentPorts): Enrolment {
  const standing = liveValue<DeskStanding>('unasked');
  const oidc = liveValue<string | null>(null);

  async function look(): Promise<void> {
    try {
      const answer = await send({ path: PATHS.hello, body: { device: { id: device.id } } });
      const hello = readAnswer(helloResponseSchema, answer.body);
      clock.observe(hello.serverTime, answer.sentAt, answer.receivedAt);
      oidc.set(hello.oidc);
      standing.set(hello.desk);
    } catch {
      // Asked again when the link says that the service answers.
    }
  }

  return {
    standing,
    oidc,
    look,
    async enrol(code) {
      try {
        const body = { code: code.trim(), device: { id: device.id, name: device.name.get() } };
        const answer = await send({ path: PATHS.enrol, body });
        device.rename(readAnswer(enrolResponseSchema, answer.body).deviceName);
        standing.set('known');
        return 'ok';
      } catch (error) {
        return resultOf(error);
      }
    },
  };
}
