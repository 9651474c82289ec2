import { expect, it } from 'vitest';
import { marksOf, OPEN, parts, SHUT } from './marks';

const m = (s: string) => s.replaceAll('[', OPEN).replaceAll(']', SHUT);

it('finds marked words again', () => {
  const marks = marksOf(m('[Art] party, [art] (1999) [C++]'));
  expect(marks).toEqual(['Art', 'art', 'C++']);
  expect(parts('Art party, art (1999) C++', marks).map((p) => (p.marked ? `[${p.text}]` : p.text)).join('')).toBe('[Art] party, [art] (1999) [C++]');
  expect(parts('plain', undefined)).toEqual([{ text: 'plain', marked: false }]);
  expect(parts('海辺のポスター', ['ポスター'])).toEqual([{ text: '海辺の', marked: false }, { text: 'ポスター', marked: true }]);
  expect(marksOf(undefined)).toEqual([]);
});
