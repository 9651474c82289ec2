import type { Item } from '../api/types';
import { leaf } from '../lib/words';

// A tile for an item that has no picture: its title, set as on a book's cover. All
// of it is derived from the id and the words, so a tile always looks the same.

/** Ground, ink and a second ink. Every ink has at least 4.5:1 on its ground. */
export interface Palette {
  ground: string;
  ink: string;
  second: string;
}

export const palettes: Palette[] = [
  { ground: '#1f2f6b', ink: '#f3ead7', second: '#8fb1ff' },
  { ground: '#e9dcc0', ink: '#2a2320', second: '#96391f' },
  { ground: '#0f4c43', ink: '#f6efdf', second: '#7fd6b5' },
  { ground: '#f0b9a4', ink: '#45150f', second: '#7c2415' },
  { ground: '#2b2a33', ink: '#f4efe6', second: '#f0a868' },
  { ground: '#f2cf5b', ink: '#2f2408', second: '#6a3d0c' },
  { ground: '#7a1f3d', ink: '#fbe8dc', second: '#ffb3b3' },
  { ground: '#cfe3dc', ink: '#12352f', second: '#1f5a6e' },
  { ground: '#4a2c6f', ink: '#f5ebfb', second: '#d9b3ff' },
  { ground: '#d8d3f2', ink: '#261c54', second: '#5b2f9c' },
  { ground: '#a63a1d', ink: '#fff1e3', second: '#ffe0a8' },
  { ground: '#b9d6ee', ink: '#10283f', second: '#7a2140' },
  { ground: '#233b22', ink: '#eef0d8', second: '#c9d67a' },
  { ground: '#f4e3e6', ink: '#3b1626', second: '#9a2350' },
  { ground: '#12404f', ink: '#eaf6f4', second: '#f2c879' },
  { ground: '#dfd9cf', ink: '#1d1d1f', second: '#1f47b5' },
];

export const motifs = ['sun', 'arches', 'bars', 'dots', 'hill', 'ring', 'steps', 'plain'] as const;
export type Motif = (typeof motifs)[number];

export interface Lettering {
  palette: Palette;
  motif: Motif;
  serif: boolean;
  /** Text at the top with the motif under it, or the other way round. */
  top: boolean;
  title: string;
  /** Of films: "1995". */
  year: string;
  /** The line of small capitals: categories. */
  kicker: string;
  /** Font size in hundredths of the tile's width. */
  size: number;
  /** Height over width. */
  ratio: number;
}

export function letteringOf(item: Item): Lettering {
  const n = hash(item.id);
  const { title, year } = splitTitle(item.title || item.id);
  const serif = ((n >>> 12) & 3) !== 0;
  const { size, lines } = fit(title, serif ? 0.54 : 0.7);
  const wanted = [1.05, 1.2, 1.32, 1.45][(n >>> 9) % 4]!;
  // The words, a line above and one below them, and room for the motif.
  const needed = (lines * size * 1.08 + 62) / 100;
  return {
    palette: palettes[n % palettes.length]!,
    motif: motifs[(n >>> 5) % motifs.length]!,
    serif,
    top: ((n >>> 14) & 1) === 0,
    title,
    year,
    kicker: (item.categories ?? []).slice(0, 2).map(leaf).join(' · '),
    size,
    ratio: Math.min(2, Math.max(wanted, needed)),
  };
}

/** "Matrix, The (1999)" is The Matrix of 1999; other titles stay as they are. */
export function splitTitle(raw: string): { title: string; year: string } {
  const m = /^(.*\S)\s*\((\d{4})\)\s*$/.exec(raw);
  if (!m) return { title: raw, year: '' };
  let title = m[1]!;
  const article = /^(.*), (The|A|An|Le|La|Les|Il|El|Das|Der|Die)( \(.*\))?$/.exec(title);
  if (article) title = `${article[2]} ${article[1]}${article[3] ?? ''}`;
  return { title, year: m[2]! };
}

/**
 * The largest size at which the longest word fits a line and the lines fit the
 * tile. wide is the mean width of a letter over its size: the bold sans needs more.
 */
export function fit(title: string, wide = 0.54): { size: number; lines: number } {
  const words = title.split(/\s+/);
  const longest = Math.max(...words.map((w) => w.length));
  const room = 82; // hundredths of the width, inside the margins
  const sizes = [19, 16, 14, 12, 10.5, 9, 8, 7];
  for (const size of sizes) {
    const perLine = Math.floor(room / (size * wide));
    const lines = countLines(words, perLine);
    if (longest <= perLine && lines <= 5) return { size, lines };
  }
  return { size: 7, lines: Math.min(12, countLines(words, Math.floor(room / (7 * wide)))) };
}

function countLines(words: string[], perLine: number): number {
  let lines = 1;
  let at = 0;
  for (const w of words) {
    if (at > 0 && at + 1 + w.length > perLine) {
      lines++;
      at = 0;
    }
    at += (at > 0 ? 1 : 0) + w.length;
    while (at > perLine) {
      lines++;
      at -= perLine;
    }
  }
  return lines;
}

/** FNV-1a, then a mixing step, so that near ids look unlike. */
export function hash(s: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < s.length; i++) h = Math.imul(h ^ s.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
