/**
 * What the structured clone of an IPC message keeps, as text: the protocol of Chromium carries nothing else. One function,
 * because its source also goes into the page's isolated world; it may use nothing from outside itself.
 */
export function createCodec() {
  const VIEWS = {
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  };

  function toBase64(bytes: Uint8Array): string {
    let text = '';
    for (let at = 0; at < bytes.length; at += 32_768)
      text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(text);
  }

  function fromBase64(text: string): ArrayBuffer {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes.buffer;
  }

  function encode(value: unknown): string {
    const seen = new Map<object, number>();
    const walk = (v: unknown): unknown => {
      if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
      if (v === undefined) return { t: 'undefined' };
      if (typeof v === 'number')
        return Number.isFinite(v) && !Object.is(v, -0)
          ? v
          : { t: 'number', v: Object.is(v, -0) ? '-0' : String(v) };
      if (typeof v === 'bigint') return { t: 'bigint', v: String(v) };
      if (typeof v !== 'object') throw new TypeError('cannot be cloned');
      const known = seen.get(v);
      if (known !== undefined) return { t: 'ref', v: known };
      seen.set(v, seen.size);
      if (Array.isArray(v)) return { t: 'array', v: v.map(walk) };
      if (v instanceof Date) return { t: 'date', v: v.getTime() };
      if (v instanceof ArrayBuffer) return { t: 'buffer', v: toBase64(new Uint8Array(v)) };
      if (ArrayBuffer.isView(v)) {
        // A Buffer arrives as what it is to the structured clone.
        const name = v instanceof Uint8Array ? 'Uint8Array' : v.constructor.name;
        return { t: 'view', n: name, v: toBase64(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) };
      }
      if (v instanceof Map) return { t: 'map', v: [...v].map(([k, w]) => [walk(k), walk(w)]) };
      if (v instanceof Set) return { t: 'set', v: [...v].map(walk) };
      if (v instanceof Error) return { t: 'error', n: v.name, v: v.message };
      return { t: 'object', v: Object.entries(v).map(([k, w]) => [k, walk(w)]) };
    };
    return JSON.stringify(walk(value));
  }

  function decode(text: string): unknown {
    const made: unknown[] = [];
    const keep = <T>(value: T): T => {
      made.push(value);
      return value;
    };
    const walk = (e: unknown): unknown => {
      if (e === null || typeof e !== 'object') return e;
      const { t, v, n } = e as { t: string; v: never; n: keyof typeof VIEWS };
      if (t === 'undefined') return undefined;
      if (t === 'number') return Number(v);
      if (t === 'bigint') return BigInt(v);
      if (t === 'ref') return made[v];
      if (t === 'date') return keep(new Date(v));
      if (t === 'buffer') return keep(fromBase64(v));
      if (t === 'view') return keep(new (VIEWS[n] as Uint8ArrayConstructor)(fromBase64(v)));
      if (t === 'error') return keep(Object.assign(new Error(v), { name: n }));
      if (t === 'array') {
        const array = keep<unknown[]>([]);
        for (const one of v as unknown[]) array.push(walk(one));
        return array;
      }
      if (t === 'map') {
        const map = keep(new Map());
        for (const [k, w] of v as [unknown, unknown][]) map.set(walk(k), walk(w));
        return map;
      }
      if (t === 'set') {
        const set = keep(new Set());
        for (const one of v as unknown[]) set.add(walk(one));
        return set;
      }
      const object = keep<Record<string, unknown>>({});
      for (const [key, w] of v as [string, unknown][]) {
        // Also `__proto__` arrives as a property of its own, as the structured clone makes it.
        Object.defineProperty(object, key, {
          value: walk(w),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return object;
    };
    return walk(JSON.parse(text));
  }

  return { encode, decode };
}

/** For main's side. */
export const codec = createCodec();
