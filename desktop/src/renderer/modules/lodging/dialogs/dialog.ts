import type { Draft } from '@sivis/shared/lodging/commands.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';

/** Every dialog of the lodging, and what it opens with. */
export type StayDialog =
  | {
      readonly kind: 'book';
      readonly bedId?: string | undefined;
      readonly from?: PlainDate | undefined;
      readonly to?: PlainDate | undefined;
      readonly personId?: string | undefined;
      /** The stay of the client whom the new guest accompanies. */
      readonly companionOf?: string | undefined;
    }
  | { readonly kind: 'checkIn'; readonly stayId: string }
  | { readonly kind: 'checkOut'; readonly stayId: string }
  | { readonly kind: 'move'; readonly stayId: string; readonly segmentId?: string | undefined }
  | { readonly kind: 'swap'; readonly stayId: string }
  | { readonly kind: 'dates'; readonly stayId: string }
  | { readonly kind: 'diet'; readonly stayId: string }
  | { readonly kind: 'end'; readonly stayId: string; readonly state: 'cancelled' | 'no_show' }
  | {
      readonly kind: 'block';
      readonly bedId: string;
      readonly from: PlainDate;
      readonly to?: PlainDate | undefined;
    }
  /** Something dropped on the board that breaks rules which may be set aside: it asks for the reason. */
  | {
      readonly kind: 'confirm';
      readonly title: string;
      readonly label: string;
      readonly drafts: readonly Draft[];
    };
