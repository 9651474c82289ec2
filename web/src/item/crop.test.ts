import { describe, expect, it } from 'vitest';
import { LEAST, between, format, handles, move, parse, resize } from './crop';

const c = { x: 0.2, y: 0.2, width: 0.5, height: 0.5 };
const inside = (r: typeof c) =>
  r.x >= 0 && r.y >= 0 && r.width >= LEAST - 1e-9 && r.height >= LEAST - 1e-9 && r.x + r.width <= 1 + 1e-9 && r.y + r.height <= 1 + 1e-9;

describe('crop', () => {
  it('moves and stops at the edge', () => {
    expect(move(c, 0.1, -0.1)).toMatchObject({ x: 0.30000000000000004, y: 0.1 });
    expect(move(c, 9, 9)).toEqual({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 });
  });
  it.each(handles)('handle %s stays inside however far it is dragged', (h) => {
    for (const dx of [-9, -0.1, 0, 0.1, 9]) for (const dy of [-9, 0.1, 9]) expect(inside(resize(c, h, dx, dy))).toBe(true);
  });
  it('keeps the opposite side', () => {
    const r = resize(c, 'se', 0.1, 0.1);
    expect(r.x).toBe(c.x);
    expect(r.width).toBeCloseTo(0.6);
  });
  it('is drawn from any corner, and never too small', () => {
    expect(between(0.8, 0.9, 0.2, 0.1)).toEqual(between(0.2, 0.1, 0.8, 0.9));
    for (const [a, b] of [[0.5, 0.5], [1, 1], [0, 0], [0.99, 1.5]] as const) expect(inside(between(a, a, b, b))).toBe(true);
  });
  it('goes into an address and back', () => {
    expect(parse(format(c))).toEqual(c);
    for (const bad of ['', null, '1,2', 'a,b,c,d', '0.5,0.5,0.9,0.9', '0,0,0,1']) expect(parse(bad)).toBeUndefined();
  });
});
