import { expect, it } from 'vitest';
import { table } from './metrics';

it('lays systems beside each other, the best first', () => {
  const t = table({
    'popularity.ndcg@10': { Mean: 0.2, Low: 0.19, High: 0.21, N: 90 }, 'popularity.recall@10': { Mean: 0.1, Low: 0.1, High: 0.1, N: 90 },
    'funnel.ndcg@10': { Mean: 0.4, Low: 0.38, High: 0.42, N: 90 }, 'funnel.recall@10': { mean: 0.3 },
  });
  expect(t.columns).toEqual(['ndcg@10', 'recall@10']);
  expect(t.rows.map((r) => r.label)).toEqual(['The whole engine', 'Popularity, to compare']);
  expect(t.rows[0]!.cells).toEqual([{ mean: 0.4, low: 0.38, high: 0.42 }, { mean: 0.3, low: undefined, high: undefined }]);
});

it('reads plain numbers and nested systems, and says what is missing', () => {
  const t = table({ auc: 0.7, popularity: { auc: 0.5, ndcg: 0.2 }, note: null });
  expect(t.columns).toEqual(['auc', 'ndcg']);
  expect(t.rows.map((r) => [r.name, r.cells.map((c) => c?.mean)])).toEqual([['', [0.7, undefined]], ['popularity', [0.5, 0.2]]]);
  expect(table(undefined)).toEqual({ columns: [], rows: [] });
});
