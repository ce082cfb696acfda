// Numbers and verdicts in words.

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
const raised = (n) => [...String(n)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");

/** 10^log, also beyond the range of numbers. */
export function power(log) {
  const whole = Math.floor(log);
  if (!Number.isFinite(log) || Math.abs(whole) <= 5) return digits(10 ** log);
  return `${digits(10 ** (log - whole))}·10${raised(whole)}`;
}

/** Who wins if the variance of the score function is 10^log times that of pathwise. */
export function wins(log) {
  if (Number.isNaN(log)) return "no verdict";
  if (Math.abs(log) < 1e-9) return "a tie";
  const size = Math.abs(log);
  const by = size < Infinity ? ` by a factor of ${power(size)}` : ": its variance is 0";
  return `${log > 0 ? NAMES.pathwise : NAMES.score} wins${by}`;
}

/** Who has the smaller variance, in words; or that pathwise is biased; or why nobody can say. */
export function verdict({ score, pathwise }, cost) {
  const [a, b] = [score.variance, pathwise.variance];
  if (cost.flaw) return `no verdict: ${cost.flaw}`;
  if (!(a + b < Infinity)) return "no verdict: a variance is infinite, or cannot be vouched for";
  // a slope that is 0 everywhere finds nothing, however small the truth is
  const size = b === 0 ? Math.abs(score.mean) : Math.sqrt(a + b + score.mean ** 2);
  if (Math.abs(pathwise.mean - score.mean) > 1e-8 * size)
    return `pathwise is biased: its mean is ${digits(pathwise.mean)}, not ${digits(score.mean)}`;
  return wins(a === b ? 0 : Math.log10(a / b));
}
