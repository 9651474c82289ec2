import { describe, expect, it } from 'vitest';
import { gridFor, masonry, neighbour, visible } from './masonry';

const heights = Array.from({ length: 200 }, (_, i) => 120 + ((i * 7919) % 260));

describe('gridFor', () => {
  it.each([
    [340, 2],
    [390, 2],
    [768, 3],
    [1392, 6],
    [1872, 7],
  ])('%i px wide has %i columns', (width, columns) => {
    const g = gridFor(width);
    expect(g.columns).toBe(columns);
    expect(g.columns * g.columnWidth + (g.columns - 1) * g.gap).toBeCloseTo(width);
  });
});

describe('masonry', () => {
  it('never lets tiles overlap', () => {
    const { boxes } = masonry(heights, gridFor(1200));
    for (const a of boxes)
      for (const b of boxes) {
        if (a === b) continue;
        const apart = a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01 || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
  });
  it('does not move earlier tiles when more arrive', () => {
    const g = gridFor(1000);
    expect(masonry(heights, g).boxes.slice(0, 50)).toEqual(masonry(heights.slice(0, 50), g).boxes);
  });
  it('keeps columns level', () => {
    const { boxes, columns, height } = masonry(heights, gridFor(1200));
    for (let c = 0; c < columns; c++) {
      const end = Math.max(...boxes.filter((b) => b.column === c).map((b) => b.y + b.height));
      expect(height - end).toBeLessThan(420);
    }
  });
  it('has no height when empty', () => expect(masonry([], gridFor(800)).height).toBe(0));
});

describe('visible', () => {
  const { boxes } = masonry(heights, gridFor(1200));
  it('bounds what is drawn', () => {
    const seen = visible(boxes, 2000, 3000);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.length).toBeLessThan(60);
    for (const i of seen) expect(boxes[i]!.y < 3000 && boxes[i]!.y + boxes[i]!.height > 2000).toBe(true);
  });
  it('keeps the focused tile', () => expect(visible(boxes, 3000, 3500, 0)).toContain(0));
});

describe('neighbour', () => {
  const { boxes } = masonry(heights, gridFor(1000));
  it('goes down and comes back up', () => {
    const down = neighbour(boxes, 1, 'down');
    expect(boxes[down]!.column).toBe(boxes[1]!.column);
    expect(neighbour(boxes, down, 'up')).toBe(1);
  });
  it('goes one column aside', () => {
    expect(boxes[neighbour(boxes, 0, 'right')]!.column).toBe(1);
    expect(neighbour(boxes, 0, 'left')).toBe(0);
    expect(neighbour(boxes, 0, 'up')).toBe(0);
  });
});
