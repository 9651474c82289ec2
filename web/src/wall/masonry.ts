// Layout of a wall: each tile goes to the shortest column. Appending tiles never
// moves the earlier ones, and heights are known before any picture is loaded, so
// nothing jumps.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  column: number;
}

export interface Layout {
  boxes: Box[];
  columns: number;
  columnWidth: number;
  height: number;
}

export interface Grid {
  columns: number;
  columnWidth: number;
  gap: number;
}

/** How many columns fit: two on phones, about 236 px each beyond, at most ten. */
export function gridFor(width: number): Grid {
  const gap = width < 600 ? 10 : 16;
  const target = width < 600 ? 172 : 236;
  const columns = Math.min(10, Math.max(2, Math.round((width + gap) / (target + gap))));
  return { columns, columnWidth: Math.max(0, (width - gap * (columns - 1)) / columns), gap };
}

/** Places tiles of the given heights. Cost: tiles × columns. */
export function masonry(heights: number[], grid: Grid): Layout {
  const ends = new Array<number>(grid.columns).fill(0);
  const boxes = heights.map((height) => {
    let column = 0;
    // Half a pixel of slack keeps equal columns filling from the left.
    for (let c = 1; c < ends.length; c++) if (ends[c]! < ends[column]! - 0.5) column = c;
    const y = ends[column]!;
    ends[column] = y + height + grid.gap;
    return { x: column * (grid.columnWidth + grid.gap), y, width: grid.columnWidth, height, column };
  });
  return { boxes, columns: grid.columns, columnWidth: grid.columnWidth, height: Math.max(0, ...ends) };
}

/** The indexes of boxes that touch [top, bottom], and those to keep regardless. */
export function visible(boxes: Box[], top: number, bottom: number, keep = -1): number[] {
  const out: number[] = [];
  boxes.forEach((b, i) => {
    if (i === keep || (b.y < bottom && b.y + b.height > top)) out.push(i);
  });
  return out;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The tile that an arrow key leads to from tile i; i itself at the edge. */
export function neighbour(boxes: Box[], i: number, to: Direction): number {
  const from = boxes[i];
  if (!from) return i;
  const middle = from.y + from.height / 2;
  let best = i;
  let least = Infinity;
  boxes.forEach((b, j) => {
    if (j === i) return;
    let distance: number;
    if (to === 'up' || to === 'down') {
      if (b.column !== from.column || (to === 'down') !== (b.y > from.y)) return;
      distance = Math.abs(b.y - from.y);
    } else {
      if (b.column !== from.column + (to === 'right' ? 1 : -1)) return;
      distance = Math.abs(b.y + b.height / 2 - middle);
    }
    if (distance < least) {
      least = distance;
      best = j;
    }
  });
  return best;
}
