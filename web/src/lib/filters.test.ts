import { expect, it } from 'vitest';
import { describe as read, facets, toggle } from './filters';

it('toggles one value of a field at a time', () => {
  let w = toggle(['price<=50'], 'colour', 'sage');
  expect(w).toEqual(['price<=50', 'colour=sage']);
  w = toggle(w, 'colour', 'navy');
  expect(w).toEqual(['price<=50', 'colour=navy']);
  expect(toggle(w, 'colour', 'navy')).toEqual(['price<=50']);
});

it('reads conditions', () => {
  expect(read('colour=green,blue')).toBe('colour: green or blue');
  expect(read('price<=50')).toBe('price <= 50');
  expect(read('tag!=wool')).toBe('tag is not wool');
});

it('counts categories and weighs colours', () => {
  const picture = (hex: string, name: string, share: number) =>
    ({ width: 1, height: 1, small: '', large: '', original: '', colours: [{ hex, name, share }] });
  const f = facets([
    { id: '1', categories: ['a', 'b'], picture: picture('#00f', 'blue', 0.2) },
    { id: '2', categories: ['a'], picture: picture('#f00', 'red', 0.9) },
    { id: '3', categories: ['a'] },
  ]);
  expect(f.categories.map((c) => c.value)).toEqual(['b']);
  expect(f.colours.map((c) => c.value)).toEqual(['red', 'blue']);
});
