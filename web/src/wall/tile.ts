import type { Item } from '../api/types';
import { letteringOf } from './lettering';

/** Pixels under the picture: one line of words and the menu's button. */
export const captionHeight = 36;

/** How tall a tile is at a column width; pictures are cut beyond 1:2.4 and 2.4:1. */
export function tileHeight(item: Item, width: number): number {
  const p = item.picture;
  const ratio = p ? Math.min(2.4, Math.max(1 / 2.4, p.height / p.width)) : letteringOf(item).ratio;
  return Math.round(width * ratio) + captionHeight;
}
