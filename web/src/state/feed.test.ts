import { describe, expect, it } from 'vitest';
import { AwayError } from '../api/errors';
import type { PageAnswer } from '../api/types';
import { Feed, feedAt } from './feed.svelte';

const page = (ids: string[], next?: string): PageAnswer => ({
  request_id: `r-${ids[0]}`, surface: 'home', items: ids.map((id, i) => ({ id, position: i + 1 })), next_cursor: next,
});

describe('Feed', () => {
  it('follows cursors, quotes requests and never repeats an item', async () => {
    const pages: Record<string, PageAnswer> = { '': page(['a', 'b'], '1'), '1': page(['b', 'c']) };
    const f = new Feed(async (c) => pages[c ?? '']!);
    await f.more();
    await f.more();
    await f.more();
    expect(f.items.map((x) => x.id)).toEqual(['a', 'b', 'c']);
    expect(f.items.map((x) => x.request)).toEqual(['r-a', 'r-a', 'r-b']);
    expect(f.ended).toBe(true);
  });

  it('asks on when a page brings nothing new, but not for ever', async () => {
    let asked = 0;
    const f = new Feed(async () => (asked++, page(['a'], 'next')));
    await f.more();
    await f.more();
    expect(asked).toBe(5);
    expect(f.ended).toBe(true);
  });

  it('keeps what it has when the server goes away, and goes on later', async () => {
    let away = false;
    const f = new Feed(async (c) => {
      if (away) throw new AwayError();
      return c ? page(['c']) : page(['a'], '1');
    });
    await f.more();
    away = true;
    await f.more();
    expect(f.error).toBeInstanceOf(AwayError);
    expect(f.items).toHaveLength(1);
    away = false;
    await f.more();
    expect(f.error).toBeUndefined();
    expect(f.items.map((x) => x.id)).toEqual(['a', 'c']);
  });

  it('is found again at its place', () => {
    const f = feedAt('k1', async () => page(['a']));
    expect(feedAt('k1', async () => page(['b']))).toBe(f);
    for (let i = 0; i < 40; i++) feedAt(`other${i}`, async () => page(['c']));
    expect(feedAt('k1', async () => page(['a']))).not.toBe(f);
  });
});
