import { expect, it } from 'vitest';
import type { Completion } from '../api/types';
import { grouped } from './completion';

it('offers own and others’ searches for nothing', () => {
  const rows = grouped('', [], ['oak', 'linen'], [{ text: 'linen', kind: 'query' }, { text: 'sea', kind: 'query', picture: '/p' }]);
  expect(rows.map((r) => [r.group, r.text])).toEqual([['recent', 'oak'], ['recent', 'linen'], ['trending', 'sea']]);
});

it('puts words before pictures, and nothing twice', () => {
  const got: Completion[] = [
    { text: 'Linen sofa', kind: 'item', item: 'i1' },
    { text: 'linen', kind: 'query', picture: '/p' },
    { text: 'linen', kind: 'tag' },
    { text: 'home/linen', kind: 'category' },
    { text: 'Linen', kind: 'board', board: 'b1' },
  ];
  const rows = grouped('li', got, ['linen', 'lime', 'line art', 'oak'], []);
  expect(rows.map((r) => [r.kind, r.text, r.recent ?? false])).toEqual([
    ['query', 'linen', true], ['query', 'lime', true], ['category', 'home/linen', false], ['board', 'Linen', false], ['item', 'Linen sofa', false],
  ]);
  expect(rows[0]!.picture).toBe('/p');
});
