// Numbers and words without a page: costs, estimators, exact moments, samples, scales.
//
// What is exact here is exact by the rules of gradlib's quadrature.py, and is nan where those rules
// do not vouch for it. tests/test_live.py compares it with gradlib.

// ---- costs

export function erf(u) {
  if (Math.abs(u) > 6) return Math.sign(u);
  let [term, sum] = [u, u]; // a series of positive terms: nothing cancels
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * u * u) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-u * u) * sum;
}

const LIBRARY = {
  erf,
  sigmoid: (u) => 1 / (1 + Math.exp(-u)),
  softplus: (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u))),
  heaviside: (u, atZero) => (u === 0 ? atZero : (1 + Math.sign(u)) / 2),
};

/** A function of the settings that gives a cost: r(z), slope(z), bend(z), its breaks, its flaw. */
export function compile({ name, source, flaw, constant }) {
  const scope = new Function(...Object.keys(LIBRARY), `"use strict"; return ${source};`);
  const make = scope(...Object.values(LIBRARY));
  return (settings) => {
    const { r, slope, bend, breaks } = make(settings);
    const real = (f) => (z) => (Number.isNaN(r(z)) ? NaN : f(z)); // log(z) has none at z < 0
    return { name, r, slope: real(slope), bend: real(bend), breaks, flaw, constant };
  };
}

/** The cost plus a constant: a baseline b is the constant -b. */
export const plus = (cost, c) => ({ ...cost, name: `${cost.name} + ${c}`, r: (z) => cost.r(z) + c });

// ---- estimators

/** d/dmu or d/dsigma of log N(z | mu, sigma^2), times sigma. */
export const score = (eps, name) => (name === "mu" ? eps : eps * eps - 1);

/** One sample's gradient, for the parameter called "mu" or "sigma". */
export const ESTIMATORS = {
  score: (cost, { mu, sigma }, eps, name) =>
    (cost.r(mu + sigma * eps) * score(eps, name)) / sigma,
  pathwise: (cost, { mu, sigma }, eps, name) =>
    cost.slope(mu + sigma * eps) * (name === "mu" ? 1 : eps),
};

export const KINDS = Object.keys(ESTIMATORS);

/** Mean and variance of one term of each estimator, exactly: { score, pathwise }. */
export function exact(cost, q, name) {
  const terms = (z, eps) => KINDS.map((kind) => ESTIMATORS[kind](cost, q, eps, name));
  const [score, pathwise] = moments(cost, q, terms);
  return { score, pathwise };
}

/** Means, and standard errors of the means, of the first 1, 2, 3, ... terms. */
export function running(terms) {
  const means = new Float64Array(terms.length);
  const errors = new Float64Array(terms.length);
  let [mean, squares] = [0, 0];
  terms.forEach((term, i) => {
    const before = term - mean;
    mean += before / (i + 1);
    squares += before * (term - mean);
    means[i] = mean;
    errors[i] = i ? Math.sqrt(squares / i / (i + 1)) : Infinity;
  });
  return { means, errors };
}

// ---- samples

/** Standard normal numbers, the same ones for the same seed (mulberry32, Box and Muller). */
export function normals(seed, count) {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float64Array.from({ length: count }, normal);
}

export const density = (eps) => Math.exp(-0.5 * eps * eps) / Math.sqrt(2 * Math.PI);

/** The eps below which a share p of N(0, 1) lies. */
export function quantile(p) {
  let [low, high] = [-9, 9];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if ((1 + erf(middle / Math.SQRT2)) / 2 < p) low = middle;
    else high = middle;
  }
  return low;
}

// ---- quadrature

const REACH = 38; // in standard deviations: further out the normal density is below 1e-313
const TOLERANCE = 1e-11; // relative to the integral of the absolute integrand, the scale
const SCALE_TOLERANCE = 3e-3; // the scale is a yardstick: it only has to settle
const HOPELESS = 1e-3; // of the scale, missed at an end: no refinement will find so much
const MAX_NODES = 2 ** 15;
const GOLDEN = (1 + Math.sqrt(5)) / 2; // steps in a rational ratio may agree on a wrong value

/** Mean and variance under eps ~ N(0, 1) of each number that terms(z, eps) lists.
 *
 * They are refined until nothing moves, and nan where that does not come, where they may be
 * infinite, or where the cost has a flaw. A mean that is mere rounding is 0. */
export function moments(cost, q, terms) {
  const panels = arrange(cost, q);
  const found = Array(2 * terms(q.mu, 0).length).fill(NaN); // means, then variances
  let open = cost.flaw ? [] : [...found.keys()];
  for (let look = 0, before; open.length; look++) {
    const nodes = rule(panels, panels.first + Math.max(0, look - 0.5));
    if (nodes.length > MAX_NODES) break;
    const now = sums(nodes, q, terms);
    const lost = before ? losses(panels, q, terms) : null;
    open = open.filter((i) => {
      const [value, scale] = [now.values[i], now.scales[i]];
      if (!Number.isFinite(value + scale)) return false;
      const settled =
        before &&
        Math.abs(value - before.values[i]) <= TOLERANCE * scale &&
        Math.abs(scale - before.scales[i]) <= SCALE_TOLERANCE * scale;
      if (settled && lost[i] <= TOLERANCE * scale)
        found[i] = Math.abs(value) <= now.noise[i] ? 0 : value;
      return !settled && !(look >= 2 && !(lost[i] <= HOPELESS * scale));
    });
    before = now;
  }
  const count = found.length / 2;
  return found.slice(0, count).map((mean, i) => ({ mean, variance: found[count + i] }));
}

const ulp = (x) => Math.max(Math.abs(x) * 2 ** -52, Number.MIN_VALUE);

/** The ends of the panels in eps, how near to them z is mere rounding, and the first level. */
function arrange(cost, { mu, sigma }) {
  const inner = cost.breaks.map((z) => (z - mu) / sigma).filter((eps) => Math.abs(eps) < REACH);
  const width = (eps) => 8 * ulp(Math.abs(eps) + Math.abs(mu) / sigma);
  const ends = [-REACH];
  for (const eps of [...inner.sort((a, b) => a - b), REACH])
    if (eps - ends.at(-1) > 16 * width(eps)) ends.push(eps);
  const widths = ends.map(width);
  if (ends.length === 2) return { ends, near: widths, first: 0 };
  const lengths = ends.slice(2, -1).map((end, i) => end - ends[i + 1]);
  const longest = Math.max(1, ends[1], -ends.at(-2), ...lengths);
  const level = Math.log(Math.max(2 * longest, 25 / (ends.length - 1))) / Math.log(GOLDEN);
  const tiny = Math.min(...widths) < 1e-18 ? 1e-300 : 1e-20;
  const outer = (i) => i === 0 || i === ends.length - 1;
  const near = widths.map((width, i) => (outer(i) ? width : Math.max(width, tiny)));
  return { ends, near, first: Math.ceil(2 * Math.max(level, 1)) / 2, tiny };
}

/** Nodes [eps, weight, eps, weight, ...] on all panels. */
function rule({ ends, near, tiny }, level) {
  const nodes = [];
  if (ends.length === 2) {
    const step = 0.5 * GOLDEN ** -level;
    for (let eps = step / 2; eps < REACH; eps += step) nodes.push([eps, step], [-eps, step]);
    return nodes;
  }
  const last = ends.length - 2;
  for (const [x, weight] of halfLine(level, tiny)) {
    const [left, right] = [Math.max(x, near[1]), Math.max(x, near[last])];
    if (left < ends[1] + REACH) nodes.push([ends[1] - left, weight]);
    if (right < REACH - ends[last]) nodes.push([ends[last] + right, weight]);
  }
  for (let i = 1; i < last; i++) {
    const length = ends[i + 1] - ends[i];
    for (const [left, distance, weight] of doubleExponential(level, tiny)) {
      const from = Math.max(length * distance, near[left ? i : i + 1]);
      nodes.push([left ? ends[i] + from : ends[i + 1] - from, length * weight]);
    }
  }
  return nodes;
}

/** Trapezoid rule in t for x = exp(t - exp(-t)) on (0, infinity): [x, weight]. */
const halfLine = cached((level, tiny) => {
  const step = GOLDEN ** -level;
  const first = Math.floor(-Math.log(-Math.log(tiny)) / step);
  return span(first, Math.ceil(4.5 / step)).map((i) => {
    const x = Math.exp(i * step - Math.exp(-i * step));
    return [x, step * x * (1 + Math.exp(-i * step))];
  });
});

/** Trapezoid rule in t for x = tanh(pi/2 sinh t) on a panel of length 1.
 *
 * Of each node: is it in the left half, its distance to the nearer end, its weight. */
const doubleExponential = cached((level, tiny) => {
  const step = GOLDEN ** -level;
  const last = Math.ceil(Math.asinh(-Math.log(tiny) / Math.PI) / step);
  return span(-last, last + 1).map((i) => {
    const near = 1 / (1 + Math.exp(Math.PI * Math.sinh(Math.abs(i * step))));
    return [i < 0, near, step * Math.PI * Math.cosh(i * step) * near * (1 - near)];
  });
});

/** Means and variances of the terms, their scales, and what of them would be mere rounding. */
function sums(nodes, { mu, sigma }, terms) {
  // each factor gets half of the density: a square may overflow where its product does not
  const roots = nodes.map(([eps, weight]) => Math.sqrt(weight * density(0)) * rootBell(eps));
  const rows = nodes.map(([eps], j) => terms(mu + sigma * eps, eps).map((t) => t * roots[j]));
  const count = rows[0].length;
  const [values, scales, noise] = [0, 0, 0].map(() => new Float64Array(2 * count));
  for (let i = 0; i < count; i++) {
    rows.forEach((row, j) => {
      values[i] += row[i] * roots[j];
      scales[i] += Math.abs(row[i]) * roots[j];
      scales[count + i] += row[i] ** 2;
    });
    rows.forEach((row, j) => (values[count + i] += (row[i] - values[i] * roots[j]) ** 2));
    noise[i] = 1e-12 * scales[i];
    noise[count + i] = 1e-26 * scales[count + i];
  }
  return { values, scales, noise };
}

const rootBell = (eps) => Math.exp(-0.25 * eps * eps);

/** What the nodes leave out at the ends of the panels, for each mean and each variance. */
function losses({ ends, near }, { mu, sigma }, terms) {
  const at = (eps) => {
    const sizes = terms(mu + sigma * eps, eps).map((t) => Math.abs(t) * rootBell(eps));
    return [...sizes.map((size) => size * rootBell(eps)), ...sizes.map((size) => size ** 2)];
  };
  const worst = at(0).fill(0);
  const last = ends.length - 1;
  ends.forEach((end, i) => {
    const inwards = i === 0 ? [1] : i === last ? [-1] : [-1, 1];
    for (const step of inwards.map((side) => side * near[i])) {
      const [close, further] = [at(end + step), at(end + 4 * step)];
      worst.forEach((w, j) => {
        const missed = near[i] * Math.abs(close[j] - (inwards[1] ? further[j] : 0));
        worst[j] = missed <= w ? w : missed; // nan stays
      });
    }
  });
  return worst;
}

// ---- words

export const NAMES = { score: "score function", pathwise: "pathwise" };
export const LETTERS = { mu: "μ", sigma: "σ" };

/** Four digits. */
export function digits(x) {
  if (!Number.isFinite(x)) return "—";
  const [size, text] = [Math.abs(x), String(Number(x.toPrecision(4)))];
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return minus(text);
  const [front, power] = x.toExponential(3).split("e");
  return `${minus(String(Number(front)))}·10${raised(Number(power))}`;
}

const minus = (text) => text.replace("-", "−");
export const raised = (n) => [...String(n)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");

/** Who has the smaller variance, in words; or that pathwise is biased; or why nobody can say. */
export function verdict({ score, pathwise }, cost) {
  const [a, b] = [score.variance, pathwise.variance];
  if (cost.flaw) return `no verdict: ${cost.flaw}`;
  if (!(a + b < Infinity)) return "no verdict: a variance is infinite, or cannot be vouched for";
  const size = Math.sqrt(a + b + score.mean ** 2);
  if (Math.abs(pathwise.mean - score.mean) > 1e-8 * size)
    return `pathwise is biased: its mean is ${digits(pathwise.mean)}, not ${digits(score.mean)}`;
  if (Math.abs(a - b) <= 1e-9 * Math.max(a, b)) return "a tie";
  const factor = Math.max(a, b) / Math.min(a, b);
  const by = factor < Infinity ? ` by a factor of ${digits(factor)}` : ": its variance is 0";
  return `${b < a ? "pathwise" : "score function"} wins${by}`;
}

// ---- scales

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

/** How far an axis reaches that must hold `needed`: as far as `first`, or 4, 16, ... times that.
 *
 * It depends on nothing that went before, and seldom moves. */
export function reach(first, needed) {
  let far = roundUp(first);
  while (far < needed) far *= 4;
  return far;
}

/** The powers of ten around what is finite and above 0. */
export function decades(values) {
  const logs = values.filter((v) => v > 1e-300 && v < 1e300).map(Math.log10);
  const [low, high] = [Math.floor(Math.min(0, ...logs)), Math.ceil(Math.max(1, ...logs))];
  return [10 ** low, 10 ** high];
}

/** The range of an axis to either side of 0, likewise; `first` is where it stands at first. */
export function symmetric(first, needed) {
  const [near, far] = [reach(first, 0), reach(first, needed)];
  return { y: [-far, far], first: [-near, near] };
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
