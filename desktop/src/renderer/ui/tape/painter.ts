/**
 * Draws a list into an element by hand: what the chart has by the hundred (bars, days, figures). A component or an
 * `each` block for each of them costs the first picture more than half of its time, before the compiler is warm.
 */

/** How one thing of a list is drawn. */
export interface Brush<T> {
  /** What stays the same while the thing changes. No two in a list have the same. */
  readonly key: (item: T) => PropertyKey;
  readonly make: (item: T) => HTMLElement;
  /** Brings an element that shows `was` up to `item`. */
  readonly change: (element: HTMLElement, item: T, was: T) => void;
}

interface Drawn<T> {
  readonly key: PropertyKey;
  readonly element: HTMLElement;
  item: T;
  turn: number;
}

/**
 * Makes a painter for one element that holds nothing else. Each call leaves exactly one element per item, in the
 * order of the list; elements of items that stay are kept, so that focus and hover stay where they are.
 */
export function createPainter<T>(brush: Brush<T>): (host: Element, items: readonly T[]) => void {
  const drawn = new Map<PropertyKey, Drawn<T>>();
  let order: readonly Drawn<T>[] = [];
  let turn = 0;
  return (host, items) => {
    turn += 1;
    for (const item of items) {
      const known = drawn.get(brush.key(item));
      if (known) known.turn = turn;
    }
    for (const { key, element, turn: seen } of order) {
      if (seen === turn) continue;
      element.remove();
      drawn.delete(key);
    }
    let next = host.firstElementChild;
    order = items.map((item) => {
      const key = brush.key(item);
      const known = drawn.get(key);
      if (!known) {
        const made = { key, element: brush.make(item), item, turn };
        drawn.set(key, made);
        host.insertBefore(made.element, next);
        return made;
      }
      if (known.element === next) next = next.nextElementSibling;
      else host.insertBefore(known.element, next);
      if (known.item !== item) {
        brush.change(known.element, item, known.item);
        known.item = item;
      }
      return known;
    });
  };
}
