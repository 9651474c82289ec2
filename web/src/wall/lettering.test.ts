import { describe, expect, it } from 'vitest';
import { fit, letteringOf, palettes, splitTitle } from './lettering';

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (a: string, b: string) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
};

describe('palettes', () => {
  it.each(palettes)('$ground can be read (WCAG AA)', (p) => {
    expect(contrast(p.ground, p.ink)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(p.ground, p.second)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('splitTitle', () => {
  it.each([
    ['Toy Story (1995)', 'Toy Story', '1995'],
    ['Matrix, The (1999)', 'The Matrix', '1999'],
    ['City of Lost Children, The (1995)', 'The City of Lost Children', '1995'],
    ['Walnut shelf', 'Walnut shelf', ''],
    ['Soap, The', 'Soap, The', ''],
  ])('%s', (raw, title, year) => expect(splitTitle(raw)).toEqual({ title, year }));
});

describe('fit', () => {
  it('sets short titles large and long ones small', () => {
    expect(fit('Heat').size).toBeGreaterThan(fit('Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb').size);
  });
  it('leaves room for the longest word', () => {
    for (const wide of [0.54, 0.7]) {
      const { size } = fit('Koyaanisqatsi', wide);
      expect('Koyaanisqatsi'.length * size * wide).toBeLessThanOrEqual(82);
    }
  });
});

describe('letteringOf', () => {
  it('is the same for the same item and differs between items', () => {
    const a = letteringOf({ id: 'm1', title: 'Heat (1995)' });
    expect(letteringOf({ id: 'm1', title: 'Heat (1995)' })).toEqual(a);
    const looks = new Set(Array.from({ length: 40 }, (_, i) => letteringOf({ id: `m${i}`, title: 'Heat' }).palette.ground));
    expect(looks.size).toBeGreaterThan(8);
  });
  it('holds a very long title', () => {
    const l = letteringOf({ id: 'x', title: 'word '.repeat(80) });
    expect(l.ratio).toBeLessThanOrEqual(2);
  });
});
