// Costs, the two estimators, samples.

import { moments } from "./quadrature.js";
import { cached } from "./scales.js";

function erf(u) {
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

/** A function that Python has written. */
export const compile = cached((source) => {
  const scope = new Function(...Object.keys(LIBRARY), `"use strict"; return ${source};`);
  return scope(...Object.values(LIBRARY));
});

/** The cost of a recipe: r(z), slope(z), bend(z), its breaks, its flaw. */
export function prepare({ name, source, flaw, constant }, settings) {
  const { r, slope, bend, breaks } = compile(source)(settings);
  const real = (f) => (z) => (Number.isNaN(r(z)) ? NaN : f(z)); // log(z) has none at z < 0
  return { name, r, slope: real(slope), bend: real(bend), breaks, flaw, constant };
}

/** The cost plus a constant: a baseline b is the constant -b. */
export const plus = (cost, c) => ({ ...cost, name: `${cost.name}+${c}`, r: (z) => cost.r(z) + c });

/** d/dmu or d/dsigma of log N(z | mu, sigma^2), times sigma. */
export const score = (eps, name) => (name === "mu" ? eps : eps * eps - 1);

/** One sample's gradient, for the parameter called "mu" or "sigma". */
export const ESTIMATORS = {
  score: (cost, { mu, sigma }, eps, name) => (cost.r(mu + sigma * eps) * score(eps, name)) / sigma,
  pathwise: (cost, { mu, sigma }, eps, name) =>
    cost.slope(mu + sigma * eps) * (name === "mu" ? 1 : eps),
};

export const KINDS = Object.keys(ESTIMATORS);

/** Mean and variance of one term of each estimator, exactly: { score, pathwise }. */
export function exact(cost, q, name, tolerance) {
  const terms = (z, eps) => KINDS.map((kind) => ESTIMATORS[kind](cost, q, eps, name));
  const [score, pathwise] = moments(cost, q, terms, tolerance);
  return { score, pathwise };
}

/** The mean, and its standard error, of the first 1, 2, 3, ... terms. */
export function running(terms) {
  let [mean, squares] = [0, 0];
  return Array.from(terms, (term, i) => {
    const before = term - mean;
    mean += before / (i + 1);
    squares += before * (term - mean);
    return { mean, error: i ? Math.sqrt(squares / i / (i + 1)) : Infinity };
  });
}

/** Standard normal numbers, the same ones for the same seed (mulberry32, Box and Muller). */
export function normals(seed, count) {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float64Array.from({ length: count }, normal);
}

export const density = (eps) => Math.exp(-0.5 * eps * eps) / Math.sqrt(2 * Math.PI);
