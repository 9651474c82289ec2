import type { Explanation, Shown, Surface } from '../api/types';

/** The reasons in sentences, without repeats; always at least one. */
export function plainly(item: Shown, e?: Explanation): string[] {
  const given = [...(e?.why ?? []), ...(e?.why?.length ? [] : [item.why ?? ''])];
  const out: string[] = [];
  for (const w of given) {
    const s = sentence(w);
    if (s && !out.includes(s)) out.push(s);
  }
  if (out.length === 0 && item.sources?.length) out.push(sentence(`it was found because ${item.sources.map(sourceWords).filter(Boolean)[0] ?? 'it suits the page'}`));
  if (out.length === 0) out.push(item.request ? 'The engine gave no reason for this one.' : 'It was not recommended: you came to it by yourself.');
  return out.slice(0, 4);
}

function sentence(w: string): string {
  const t = w.trim();
  if (!t) return '';
  const s = t[0]!.toUpperCase() + t.slice(1);
  return /[.!?”]$/.test(s) ? s : `${s}.`;
}

export function surfaceWords(s: Surface, position: number): string {
  const where: Record<Surface, string> = {
    home: 'on your home wall', explore: 'under Explore', related: 'beside another picture',
    more_ideas: 'among ideas for a board', search: 'in a search', visual: 'in a search by picture',
  };
  return `Shown ${where[s] ?? 'on a wall'}${position ? `, at place ${position}` : ''}.`;
}

const sources: [RegExp, string][] = [
  [/walk/, 'boards and people that keep what you like keep it too'],
  [/co-?occ|together|item.?to/, 'people who kept what you kept also kept it'],
  [/als|factor|embed|learned|people/, 'people with a taste like yours liked it'],
  [/word|bm25|text/, 'its words match'],
  [/visual|picture|looks/, 'it looks alike'],
  [/follow/, 'somebody or something you follow has it'],
  [/trend|popular/, 'many people like it now'],
  [/fresh|new/, 'it is new'],
];

/** What a source does, in words; empty for one unknown. */
export const sourceWords = (name: string): string => sources.find(([r]) => r.test(name.toLowerCase()))?.[1] ?? '';
