import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, AwayError } from '../api/errors';
import type { EventBody } from '../api/types';
import { Outbox, type Post } from './outbox';

const seen = { type: 'impression' as const, user: 'u1', item: 'i1' };

describe('Outbox', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('sends in one batch', async () => {
    const post = vi.fn<Post>().mockResolvedValue([]);
    const o = new Outbox(post, { delay: 100 });
    o.add(seen);
    o.add({ ...seen, item: 'i2' });
    await vi.advanceTimersByTimeAsync(150);
    expect(post).toHaveBeenCalledTimes(1);
    expect(post.mock.calls[0]![0]).toHaveLength(2);
    expect(o.waiting).toBe(0);
  });

  it('retries with the same ids, later and later', async () => {
    const sent: string[][] = [];
    let away = 2;
    const post: Post = async (events) => {
      sent.push(events.map((e) => e.id));
      if (away-- > 0) throw new AwayError();
      return [];
    };
    const o = new Outbox(post, { delay: 100 });
    o.add(seen);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.flat()).size).toBe(1);
    expect(o.waiting).toBe(0);
  });

  it('drops a batch that will never be taken', async () => {
    const post = vi.fn<Post>().mockRejectedValue(new ApiError(400, 'bad', 'no'));
    const o = new Outbox(post, { delay: 100 });
    o.add(seen);
    await vi.advanceTimersByTimeAsync(5000);
    expect(post).toHaveBeenCalledTimes(1);
    expect(o.waiting).toBe(0);
  });

  it('survives a reload with the same ids', async () => {
    const storage = sessionStorage;
    storage.clear();
    const lost: Post = () => Promise.reject(new AwayError());
    const o = new Outbox(lost, { delay: 100, storage });
    const e = o.add(seen);
    o.leave();
    const got: EventBody[] = [];
    new Outbox(async (events) => (got.push(...events), []), { delay: 100, storage });
    await vi.advanceTimersByTimeAsync(150);
    expect(got.map((x) => x.id)).toContain(e.id);
  });

  it('tells when an event was refused', async () => {
    const o = new Outbox(async ([e]) => [{ id: e!.id, error: { code: 'unknown_board', message: 'There is no such board.' } }]);
    await expect(o.now({ ...seen, type: 'save', board: 'b9' })).rejects.toThrow('no such board');
  });

  it('tries a save twice with one id', async () => {
    const ids: string[] = [];
    const o = new Outbox(async ([e]) => {
      ids.push(e!.id);
      if (ids.length === 1) throw new AwayError();
      return [{ id: e!.id, offset: 1 }];
    });
    await expect(o.now({ ...seen, type: 'save' })).resolves.toMatchObject({ offset: 1 });
    expect(new Set(ids).size).toBe(1);
  });
});
