/** The keyboard of a combobox with a list: which option is active, and what a key does to it (WAI-ARIA APG). */
export interface OptionList {
  /** Index of the active option, -1 for none. Reactive. */
  readonly active: number;
  readonly activate: (index: number) => void;
  /** Moves by a key; true when the key belonged to the list. */
  readonly key: (event: KeyboardEvent) => boolean;
}

/**
 * @param count how many options there are now
 * @param choose what Enter does with the active one
 */
export function optionList(count: () => number, choose: (index: number) => void): OptionList {
  let wanted = $state(0);
  const active = $derived(Math.min(wanted, count() - 1));
  return {
    get active() {
      return active;
    },
    activate(index) {
      wanted = index;
    },
    key(event) {
      const total = count();
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
      if (event.key === 'ArrowDown' && total > 0) wanted = (active + 1) % total;
      else if (event.key === 'ArrowUp' && total > 0) wanted = (active - 1 + total) % total;
      else if (event.key === 'PageDown' && total > 0) wanted = Math.min(total - 1, active + 8);
      else if (event.key === 'PageUp' && total > 0) wanted = Math.max(0, active - 8);
      else if (event.key === 'Enter' && active >= 0) choose(active);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
