import { toast } from 'svelte-sonner';

/** How long "Undo" stays in sight. The same undo stays reachable by Ctrl+Z. */
export const UNDO_MS = 8_000;

const DONE_MS = 4_000;

/** Says that something is done. Errors stand where they happened, if there is such a place. */
export function toastDone(text: string): void {
  toast.success(text, { duration: DONE_MS });
}

/** Tells something that somebody would not look for, long enough to read it. */
export function toastNote(text: string): void {
  toast.info(text, { duration: UNDO_MS });
}

/** Says that something is done and offers to take it back for eight seconds. */
export function toastUndo(text: string, undo: { readonly label: string; readonly run: () => void }): void {
  toast.success(text, { duration: UNDO_MS, action: { label: undo.label, onClick: undo.run } });
}

/** Says that something that was asked for by a key did not happen: there is no place on the screen where it would stand. */
export function toastProblem(text: string): void {
  toast.error(text, { duration: UNDO_MS });
}

/** Takes every toast away: at lock and at sign-out nothing of the last person stays on the screen. */
export function clearToasts(): void {
  toast.dismiss();
}
