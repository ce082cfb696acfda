// Grids, the ends of axes, and a memory for what takes long.

import { digits } from "./words.js";

/** The same function, which remembers what it has found; costs are known by their names. */
export function cached(make) {
  const known = new Map();
  return (...key) => {
    const text = JSON.stringify(key.map((part) => part?.name ?? part));
    if (known.size > 500) known.clear();
    if (!known.has(text)) known.set(text, make(...key));
    return known.get(text);
  };
}

export const span = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
export const grid = (low, high, count) =>
  span(0, count + 1).map((i) => low + ((high - low) * i) / count);
export const clip = (x, low, high) => Math.min(high, Math.max(low, x));

/** The smallest of ..., 1, 2, 5, 10, 20, 50, ... that is x or more. */
export function roundUp(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * [1, 2, 5, 10].find((m) => m * power >= x * (1 - 1e-9));
}

/** An axis around 0 for the first sizes, or 4, 16, ... times as wide, for most of the others. */
export function aroundZero(first, needed) {
  let far = roundUp(extent([0.01, ...first])[1]);
  while (far < 0.7 * extent([0, ...needed])[1]) far *= 4;
  return [-far, far];
}

/** The least and the largest of those that are finite. */
export function extent(list) {
  const seen = list.filter(Number.isFinite);
  return [Math.min(...seen), Math.max(...seen)];
}

/** The whole numbers around them. */
export function wholes(list) {
  const [low, high] = extent(list);
  return [Math.floor(low), Math.ceil(high)];
}

/** The powers of ten around 1, 10, and what is finite and above 0. */
export function decades(values) {
  const seen = values.filter((v) => v > 1e-300 && v < 1e300);
  return wholes([0, 1, ...seen.map(Math.log10)]).map((log) => 10 ** log);
}

/** Numbers on an axis, as [value, text]: round ones, or powers of ten if it is logarithmic. */
export function ticks([low, high], count, logarithmic) {
  const log = logarithmic ? Math.log10 : (x) => x;
  const apart = roundUp((log(high) - log(low)) / count);
  const step = logarithmic ? Math.max(1, apart) : apart;
  const first = Math.ceil(log(low) / step - 1e-9);
  return span(first, Math.floor(log(high) / step + 1e-9) + 1).map((i) => {
    const at = Number((i * step).toPrecision(12));
    return logarithmic ? [10 ** at, digits(10 ** at)] : [at, digits(at)];
  });
}
