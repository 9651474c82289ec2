import type { Metrics, Status } from '../api/types';

/** A mean, with its interval where the card has one. */
export interface Cell {
  mean: number;
  low?: number;
  high?: number;
}

export interface Table {
  columns: string[];
  rows: { name: string; label: string; cells: (Cell | undefined)[] }[];
}

const labels: Record<string, string> = {
  '': 'This model', funnel: 'The whole engine', popularity: 'Popularity, to compare', current: 'The model before it',
};

/**
 * Lays a card's metrics out as one row for each system that was measured, the best
 * first, and one column for each metric. Names are "system.metric", as
 * "funnel.ndcg@10"; a system may also be an object of its own. Values are numbers or
 * estimates {mean, low, high}.
 */
export function table(m: Metrics | undefined): Table {
  const cells = new Map<string, Map<string, Cell>>();
  const columns: string[] = [];
  const put = (path: string, c: Cell) => {
    const dot = path.indexOf('.');
    const [system, metric] = dot < 0 ? ['', path] : [path.slice(0, dot), path.slice(dot + 1)];
    if (!columns.includes(metric)) columns.push(metric);
    if (!cells.has(system)) cells.set(system, new Map());
    cells.get(system)!.set(metric, c);
  };
  walk(m ?? {}, '', put);
  // Metrics that most systems have come first.
  const have = (c: string) => [...cells.values()].filter((row) => row.has(c)).length;
  columns.sort((a, b) => have(b) - have(a) || (a < b ? -1 : 1));
  const rows = [...cells].map(([name, row]) => ({ name, label: labels[name] ?? name, cells: columns.map((c) => row.get(c)) }));
  rows.sort((a, b) => (b.cells[0]?.mean ?? -1) - (a.cells[0]?.mean ?? -1) || (a.name < b.name ? -1 : 1));
  return { columns, rows };
}

function walk(m: Metrics, path: string, put: (path: string, c: Cell) => void): void {
  for (const [k, v] of Object.entries(m)) {
    const name = path ? `${path}.${k}` : k;
    if (typeof v === 'number') put(name, { mean: v });
    else if (v && typeof v === 'object') {
      const e = estimate(v);
      if (e) put(name, e);
      else walk(v, name, put);
    }
  }
}

function estimate(v: Metrics): Cell | undefined {
  const get = (k: string) => [v[k], v[k[0]!.toUpperCase() + k.slice(1)]].find((x) => typeof x === 'number') as number | undefined;
  const mean = get('mean');
  return mean === undefined ? undefined : { mean, low: get('low'), high: get('high') };
}

export const sourceNames = (s: Status['sources']): string[] => (s ?? []).map((x) => (typeof x === 'string' ? x : x.name));
