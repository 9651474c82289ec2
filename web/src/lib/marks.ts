// What matched in a title. The server marks it with two characters that no text
// uses; the page keeps the marked words and finds them again where the title is set.

export const OPEN = '\uE000';
export const SHUT = '\uE001';

/** The words that were marked, each once. */
export function marksOf(formatted: string | undefined): string[] {
  const found = formatted?.match(/\uE000[^\uE001]+(?=\uE001)/g) ?? [];
  return [...new Set(found.map((s) => s.slice(1)))];
}

export interface Part {
  text: string;
  marked: boolean;
}

/** A text in parts. A mark counts where a word begins: "art" is not in "party". */
export function parts(text: string, marks: string[] | undefined): Part[] {
  if (!marks?.length) return [{ text, marked: false }];
  const any = [...marks].sort((a, b) => b.length - a.length).map((m) => m.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const split = text.split(new RegExp(`((?<![\\p{Script=Latin}\\d])(?:${any.join('|')}))`, 'u'));
  return split.map((s, i) => ({ text: s, marked: i % 2 === 1 })).filter((p) => p.text);
}
