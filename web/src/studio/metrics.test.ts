import { expect, it } from 'vitest';
import { compare } from './metrics';

it('lays metrics beside popularity, however the card names it', () => {
  expect(compare({ 'ndcg@10': 0.4, popularity: { 'ndcg@10': 0.2 } })).toEqual([{ name: 'ndcg@10', value: 0.4, popularity: 0.2, ratio: 2 }]);
  expect(compare({ ndcg: 0.4, popularity_ndcg: 0.2, auc_popularity: 0.5, auc: 0.75 })).toEqual([
    { name: 'ndcg', value: 0.4, popularity: 0.2, ratio: 2 },
    { name: 'auc', value: 0.75, popularity: 0.5, ratio: 1.5 },
  ]);
});

it('keeps what has no counterpart, and flattens', () => {
  expect(compare({ rows: 100, hold: { auc: 0.7 }, note: null })).toEqual([{ name: 'rows', value: 100 }, { name: 'hold.auc', value: 0.7 }]);
  expect(compare(undefined)).toEqual([]);
});
