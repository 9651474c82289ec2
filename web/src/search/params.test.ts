import { describe, expect, it } from 'vitest';
import { addressOf, asTyped, chips, chosen, conditions, rangeOf, read, setRange, toggleValue, withoutBytes } from './params';

describe('a search in the address', () => {
  it('comes back as it went in', () => {
    const s = { q: 'linen & wool', where: ['colour=green,dark blue', 'price<=50'], sort: 'price:asc', like: ['a/b'], unlike: ['c', 'd'] };
    expect(read(new URL(addressOf(s), 'http://x').searchParams)).toEqual(s);
    expect(addressOf({ q: '', where: [] })).toBe('/search');
    expect(read(new URLSearchParams('q=+a+&like=x&like=x'))).toMatchObject({ q: 'a', like: ['x'] });
  });

  it('takes several values of a field, commas too', () => {
    let w = toggleValue(['price<=9'], 'material', 'oak');
    w = toggleValue(w, 'material', 'oak, oiled');
    expect(w).toEqual(['price<=9', 'material=oak,oak\\, oiled']);
    expect(chosen(w, 'material')).toEqual(['oak', 'oak, oiled']);
    expect(conditions(w)).toEqual({ where: ['price<=9'], filter: ['"material" IN ["oak", "oak, oiled"]'] });
    w = toggleValue(w, 'material', 'oak');
    expect(w).toEqual(['price<=9', 'material=oak\\, oiled']);
    expect(toggleValue(w, 'material', 'oak, oiled')).toEqual(['price<=9']);
    expect(chosen(['material!=oak', 'materials=ash'], 'material')).toEqual([]);
  });

  it('keeps one range of a field', () => {
    const w = setRange(['colour=red'], 'price', { from: 10, to: 20 });
    expect(w).toEqual(['colour=red', 'price>=10', 'price<=20']);
    expect(rangeOf(w, 'price')).toEqual({ from: 10, to: 20 });
    expect(setRange(w, 'price', { to: 5 })).toEqual(['colour=red', 'price<=5']);
    expect(setRange(w, 'price', {})).toEqual(['colour=red']);
  });

  it('offers each condition to be taken off', () => {
    const where = ['colour=red,blue', 'price>=10', 'price<=20', 'tag!=wool'];
    expect(chips(where).map((c) => [c.text, c.without])).toEqual([
      ['red', ['colour=blue', 'price>=10', 'price<=20', 'tag!=wool']],
      ['blue', ['colour=red', 'price>=10', 'price<=20', 'tag!=wool']],
      ['', ['colour=red,blue', 'tag!=wool']],
      ['tag is not wool', ['colour=red,blue', 'price>=10', 'price<=20']],
    ]);
  });
});

it('asks for words as they were typed', () => {
  expect(asTyped('grene bohoo')).toBe('"grene" "bohoo"');
  expect(asTyped('-old "art deco" 17"')).toBe('-"old" "art deco" "17"');
});

it('cuts by bytes, as the server counts', () => {
  expect(withoutBytes('größe blau sofa', 8, 12)).toBe('größe sofa');
  expect(withoutBytes('under 50', 0, 8)).toBe('');
});
