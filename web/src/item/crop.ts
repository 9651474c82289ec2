import type { Crop } from '../api/types';

// Geometry of the crop tool. All numbers are relative to the picture, 0..1.

/** The least side of a crop. */
export const LEAST = 0.06;

export type Handle = 'n' | 's' | 'e' | 'w' | 'ne' | 'nw' | 'se' | 'sw';
export const handles: Handle[] = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];

const clamp = (v: number, lo: number, hi: number) => Math.min(hi, Math.max(lo, v));

/** Moves the whole rectangle, keeping its size and staying inside. */
export function move(c: Crop, dx: number, dy: number): Crop {
  return { ...c, x: clamp(c.x + dx, 0, 1 - c.width), y: clamp(c.y + dy, 0, 1 - c.height) };
}

/** Drags one handle; the opposite side stays. */
export function resize(c: Crop, h: Handle, dx: number, dy: number): Crop {
  let { x, y } = c;
  let right = c.x + c.width;
  let bottom = c.y + c.height;
  if (h.includes('w')) x = clamp(x + dx, 0, right - LEAST);
  if (h.includes('e')) right = clamp(right + dx, x + LEAST, 1);
  if (h.includes('n')) y = clamp(y + dy, 0, bottom - LEAST);
  if (h.includes('s')) bottom = clamp(bottom + dy, y + LEAST, 1);
  return { x, y, width: right - x, height: bottom - y };
}

/** The rectangle between two corners, in any order, no smaller than LEAST. */
export function between(ax: number, ay: number, bx: number, by: number): Crop {
  const [x0, x1] = side(ax, bx);
  const [y0, y1] = side(ay, by);
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

function side(a: number, b: number): [number, number] {
  const from = clamp(a, 0, 1);
  const to = clamp(b, 0, 1);
  if (Math.abs(to - from) >= LEAST) return [Math.min(from, to), Math.max(from, to)];
  const lo = clamp(to < from ? from - LEAST : from, 0, 1 - LEAST);
  return [lo, lo + LEAST];
}

/** "0.1,0.2,0.5,0.4" for addresses. */
export const format = (c: Crop): string => [c.x, c.y, c.width, c.height].map((v) => Number(v.toFixed(3))).join(',');

/** Reads format's text; undefined when it is no rectangle inside the picture. */
export function parse(s: string | null | undefined): Crop | undefined {
  const n = (s ?? '').split(',').map(Number);
  if (n.length !== 4 || n.some((v) => !Number.isFinite(v))) return undefined;
  const [x, y, width, height] = n as [number, number, number, number];
  if (x < 0 || y < 0 || width <= 0 || height <= 0 || x + width > 1.002 || y + height > 1.002) return undefined;
  return { x, y, width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) };
}
