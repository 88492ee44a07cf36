const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"], [role="tab"][aria-selected="true"]';

/** The first thing in a pane that takes the keyboard, or the pane itself. */
function entry(pane: HTMLElement): HTMLElement {
  const marked = pane.querySelector<HTMLElement>('[aria-current="page"], [role="grid"]');
  return marked ?? pane.querySelector<HTMLElement>(FOCUSABLE) ?? pane;
}

function visible(element: HTMLElement): boolean {
  return element.getClientRects().length > 0;
}

/** Moves the focus to the next (1) or previous (-1) pane: elements marked `data-pane`, in the order of the page. */
export function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(visible);
  if (panes.length === 0) return;
  const now = panes.findLastIndex((pane) => pane.contains(document.activeElement));
  const next = now < 0 ? (step === 1 ? 0 : panes.length - 1) : (now + step + panes.length) % panes.length;
  const pane = panes[next];
  if (pane) entry(pane).focus();
}

/** Moves the focus to the next thing that wants mending behind the present one; false when there is none. */
export function focusNextProblem(): boolean {
  const problems = [
    ...document.querySelectorAll<HTMLElement>('[aria-invalid="true"], [data-problem]'),
  ].filter(visible);
  const here = document.activeElement;
  const behind = problems.find(
    (problem) =>
      here === null || (here.compareDocumentPosition(problem) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  );
  const target = behind ?? problems[0];
  if (!target || target === here) return false;
  target.focus();
  return true;
}

/** Presses the main action of what is open (`data-main-action`), the last one shown; false when there is none. */
export function pressMainAction(): boolean {
  const actions = [...document.querySelectorAll<HTMLElement>('[data-main-action]')].filter(visible);
  const action = actions.at(-1);
  if (!action) return false;
  action.click();
  return true;
}
