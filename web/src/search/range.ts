import type { Range } from './params';

/** A round step of which about a hundred lie between the ends. */
export function stepOf(min: number, max: number): number {
  const rough = (max - min) / 100;
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  return step >= 1 ? Math.round(step) : Number(step.toPrecision(1));
}

/** The ends that narrow: an end left where it was asks nothing; ends the wrong way round are turned. */
export function within(from: number, to: number, min: number, max: number): Range {
  if (Number.isFinite(from) && Number.isFinite(to) && from > to) [from, to] = [to, from];
  const r: Range = {};
  if (Number.isFinite(from) && from > min) r.from = tidy(from);
  if (Number.isFinite(to) && to < max) r.to = tidy(to);
  return r;
}

const tidy = (x: number): number => Number(x.toPrecision(7));
