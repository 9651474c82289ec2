import { expect, it } from 'vitest';
import { panelOf, readChip, swatchOf, valueOf } from './panel';
import { chips } from './params';
import { stepOf, within } from './range';

const answer = {
  facetDistribution: {
    tag: { small: 4, large: 3 },
    price: { '10': 2, '20': 1, '110': 1 },
    material: { oak: 3, ash: 1 },
    sku: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`a${i}`, 1])),
    currency: { EUR: 4 },
    season: { spring: 4 },
    colour: { '7': 1, gray: 3, Blue: 2 },
    owner: { u1: 2, u2: 2 },
  },
  facetStats: { price: { min: 10, max: 110 } },
};

it('offers what divides, the known fields first', () => {
  const p = panelOf(answer, []);
  expect(p.map((f) => f.field)).toEqual(['colour', 'price', 'material', 'tag']);
  expect(p.map((f) => f.kind)).toEqual(['colours', 'range', 'list', 'list']);
  // An object of JavaScript puts "7" before the others; the order is by count.
  expect(p[0]!.values.map((v) => v.value)).toEqual(['gray', 'Blue', '7']);
  expect(p[1]!.bars.reduce((a, b) => a + b)).toBe(4);
  expect(p[1]!.bars[0]).toBe(2);
  expect(p[1]!.bars.at(-1)).toBe(1);
});

it('offers looks apart, in an order that means something', () => {
  const many = Object.fromEntries('abcdefghij'.split('').map((f) => [f, { x: 1, y: 2 }]));
  const p = panelOf({ facetDistribution: { ...many, tone: { dark: 3, light: 1 }, pattern: { free: 2, plain: 1 }, detail: { busy: 1, frantic: 1 } } }, []);
  expect(p.slice(0, 2).map((f) => [f.label, f.kind, f.values.map((v) => v.value).join()])).toEqual([['Light or dark', 'looks', 'light,dark'], ['Pattern', 'looks', 'plain,free']]);
  expect(p.find((f) => f.field === 'detail')!.kind).toBe('list'); // an owner's own field of that name
  expect(p.filter((f) => f.kind === 'list').length).toBe(9);
});

it('keeps what was chosen, also where nothing has it', () => {
  const p = panelOf(answer, ['colour=blue,teal', 'season=autumn', 'price<=5']);
  expect(p.find((f) => f.field === 'colour')!.values.filter((v) => v.on)).toEqual([{ value: 'Blue', count: 2, on: true }, { value: 'teal', count: 0, on: true }]);
  expect(p.find((f) => f.field === 'season')!.values.map((v) => v.value)).toEqual(['spring', 'autumn']);
  expect(panelOf(undefined, ['colour=blue'])).toEqual([]);
  expect(panelOf({ ...answer, facetsCut: ['price'] }, []).find((f) => f.field === 'price')!.bars).toEqual([]);
});

it('reads values and chips', () => {
  expect(valueOf('category', 'home/living-room')).toBe('living room');
  expect(valueOf('language', 'de')).toBe('German');
  expect(valueOf('language', '!!')).toBe('!!');
  expect(chips(['price>=10', 'price<=20', 'weight<=3', 'vegan=true', 'category=a/b']).map(readChip)).toEqual(['Price 10 – 20', 'Weight up to 3', 'Vegan', 'b']);
  expect(swatchOf('Navy')).toBe(swatchOf('navy'));
  expect(swatchOf('nameless')).toBeUndefined();
});

it('narrows a range', () => {
  expect(stepOf(0, 1000)).toBe(10);
  expect(stepOf(12, 289)).toBe(5);
  expect(stepOf(0, 1)).toBe(0.01);
  expect(stepOf(3, 3)).toBe(1);
  expect(within(10, 100, 10, 100)).toEqual({});
  expect(within(20, 100, 10, 100)).toEqual({ from: 20 });
  expect(within(60, 20, 10, 100)).toEqual({ from: 20, to: 60 });
  expect(within(Number.NaN, 50, 10, 100)).toEqual({ to: 50 });
});
