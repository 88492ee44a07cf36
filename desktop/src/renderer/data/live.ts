/** A value that changes: a subscriber gets the present one at once and every later one. RxJS and Svelte can read it. */
export interface Live<T> {
  subscribe(run: (value: T) => void): () => void;
}

/** A {@link Live} value that its owner can read and set. */
export interface LiveValue<T> extends Live<T> {
  get(): T;
  /** Tells the subscribers when the value is another one (by identity). */
  set(value: T): void;
}

/** A new live value. */
export function liveValue<T>(initial: T): LiveValue<T> {
  let value = initial;
  const subscribers = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const run of [...subscribers]) run(value);
    },
    subscribe(run) {
      subscribers.add(run);
      run(value);
      return () => {
        subscribers.delete(run);
      };
    },
  };
}

/** The present value of something live. */
export function readLive<T>(live: Live<T>): T {
  let value: T | undefined;
  live.subscribe((now) => {
    value = now;
  })();
  return value as T;
}

/** Events without a present value. */
export interface Signal<T> {
  on(run: (value: T) => void): () => void;
}

export interface Emitter<T> extends Signal<T> {
  emit(value: T): void;
}

/** A new source of events. */
export function emitter<T>(): Emitter<T> {
  const subscribers = new Set<(value: T) => void>();
  return {
    on(run) {
      subscribers.add(run);
      return () => {
        subscribers.delete(run);
      };
    },
    emit(value) {
      for (const run of [...subscribers]) run(value);
    },
  };
}
