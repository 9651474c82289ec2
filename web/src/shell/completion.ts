// What the search box offers, in the order of the arrow keys.

import type { Completion, RelatedSearch } from '../api/types';

export interface Row extends Completion {
  group: 'recent' | 'trending' | 'text' | 'picture';
  /** The person searched for it before. */
  recent?: boolean;
}

const TEXTS = 7;
const PICTURES = 4;

/** Words before pictures; what the person searched for before first. With nothing typed: recent and trending searches. */
export function grouped(typed: string, got: Completion[], recent: string[], trending: RelatedSearch[]): Row[] {
  if (!typed) {
    return [
      ...recent.slice(0, 5).map((text): Row => ({ text, kind: 'query', recent: true, group: 'recent' })),
      ...trending.filter((t) => !recent.slice(0, 5).includes(t.text)).slice(0, 8).map((t): Row => ({ text: t.text, kind: 'query', picture: t.picture, group: 'trending' })),
    ];
  }
  const lower = typed.toLowerCase();
  const own = recent.filter((t) => t.toLowerCase().startsWith(lower) && t !== typed).slice(0, 2);
  const seen = new Set<string>();
  const texts: Row[] = [];
  for (const c of [...own.map((text): Completion => got.find((g) => g.kind === 'query' && g.text === text) ?? { text, kind: 'query' }), ...got]) {
    // A tag and a search of the same words lead to the same place.
    const key = c.kind === 'tag' || c.kind === 'query' ? c.text.toLowerCase() : `${c.kind} ${c.board ?? c.text}`;
    if (c.kind === 'item' || seen.has(key) || texts.length === TEXTS) continue;
    seen.add(key);
    texts.push({ ...c, group: 'text', recent: c.mine || own.includes(c.text) });
  }
  return [...texts, ...got.filter((c) => c.kind === 'item').slice(0, PICTURES).map((c): Row => ({ ...c, group: 'picture' }))];
}
