/** A JSON value; what fields, operations and audit payloads consist of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The fields of a document by name. */
export type Fields = Readonly<Record<string, Json>>;

/** Structural equality of two JSON values; an absent field equals `null`, key order does not matter. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  const left = a ?? null;
  const right = b ?? null;
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const leftIsArray = Array.isArray(left);
  if (leftIsArray !== Array.isArray(right)) return false;
  if (leftIsArray) {
    const x = left as readonly Json[];
    const y = right as readonly Json[];
    return x.length === y.length && x.every((value, index) => jsonEqual(value, y[index]));
  }
  const x = left as Fields;
  const y = right as Fields;
  const keys = new Set([...Object.keys(x), ...Object.keys(y)]);
  for (const key of keys) if (!jsonEqual(x[key], y[key])) return false;
  return true;
}

/** Nesting depth of a JSON text's value: 0 for a scalar, 1 for a flat object or array. Iterative, so that depth cannot harm it. */
export function jsonDepth(value: unknown): number {
  let deepest = 0;
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (typeof top.value !== 'object' || top.value === null) continue;
    const depth = top.depth + 1;
    if (depth > deepest) deepest = depth;
    for (const child of Object.values(top.value)) stack.push({ value: child, depth });
  }
  return deepest;
}
